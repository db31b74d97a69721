import Basics
import Foundation
import Records
import Stimuli
import Study
import Trials

/// A study that is ready to be heard: its design, its plans, and the paths of its prepared sounds.
public struct Stage: Sendable {
  /// The name of the study's folder.
  public var name: String
  /// The study as it was read. Setting it works out anew what listeners are told before they begin, from the plans of all groups.
  public var design: StudyDesign { didSet { (outline, runs) = (Outline(design), design.definition.runs) } }
  /// What listeners are told before they begin.
  private(set) var outline: Outline
  /// The blocks as they are run, by their place in the study.
  private(set) var runs: [StudyDefinition.Block]
  /// The plan of a place in a group under a seed.
  private var plans: @Sendable (_ place: Int, _ group: String?, _ seed: UInt64) -> Plan
  /// The prepared file of a stimulus, with the hash of its content.
  public var sound: @Sendable (_ stimulus: String) -> Sound?
  /// For a preview, the participant whose session everyone sees, starting at any part.
  public private(set) var previewed: Int?
  /// Signs the redirects at the end; nil if the study does not use signatures.
  var signature: Signature?
  /// Where a web server finds trials' sounds; nil if they are sent from here.
  var depot: Depot?
  /// The rows of stimuli.csv.
  public var stimuliTable: Data
  /// The study's rankings; nil if it has none.
  public var rankingsTable: URL?

  /// A prepared sound: how it is sent, and the hash of its file.
  public struct Sound: Sendable {
    /// The file, and its size in bytes.
    public var item: Parcel.Item
    /// SHA-256 of the file's content.
    public var hash: String
  }

  /// How long a session is expected to take, in minutes rounded up, and what it has, in the group that has the most.
  ///
  /// It is worked out once, because it takes the plans of all groups, and anybody may ask for it.
  struct Outline: Sendable {
    var minutes, questions, trials: Int

    init(_ design: StudyDesign) {
      minutes = Int(design.expectedMinutes().rounded(.up))
      questions = design.questionsPerParticipant
      trials = design.trialsPerParticipant
    }
  }

  var definition: StudyDefinition { design.definition }

  /// How many listeners are wanted; nil for any number, and in a preview.
  var places: Places? {
    guard previewed == nil, let wanted = definition.joining.listeners else { return nil }
    return Places(wanted: wanted, lease: 60 * Double(definition.joining.lease))
  }

  /// Why newcomers are not let in at the moment, and from when on they are; nil if they are let in.
  func closed(_ records: Records) throws -> (why: Closed, opens: Date?)? {
    guard previewed == nil else { return nil }
    if try records.isPaused() { return (.paused, nil) }
    let hours = definition.joining.closed(at: records.now())
    if let hours, hours.why == .over { return hours }
    if let places, let why = try records.standing(of: places, version: design.version).closed,
      why == .full || hours == nil
    {
      return (why, nil)
    }
    return try areFull(definition.groups, records) ? (.full, nil) : hours
  }

  /// Whether each of these groups has as many listeners as it may have.
  func areFull(_ groups: [String], _ records: Records) throws -> Bool {
    try records.areFull(
      groups, perGroup: definition.joining.perGroup, version: design.version, lease: places?.lease)
  }

  /// The scale of the block whose answers are ratings.
  var ratingScale: StudyDefinition.Scale { runs[design.ratingBlock ?? 0].scale }

  /// The plan of a listener, by the place in the group (or in the study, if it has no groups) and a seed.
  public func plan(_ place: Int, group: String? = nil, _ seed: UInt64) -> Plan { plans(place, group, seed) }

  /// Where a block's sounds come from. Between versions of the same material, listeners switch during playback.
  func source(of block: StudyDefinition.Block) -> StudyDefinition.SoundSource {
    TrialTypes.named(block.type)?.source(of: block) ?? .rankings
  }

  /// A text in `language`, or in the study's own language if it is not translated.
  func text(_ text: StudyDefinition.Localized, _ language: String) -> String {
    text[language] ?? definition.languages.first.flatMap { text[$0] } ?? text.min { $0.key < $1.key }?.value ?? ""
  }

  func title(_ language: String) -> String {
    definition.titles.isEmpty ? definition.title : text(definition.titles, language)
  }

  /// The study's own wording of the pages' messages, by their names; nil if there is none.
  func pageWords(_ language: String) -> [String: String]? {
    let words = definition.texts.pages
    return words.isEmpty ? nil : words.mapValues { text($0, language) }
  }

  func conditionText(_ condition: String, _ language: String) -> String {
    definition.texts.conditions[condition].map { text($0, language) } ?? condition
  }
}

extension Stage {
  /// A study with its own plans and its prepared sounds.
  /// - Parameter folder: the study's.
  public init(folder: URL, design: StudyDesign, prepared: PreparedStimuli) throws {
    var sounds: [String: Sound] = [:]
    for stimulus in prepared.stimuli {
      guard let item = prepared.item(of: stimulus.stimulus) else { continue }
      sounds[stimulus.stimulus] = Sound(item: item, hash: stimulus.sha256)
    }
    let known = sounds
    name = folder.lastPathComponent
    self.design = design
    (outline, runs) = (Outline(design), design.definition.runs)
    plans = { design.plan(participant: $0, group: $1, seed: $2) }
    sound = { known[$0] }
    stimuliTable = try prepared.tableContents
    rankingsTable = design.asks(about: .rankings) ? NamedFile.url(design.definition.sounds.rankings, from: folder) : nil
  }

  /// Turns it into a preview, in which parts may be skipped: everybody sees the session of one participant.
  public mutating func preview(_ participant: Int) {
    let plans = plans
    previewed = participant
    self.plans = { _, group, seed in plans(participant, group, seed) }
  }
}
