import Basics
import Foundation
import Records
import Stimuli
import Study
import Trials

/// A study that is ready to be heard: its design, its plans, and where its prepared sounds lie.
public struct Stage: Sendable {
  /// The name of the study's folder.
  public var name: String
  public var design: StudyDesign
  /// The plan of a place in a group under a seed.
  private var plans: @Sendable (_ place: Int, _ group: String?, _ seed: UInt64) -> Plan
  /// The prepared file of a stimulus, with the hash of its content.
  public var sound: @Sendable (_ stimulus: String) -> Sound?
  /// Of a preview: the participant whose session everyone sees, from any part on.
  public private(set) var previewed: Int?
  /// Signs the addresses at the ends; nil where the study does not ask for it.
  var signature: Signature?
  /// Where a web server finds trials' sounds; nil where they are sent from here.
  var depot: Depot?
  /// What stimuli.csv holds of its sounds.
  public var stimuliTable: Data
  /// The rankings as the study names them; nil where it asks about none.
  public var rankingsTable: URL?

  /// A prepared sound: how it is sent, and the hash of its file.
  public struct Sound: Sendable {
    public var item: Parcel.Item
    public var hash: String
  }

  var definition: StudyDefinition { design.definition }

  /// How many listeners are wanted; nil for as many as come, and in a preview.
  var places: Places? {
    guard previewed == nil, let wanted = definition.joining.listeners else { return nil }
    return Places(wanted: wanted, lease: 60 * Double(definition.joining.lease))
  }

  /// Why newcomers are not let in just now, and from when on they are; nil where they are.
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
  var ratingScale: StudyDefinition.Scale { definition.runs[design.ratingBlock ?? 0].scale }

  /// The plan of a listener, by the place in the group, or in the study where there are none, and a seed.
  public func plan(_ place: Int, group: String? = nil, _ seed: UInt64) -> Plan { plans(place, group, seed) }

  /// What a block asks about: versions of the same material are switched between in place.
  func source(of block: StudyDefinition.Block) -> StudyDefinition.SoundSource {
    TrialTypes.named(block.type)?.source(of: block) ?? .rankings
  }

  /// A text in `language`, or in the study's own where it is not translated.
  func text(_ text: StudyDefinition.Localized, _ language: String) -> String {
    text[language] ?? definition.languages.first.flatMap { text[$0] } ?? text.min { $0.key < $1.key }?.value ?? ""
  }

  func title(_ language: String) -> String {
    definition.titles.isEmpty ? definition.title : text(definition.titles, language)
  }

  /// What the pages say in other words, by the names of their messages; nil where nothing.
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
    plans = { design.plan(participant: $0, group: $1, seed: $2) }
    sound = { known[$0] }
    stimuliTable = try prepared.tableContents
    rankingsTable = design.asks(about: .rankings) ? NamedFile.url(design.definition.sounds.rankings, from: folder) : nil
  }

  /// From now on a preview, in which parts may be passed over: all who come see the session of one participant.
  public mutating func preview(_ participant: Int) {
    let plans = plans
    previewed = participant
    self.plans = { _, group, seed in plans(participant, group, seed) }
  }
}
