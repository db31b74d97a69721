import Reporting

/// A finding about the data, with an explanation.
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
  /// A stable identifier for scripts.
  public var code: String
  public var weight: Weight
  /// What was found, in a sentence.
  public var what: Prose
  /// What the finding means, and what can be done about it.
  public var meaning: String
  public var count: Int

  package init(code: String, weight: Weight, what: Prose, meaning: String, count: Int) {
    (self.code, self.weight, self.what, self.meaning, self.count) = (code, weight, what, meaning, count)
  }
}
