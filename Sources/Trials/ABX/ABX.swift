import Study

/// Whether a difference is audible at all: X is the same as A or B, and the listener says which.
public struct ABX: TrialType {
  public let name = "abx"
  public let summary = "which of two versions X is: whether a difference is audible at all"
  public let sources: [StudyDefinition.SoundSource] = [.renderings]
  public let ownKeys = ["training_feedback"]
  static let scale = "choice"

  public init() {}

  /// Two pages per pair of versions (the reference is one of the versions), one with each of the two as X. The
  /// attention check pairs the reference with a copy of it low-passed at 1 kHz.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] {
    pool.pairs(of: pool.versions).flatMap { pair in
      pair.candidates.map { same in
        var page = pair
        page.sound = same.again
        // Checks need the reference as X, so only such pages have one.
        if let reference = pool.hiddenReference, same == reference {
          page.catchCandidates = PlannedCandidate.plainlyWorse(than: reference, count: 2)
        }
        page.part += " \(same.candidate)"
        return page
      }
    }
  }

  /// Stores, beside the choice, which version X was.
  public func read(_ answer: ChoiceAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    var judged = try answer.judged(trial, on: Self.scale)
    let right = trial.candidates.firstIndex { $0.again == trial.sound }.map { Double($0 + 1) }
    judged.judgements.append(Judgement(scale: "x", number: right))
    return judged
  }

  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    isRight(judged, in: trial)
  }

  /// Whether X was identified.
  public func isRight(_ judged: Judged, in trial: Trial) -> Bool? {
    judged.number(at: 0, on: "x").map { $0 == judged.number(at: 0, on: Self.scale) }
  }

  /// Picks the version that seems closest to X: `heard` says how similar each version seems to the sound beside it.
  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> ChoiceAnswer {
    let best = heard.indices.max { heard[$0] < heard[$1] } ?? 0
    return ChoiceAnswer(choice: Position.letter(best + 1), heard: HeardAnswer.once(heard.count))
  }

  public let table = TrialTable(
    "discriminations", "One row per comparison: which of two versions the listener took X for.",
    columns: TrialColumns.placeOfItem + TrialColumns.stimuli(2) + [
      .init("x", .string, "The version that X was.", required: true, values: ["first", "second"]) {
        $0.judgement("x")?.number == 1 ? "first" : "second"
      },
      .init(
        "choice", .string, "The version that the listener took X for.", required: true, values: ["first", "second"]
      ) {
        $0.judgement(ABX.scale)?.number == 1 ? "first" : "second"
      },
      .init("is_right", .boolean, "Whether the choice was right.", required: true) {
        $0.judgement("x")?.number == $0.judgement(ABX.scale)?.number
      },
    ] + TrialColumns.purpose + TrialColumns.plays(2) + TrialColumns.time,
    key: ["session", "trial"], sounds: ["first", "second"]
  ) { TrialRow.whole($0, of: 2) }
}
