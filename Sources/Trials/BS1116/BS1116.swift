import Study

/// Double-blind triple stimulus with hidden reference (ITU-R BS.1116-3): beside the known reference, one version and,
/// unmarked, the reference again. Both are graded from 5.0 (imperceptible) to 1.0 (very annoying).
public struct BS1116: TrialType {
  public let name = "bs1116"
  public let summary =
    "how far each of two sounds falls short of the reference, one of them being the reference (ITU-R BS.1116-3)"
  public let sources: [StudyDefinition.SoundSource] = [.renderings]
  public let ownKeys = ["scale", "training_feedback"]
  static let scale = "impairment"
  /// The permitted grades in tenths, as pages send them.
  static let range = 10...50

  public init() {}

  /// One page per version of an item that has a reference. The attention check uses a version that is plainly worse.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] {
    guard let reference = pool.hiddenReference else { return [] }
    return pool.candidates.map { version in
      var page = pool
      page.candidates = [reference, version]
      page.catchCandidates = PlannedCandidate.plainlyWorse(than: reference, count: 2)
      page.part = " \(version.candidate)"
      return page
    }
  }

  /// Each `rating` is a grade in tenths, from 10 to 50. It is stored as a grade.
  public func read(_ answer: RatingsAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    var judged = try answer.judged(trial, on: Self.scale, Self.range)
    for i in judged.judgements.indices { judged.judgements[i].number = judged.judgements[i].number.map { $0 / 10 } }
    return judged
  }

  /// Passed if the reference is graded strictly above the version that is plainly worse.
  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    judged.referenceIsBest(in: trial, on: Self.scale)
  }

  /// Whether the reference was identified: graded strictly above the version.
  public func isRight(_ judged: Judged, in trial: Trial) -> Bool? { judged.referenceIsBest(in: trial, on: Self.scale) }

  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> RatingsAnswer {
    RatingsAnswer(hearing: heard, on: Self.range)
  }

  public let table = TrialTable.scores
}
