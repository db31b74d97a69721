import Basics
import Foundation
import Study
import Synchronization
import Trials

/// Everything that a study has recorded.
///
/// Whatever is written here is durable when `then` is called, and not before. `docs/records.md` says what is stored and
/// how sessions, numbers and study versions are related. All operations are written here once, for every database.
public final class Records: Sendable {
  let storage: any RecordStorage
  let writer: GroupCommit
  /// The last median, in minutes, and the number of finished sessions it was computed from.
  let median = Mutex<(finished: Int, minutes: Double?)>((0, nil))
  /// The clock.
  public let now: @Sendable () -> Date

  /// - Parameter now: the clock.
  public init(_ storage: any RecordStorage, now: @escaping @Sendable () -> Date = { Date() }) {
    self.storage = storage
    self.now = now
    writer = GroupCommit(storage)
  }

  /// Commits what is waiting and closes the database.
  public func close() {
    writer.close()
    storage.close()
  }

  /// Why nothing can be saved at the moment; nil if all is well.
  public func alarm() -> Outage? { storage.alarm() }

  // MARK: Settings

  /// 32 random bytes that stay the same for these records, made at the first call.
  public func key(_ name: String) throws -> Data {
    let known: Data? = try read { try $0.value("SELECT value FROM setting WHERE name = ?1", name) }
    if let known { return known }
    return try writer.wait { batch in
      try batch.run("INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING", name, Secret.random(32))
      guard let kept: Data = try batch.value("SELECT value FROM setting WHERE name = ?1", name) else {
        throw RecordsError.unavailable(Outage("the setting '\(name)' is not there"))
      }
      return kept
    }
  }

  /// Whether newcomers are turned away for now.
  public func isPaused() throws -> Bool { try read { try Records.isPaused($0) } }

  static func isPaused(_ db: any Snapshot) throws -> Bool {
    try db.row("SELECT 1 AS one FROM setting WHERE name = 'paused'") != nil
  }

  /// Turns newcomers away, or lets them in again.
  public func setPaused(_ paused: Bool, then: @escaping @Sendable (Result<Void, any Error>) -> Void) {
    writer.submit(
      { batch in
        if paused {
          try batch.run(
            "INSERT INTO setting (name, value) VALUES ('paused', ?1) ON CONFLICT DO NOTHING", Data([1]))
        } else {
          try batch.run("DELETE FROM setting WHERE name = 'paused'")
        }
      }, then: then)
  }

  /// What newcomers are told when they are turned away; nil if only the reason.
  public func message() throws -> String? {
    let kept: Data? = try read { try $0.value("SELECT value FROM setting WHERE name = 'message'") }
    return kept.map { String(decoding: $0, as: UTF8.self) }
  }

  /// - Parameter message: no message if it is empty.
  public func setMessage(_ message: String, then: @escaping @Sendable (Result<Void, any Error>) -> Void) {
    writer.submit(
      { batch in
        try batch.run("DELETE FROM setting WHERE name = 'message'")
        guard !message.isEmpty else { return }
        try batch.run("INSERT INTO setting (name, value) VALUES ('message', ?1)", Data(message.utf8))
      }, then: then)
  }

  // MARK: Studies and sessions

  /// Registers a study version, so that sessions may begin under it.
  /// - Parameters:
  ///   - version: the hash of everything that the study says and plays.
  ///   - design: the hash of its design only; nil if it is the same.
  /// - Returns: the version under which the study continues: the first one of the same design, so that a change of texts
  ///   ends no session and splits no data. Versions from an Earshot that stored no design are their own design.
  @discardableResult
  public func register(version: String, design: String? = nil, study: String, scaleMin: Int, scaleMax: Int) throws
    -> String
  {
    let at = Records.time(now())
    let design = design ?? version
    return try writer.wait { batch in
      try batch.run(
        "UPDATE study_version SET design = ?1 WHERE version = ?2 AND design IS DISTINCT FROM ?1", design, version)
      if let known = try Records.version(batch, ofDesign: design) { return known }
      try batch.run(
        """
        INSERT INTO study_version (version, study, scale_min, scale_max, first_used_at, design)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING
        """, version, study, scaleMin, scaleMax, at, design)
      return version
    }
  }

