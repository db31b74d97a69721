import ArgumentParser
import Basics
import Foundation
import Records
import Stimuli
import Study
import Trials

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a study's answers as tables.",
    discussion: """
      Writes participants.csv, ratings.csv, events.csv, stimuli.csv, rankings.csv and refused.csv, and datapackage.json, \
      which explains every column. You can run it while the study is served. The same answers give the same bytes.

      A listener's text that a spreadsheet would take for a formula, such as =1+1, gets an apostrophe in front, which \
      earshot's own commands remove again. --guard all does the same for the study's own names; --guard none writes \
      everything unchanged.

      Examples:
        earshot export studies/demo
        earshot export studies/demo --out results
        earshot export studies/demo --bom --guard all
      """)

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "study"))
  var study: String

  @Option(help: ArgumentHelp("The folder to write (default: export in the data folder).", valueName: "folder"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Where the records are (default: data in the study's folder; until somebody takes part, those of the simulated listeners).",
      valueName: "folder"))
  var data: String?

  @Option(help: ArgumentHelp(RecordsPlace.help, valueName: "address"))
  var records: String?

  @Option(
    name: .customLong("guard"),
    help: ArgumentHelp(
      "Which texts to protect from being read as formulas by a spreadsheet: none, listeners (what they wrote) or all.",
      valueName: "texts"))
  var guarded = Export.Form.Guarded.listeners

  @Flag(help: "Begin the tables with a byte-order mark, so that Excel reads them as UTF-8.")
  var bom = false

  func run() throws {
    OwnFiles.only()
    let folder = URL(filePath: study, directoryHint: .isDirectory)
    let place = try StudyPlace(
      study: study, data: records == nil ? AnswersFolder.chosen(data, of: folder).path : data,
      records: records.map(RecordsPlace.init))
    if case .file(let file) = place.records, !FileManager.default.fileExists(atPath: file.path) {
      throw Problem(
        "this study has no records yet", at: Place(file: file.path),
        mend:
          "Serve it with 'earshot serve \(study)', let simulated listeners take part with 'earshot simulate \(study)', or name its data folder with --data."
      )
    }
    let design = try StudyDesign.load(folder: place.folder)
    let prepared = try PreparedStimuli.prepare(design, into: place.data)
    let records = try place.records.open()
    defer { records.close() }
    let target = out.map { URL(filePath: $0, directoryHint: .isDirectory) } ?? place.data.appending(path: "export")
    let export = Export(
      records,
      of: .init(
        name: place.name, design: design, stimuli: try prepared.tableContents,
        rankings: design.asks(about: .rankings)
          ? NamedFile.url(design.definition.sounds.rankings, from: place.folder) : nil),
      form: .init(guarded: guarded, isMarked: bom))
    let counts = try export.write(to: target)
    for table in export.tableNames {
      let name = "\(table).csv".padding(toLength: 18, withPad: " ", startingAt: 0)
      print("\(name)\(counts[table] ?? 0, "row")")
    }
    print("\nThe tables are in \(target.path).")
  }
}

extension Export.Form.Guarded: ExpressibleByArgument {}
