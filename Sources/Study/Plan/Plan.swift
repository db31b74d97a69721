import Basics

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
  /// The stimulus that is heard beside the candidates: the query itself unless its item is of another kind; nil where
  /// there is none.
  public var sound: String?
  public var condition: String
  /// In the order of their positions on the page: the first is A.
  public var candidates: [PlannedCandidate]
  /// Not analysed; shown first.
  public var isTraining: Bool
  /// Checks attention.
  public var isCatch: Bool
  /// Shown a second time to measure consistency.
  public var isRepeat: Bool
  /// With which chance a participant is asked this page in the main block, where not all pages have the same (`trials.focus`).
  public var chance: Double?

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

  /// All that is heard on its page: what they are compared with, where there is one, then the candidates by their positions.
  public var sounds: [String] { (sound.map { [$0] } ?? []) + candidates.map(\.candidate) }
}

/// A candidate in its place on a page.
public struct PlannedCandidate: Sendable, Hashable {
  /// The name in candidates and rankings; an anchor is named `anchor:` and the reference that it was made from.
  public var candidate: String
  public var isReference: Bool
  public var isAnchor: Bool
  /// Who made it, of renderings: a system, `reference`, or an anchor with its frequency, `anchor_3500_hz`.
  public var system: String?
  /// The sound that this one is made from, where it is not one of the tables' own.
  public var source: Source?

  /// A sound that is made from a rendering.
  public struct Source: Sendable, Hashable {
    public var rendering: String
    /// By a low-pass at this frequency in hertz; nil for the same sound again.
    public var lowpass: Double?
  }

  public init(_ candidate: String, isReference: Bool = false, isAnchor: Bool = false, system: String? = nil) {
    self.candidate = candidate
    self.isReference = isReference
    self.isAnchor = isAnchor
    self.system = system
  }

  /// The same version, heard a second time: another file, whose sound is the same.
  public var again: String { "\(candidate).again" }

  /// The same version beside itself on a page.
  public var twin: PlannedCandidate {
    var twin = self
    (twin.candidate, twin.source) = (again, Source(rendering: candidate, lowpass: nil))
    return twin
  }

  /// Whether the two are one sound, heard twice.
  public func isTwin(of other: PlannedCandidate) -> Bool {
    func names(_ one: PlannedCandidate, _ other: PlannedCandidate) -> Bool {
      one.source.map { $0.lowpass == nil && $0.rendering == other.candidate } ?? false
    }
    return names(self, other) || names(other, self)
  }

  /// A version low-passed at a frequency in hertz: an anchor.
  public func lowpassed(_ frequency: Double) -> PlannedCandidate {
    var anchor = PlannedCandidate(
      "\(candidate).lowpass_\(frequency.cellText)", isAnchor: true,
      system: "anchor_\(frequency.cellText)_hz")
    anchor.source = Source(rendering: candidate, lowpass: frequency)
    return anchor
  }
}
