/// The drum classes that can be asked for. The raw value is the `condition` in all tables.
public enum DrumClass: String, Sendable, Hashable, CaseIterable, Comparable {
  case kick, snare, hihat

  /// In words: `kick drum`, `snare drum`, `hi-hat`.
  public var words: String {
    switch self {
    case .kick: "kick drum"
    case .snare: "snare drum"
    case .hihat: "hi-hat"
    }
  }

  /// The order of the cases, which is the order in all tables and reports.
  public static func < (a: DrumClass, b: DrumClass) -> Bool { a.order < b.order }

  private var order: Int { self == .kick ? 0 : self == .snare ? 1 : 2 }
}
