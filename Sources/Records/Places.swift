import Foundation
import Study

/// How many listeners a study wants, and how long a place is kept for somebody who is inactive.
///
/// A place is taken by a session that is finished and not flagged, and by one that is in progress and was active within the
/// lease. Excluded sessions, and those of other designs, take none.
public struct Places: Sendable {
  /// How many listeners are to finish without a flag: `joining.listeners`.
  public var wanted: Int
  /// In seconds.
  public var lease: Double

  public init(wanted: Int, lease: Double) {
    self.wanted = wanted
    self.lease = lease
  }

  /// How many places are taken.
  public struct Standing: Sendable, Equatable, Encodable {
    /// Like `Places.wanted`.
    public var wanted: Int
    /// Finished, not flagged and not excluded.
    public var passed: Int
    /// In progress, and active within the lease.
    public var held: Int

    /// Why there is no place; nil if there is one.
    public var closed: Closed? { passed >= wanted ? .full : passed + held >= wanted ? .taken : nil }
  }

  func standing(_ db: any Snapshot, version: String, now: Date) throws -> Standing {
    let since = Records.time(now.addingTimeInterval(-lease))
    func count(_ condition: String) -> String {
      """
      (SELECT count(*) FROM session CROSS JOIN participant
        WHERE participant.number = session.participant AND \(condition) AND study_version IN (\(Records.alike("?1"))))
      """
    }
    let row = try db.row(
      "SELECT \(count(Self.hasPassed)) AS passed, \(count(Self.isTakingPart(db, since: "?2"))) AS held", version, since)
    return try Standing(wanted: wanted, passed: row?["passed"] ?? 0, held: row?["held"] ?? 0)
  }

  /// SQL: whether a session has passed. In SQLite, this and the next condition each have an index of the sessions that meet
  /// them, so they are asked about one by one: however many others there are takes no time.
  static let hasPassed = "finished_at IS NOT NULL AND flags IS NULL AND excluded IS NULL"

  /// SQL: whether a session is in progress, and was active since the time in a parameter.
  static func isTakingPart(_ db: any Snapshot, since parameter: String) -> String {
    "finished_at IS NULL AND outcome IS NULL AND excluded IS NULL AND \(db.dialect.isSeenSince(parameter))"
  }
}

extension Records {
  /// How many places of a design are taken now.
  /// - Throws: `RecordsError` where the database fails.
  public func standing(of places: Places, version: String) throws -> Places.Standing {
    let at = now()
    return try read { try places.standing($0, version: version, now: at) }
  }
}

extension StudyDefinition.Flags {
  /// Stores on a session that has just been finished what these rules find; it counts from then on.
  ///
  /// A session that skipped steps because its answers to them were refused is always flagged, whatever the study's rules:
  /// answers are missing.
  func note(_ batch: Batch, _ session: SessionRow) throws {
    let skipped = session.hasSkipped ? ["skipped"] : []
    session.flags = skipped.first
    guard self != StudyDefinition.Flags() else { return }
    let days = batch.dialect.days
    let row = try batch.row(
      """
      SELECT (\(days("finished_at")) - \(days("started_at"))) * 1440 AS minutes,
        (SELECT avg(CASE WHEN plays > 0 THEN 1.0 ELSE 0.0 END) FROM response JOIN trial ON trial.response = response.id
          JOIN slot ON slot.response = trial.response
          WHERE response.session = session.id AND NOT is_training) AS heard,
        (SELECT count(*) FROM response JOIN trial ON trial.response = response.id
          WHERE response.session = session.id AND NOT is_passed) AS failed
      FROM session WHERE id = ?1
      """, session.id)
    guard let row else { return }
    var found = skipped
    if let taken: Double = try row["minutes"], taken < minutes { found.append("too_fast") }
    if let share: Double = try row["heard"], share < heard { found.append("unheard") }
    if let checksFailed, try (row["failed"] as Int) > checksFailed { found.append("inattentive") }
    if headphones, session.headphonesPassed == false { found.append("no_headphones") }
    session.flags = found.isEmpty ? nil : found.joined(separator: ";")
  }
}
