/// The drum classes that can be asked for. The raw value is the `condition` of every table.
public enum DrumClass: String, Sendable, Hashable, CaseIterable, Comparable {
  case kick, snare, hihat

  /// As in words: `kick drum`, `snare drum`, `hi-hat`.
  public var words: String {
    switch self {
    case .kick: "kick drum"
    case .snare: "snare drum"
    case .hihat: "hi-hat"
    }
  }

  /// In the order of the cases, which is the order of every table and report.
  public static func < (a: DrumClass, b: DrumClass) -> Bool { a.order < b.order }

  private var order: Int { self == .kick ? 0 : self == .snare ? 1 : 2 }
}
