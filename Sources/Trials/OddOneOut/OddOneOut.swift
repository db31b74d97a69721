import Study

/// Which of three is the odd one out. In a set of sounds, no answer is wrong, and the choice shows which two seem
/// alike. With versions, two of the three are the same sound (a triangle test).
public struct OddOneOut: TrialType {
  public let name = "odd-one-out"
  public let summary = "which of three sounds differs from the other two"
  public let sources: [StudyDefinition.SoundSource] = [.sounds, .renderings]
  public let largestSet: Int? = 25
  public let ownKeys = ["training_feedback"]
  static let scale = "choice"
  /// The name under which the position of the truly odd one is stored, if two of the three are the same sound.
  static let truth = "odd"

  public init() {}

  /// One page per three sounds of a set; or two per pair of versions (the reference is one of the versions), one with
  /// each of the two doubled. The attention check has a sound twice and another once; with versions, the reference
  /// twice and a copy of it low-passed at 1 kHz.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] {
    let isSet = pool.candidates.allSatisfy { $0.system == nil }
    var pages: [StudyDesign.Item] = []
    for pair in pool.pairs(of: pool.versions) {
      let (first, second) = (pair.candidates[0], pair.candidates[1])
      let third =
        isSet
        ? Array(pool.versions.drop { $0 != second }.dropFirst())
        : [first.twin, second.twin]
      for one in third {
        var page = pair
        page.sound = nil
        page.candidates.append(one)
        page.part += " \(one.candidate)"
        if isSet {
          page.catchCandidates = [first, first.twin, second]
        } else if let reference = pool.hiddenReference {
          page.catchCandidates = [reference, reference.twin, reference.lowpassed(1000)]
        }
        pages.append(page)
      }
    }
    return pages
  }

  /// Stores, beside the choice, which one was odd, if the other two are the same sound.
  public func read(_ answer: ChoiceAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    var judged = try answer.judged(trial, on: Self.scale)
    let odd = trial.candidates.firstIndex { one in !trial.candidates.contains { one.isTwin(of: $0) } }
    if let odd, trial.candidates.contains(where: { one in trial.candidates.contains { one.isTwin(of: $0) } }) {
      judged.judgements.append(Judgement(scale: Self.truth, number: Double(odd + 1)))
    }
    return judged
  }

  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    isRight(judged, in: trial)
  }

  /// Whether the odd one was found. Nil unless two of the three are the same sound.
  public func isRight(_ judged: Judged, in trial: Trial) -> Bool? {
    judged.number(at: 0, on: Self.truth).map { $0 == judged.number(at: 0, on: Self.scale) }
  }

  /// Picks the one farthest from the other two.
  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> ChoiceAnswer {
    func distance(_ i: Int) -> Double { heard.reduce(0) { $0 + abs($1 - heard[i]) } }
    let odd = heard.indices.max { distance($0) < distance($1) } ?? 0
    return ChoiceAnswer(choice: Position.letter(odd + 1), heard: HeardAnswer.once(heard.count))
  }

  public let table = TrialTable(
    "oddities", "One row per page of three sounds: which of them differs from the other two.",
    columns: TrialColumns.placeOfItem + TrialColumns.stimuli(3) + [
      .init("choice", .string, "The sound that the listener called odd.", required: true, values: TrialColumns.names) {
        OddOneOut.name($0, OddOneOut.scale)
      },
      .init("odd", .string, "The sound that is odd, if the other two are the same sound.", values: TrialColumns.names) {
        OddOneOut.name($0, OddOneOut.truth)
      },
      .init("is_right", .boolean, "Whether the odd one was found, if there is one.") { row in
        row.judgement(OddOneOut.truth)?.number.map { $0 == row.judgement(OddOneOut.scale)?.number }
      },
    ] + TrialColumns.purpose + TrialColumns.plays(3) + TrialColumns.time,
    key: ["session", "trial"], sounds: ["first", "second", "third"]
  ) { TrialRow.whole($0, of: 3) }

  private static func name(_ row: TrialRow, _ scale: String) -> String? {
    TrialColumns.names.indices.first { Double($0 + 1) == row.judgement(scale)?.number }.map { TrialColumns.names[$0] }
  }
}
