/// What reading a study needs to know of a trial type. The rest of it is the room `Trials`.
public protocol TrialDesign: Sendable {
  /// Its name in study.yaml, the database, `trial_type` and the folder of its page.
  var name: String { get }

  /// What it can ask about; the first is what it asks about where a block does not say.
  var sources: [StudyDefinition.SoundSource] { get }

  /// Of a set of sounds: how many it can have, so that its pages stay as many as a plan can deal out; nil for any number.
  var largestSet: Int? { get }

  /// Whether a sound can be rated on several scales of words.
  var takesScales: Bool { get }

  /// Whether a comparison of two systems can get most of its trials: `trials.focus`. Its pages are of two.
  var takesFocus: Bool { get }

  /// The pages that are made of what is gathered for an item: a query and condition; an item of renderings, whose
  /// candidates are then its versions; or a set of sounds. Each has its candidates, and those of a page that looks the same
  /// and checks attention.
  func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item]
}

extension TrialDesign {
  public var sources: [StudyDefinition.SoundSource] { [.rankings] }

  public var largestSet: Int? { nil }
  public var takesScales: Bool { false }
  public var takesFocus: Bool { false }

  /// One page with all of them.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] { [pool] }

  /// What a block of this type asks about.
  public func source(of block: StudyDefinition.Block) -> StudyDefinition.SoundSource { block.source ?? sources[0] }
}
