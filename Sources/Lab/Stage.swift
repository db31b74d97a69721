import Foundation
import Stimuli
import Study

/// A study that is ready to be heard: its design, its plans, and where its prepared sounds lie.
public struct Stage: Sendable {
  /// The name of the study's folder.
  public var name: String
  public var design: StudyDesign
  /// The plan of a participant number under a seed.
  public var plan: @Sendable (_ participant: Int, _ seed: UInt64) -> Plan
  /// The prepared file of a stimulus, with the hash of its content.
  public var sound: @Sendable (_ stimulus: String) -> Sound?
  /// stimuli.csv, and the rankings as the study names them.
  public var stimuliTable: URL
  public var rankingsTable: URL

  public struct Sound: Sendable {
    public var file: URL
    public var hash: String

    public init(file: URL, hash: String) {
      self.file = file
      self.hash = hash
    }
  }

  var definition: StudyDefinition { design.definition }

  /// A text in `language`, or in the study's own where it is not translated.
  func text(_ text: StudyDefinition.Localized, _ language: String) -> String {
    text[language] ?? definition.languages.first.flatMap { text[$0] } ?? text.min { $0.key < $1.key }?.value ?? ""
  }

  func conditionText(_ condition: String, _ language: String) -> String {
    definition.texts.conditions[condition].map { text($0, language) } ?? condition
  }
}

extension Stage {
  /// A study with its own plans and its prepared sounds.
  /// - Parameter folder: the study's.
  public init(folder: URL, design: StudyDesign, prepared: PreparedStimuli) {
    let hashes = Dictionary(prepared.stimuli.map { ($0.stimulus, $0.sha256) }) { first, _ in first }
    name = folder.lastPathComponent
    self.design = design
    plan = { design.plan(participant: $0, seed: $1) }
    sound = { stimulus in
      guard let file = prepared.file(of: stimulus), let hash = hashes[stimulus] else { return nil }
      return Sound(file: file, hash: hash)
    }
    stimuliTable = prepared.table
    rankingsTable = folder.appending(path: design.definition.sounds.rankings)
  }
}
