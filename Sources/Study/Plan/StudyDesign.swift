import Foundation

/// A study ready to run: the definition joined with its tables, every name resolved, the pools drawn.
public struct StudyDesign: Sendable {
  public var definition: StudyDefinition
  /// The study version: what sessions, ratings and exports carry. As read, it is `textsVersion`; where records know the
  /// same design under another name, they give it that one.
  public var version: String
  /// SHA-256 (hexadecimal) of all that the study says and plays: study.yaml, texts, tables and the content of every sound.
  public var textsVersion: String
  /// SHA-256 of what decides about plans, sounds, scales and questions. It stays when words are changed (title, texts,
  /// consent, questions as they are worded, languages), and how listeners come and go (`finish`, `joining`).
  public var designVersion: String
  /// What can be asked in each of the definition's `runs`.
  public var blocks: [[Item]]
  /// Every sound that a participant may hear, each once.
  public var stimuli: [StimulusRequest]

  /// The files of the study's own look; nil where it has none.
  public var look: StudyLook?

  /// What one trial is about: a query asked for a condition, with its pool; or an item of renderings with its versions.
  public struct Item: Sendable, Equatable {
    public var query: String
    public var condition: String
    /// The true sample, where it is known.
    public var reference: String?
    /// The pool, in a fixed order that does not depend on which system proposed what.
    public var candidates: [PlannedCandidate]
    /// What a catch trial of this item shows; empty where none can be made.
    public var catchCandidates: [PlannedCandidate]
    /// Tells it from others of the same query and condition; empty where there is one.
    public var part: String
    /// The stimulus that is heard beside the candidates: the query itself, of renderings the item's reference where it has
    /// one; nil where there is none.
    public var sound: String?
    /// Of renderings: the reference as one of the versions, where there is one.
    public var hiddenReference: PlannedCandidate?
    /// Whether the two systems of `trials.focus` are told apart by what is answered here.
    public var isInFocus = false

    public init(
      query: String, condition: String, reference: String? = nil, candidates: [PlannedCandidate],
      catchCandidates: [PlannedCandidate] = [], part: String = ""
    ) {
      self.query = query
      self.condition = condition
      self.reference = reference
      self.candidates = candidates
      self.catchCandidates = catchCandidates
      self.part = part
      sound = query
    }
  }

  /// A study of one block of similarity.
  public init(definition: StudyDefinition, version: String, items: [Item], stimuli: [StimulusRequest]) {
    self.init(definition: definition, version: version, blocks: [items], stimuli: stimuli)
  }

  public init(definition: StudyDefinition, version: String, blocks: [[Item]], stimuli: [StimulusRequest]) {
    self.definition = definition
    self.version = version
    (textsVersion, designVersion) = (version, version)
    self.blocks = blocks
    self.stimuli = stimuli
  }

  /// Every sound that a page can hold, of each block: a page shows the candidates of an item or those of its catch.
  public var pages: [(sound: String?, candidates: [String])] {
    blocks.joined().flatMap { item in
      [item.candidates, item.catchCandidates].map { (item.sound, $0.map(\.candidate)) }
    }
  }

  /// What can be rated: one item a query and condition. Of a study without ratings, what its first block asks.
  public var items: [Item] { blocks[ratingBlock ?? 0] }

  /// The study as if it were nothing but its block of ratings, for what reckons with ratings; nil where there is none.
  public var ofRatings: StudyDesign? {
    guard let place = ratingBlock else { return nil }
    var (design, run) = (self, definition.runs[place])
    run.trials.seed = definition.trials.seed
    (design.definition.pool, design.definition.trials, design.definition.scale) = (run.pool, run.trials, run.scale)
    design.definition.texts.question = run.question
    design.definition.blocks = []
    design.blocks = [blocks[place]]
    return design
  }

  /// The place of the block whose answers are ratings; nil where there is none.
  public var ratingBlock: Int? { definition.runs.firstIndex { $0.type == "similarity" } }
}

/// A sound as it is to be presented, and where it comes from.
public struct StimulusRequest: Sendable, Hashable {
  /// As what a sound is heard: the query, or one of the sounds that are judged.
  public enum Role: String, Sendable { case query, candidate }

  /// The query's or the candidate's name: the key in stimuli.csv.
  public var stimulus: String
  public var role: Role
  /// Empty for queries, which serve all conditions.
  public var condition: String
  public var file: URL
  /// The versions of an item that this is one of, as they are compared in place: they start together and share a gain.
  public var alignment: Alignment?
  /// Low-pass the sound at this frequency in hertz (an anchor); nil leaves it as it is.
  public var lowpass: Double?
  public var licence: String
  public var source: String

  public init(
    stimulus: String, role: Role, condition: String, file: URL, lowpass: Double? = nil, licence: String, source: String
  ) {
    self.stimulus = stimulus
    self.role = role
    self.condition = condition
    self.file = file
    self.lowpass = lowpass
    self.licence = licence
    self.source = source
  }

  /// Versions that are compared in place.
  public struct Alignment: Sendable, Hashable {
    /// All versions; the reference first where there is one.
    public var files: [URL]
    public var hasReference: Bool
    /// It is a sound by itself, of no item.
    public var isAlone: Bool

    public init(files: [URL], hasReference: Bool, isAlone: Bool = false) {
      self.files = files
      self.hasReference = hasReference
      self.isAlone = isAlone
    }
  }
}
