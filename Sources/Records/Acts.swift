import Study

/// What somebody did in the lab that must stay on record.
public enum Act: String, Sendable {
  /// A participant's data were deleted; `about` is the number.
  case purged
  /// A participant stopped and had the answers deleted; `about` is the number.
  case forgot
  /// The report was asked for before the study was over.
  case reported
}

extension Act {
  func note(_ batch: Batch, by who: String, about: String, at: String) throws {
    batch.add([try batch.number(of: .act), at, who, rawValue, about], to: .act)
  }
}

extension Records {
  /// Records that something was done.
  /// - Parameter who: the person's name; empty for somebody with the study's secret.
  public func note(
    _ act: Act, by who: String, about: String, then: @escaping @Sendable (Result<Void, any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit({ batch in try act.note(batch, by: who, about: about, at: at) }, then: then)
  }

  /// The acts of a kind, the oldest first.
  public func acts(_ act: Act) throws -> [(at: String, who: String, about: String)] {
    try read { db in
      try db.rows("SELECT done_at, who, about FROM act WHERE what = ?1 ORDER BY id", act.rawValue)
        .map { try ($0["done_at"], $0["who"], $0["about"]) }
    }
  }

  /// Deletes everything that a participant has said and done, and what the link said about the person, as somebody who
  /// withdraws may demand. The deletion itself stays on record, with the number, which is never given again. The bytes are
  /// overwritten as far as the database can do that.
  /// - Parameters:
  ///   - session: of the participant.
  ///   - who: the name of the person who does it.
  ///   - then: the participant's number; `RecordsError.gone` where there is no such session.
  public func purge(session: Int, by who: String, then: @escaping @Sendable (Result<Int, any Error>) -> Void) {
    let at = Records.time(now())
    writer.submit(
      needing: .init(session: session),
      { batch in
        let participant = try batch.session(session).participant
        let ids: [Int] = try batch.column("SELECT id FROM session WHERE participant = ?1 ORDER BY id", participant)
        for id in ids {
          let session = try batch.session(id)
          try Records.deleteAnswers(batch, of: session)
          let others: Int? = try batch.value(
            """
            SELECT count(*) FROM participant AS own JOIN participant AS other
              ON other.identity = own.identity AND other.number <> own.number
            JOIN session ON session.participant = other.number WHERE own.number = ?1
            """, participant)
          batch.count { tally in
            tally.add(session.tally, times: -1)
            tally.add(.joined, -1)
            tally.add(.further, (others ?? 0) > 0 ? -1 : 0)
          }
          try batch.forget(id)
          for sql in [
            "DELETE FROM exclusion WHERE session = ?1", "DELETE FROM further_browser WHERE session = ?1",
            "DELETE FROM session WHERE id = ?1",
          ] { try batch.run(sql, id) }
        }
        try batch.run("DELETE FROM link_value WHERE participant = ?1", participant)
        let wasSpoilt =
          try batch.row(
            "SELECT 1 AS one FROM participant WHERE number = ?1 AND link_notes IS NOT NULL", participant) != nil
        batch.count { $0.add(.spoilt, wasSpoilt ? -1 : 0) }
        try batch.run("DELETE FROM participant WHERE number = ?1", participant)
        try Act.purged.note(batch, by: who, about: String(participant), at: at)
        return participant
      }, then: overwriting(then))
  }

  /// Makes sure that nothing of what was deleted can be recovered, before the deletion is reported.
  private func overwriting<T: Sendable>(
    _ then: @escaping @Sendable (Result<T, any Error>) -> Void
  ) -> @Sendable (Result<T, any Error>) -> Void {
    { [storage] result in
      if case .success = result { storage.overwriteDeleted() }
      then(result)
    }
  }

  /// Ends a session before its last step, as its participant wishes.
  ///
  /// With `deleting`, everything that was answered and done in it is deleted, and the bytes are overwritten. It stays on
  /// record that somebody took part and stopped, with what the link said about the person, so that a second request ends the
  /// same way. A finished session stays as it is.
  public func withdraw(
    session: Int, deleting: Bool, then: @escaping @Sendable (Result<Standing, any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      needing: .init(session: session),
      { batch in
        let row = try batch.session(session)
        row.end(as: .withdrawn, at: at)
        let standing = row.standing()
        guard deleting, standing.outcome == .withdrawn, !standing.isFinished,
          row.events > 0 || row.headphonesPassed != nil || !row.answered.isEmpty || !row.refused.isEmpty
        else { return standing }
        try Records.deleteAnswers(batch, of: row)
        (row.headphonesPassed, row.flags, row.events, row.trials) = (nil, nil, 0, 0)
        try Act.forgot.note(batch, by: "", about: String(row.participant), at: at)
        try batch.forget(session)
        return try batch.session(session).standing()
      }, then: deleting ? overwriting(then) : then)
  }

  /// Deletes everything that was said and done in a session.
  private static func deleteAnswers(_ batch: Batch, of session: SessionRow) throws {
    var gone = try Tally.said(batch, in: "?1", session.id)
    let responses: Int? = try batch.value("SELECT count(*) FROM response WHERE session = ?1", session.id)
    gone.add(.responses, Double(responses ?? 0))
    let mine = "SELECT id FROM response WHERE session = ?1"
    for sql in [
      "DELETE FROM judgement WHERE response IN (\(mine))",
      "DELETE FROM slot WHERE response IN (\(mine))",
      "DELETE FROM trial WHERE response IN (\(mine))",
      "DELETE FROM answer WHERE response IN (\(mine))",
      "DELETE FROM response WHERE session = ?1",
      "DELETE FROM event WHERE batch IN (SELECT id FROM event_batch WHERE session = ?1)",
      "DELETE FROM event_batch WHERE session = ?1",
      "DELETE FROM refused WHERE session = ?1",
    ] { try batch.run(sql, session.id) }
    batch.count { $0.add(gone, times: -1) }
  }
}
