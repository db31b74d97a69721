import GRDB

/// What somebody has done in the lab that is to be known later.
public enum Act: String, Sendable {
  /// A participant's data were deleted; `about` is the number.
  case purged
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
          "DELETE FROM exclusion WHERE session IN (\(sessions))",
          "DELETE FROM further_browser WHERE session IN (\(sessions))",
          "DELETE FROM session WHERE participant = ?",
          "DELETE FROM link_value WHERE participant = ?",
          "DELETE FROM participant WHERE number = ?",
        ] { try db.execute(sql: sql, arguments: [participant]) }
        try Act.purged.note(db, by: who, about: String(participant), at: at)
        return participant
      }, then: then)
  }
}
