import Basics
import Foundation
import Keys
import Yams

/// Checks that a sound can be presented, or throws a `Problem`. `contentHash` is the SHA-256 of its file. It is passed
/// in because preparing sounds is the task of another room.
public typealias SoundProbe =
  @Sendable (
    _ request: StimulusRequest, _ contentHash: String, _ rules: StudyDefinition.Sounds
  ) throws -> Void

/// The result of reading a study's folder: the design, if it is valid, and all problems.
public struct StudyReading: Sendable {
  /// Nil if there are errors.
  public var design: StudyDesign?
  /// Errors and warnings, in the order of files and lines.
  public var problems: [Problem]
  /// The files that were read, except tables and sounds.
  public private(set) var words = StudyWords()

  /// What keeps the study from running: `problems` without the warnings.
  public var errors: [Problem] { problems.filter { $0.severity == .error } }

  /// Reads `study.yaml`, the texts and the tables, draws the pools, checks that every sound exists, and computes the
  /// version. It never throws: `problems` lists what is wrong.
  /// - Parameters:
  ///   - folder: the study's folder, or its `study.yaml`.
  ///   - words: files to use instead of those in the folder. Nil to read the folder.
  ///   - types: the trial types that blocks may have.
  ///   - probe: checks every sound in use. If nil, only the existence of the files is checked.
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

  /// The content of study.yaml, or nil if it cannot be read at all. Problems are in `reader`.
  private static func definition(_ reader: inout YAMLReader, _ types: [any TrialDesign]) -> StudyDefinition? {
    let missing = Problem(
      "there is no such file", at: Place(file: reader.file),
      mend: "'earshot new NAME' writes a study that runs at once.")
    guard let text = reader.study(missing: missing), let root = reader.compose(text) else { return nil }
    var definition = StudyDefinition()
    if let node = root.mapping?["languages"] {
      // Without reporting problems: the section below does that.
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
  /// - Throws: `Problems`, with every error of the study. For warnings, use `StudyReading`.
  public static func load(
    folder: URL, types: [any TrialDesign], probe: SoundProbe? = nil, progress: ProgressHandler? = nil
  ) throws -> StudyDesign {
    let reading = StudyReading(folder: folder, types: types, probe: probe, progress: progress)
    guard let design = reading.design else { throw Problems(reading.errors) }
    return design
  }
}
