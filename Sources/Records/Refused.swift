import Study

/// What a browser sent and the server refused: an answer to a step, or a batch of events. It is kept as it was sent, so
/// that it is not lost to the study team, and so that the session can continue.
public struct Refused: Sendable, Equatable {
  /// The session's number.
  public var session: Int
  /// The key of the refused answer. An answer that is accepted later under this key no longer counts as refused.
  public var key: String
  /// nil for events, which answer no step.
  public var step: Step?
  /// The HTTP status and the code of the refusal, as the browser saw them.
  public var status: Int
  /// Such as `invalid`; `unknown` if the browser reported none.
  public var code: String
  /// The body of the request, as text.
  public var body: String

  public init(session: Int, key: String, step: Step?, status: Int, code: String, body: String) {
    self.session = session
    self.key = key
    self.step = step
    self.status = status
    self.code = code
    self.body = body
  }

  /// No more than this many are kept per session, so that nobody can fill the disk with what is refused.
  public static let mostOfSession = 200

  /// As stored in the database; events have a name that no step has.
  var stored: (name: String, trial: Int) { step.map { ($0.kind.rawValue, $0.number) } ?? ("events", 0) }

  /// Rows of `refused` that were not accepted later. With `step <> 'events'` they are answers.
  static let open = """
    refused WHERE NOT EXISTS (
      SELECT 1 FROM response WHERE response.session = refused.session AND response.key = refused.key)
    """
}

extension Records {
  /// Stores what was refused. Its step counts as skipped: the next one may be answered, and a session whose other steps are
  /// done is finished. The step may still be answered later. A known key is not stored again.
  /// - Parameters:
  ///   - steps: all of the session's steps: once none is open, it is finished. None if they are not known.
  ///   - flags: as of `save`.
  ///   - then: how far the session is now, and whether it was stored; `RecordsError.tooMany` beyond
  ///     `Refused.mostOfSession`.
  public func keep(
    _ refused: Refused, steps: [Step], flags: StudyDefinition.Flags = .init(),
    then: @escaping @Sendable (Result<(standing: Standing, isNew: Bool), any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      needing: .init(session: refused.session),
      { batch in
        let session = try batch.session(refused.session)
        let isNew = !session.refused.contains { $0.key == refused.key }
        if isNew {
          guard session.refused.count < Refused.mostOfSession else { throw RecordsError.tooMany }
          try session.checkOpen()
          let (step, trial) = refused.stored
          let number = try batch.number(of: .refused), at = session.time(at)
          batch.add(
            [number, session.id, refused.key, step, trial, refused.status, refused.code, refused.body, at], to: .refused
          )
          session.refused.append(.init(key: refused.key, step: refused.step, savedAt: at))
          let finishes = session.finishedAt == nil && session.isThrough(steps)
          session.see(at: at, finishes: finishes)
          if finishes { try flags.note(batch, session) }
        }
        return (session.standing(), isNew)
      }, then: then)
  }

  /// Milliseconds since a session began, and never less than the latest of its events: a second browser of the same session
  /// counts from here.
  public func elapsedMs(session: Int) throws -> Int {
    let at = Records.time(now())
    return try read { db in
      let days = db.dialect.days
      let passed: Double?? = try db.value(
        "SELECT (\(days("CAST(?1 AS TEXT)")) - \(days("started_at"))) * 86400000 FROM session WHERE id = ?2", at,
        session)
      let told: Int?? = try db.value(
        "SELECT max(at_ms) FROM event JOIN event_batch ON event_batch.id = event.batch WHERE session = ?1", session)
      return max(Int(((passed ?? 0) ?? 0).rounded()), (told ?? 0) ?? 0, 0)
    }
  }
}
