/// A named choice of sources.
public enum LibrarySet: String, Sendable, CaseIterable {
  /// The synthesiser alone.
  case synth
}
