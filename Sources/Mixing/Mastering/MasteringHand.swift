/// How a mix is mastered.
public enum MasteringHand: String, Sendable, CaseIterable {
  /// A careful hand.
  case usual
  /// A heavier one than any model has learned from: for validation and test.
  case hard

  public var ranges: MasteringRanges {
    switch self {
    case .usual: .usual
    case .hard: .hard
    }
  }
}
