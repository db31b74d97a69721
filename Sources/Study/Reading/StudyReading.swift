import Basics
import Foundation
import Yams

/// Tries whether a sound can be presented, or throws a `Problem`. `contentHash` is the SHA-256 of its file. Passed in,
/// since what a study says and how sounds are prepared are two rooms.
public typealias SoundProbe =
  @Sendable (
    _ request: StimulusRequest, _ contentHash: String, _ rules: StudyDefinition.Sounds
  ) throws -> Void

/// A study's folder as it was read: the design, if it stands, and all that was noticed.
public struct StudyReading: Sendable {
  /// nil if there are errors.
  public var design: StudyDesign?
  /// Errors and warnings, in the order of files and lines.
  public var problems: [Problem]
  /// What was read but for tables and sounds.
  public private(set) var words = StudyWords()

  public var errors: [Problem] { problems.filter { $0.severity == .error } }

  /// Reads `study.yaml`, the texts and the tables, draws the pools, looks whether every sound is there, and computes
  /// the version. Never throws: what is wrong is in `problems`.
  /// - Parameters:
  ///   - folder: the study's folder (its `study.yaml` does as well).
  ///   - words: read in place of those in the folder; nil: those in the folder.
  ///   - types: the trial types that its blocks may be of.
  ///   - probe: tries every sound that is used; nil only looks whether the files are there.
  public init(
    folder: URL, words: StudyWords? = nil, types: [any TrialDesign], probe: SoundProbe? = nil,
    progress: ProgressHandler? = nil
  ) {
    let folder = folder.lastPathComponent == "study.yaml" ? folder.deletingLastPathComponent() : folder
    let display = folder.relativePath
    var reader = YAMLReader(file: "\(display)/study.yaml", folder: folder, given: words, known: StudyKeys.all)
    guard let definition = StudyReading.definition(&reader, types) else {
      problems = Problems.inOrder(reader.problems)
      self.words = reader.words
      return
    }
    let look = StudyLook(definition.look, &reader)
    self.words = reader.words
    let sources = definition.runs.compactMap { run in types.first { $0.name == run.type }?.source(of: run) }
    let tables = StudyTables(
      definition.sounds, sources: sources.isEmpty ? [.rankings] : Set(sources), folder: folder, display: display,
      place: reader.place(of:))
    var assembly = StudyAssembly(definition: definition, tables: tables, types: types, look: look, reader: reader)
    assembly.run(probe: probe, progress: progress)
    problems = Problems.inOrder(
      reader.problems + tables.problems + tables.warnings + assembly.problems + assembly.soundProblems)
    if errors.isEmpty { design = assembly.design }
  }

  /// What study.yaml says, or nil if it cannot be read at all. Problems are in `reader`.
  private static func definition(_ reader: inout YAMLReader, _ types: [any TrialDesign]) -> StudyDefinition? {
    let missing = Problem(
      "there is no such file", at: Place(file: reader.file),
      mend: "'earshot new NAME' writes a study that runs at once.")
    guard let text = reader.study(missing: missing), let root = reader.compose(text) else { return nil }
    var definition = StudyDefinition()
    if let node = root.mapping?["languages"] {
      // Quietly: the section below complains of what is wrong with them.
      let names = node.sequence?.compactMap { $0.scalar?.string } ?? []
      if !names.isEmpty { reader.languages = names }
    }
    reader.section(root, path: "", keys: StudyKeys.study, into: &definition)
    reader.languages = StudyRules.languages(definition.languages, &reader)
    reader.tellUnshown()
    for key in StudyKeys.study { key.missing(definition, key.name, &reader) }
    StudyRules.check(definition, types: types, &reader)
    return definition
  }
}

extension StudyDesign {
  /// Reads a study's folder.
  /// - Throws: `Problems`: every error of the study in one go. Warnings are for `StudyReading`.
  public static func load(
    folder: URL, types: [any TrialDesign], probe: SoundProbe? = nil, progress: ProgressHandler? = nil
  ) throws -> StudyDesign {
    let reading = StudyReading(folder: folder, types: types, probe: probe, progress: progress)
    guard let design = reading.design else { throw Problems(reading.errors) }
    return design
  }
}
