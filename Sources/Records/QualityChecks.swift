/// Early signs of whether the answers are good, over all sessions. They are for watching a study, not for excluding
/// listeners, which the analysis plan decides.
public struct QualityChecks: Sendable, Equatable, Encodable {
  /// Sessions that took the headphone check, and those that passed it.
  public var headphones = 0
  /// Of `headphones`, those whose last attempt was passed.
  public var headphonesPassed = 0
  /// Attention checks that are informative, and those that were passed by the rule of their trial type.
  public var catches = 0
  /// Of `catches`, those that were passed.
  public var catchesPassed = 0
  /// Second showings whose first one was answered.
  public var repeats = 0
  /// How far the two ratings of a candidate that was shown twice are apart: the mean absolute difference, as a share of the
  /// scale; nil if nothing was shown twice.
  public var repeatDifference: Double?

  public init() {}

  init(_ tally: Tally) {
    (headphones, headphonesPassed) = (tally.whole(.headphones), tally.whole(.headphonesPassed))
    (catches, catchesPassed) = (tally.whole(.catches), tally.whole(.catchesPassed))
    repeats = tally.whole(.repeats)
    if tally[.repeatPairs] > 0 { repeatDifference = tally[.repeatDifference] / tally[.repeatPairs] }
  }
}
