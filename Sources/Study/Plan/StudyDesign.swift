import Basics
import Foundation

/// A study ready to run: the definition joined with its tables, all names resolved, and the pools drawn.
public struct StudyDesign: Sendable {
  /// What study.yaml says, including defaults.
  @Boxed public var definition: StudyDefinition
  /// The study version that sessions, ratings and exports carry. After reading, it is `textsVersion`; if the records
  /// already know the same design under another name, they set that name.
  public var version: String
  /// SHA-256 (hexadecimal) of everything that the study says and plays: study.yaml, texts, tables, and the content of
  /// every sound.
  public var textsVersion: String
  /// SHA-256 (hexadecimal) of what determines plans, sounds, scales and questions. It does not change with wording
  /// (title, texts, consent, the wording of questions, languages) or with how listeners join and leave (`finish`,
  /// `joining`).
  public var designVersion: String
  /// The items that can be asked about in each of the definition's `runs`.
  public var blocks: [[Item]]
  /// Every sound that a participant may hear, each once.
  public var stimuli: [StimulusRequest]

  /// The files of the study's own look. Nil if it has none.
  public var look: StudyLook?

  /// The subject of a trial: a query for one condition, with its pool; or an item of renderings, with its versions.
  public struct Item: Sendable, Equatable {
    /// The name of the query, of the item or of a single sound; for a whole set its condition, or else `sounds`.
    public var query: String
    /// What the query is asked for, or the condition of the item or sound in its table. Empty if there is none.
    public var condition: String
    /// The true sample, if it is known.
    public var reference: String?
    /// The pool, in a fixed order that does not depend on which system proposed which candidate.
    public var candidates: [PlannedCandidate]
    /// What an attention check with this item shows. Empty if none can be made.
    public var catchCandidates: [PlannedCandidate]
    /// Distinguishes several items of the same query and condition. Empty if there is only one.
    public var part: String
    /// The stimulus heard beside the candidates: the query itself or, for renderings, the item's reference. Nil if
    /// there is none.
    public var sound: String?
    /// For renderings: the reference as one of the versions, if there is one.
    public var hiddenReference: PlannedCandidate?
    /// Whether answers to this item distinguish the two systems of `trials.focus`.
    public var isInFocus = false

    /// An item whose query is heard beside the candidates; change `sound` if it is not.
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

  /// A study with a single block of type `similarity`.
  public init(definition: StudyDefinition, version: String, items: [Item], stimuli: [StimulusRequest]) {
    self.init(definition: definition, version: version, blocks: [items], stimuli: stimuli)
  }

  /// A design whose two other versions equal `version`, without a look of its own.
  /// - Parameter blocks: for each of the definition's `runs`, its items.
  public init(definition: StudyDefinition, version: String, blocks: [[Item]], stimuli: [StimulusRequest]) {
    self.definition = definition
    self.version = version
    (textsVersion, designVersion) = (version, version)
    self.blocks = blocks
    self.stimuli = stimuli
  }

  /// Every combination of sounds that a page can contain, in all blocks. A page shows either an item's candidates or
  /// those of its attention check.
  public var pages: [(sound: String?, candidates: [String])] {
    blocks.joined().flatMap { item in
      [item.candidates, item.catchCandidates].map { (item.sound, $0.map(\.candidate)) }
    }
  }

  /// What can be rated: one item per query and condition. For a study without ratings, the items of its first block.
  public var items: [Item] { blocks[ratingBlock ?? 0] }

  /// The study reduced to its block of ratings, for calculations about ratings. Nil if it has none.
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

  /// The index of the block whose answers are ratings. Nil if there is none.
  public var ratingBlock: Int? { definition.runs.firstIndex { $0.type == "similarity" } }
}

/// A sound to be presented, and where it comes from.
public struct StimulusRequest: Sendable, Hashable {
  /// What the sound is heard as: the query, or one of the sounds to be judged.
  public enum Role: String, Sendable { case query, candidate }

  /// The query's or the candidate's name: the key in stimuli.csv.
  public var stimulus: String
  /// If `alignment` is nil, it decides which loudness is matched, and whether the sound is trimmed or loops.
  public var role: Role
  /// Empty for queries, which serve all conditions.
  public var condition: String
  /// What is prepared: the file that a table of the study names.
  public var file: URL
  /// The versions of the same item, this one included, if listeners switch between them during playback: they start
  /// together and share a gain.
  public var alignment: Alignment?
  /// The cutoff frequency, in hertz, of the low-pass that makes an anchor. Nil leaves the sound as it is.
  public var lowpass: Double?
  /// The cell of that name in the table. Empty if there is none.
  public var licence: String
  /// Where the sound comes from, in the table's words. Empty if it does not say.
  public var source: String

  /// A sound that is prepared by its role alone; set `alignment` for versions.
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

  /// A sound file as it is, or its low-passed copy.
  public struct Version: Sendable, Hashable {
    /// The source, before the low-pass.
    public var file: URL
    /// In hertz. Nil leaves the sound as it is.
    public var lowpass: Double?

    public init(file: URL, lowpass: Double? = nil) {
      self.file = file
      self.lowpass = lowpass
    }
  }

  /// Versions that are compared by switching during playback.
  public struct Alignment: Sendable, Hashable {
    /// All versions that any page shows. The reference comes first, if there is one.
    public var files: [URL]
    /// The low-passed copies among them: anchors and attention checks.
    public var lowpassed: [Version]
    /// Whether the first of `files` is the reference. Its loudness then determines the gain.
    public var hasReference: Bool
    /// Whether the sound stands alone and belongs to no item.
    public var isAlone: Bool
    /// Whether a page has several of them, or one of them and what it is compared with, between which listeners switch in
    /// place. If not, each is heard from its start, and keeps its own length.
    public var isSwitched = true

    public init(files: [URL], lowpassed: [Version] = [], hasReference: Bool, isAlone: Bool = false) {
      self.files = files
      self.lowpassed = lowpassed
      self.hasReference = hasReference
      self.isAlone = isAlone
    }
  }
}
