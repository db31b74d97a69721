/// How long a session is expected to take, by its parts, in minutes. Rests are not counted.
public struct ExpectedTime: Sendable, Equatable, Codable {
  /// Of one question: 8 s.
  static let question = 8.0 / 60
  /// Of one round of the headphone check: 8 s.
  static let headphoneRound = 8.0 / 60

  /// `seconds_per_candidate` for each candidate of each trial.
  public var trials = 0.0
  /// All questionnaires.
  public var questions = 0.0
  /// The headphone check, passed at once.
  public var headphones = 0.0
  /// Welcome, volume and instructions: two minutes.
  public var opening = 2.0

  /// The whole session.
  public var minutes: Double { trials + questions + headphones + opening }
}
