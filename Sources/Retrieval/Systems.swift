/// All systems that `earshot rank` knows by name. A new system is a new file and a line here.
public enum Systems {
  public static func all(seed: UInt64 = 0) -> [any RankingSystem] {
    [
      RandomSystem(seed: seed),
      FeatureSystem.mfcc,
      FeatureSystem.mfccHit,
      FeatureSystem.auditoryImage,
      FeatureSystem.auditoryImageHit,
    ]
  }

  /// Names that rankings must not use: they mark candidates that no system proposed.
  public static let reserved: Set<String> = ["reference", "anchor"]
}
