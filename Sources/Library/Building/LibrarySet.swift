/// A named selection of sources.
public enum LibrarySet: String, Sendable, CaseIterable {
  /// Only the user's own folders.
  case own
  /// Only the synthesiser.
  case synth
  /// Debian packages of at most 60 MB.
  case demo
  /// Every package known to contain drums.
  case full

  /// The Debian packages in the selection.
  public var packages: [SoundPackage] {
    switch self {
    case .own, .synth: []
    case .demo: SoundPackage.demo
    case .full: SoundPackage.full
    }
  }
}
