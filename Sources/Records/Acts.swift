import GRDB

/// What somebody has done in the lab that is to be known later.
public enum Act: String, Sendable {
  /// A participant's data were deleted; `about` is the number.
  case purged
  /// A participant stopped and had the answers deleted; `about` is the number.
  case forgot
  /// The report was asked for before the study was over.
  case reported
}

extension Act {
  func note(_ db: Database, by who: String, about: String, at: String) throws {
    try db.execute(
      sql: "INSERT INTO act (done_at, who, what, about) VALUES (?, ?, ?, ?)", arguments: [at, who, rawValue, about])
  }
}

extension Records {
  /// Keeps that something was done.
  /// - Parameter who: the name; empty for whoever has the study's secret.
  public func note(
    _ act: Act, by who: String, about: String, then: @escaping @Sendable (Result<Void, any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit({ db in try act.note(db, by: who, about: about, at: at) }, then: then)
  }

  /// The acts of a kind, the oldest first.
  public func acts(_ act: Act) throws -> [(at: String, who: String, about: String)] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM act WHERE what = ? ORDER BY id", arguments: [act.rawValue])
        .map { ($0["done_at"], $0["who"], $0["about"]) }
    }
  }

  /// Deletes all that a participant has said and done, and what the link told of the person, as one who withdraws may
  /// demand. That it was done is kept, with the number, which is never given again. The bytes are overwritten.
  /// - Parameters:
  ///   - session: of the participant.
  ///   - who: the name of the one who does it.
  ///   - then: the participant's number; `RecordsError.gone` where there is no such session.
  public func purge(session: Int, by who: String, then: @escaping @Sendable (Result<Int, any Error>) -> Void) {
    let at = Records.time(now())
    writer.submit(
      { db in
        guard
          let participant = try Int.fetchOne(
            db, sql: "SELECT participant FROM session WHERE id = ?", arguments: [session])
        else { throw RecordsError.gone }
        let sessions = "SELECT id FROM session WHERE participant = ?"
        try Records.deleteAnswers(db, of: participant)
        for sql in [
          "DELETE FROM exclusion WHERE session IN (\(sessions))",
          "DELETE FROM further_browser WHERE session IN (\(sessions))",
          "DELETE FROM session WHERE participant = ?",
          "DELETE FROM link_value WHERE participant = ?",
          "DELETE FROM participant WHERE number = ?",
        ] { try db.execute(sql: sql, arguments: [participant]) }
        try Act.purged.note(db, by: who, about: String(participant), at: at)
        return participant
      }, then: overwriting(then))
  }

  /// Leaves nothing of what was deleted in the log beside the database either, before it is told. Where somebody reads
  /// for long just then, that is done with the next deletion, or when the records are closed.
  private func overwriting<T: Sendable>(
    _ then: @escaping @Sendable (Result<T, any Error>) -> Void
  ) -> @Sendable (Result<T, any Error>) -> Void {
    { [pool] result in
      if case .success = result {
        _ = try? pool.writeWithoutTransaction { db in
          // Nobody who saves waits long for it.
          try db.execute(sql: "PRAGMA busy_timeout = 200")
          defer { try? db.execute(sql: "PRAGMA busy_timeout = 5000") }
          try db.checkpoint(.truncate)
        }
      }
      then(result)
    }
  }

  /// Ends a session before its last step, as its participant wants it.
  ///
  /// With `deleting`, all that was answered and done in it is deleted, and the bytes are overwritten. That somebody took part
  /// and stopped is kept, with what the link told of the person, so that the way out is the same when it is asked for again.
  /// A session that is finished stays as it is.
  public func withdraw(
    session: Int, deleting: Bool, then: @escaping @Sendable (Result<Standing, any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      { db in
        try Records.end(db, session, as: .withdrawn, at: at)
        let standing = try Records.standing(db, session: session)
        guard deleting, standing.outcome == .withdrawn, !standing.isFinished,
          let participant = try Int.fetchOne(
            db,
            sql:
              "SELECT participant FROM session WHERE id = ? AND (events > 0 OR headphones_passed IS NOT NULL OR EXISTS (SELECT 1 FROM response WHERE session = ?1) OR EXISTS (SELECT 1 FROM refused WHERE session = ?1))",
            arguments: [session])
        else { return standing }
        try Records.deleteAnswers(db, of: participant)
        try db.execute(
          sql: "UPDATE session SET headphones_passed = NULL, flags = NULL, events = 0 WHERE id = ?",
          arguments: [session])
        try Act.forgot.note(db, by: "", about: String(participant), at: at)
        return try Records.standing(db, session: session)
      }, then: deleting ? overwriting(then) : then)
  }

  /// Deletes all that a participant has said and done.
  private static func deleteAnswers(_ db: Database, of participant: Int) throws {
    let sessions = "SELECT id FROM session WHERE participant = ?"
    let responses = "SELECT id FROM response WHERE session IN (\(sessions))"
    for sql in [
      "DELETE FROM judgement WHERE response IN (\(responses))",
      "DELETE FROM slot WHERE response IN (\(responses))",
      "DELETE FROM trial WHERE response IN (\(responses))",
      "DELETE FROM answer WHERE response IN (\(responses))",
      "DELETE FROM response WHERE session IN (\(sessions))",
      "DELETE FROM event WHERE batch IN (SELECT id FROM event_batch WHERE session IN (\(sessions)))",
      "DELETE FROM event_batch WHERE session IN (\(sessions))",
      "DELETE FROM refused WHERE session IN (\(sessions))",
    ] { try db.execute(sql: sql, arguments: [participant]) }
  }
}
