/// What reading a study must know about a trial type. The room `Trials` contains the rest.
public protocol TrialDesign: Sendable {
  /// Its name in study.yaml, the database, `trial_type` and the folder of its page.
  var name: String { get }

  /// What it can ask about. The first is the default for a block that does not say.
  var sources: [StudyDefinition.SoundSource] { get }

  /// For a set of sounds: the most sounds it may contain, so that a plan can cover its pages. Nil for any number.
  var largestSet: Int? { get }

  /// The keys of a block that it uses, of those that only some types use (`StudyRules.keysOfTypes`).
  var ownKeys: [String] { get }

  /// Whether a sound can be rated on several verbal scales.
  var takesScales: Bool { get }

  /// Whether most of its trials can go to the comparison of two systems (`trials.focus`). Its pages then have two
  /// candidates.
  var takesFocus: Bool { get }

  /// The pages made from what was gathered for an item: a query with a condition; an item of renderings, with its
  /// versions as candidates; or a set of sounds. Each page has its candidates, and those of an attention check that
  /// looks the same.
  func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item]
}

extension TrialDesign {
  /// Rankings only, unless the type says otherwise.
  public var sources: [StudyDefinition.SoundSource] { [.rankings] }

  /// Any number, unless the type says otherwise.
  public var largestSet: Int? { nil }
  /// None of these keys, unless the type says otherwise.
  public var ownKeys: [String] { [] }
  /// No, unless the type says otherwise.
  public var takesScales: Bool { false }
  /// No, unless the type says otherwise.
  public var takesFocus: Bool { false }

  /// A single page with all candidates.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] { [pool] }

  /// What a block of this type asks about.
  public func source(of block: StudyDefinition.Block) -> StudyDefinition.SoundSource { block.source ?? sources[0] }
}
