import Study

/// Which of two samples is closer to what is asked for in the loop: a forced choice.
public struct Triplet: TrialType {
  public let name = "triplet"
  public let summary = "which of two samples is closer to the drum asked for in a loop, or to a third sample"
  public let sources: [StudyDefinition.SoundSource] = [.rankings, .sounds]
  public let largestSet: Int? = 20
  public let takesFocus = true
  public let ownKeys = ["training_feedback"]
  static let scale = "choice"

  public init() {}

  /// One page per pair of candidates. The attention check pairs the true sample with one of another condition, taken in
  /// turn from those available.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] {
    guard pool.sound != nil else { return pages(ofSet: pool) }
    var pages: [StudyDesign.Item] = []
    let others = pool.catchCandidates.filter { !$0.isReference }
    for (i, first) in pool.candidates.enumerated() {
      for second in pool.candidates[(i + 1)...] {
        let checks = pool.catchCandidates.first(where: \.isReference).flatMap { reference in
          others.isEmpty ? nil : [reference, others[pages.count % others.count]]
        }
        pages.append(
          StudyDesign.Item(
            query: pool.query, condition: pool.condition, reference: pool.reference, candidates: [first, second],
            catchCandidates: checks ?? [], part: " \(first.candidate) \(second.candidate)"))
      }
    }
    return pages
  }

  /// For each sound of a set, one page per pair of the other sounds. The attention check pairs a copy of that sound
  /// with another sound.
  private func pages(ofSet set: StudyDesign.Item) -> [StudyDesign.Item] {
    set.candidates.flatMap { anchor in
      set.pairs(of: set.candidates.filter { $0 != anchor }).map { pair in
        var page = pair
        (page.query, page.sound, page.reference) = (anchor.candidate, anchor.candidate, anchor.candidate)
        var again = anchor.twin
        again.isReference = true
        page.catchCandidates = [again, pair.candidates[0]]
        return page
      }
    }
  }

  public func read(_ answer: ChoiceAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    try answer.judged(trial, on: Self.scale)
  }

  /// Passed if the reference is chosen. Nil if there is none.
  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    judged.referenceIsChosen(in: trial, on: Self.scale)
  }

  /// Whether the true sample was chosen. Nil if it is not one of the two.
  public func isRight(_ judged: Judged, in trial: Trial) -> Bool? {
    judged.referenceIsChosen(in: trial, on: Self.scale)
  }

  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> ChoiceAnswer {
    let nearest = heard.indices.max { heard[$0] < heard[$1] } ?? 0
    return ChoiceAnswer(choice: Position.letter(nearest + 1), heard: HeardAnswer.once(heard.count))
  }

  public let table = TrialTable(
    "triplets", "One row per triplet: which of two is closer to the query. 'earshot analyze --triplets' reads it.",
    columns: TrialColumns.place + [
      .init("anchor", .string, "What the two were compared with: the query, or the third sound.", required: true) {
        $0.trial.query
      },
      .init("first", .string, "The stimulus at A.", required: true) { $0.trial.slots[0].stimulus },
      .init("second", .string, "The stimulus at B.", required: true) { $0.trial.slots[1].stimulus },
      .init("choice", .string, "The one that was chosen as closer.", required: true, values: ["first", "second"]) {
        $0.judgement(Triplet.scale)?.number == 1 ? "first" : "second"
      },
      .init("first_is_reference", .boolean, "Whether the one at A is the true sample.", required: true) {
        $0.trial.slots[0].isReference
      },
      .init("second_is_reference", .boolean, "Whether the one at B is the true sample.", required: true) {
        $0.trial.slots[1].isReference
      },
    ] + TrialColumns.purpose + TrialColumns.plays(2) + TrialColumns.time + TrialColumns.chance,
    key: ["session", "trial"], sounds: ["query", "first", "second"]
  ) { TrialRow.whole($0, of: 2) }
}
