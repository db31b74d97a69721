import Study

/// How alike two sounds are, for each pair in a set or among an item's versions, on the block's scale.
public struct Pairwise: TrialType {
  public let name = "pairwise"
  public let summary = "how similar two sounds are, for all pairs of a set or of the versions of a sound"
  public let sources: [StudyDefinition.SoundSource] = [.sounds, .renderings]
  public let largestSet: Int? = 60
  public let ownKeys = ["scale"]
  static let scale = "likeness"

  public init() {}

  /// One page per pair; which comes first is balanced over listeners. The attention check pairs a sound with itself.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] {
    pool.pairs(of: pool.versions).map { pair in
      var page = pair
      page.sound = nil
      page.catchCandidates = [pair.candidates[0], pair.candidates[0].twin]
      return page
    }
  }

  /// Stores, beside the rating, the ends of the block's scale.
  public func read(_ answer: WholeAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    let (low, high) = (block.scale.minimum, block.scale.maximum)
    var judged = try answer.judged(trial, on: Self.scale, low...high)
    judged.judgements += [
      Judgement(scale: "low", number: Double(low)), Judgement(scale: "high", number: Double(high)),
    ]
    return judged
  }

  /// Passed if a sound paired with itself is rated within a tenth of the scale's range, or one point, of its top,
  /// whichever is more.
  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    guard let said = judged.number(at: 0, on: Self.scale), let low = judged.number(at: 0, on: "low"),
      let high = judged.number(at: 0, on: "high")
    else { return nil }
    return said >= high - max(1, (high - low) / 10)
  }

  /// Rates the two as alike as they seem close to each other.
  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> WholeAnswer {
    let near = 1 - ((heard.max() ?? 0) - (heard.min() ?? 0))
    let (low, high) = (Double(block.scale.minimum), Double(block.scale.maximum))
    return WholeAnswer(rating: Int((low + (high - low) * near).rounded()), heard: HeardAnswer.once(heard.count))
  }

  public let table = TrialTable(
    "pairs", "One row per pair: how similar two sounds are.",
    columns: TrialColumns.placeOfItem + TrialColumns.stimuli(2) + [
      .init("rating", .number, "Higher means more similar.", required: true) { $0.judgement(Pairwise.scale)?.number },
      .init("scale_min", .number, "The low end of the scale.", required: true) { $0.judgement("low")?.number },
      .init("scale_max", .number, "The high end of the scale.", required: true) { $0.judgement("high")?.number },
    ] + TrialColumns.purpose + TrialColumns.plays(2) + TrialColumns.time,
    key: ["session", "trial"], sounds: ["first", "second"]
  ) { TrialRow.whole($0, of: 2) }
}
