/// What a one-shot or a backing serves for. The raw value stands in the column `split` of `library.csv`.
public enum Split: String, Sendable, Hashable, CaseIterable {
  /// A model learns from it.
  case train
  /// It decides between models and says when to stop.
  case validation
  /// It is heard by no model before the evaluation.
  case test
}
