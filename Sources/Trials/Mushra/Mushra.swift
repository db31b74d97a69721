import Study

/// Multiple stimuli with hidden reference and anchors (ITU-R BS.1534-3): all versions of an item are scored from 0 to
/// 100 beside the reference. Unmarked among them are the reference itself and low-passed copies of it as anchors.
public struct Mushra: TrialType {
  public let name = "mushra"
  public let summary = "how good each version of a sound is, compared with the reference (ITU-R BS.1534-3)"
  public let sources: [StudyDefinition.SoundSource] = [.renderings]
  public let ownKeys = ["anchors_lowpass_hz", "scale"]
  static let scale = "quality"
  static let range = 0...100

  public init() {}

  /// One page per item. The attention check has the reference among copies of it that are plainly worse.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] {
    var page = pool
    if let reference = pool.hiddenReference {
      page.candidates.append(reference)
      page.candidates += block.anchors.map(reference.lowpassed)
      page.catchCandidates = PlannedCandidate.plainlyWorse(than: reference, count: page.candidates.count)
    }
    return [page]
  }

  public func read(_ answer: RatingsAnswer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    try answer.judged(trial, on: Self.scale, Self.range)
  }

  /// Passed if the reference is scored strictly above all copies that are plainly worse.
  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    judged.referenceIsBest(in: trial, on: Self.scale)
  }

  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> RatingsAnswer {
    RatingsAnswer(hearing: heard, on: Self.range)
  }

  public let table = TrialTable.scores
}
