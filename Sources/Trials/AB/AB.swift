import Study

/// Which of two versions is preferred, with or without "no difference" as an answer. If the item has a reference,
/// listeners can hear it too.
public struct AB: TrialType {
  public let name = "ab"
  public let summary = "which of two versions of a sound is better"
  public let sources: [StudyDefinition.SoundSource] = [.renderings]
  public let takesFocus = true
  public let ownKeys = ["allow_neither"]
  static let scale = "choice"

  public init() {}

  /// One page per pair of versions. The attention check pairs the reference with a copy of it low-passed at 1 kHz.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] {
    pool.pairs(of: pool.candidates).map { pair in
      var page = pair
      page.catchCandidates = pool.hiddenReference.map { PlannedCandidate.plainlyWorse(than: $0, count: 2) } ?? []
      return page
    }
  }

  public func read(_ answer: ChoiceAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    try answer.judged(trial, on: Self.scale, mayBeNeither: block.allowsNeither)
  }

  /// Passed if the reference is preferred to the copy that is plainly worse.
  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    judged.referenceIsChosen(in: trial, on: Self.scale)
  }

  /// Answers "no difference", where that is permitted, if the two seem less than a twentieth of the scale apart.
  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> ChoiceAnswer {
    let best = heard.indices.max { heard[$0] < heard[$1] } ?? 0
    let isNeither = block.allowsNeither && (heard.max() ?? 0) - (heard.min() ?? 0) < 0.05
    return ChoiceAnswer(
      choice: isNeither ? ChoiceAnswer.neither : Position.letter(best + 1), heard: HeardAnswer.once(heard.count))
  }

  public let table = TrialTable(
    "choices", "One row per comparison: which of two versions of an item is preferred.",
    columns: TrialColumns.placeOfItem + TrialColumns.stimuli(2) + [
      .init(
        "choice", .string, "The version that is preferred, or neither if no difference was heard.", required: true,
        values: ["first", "second", "neither"]
      ) {
        switch $0.judgement(AB.scale)?.number {
        case 1: "first"
        case 2: "second"
        default: "neither"
        }
      }
    ] + TrialColumns.purpose + TrialColumns.plays(2) + TrialColumns.time,
    key: ["session", "trial"], sounds: ["first", "second"]
  ) { TrialRow.whole($0, of: 2) }
}
