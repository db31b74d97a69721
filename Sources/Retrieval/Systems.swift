import Neural

/// All systems that `earshot rank` knows by name. To add one, add a file and a line here.
public enum Systems {
  /// - Parameters:
  ///   - model: the trained model that comes with Earshot, last in the list. Nil for the baselines alone.
  ///   - transpose: see `ModelSystem`. The matched filter looks for one-shots at other pitches, too.
  public static func all(seed: UInt64 = 0, model: Model? = nil, transpose: Int = 0) -> [any RankingSystem] {
    [
      RandomSystem(seed: seed),
      FeatureSystem.mfcc,
      FeatureSystem.mfccHit,
      FeatureSystem.percussiveMFCCHit,
      FeatureSystem.bandMFCCHit,
      FeatureSystem.auditoryImage,
      FeatureSystem.auditoryImageHit,
      MatchedFilterSystem(transpose: transpose),
    ] + (model.map { [ModelSystem($0, transpose: transpose)] } ?? [])
  }

  /// Systems that need so much more time than the others that `earshot rank` only uses them if they are named.
  public static let onRequest: Set<String> = ["matched-filter"]

  /// Names that rankings must not use for systems, because they mark candidates that no system proposed.
  public static let reserved: Set<String> = ["reference", "anchor"]
}
