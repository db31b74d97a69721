/// What a one-shot or a backing is used for. The raw value is in the column `split` of `library.csv`.
public enum Split: String, Sendable, Hashable, CaseIterable {
  /// Models are trained on it.
  case train
  /// It selects between models and decides when to stop.
  case validation
  /// No model hears it before the evaluation.
  case test
}
