import ArgumentParser
import Basics
import Foundation
import Imports
import Study
import Trials

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Turn a test made for another program into a study.",
    subcommands: [ImportWebMushra.self, ImportWaet.self])
}

struct ImportWebMushra: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "webmushra",
    abstract: "Turn a configuration of webMUSHRA into a study.",
    discussion: """
      Pages with sounds become blocks: mushra, bs1116, abx (paired_comparison), ab (preference_test), rank (ranking) and \
      acr with the words of the page (likert_single_stimulus, likert_multi_stimulus). Texts, consent and questions are \
      carried over. Anything that cannot be is listed with its line. The sounds stay where they are.

      Examples:
        earshot import webmushra webMUSHRA/configs/default.yaml
        earshot import webmushra test.yaml my-study --sounds webMUSHRA
        earshot import webmushra test.yaml --pages trial1,trial2
      """)

  @Argument(help: ArgumentHelp("The YAML file.", valueName: "config"))
  var config: String

  @Argument(help: ArgumentHelp("The folder to make (default: the test's testId).", valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp("Where the paths in the file start (default: the folder above configs).", valueName: "folder"))
  var sounds: String?

  @Option(help: ArgumentHelp("Only these pages with sounds: their ids, separated by commas.", valueName: "ids"))
  var pages: String?

  func run() throws {
    let read = try WebMushra(
      URL(filePath: config), sounds: sounds.map { URL(filePath: $0, directoryHint: .isDirectory) },
      pages: pages?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? [])
    try Imported.write(read.draft, notes: read.notes, to: name)
  }
}

struct ImportWaet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "waet",
    abstract: "Turn a test of the Web Audio Evaluation Tool into a study.",
    discussion: """
      Pages with sounds become blocks: mushra (MUSHRA, APE, horizontal), ab, abx, acr with the words of the page (discrete, \
      likert) and rank (ordinal). Statements and the questions before and after the test are carried over. Anything that \
      cannot be is listed with its line. The sounds stay where they are.

      Examples:
        earshot import waet WebAudioEvaluationTool/tests/project.xml
        earshot import waet test.xml my-study --sounds WebAudioEvaluationTool
      """)

  @Argument(help: ArgumentHelp("The XML file.", valueName: "test"))
  var test: String

  @Argument(help: ArgumentHelp("The folder to make (default: the file's name).", valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp(
      "Where the addresses in the file start (default: the folder above tests, or the file's own).", valueName: "folder"
    ))
  var sounds: String?

  func run() throws {
    let read = try Waet(
      URL(filePath: test), sounds: sounds.map { URL(filePath: $0, directoryHint: .isDirectory) })
    try Imported.write(read.draft, notes: read.notes, to: name)
  }
}

/// A draft of another program's test, as a folder that runs.
enum Imported {
  /// Writes the study and prints what was imported.
  /// - Parameter name: the folder's name; the draft's own if nil.
  static func write(_ draft: StudyDraft, notes: [Problem], to name: String?) throws {
    let name = name ?? draft.name
    let folder = URL(filePath: name, directoryHint: .isDirectory)
    try NewFolder.make(folder, name: name) { part in
      try draft.write(to: part, path: FolderOfSounds.path(to:from:))
    }
    for note in notes { print(note) }
    let reading = StudyReading(folder: folder)
    if !reading.problems.isEmpty { print(Problems(reading.problems)) }
    print("")
    for block in draft.blocks {
      print(
        block.type.padding(toLength: 10, withPad: " ", startingAt: 0)
          + "\(block.items.count, "page")")
    }
    print(
      """

      \(name) is \(reading.design == nil ? "written, and cannot run yet: see the errors above" : "ready").

        earshot check \(name)    what it asks of its listeners
        earshot serve \(name)    open it on this machine
      """)
    if reading.design == nil { throw ExitCode(1) }
  }
}
