import Study

/// Category ratings of one version at a time (ITU-T P.800): five words, of which the best is 5 and the worst 1.
public struct Category: TrialType {
  public let name: String
  public let summary: String
  public var sources: [StudyDefinition.SoundSource] { hasReference ? [.renderings] : [.renderings, .sounds] }
  /// Whether the reference is heard beside the version.
  let hasReference: Bool
  static let scale = "category"
  static let range = 1...5

  /// Absolute category rating: how good one version is, by itself.
  public static let absolute = Category(
    name: "acr", summary: "how good one version of a sound is, by itself (ITU-T P.800)", hasReference: false)
  /// Degradation category rating: how far one version falls short of the reference.
  public static let degradation = Category(
    name: "dcr", summary: "how far one version of a sound falls short of the reference (ITU-T P.800)",
    hasReference: true)

  /// A page a version; of absolute ratings the reference, where there is one, is a version as well, and a sound by itself
  /// is an item. What checks attention is a copy of the reference, or of the sound, without all above 500 Hz.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] {
    guard !hasReference || pool.hiddenReference != nil else { return [] }
    return pool.versions.map { version in
      var page = pool
      if !hasReference { page.sound = nil }
      page.candidates = [version]
      let isAlone = version.system == nil
      if isAlone { page.query = version.candidate }
      page.catchCandidates = (isAlone ? version : pool.hiddenReference).map { [$0.lowpassed(500)] } ?? []
      page.part = isAlone ? "" : " \(version.candidate)"
      return page
    }
  }

  public func read(_ answer: RatingsAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    try answer.judged(trial, on: Self.scale, Self.range)
  }

  /// What is plainly worse is not called better than the worst two words.
  public func isPassed(_ judged: Judged, in trial: Trial) -> Bool? {
    judged.number(at: 1, on: Self.scale).map { $0 <= 2 }
  }

  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> RatingsAnswer {
    RatingsAnswer(hearing: heard, on: Self.range)
  }

  public let table = TrialTable.scores
}
