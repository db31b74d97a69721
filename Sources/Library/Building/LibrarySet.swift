/// A named choice of sources.
public enum LibrarySet: String, Sendable, CaseIterable {
  /// The synthesiser alone.
  case synth
  /// Debian packages of at most 60 MB.
  case demo
  /// Every package that is known to hold drums.
  case full

  public var packages: [SoundPackage] {
    switch self {
    case .synth: []
    case .demo: SoundPackage.demo
    case .full: SoundPackage.full
    }
  }
}
