/// How heavily a mix is mastered.
public enum MasteringHand: String, Sendable, CaseIterable {
  /// `MasteringRanges.usual`: shapes without crushing.
  case usual
  /// `MasteringRanges.hard`: heavier than anything a model hears in training, for validation and test.
  case hard

  /// The ranges from which a chain's settings are drawn.
  public var ranges: MasteringRanges {
    switch self {
    case .usual: .usual
    case .hard: .hard
    }
  }
}
