import GRDB

/// Early signs of whether the answers are good, counted over all sessions. They are for watching a study, not for leaving
/// listeners out: that is decided by the analysis plan.
public struct QualityChecks: Sendable, Equatable, Encodable {
  /// Sessions that made the headphone check, and those that passed it.
  public var headphones = 0
  public var headphonesPassed = 0
  /// Catch trials that tell something, and those that were passed by the rule of their trial type.
  public var catches = 0
  public var catchesPassed = 0
  /// Second showings whose first one was answered.
  public var repeats = 0
  /// How far a rating of a second showing lies from the first one of the same candidate: the mean absolute difference,
  /// as a share of the scale. nil where nothing was shown twice.
  public var repeatDifference: Double?

  public init() {}

  static func read(_ db: Database) throws -> QualityChecks {
    var checks = QualityChecks()
    if let row = try Row.fetchOne(
      db, sql: "SELECT count(headphones_passed) AS made, coalesce(sum(headphones_passed), 0) AS passed FROM session")
    {
      checks.headphones = row["made"]
      checks.headphonesPassed = row["passed"]
    }
    if let row = try Row.fetchOne(
      db, sql: "SELECT count(is_passed) AS made, coalesce(sum(is_passed), 0) AS passed FROM trial")
    {
      checks.catches = row["made"]
      checks.catchesPassed = row["passed"]
    }
    // From the few second showings to their first ones, by the index on a session's responses.
    if let row = try Row.fetchOne(
      db,
      sql: """
        SELECT count(DISTINCT again.response) AS made,
          avg(abs(late_said.number - early_said.number) / (scale_max - scale_min)) AS difference
        FROM trial AS again
          JOIN response AS late ON late.id = again.response
          JOIN session ON session.id = late.session
          JOIN participant ON participant.number = session.participant
          JOIN study_version ON study_version.version = participant.study_version
          JOIN response AS early ON early.session = late.session AND early.step = 'trial'
          JOIN trial AS before ON before.response = early.id
            AND before.type = again.type AND before.query = again.query AND before.condition = again.condition
            AND NOT before.is_training AND NOT before.is_catch AND NOT before.is_repeat
          JOIN slot AS second ON second.response = again.response
          JOIN slot AS first ON first.response = before.response AND first.stimulus = second.stimulus
          JOIN judgement AS late_said ON late_said.response = second.response AND late_said.position = second.position
          JOIN judgement AS early_said ON early_said.response = first.response AND early_said.position = first.position
            AND early_said.scale = late_said.scale
        WHERE again.is_repeat AND NOT again.is_training AND NOT again.is_catch
        """)
    {
      checks.repeats = row["made"]
      checks.repeatDifference = row["difference"]
    }
    return checks
  }
}
