/// A named choice of sources.
public enum LibrarySet: String, Sendable, CaseIterable {
  /// Nothing but folders of one's own.
  case own
  /// The synthesiser alone.
  case synth
  /// Debian packages of at most 60 MB.
  case demo
  /// Every package that is known to hold drums.
  case full

  /// The Debian packages that it is made of.
  public var packages: [SoundPackage] {
    switch self {
    case .own, .synth: []
    case .demo: SoundPackage.demo
    case .full: SoundPackage.full
    }
  }
}
