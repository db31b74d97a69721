/// The trials of one participant, in order. A pure function of (study version, participant number, seed).
public struct Plan: Sendable, Equatable {
  public var studyVersion: String
  /// From 1.
  public var participant: Int
  public var trials: [Trial]

  public init(studyVersion: String, participant: Int, trials: [Trial]) {
    self.studyVersion = studyVersion
    self.participant = participant
    self.trials = trials
  }
}

/// One screen that asks for responses.
public struct Trial: Sendable, Equatable {
  /// In the order of presentation, from 1. It is the trial's name in URLs and tables.
  public var index: Int
  /// The name of its trial type.
  public var type: String
  /// The place of its block in the study, from 0.
  public var block: Int
  public var query: String
  public var condition: String
  /// In the order of their positions on the page: the first is A.
  public var candidates: [PlannedCandidate]
  /// Not analysed; shown first.
  public var isTraining: Bool
  /// Checks attention.
  public var isCatch: Bool
  /// Shown a second time to measure consistency.
  public var isRepeat: Bool

  public init(
    index: Int, type: String = "similarity", block: Int = 0, query: String, condition: String,
    candidates: [PlannedCandidate],
    isTraining: Bool = false, isCatch: Bool = false, isRepeat: Bool = false
  ) {
    self.index = index
    self.type = type
    self.block = block
    self.query = query
    self.condition = condition
    self.candidates = candidates
    self.isTraining = isTraining
    self.isCatch = isCatch
    self.isRepeat = isRepeat
  }
}

/// A candidate in its place on a page.
public struct PlannedCandidate: Sendable, Hashable {
  /// The name in candidates and rankings; an anchor is named `anchor:` and the reference that it was made from.
  public var candidate: String
  public var isReference: Bool
  public var isAnchor: Bool

  public init(_ candidate: String, isReference: Bool = false, isAnchor: Bool = false) {
    self.candidate = candidate
    self.isReference = isReference
    self.isAnchor = isAnchor
  }
}