  /// The version under which a design continues; nil if it is unknown.
  static func version(_ db: any Snapshot, ofDesign design: String) throws -> String? {
    try db.value(
      "SELECT version FROM study_version WHERE design = ?1 ORDER BY first_used_at, version LIMIT 1", design)
  }

  /// All versions of a design. Sessions that began under one of them continue.
  public func versions(ofDesign design: String) throws -> Set<String> {
    try read { try Set($0.column("SELECT version FROM study_version WHERE design = ?1", design)) }
  }

  /// SQL of the versions that have the design of version `parameter`.
  static func alike(_ parameter: String) -> String {
    """
    SELECT version FROM study_version WHERE version = \(parameter)
      OR design = (SELECT present.design FROM study_version AS present WHERE present.version = \(parameter))
    """
  }

  /// The names of the studies whose answers are here: one, unless somebody has used the wrong database.
  public func studies() throws -> Set<String> {
    try read { try Set($0.column("SELECT DISTINCT study FROM study_version")) }
  }

  /// Sessions that have not ended but cannot continue, since they began under another design: how many, and how many of them
  /// were active in the last ten minutes.
  public func stranded(otherThan design: String) throws -> (all: Int, active: Int) {
    let recently = Records.time(now().addingTimeInterval(-600))
    return try read { db in
      let row = try db.row(
        """
        SELECT count(*) AS n, count(CASE WHEN seen_at >= ?1 THEN 1 END) AS active
        FROM session JOIN participant ON participant.number = session.participant
        JOIN study_version ON study_version.version = participant.study_version
        WHERE finished_at IS NULL AND outcome IS NULL AND design IS DISTINCT FROM ?2
        """, recently, design)
      return (try row?["n"] ?? 0, try row?["active"] ?? 0)
    }
  }

  /// Stores that a session has ended before its last step, and how. The first end counts, except for a change of the study,
  /// after which the session may have continued. For a finished session, nothing is stored.
  public func end(
    session: Int, as outcome: Outcome, then: @escaping @Sendable (Result<Standing, any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      needing: .init(session: session),
      { batch in
        let session = try batch.session(session)
        session.end(as: outcome, at: at)
        return session.standing()
      }, then: then)
  }

  /// Stores the SHA-256 of the study's present analysis plan, so that one can later say whether a plan existed before the
  /// first rating. The first time that a plan is seen counts.
  public func register(plan sha256: String) throws {
    let at = Records.time(now())
    _ = try writer.wait { batch in
      try batch.run(
        "INSERT INTO analysis_plan (sha256, first_seen_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING", sha256, at)
    }
  }

  /// The session that a token opens, by the token's SHA-256.
  public func session(tokenHash: String) throws -> Session? {
    try read { db in
      try Session.fetch(db, where: "token_hash = ?1", tokenHash)
        ?? Session.fetch(
          db, where: "session.id = (SELECT session FROM further_browser WHERE token_hash = ?1)", tokenHash)
    }
  }

  /// How far a session is.
  /// - Throws: `RecordsError.gone` if there is no such session.
  public func standing(session id: Int) throws -> Standing {
    try read { db in
      let sql = "SELECT key, step, trial, saved_at FROM"
      guard let row = try db.row("\(SessionRow.select) WHERE session.id = ?1", id) else { throw RecordsError.gone }
      let session = try SessionRow(row)
      session.answered = try db.rows("\(sql) response WHERE session = ?1 ORDER BY id", id).map(Batch.entry)
      session.refused = try db.rows("\(sql) refused WHERE session = ?1 ORDER BY id", id).map(Batch.entry)
      return session.standing()
    }
  }

  // MARK: Helpers

  func read<T>(_ body: (any Snapshot) throws -> T) throws -> T { try storage.snapshot(body) }

  /// ISO 8601, UTC, with milliseconds: sorts as text.
  public static func time(_ date: Date) -> String {
    date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
  }
}
