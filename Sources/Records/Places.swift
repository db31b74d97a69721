import Foundation
import GRDB
import Study

/// How many listeners a study wants, and for how long a place is held for one who is not heard of.
///
/// A place is taken by a session that is finished, not flagged and not left out, and by one that is under way and was heard of within
/// the lease. Sessions of other designs take none.
public struct Places: Sendable {
  public var wanted: Int
  /// In seconds.
  public var lease: Double

  public init(wanted: Int, lease: Double) {
    self.wanted = wanted
    self.lease = lease
  }

  public struct Standing: Sendable, Equatable, Encodable {
    public var wanted: Int
    /// Finished, not flagged and not left out.
    public var passed: Int
    /// Under way, within the lease.
    public var held: Int

    /// Why there is no place; nil where there is one.
    public var closed: Closed? { passed >= wanted ? .full : passed + held >= wanted ? .taken : nil }
  }

  func standing(_ db: Database, version: String, now: Date) throws -> Standing {
    func count(_ condition: String, _ more: [any DatabaseValueConvertible] = []) throws -> Int {
      let statement = try db.cachedStatement(
        sql: """
          SELECT count(*) FROM session JOIN participant ON participant.number = session.participant
          WHERE \(condition) AND study_version IN (
            SELECT ?1 UNION SELECT alike.version FROM study_version AS present
            JOIN study_version AS alike USING (design) WHERE present.version = ?1)
          """)
      return try Int.fetchOne(statement, arguments: StatementArguments([version] + more)) ?? 0
    }
    let since = Records.time(now.addingTimeInterval(-lease))
    return Standing(
      wanted: wanted, passed: try count("finished_at IS NOT NULL AND flags IS NULL AND excluded IS NULL"),
      held: try count("finished_at IS NULL AND outcome IS NULL AND seen_at > ?2", [since]))
  }
}

extension Records {
  public func standing(of places: Places, version: String) throws -> Places.Standing {
    let at = now()
    return try read { try places.standing($0, version: version, now: at) }
  }
}

extension StudyDefinition.Flags {
  /// Notes on a session that has just been finished what these rules find, which counts from then on.
  func note(_ db: Database, session: Int) throws {
    guard self != StudyDefinition.Flags() else { return }
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT (julianday(finished_at) - julianday(started_at)) * 1440 AS minutes, headphones_passed,
            (SELECT avg(plays > 0) FROM response JOIN trial ON trial.response = response.id
              JOIN slot ON slot.response = trial.response
              WHERE response.session = session.id AND NOT is_training) AS heard,
            (SELECT count(*) FROM response JOIN trial ON trial.response = response.id
              WHERE response.session = session.id AND is_passed = 0) AS failed
          FROM session WHERE id = ?
          """), arguments: [session])
    guard let row else { return }
    var found: [String] = []
    if let taken: Double = row["minutes"], taken < minutes { found.append("too_fast") }
    if let share: Double = row["heard"], share < heard { found.append("unheard") }
    if let checksFailed, (row["failed"] as Int) > checksFailed { found.append("inattentive") }
    if headphones, row["headphones_passed"] as Bool? == false { found.append("no_headphones") }
    try db.cachedStatement(sql: "UPDATE session SET flags = ? WHERE id = ?")
      .execute(arguments: [found.isEmpty ? nil : found.joined(separator: ";"), session])
  }
}
