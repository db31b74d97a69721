import Study

/// Category ratings of one version at a time (ITU-T P.800) in five words, from 5 (best) to 1 (worst).
public struct Category: TrialType {
  public let name: String
  public let summary: String
  public var sources: [StudyDefinition.SoundSource] { hasReference ? [.renderings] : [.renderings, .sounds] }
  /// Whether listeners hear the reference beside the version.
  let hasReference: Bool
  public let takesScales = true
  static let scale = "category"
  static let range = 1...5

  /// Absolute category rating: how good a version is by itself.
  public static let absolute = Category(
    name: "acr", summary: "how good one version of a sound is, by itself (ITU-T P.800)", hasReference: false)
  /// Degradation category rating: how far a version falls short of the reference.
  public static let degradation = Category(
    name: "dcr", summary: "how far one version of a sound falls short of the reference (ITU-T P.800)",
    hasReference: true)

  /// One page per version. In absolute ratings, the reference counts as a version too, and a single sound is an item of
  /// its own. The attention check is a copy of the reference, or of the sound, low-passed at 500 Hz.
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

  /// With scales of the block's own, each of them needs a rating, under its name.
  public func read(_ answer: RatingsAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    guard !block.scales.isEmpty else { return try answer.judged(trial, on: Self.scale, Self.range) }
    let said = answer.ratings ?? []
    if let stranger = said.first(where: { one in !block.scales.contains { $0.name == one.scale } }) {
      throw AnswerProblem(
        "There is no scale '\(stranger.scale ?? "")'.",
        mend: "The scales are \(block.scales.map(\.name).joined(separator: ", ")).")
    }
    var judged = Judged(heard: [], judgements: [])
    for scale in block.scales {
      let one = try RatingsAnswer(ratings: said.filter { $0.scale == scale.name })
        .judged(trial, on: scale.name, 1...scale.count)
      judged.heard = one.heard
      judged.judgements += one.judgements
    }
    return judged
  }

  /// Passed if the copy that is plainly worse is rated in the lower half of the scale, as poor or bad of five. On several
  /// scales nobody can say what is right: a low-passed copy has no louder background (ITU-T P.835).
  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    guard block.scales.count < 2, let said = judged.judgements.lazy.compactMap(\.number).first else { return nil }
    return said <= Double((block.scales.first?.count ?? Self.range.upperBound) / 2)
  }

  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> RatingsAnswer {
    guard !block.scales.isEmpty else { return RatingsAnswer(hearing: heard, on: Self.range) }
    let all = block.scales.flatMap { scale in
      (RatingsAnswer(hearing: heard, on: 1...scale.count).ratings ?? []).map { one in
        var one = one
        one.scale = scale.name
        return one
      }
    }
    return RatingsAnswer(ratings: all)
  }

  public let table = TrialTable.scores
}
