import Study

/// Comparison category rating (ITU-T P.800, annex E): how much better or worse the second of two versions is than the
/// first, in seven categories from much worse (-3) to much better (3). One of the two is the reference if the item has
/// one.
public struct CCR: TrialType {
  public let name = "ccr"
  public let summary = "how much better or worse one version is than another (ITU-T P.800)"
  public let sources: [StudyDefinition.SoundSource] = [.renderings]
  static let scale = "comparison"
  static let range = -3...3

  public init() {}

  /// One page per version, paired with the reference, or one per pair of versions if there is none. The attention check
  /// pairs the reference with a copy of it low-passed at 1 kHz.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] {
    let pairs = pool.pairs(of: pool.versions)
    return pairs.filter { pair in pool.hiddenReference.map(pair.candidates.contains) ?? true }.map { pair in
      var page = pair
      page.sound = nil
      page.catchCandidates = pool.hiddenReference.map { PlannedCandidate.plainlyWorse(than: $0, count: 2) } ?? []
      return page
    }
  }

  public func read(_ answer: WholeAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    try answer.judged(trial, on: Self.scale, Self.range)
  }

  /// Passed if the reference is called better than the copy that is plainly worse.
  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    guard let reference = trial.candidates.firstIndex(where: \.isReference),
      let said = judged.number(at: 0, on: Self.scale)
    else { return nil }
    return reference == 1 ? said > 0 : said < 0
  }

  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> WholeAnswer {
    let difference = heard.count == 2 ? heard[1] - heard[0] : 0
    return WholeAnswer(
      rating: Int(min(3, max(-3, 3 * difference)).rounded(.awayFromZero)), heard: HeardAnswer.once(heard.count))
  }

  public let table = TrialTable(
    "comparisons", "One row per comparison: how much better the second version of an item is than the first.",
    columns: TrialColumns.placeOfItem + TrialColumns.stimuli(2) + [
      .init(
        "score", .number, "The second compared with the first: -3 much worse, 0 about the same, 3 much better.",
        required: true, minimum: -3
      ) { $0.judgement(CCR.scale)?.number }
    ] + TrialColumns.purpose + TrialColumns.plays(2) + TrialColumns.time,
    key: ["session", "trial"], sounds: ["first", "second"]
  ) { TrialRow.whole($0, of: 2) }
}
