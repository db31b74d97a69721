/// How long a session is expected to take, in minutes, by its parts. Breaks are not counted.
public struct ExpectedTime: Sendable, Equatable, Codable {
  /// One question: 8 s, in minutes.
  static let question = 8.0 / 60
  /// One round of the headphone check: 8 s, in minutes.
  static let headphoneRound = 8.0 / 60

  /// `seconds_per_candidate` for each candidate of each trial.
  public var trials = 0.0
  /// All questionnaires.
  public var questions = 0.0
  /// The headphone check, if passed at the first attempt.
  public var headphones = 0.0
  /// Welcome, volume and instructions: two minutes.
  public var opening = 2.0

  /// The whole session.
  public var minutes: Double { trials + questions + headphones + opening }
}
