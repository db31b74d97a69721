import Study

/// A ranking without ties of all sounds on a page, the best or most similar first.
public struct Rank: TrialType {
  public let name = "rank"
  public let summary = "some sounds or versions of a sound, put in order"
  public let sources: [StudyDefinition.SoundSource] = [.rankings, .renderings, .sounds]
  public let largestSet: Int? = 20
  static let scale = "rank"

  public init() {}

  /// One page with all sounds. For versions, the attention check has the reference among copies of it that are plainly
  /// worse.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] {
    var page = pool
    page.candidates = pool.versions
    if let reference = pool.hiddenReference {
      page.catchCandidates = PlannedCandidate.plainlyWorse(than: reference, count: page.candidates.count)
    }
    return page.candidates.count < 2 ? [] : [page]
  }

  /// Each `rating` is a rank, from 1.
  public func read(_ answer: RatingsAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    let judged = try answer.judged(trial, on: Self.scale, 1...max(1, trial.candidates.count))
    guard Set(judged.judgements.map(\.number)).count == judged.judgements.count else {
      throw AnswerProblem(
        "Two positions have the same place in the order.", mend: "Give each position a different place.")
    }
    return judged
  }

  /// Passed if the reference comes first. Nil if there is none.
  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    trial.candidates.firstIndex(where: \.isReference).map { judged.number(at: $0 + 1, on: Self.scale) == 1 }
  }

  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> RatingsAnswer {
    let order = heard.indices.sorted { heard[$0] > heard[$1] }
    return RatingsAnswer(
      ratings: heard.indices.map { i in
        .init(
          position: Position.letter(i + 1), rating: (order.firstIndex(of: i) ?? 0) + 1, plays: Measured(1),
          listenedMs: Measured(600))
      })
  }

  public let table = TrialTable.ofPositions(
    "orders", "One row per place in an order. rankings.csv says which systems proposed a candidate.",
    [
      .init("rank", .integer, "The place; 1 is the best, or the most similar.", required: true, minimum: 1) {
        $0.judgement(Rank.scale)?.number
      }
    ])
}
