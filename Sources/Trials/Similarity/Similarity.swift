import Study

/// One question, one loop and a few samples: each is rated for its similarity to what the question asks about.
public struct Similarity: TrialType {
  public let name = "similarity"
  public let summary = "how similar each of a few samples is to the drum asked for in a loop"
  public let ownKeys = ["scale"]
  static let scale = "similarity"

  public init() {}

  public func read(_ answer: RatingsAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    try answer.judged(trial, on: Self.scale, block.scale.minimum...block.scale.maximum)
  }

  /// Passed if the reference is rated strictly above everything else. Nil if there is no reference, or nothing else.
  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    judged.referenceIsBest(in: trial, on: Self.scale)
  }

  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> RatingsAnswer {
    RatingsAnswer(hearing: heard, on: block.scale.minimum...block.scale.maximum)
  }

  public let table = TrialTable(
    "ratings", "One row per rating. rankings.csv says which systems proposed a candidate.",
    columns: TrialColumns.place + [
      .init("candidate", .string, "The stimulus that was rated.", required: true) { $0.slot.stimulus },
      .init("position", .integer, "Its place on the page; 1 is A.", required: true, minimum: 1) { $0.position },
      .init("rating", .number, "Higher means more similar.", required: true) { $0.judgement(Similarity.scale)?.number },
      .init("scale_min", .number, "The low end of the scale.", required: true) { $0.trial.scaleMinimum },
      .init("scale_max", .number, "The high end of the scale.", required: true) { $0.trial.scaleMaximum },
      .init("is_reference", .boolean, "Whether the candidate is the true sample.", required: true) {
        $0.slot.isReference
      },
      .init("is_anchor", .boolean, "Whether the candidate is the low-passed true sample.", required: true) {
        $0.slot.isAnchor
      },
    ] + TrialColumns.purpose + [
      .init("plays", .integer, "How often the candidate was played.", required: true, minimum: 0) {
        $0.slot.heard.plays
      },
      .init(
        "listened_s", .number, "How long the candidate was heard, in seconds.", required: true, minimum: 0
      ) { Double($0.slot.heard.listenedMs) / 1000 },
    ] + TrialColumns.time,
    key: ["session", "trial", "position"], sounds: ["query", "candidate"]
  ) { TrialRow.positions($0) }
}
