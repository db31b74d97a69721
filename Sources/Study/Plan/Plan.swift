import Basics

/// The trials of one participant, in order. A pure function of study version, participant number, group and seed.
public struct Plan: Sendable, Equatable {
  /// The `version` of the design that it was made from.
  public var studyVersion: String
  /// From 1.
  public var participant: Int
  /// Of all blocks, in the order in which the participant meets them.
  public var trials: [Trial]

  public init(studyVersion: String, participant: Int, trials: [Trial]) {
    self.studyVersion = studyVersion
    self.participant = participant
    self.trials = trials
  }
}

/// One page that asks for answers.
public struct Trial: Sendable, Equatable {
  /// The position in the session, from 1. It identifies the trial in URLs and tables.
  public var index: Int
  /// The name of its trial type.
  public var type: String
  /// The index of its block in the study, from 0.
  public var block: Int
  /// What it asks about, as in `StudyDesign.Item`.
  public var query: String
  /// The stimulus heard beside the candidates: the query itself, unless the item is of another kind. Nil if there is
  /// none.
  public var sound: String?
  /// What the query is asked for, such as `kick`. Empty if the study has no conditions.
  public var condition: String
  /// In the order of their positions on the page. The first is A.
  public var candidates: [PlannedCandidate]
  /// A training trial: shown first and not analysed.
  public var isTraining: Bool
  /// An attention check.
  public var isCatch: Bool
  /// A second showing, to measure consistency.
  public var isRepeat: Bool
  /// The probability that a participant is asked this page in the main block. Nil if it is the same for all pages
  /// (without `trials.focus`).
  public var chance: Double?

  /// A trial whose `chance` is nil.
  /// - Parameter sound: the query itself if it is left out; `.some(nil)` for none.
  public init(
    index: Int, type: String = "similarity", block: Int = 0, query: String, sound: String?? = nil, condition: String,
    candidates: [PlannedCandidate],
    isTraining: Bool = false, isCatch: Bool = false, isRepeat: Bool = false
  ) {
    self.index = index
    self.type = type
    self.block = block
    self.query = query
    self.sound = sound ?? query
    self.condition = condition
    self.candidates = candidates
    self.isTraining = isTraining
    self.isCatch = isCatch
    self.isRepeat = isRepeat
  }

  /// All sounds of its page: the one that the candidates are compared with, if any, then the candidates by position.
  public var sounds: [String] { (sound.map { [$0] } ?? []) + candidates.map(\.candidate) }
}

/// A candidate at its position on a page.
public struct PlannedCandidate: Sendable, Hashable {
  /// The name in candidates, rankings or renderings. An anchor of rankings is named `anchor:` followed by the reference it was
  /// made from; one of renderings after its item and what was done to the reference.
  public var candidate: String
  /// Whether it is the true sample, or the item's reference, or in a check of a set the same sound as the one beside
  /// it.
  public var isReference: Bool
  /// Whether it is known to be worse: a low-passed copy, or what a system called `anchor` made.
  public var isAnchor: Bool
  /// For renderings: who made it. A system, `reference`, or an anchor with its frequency, such as `anchor_3500_hz`.
  public var system: String?
  /// The sound that this one is made from. Nil if it is in the tables itself.
  public var source: Source?

  /// How a sound is made from a rendering.
  public struct Source: Sendable, Hashable {
    /// The `candidate` of which it is a copy, low-passed or not.
    public var rendering: String
    /// Low-passed at this cutoff frequency in hertz. Nil for an unchanged copy.
    public var lowpass: Double?
  }

  public init(_ candidate: String, isReference: Bool = false, isAnchor: Bool = false, system: String? = nil) {
    self.candidate = candidate
    self.isReference = isReference
    self.isAnchor = isAnchor
    self.system = system
  }

  /// The name of a copy of this version, so that it can be heard a second time: another file with the same sound.
  public var again: String { "\(candidate).again" }

  /// The copy of this version, to be shown beside it on a page.
  public var twin: PlannedCandidate {
    var twin = self
    (twin.candidate, twin.source) = (again, Source(rendering: candidate, lowpass: nil))
    return twin
  }

  /// Whether one of the two is a copy of the other.
  public func isTwin(of other: PlannedCandidate) -> Bool {
    func names(_ one: PlannedCandidate, _ other: PlannedCandidate) -> Bool {
      one.source.map { $0.lowpass == nil && $0.rendering == other.candidate } ?? false
    }
    return names(self, other) || names(other, self)
  }

  /// An anchor: this version low-passed at a cutoff frequency in hertz.
  public func lowpassed(_ frequency: Double) -> PlannedCandidate {
    var anchor = PlannedCandidate(
      "\(candidate).lowpass_\(frequency.cellText)", isAnchor: true,
      system: "anchor_\(frequency.cellText)_hz")
    anchor.source = Source(rendering: candidate, lowpass: frequency)
    return anchor
  }
}
