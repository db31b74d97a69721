import Reporting

/// A finding about the data, explained.
public struct Remark: Sendable, Equatable {
  /// How much a remark matters.
  public enum Weight: String, Sendable, CaseIterable {
    /// Good to know.
    case note
    /// May change how a figure is read.
    case caution
    /// Something is probably wrong with the tables.
    case alarm
  }
  /// Stable, for scripts.
  public var code: String
  public var weight: Weight
  public var what: Prose
  /// What it means, and what can be done.
  public var meaning: String
  public var count: Int
}
