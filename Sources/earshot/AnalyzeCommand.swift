import Agreement
import ArgumentParser
import Basics
import Foundation
import Ratings
import Study

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Find out which system is best, or how well systems' rankings agree with listeners' ratings.",
    discussion: """
      Reads the exported tables of a study (STUDY/data/export), or tables from any platform, and an analysis plan. Prints \
      the answer and writes report.html, results.json and one CSV file per table of the report.

      A ratings table needs participant, query, candidate and rating; a rankings table needs query, system, candidate and \
      rank or distance. If your columns have other names, map them in the plan.

      Scores of systems (mushra, bs1116, acr, dcr, ccr) show which system is best, by how much, and how certain that is. A \
      table from elsewhere needs participant, query (the item), system and score.

      Answers to ABX show whether a difference is audible, how large it is, and how large a difference can be ruled \
      out. A table needs participant and is_right, or x and choice; and query, first_system and second_system if there \
      are several.

      Orders (rank) show what comes first and how certain that is or, with rankings of the same things, how well these \
      agree. A table needs participant, candidate (or system) and rank; query if there are several; and trial if a \
      listener ordered one query several times. How similar two sounds are (pairwise: first, second, rating), which of \
      three is odd (first, second, third, choice) and groups (sort: candidate, group) give intervals, maps and trees; a \
      triangle test, where two of three are the same sound (is_right, or odd), shows whether a difference is audible.

      Paired choices and triplets are analysed with ratings or alone. A table of choices needs participant, first, \
      second and choice (first, second, tie, or the name of the chosen one), or participant, winner and loser; and query \
      and condition if choices were about one. Triplets have the column anchor: which of the two is closer to it? Choices \
      give strengths of the candidates (Bradley-Terry, Thurstone), triplets a map of the sounds.

      Examples:
        earshot analyze studies/demo
        earshot analyze --ratings ratings.csv --rankings rankings.csv
        earshot analyze --scores scores.csv
        earshot analyze --discriminations abx.csv
        earshot analyze --orders orders.csv
        earshot analyze --sortings sortings.csv --rankings embeddings.csv
        earshot analyze --choices choices.csv --rankings rankings.csv
        earshot analyze --triplets triplets.csv
        earshot analyze studies/demo --watch
        earshot analyze --print-plan > analysis.yaml
        earshot analyze --ratings ratings.csv --rankings rankings.csv --plan analysis.yaml --out findings
      """)

  @Argument(help: ArgumentHelp("The study's folder, once you have exported it.", valueName: "study"))
  var study: String?

  @Option(
    help: ArgumentHelp(
      "The data folder whose export to read (default: data in the study's folder; until somebody takes part, that of the simulated listeners).",
      valueName: "folder"))
  var data: String?

  @Option(help: ArgumentHelp("A ratings table, instead of a study's.", valueName: "file"))
  var ratings: String?

  @Option(help: ArgumentHelp("A rankings table, instead of a study's.", valueName: "file"))
  var rankings: String?

  @Option(help: ArgumentHelp("A table of paired choices, with ratings or alone.", valueName: "file"))
  var choices: String?

  @Option(help: ArgumentHelp("A table of scores of systems, with other tables or alone.", valueName: "file"))
  var scores: String?

  @Option(help: ArgumentHelp("A table of answers to ABX, with other tables or alone.", valueName: "file"))
  var discriminations: String?

  @Option(help: ArgumentHelp("A table of triplets, with ratings or alone.", valueName: "file"))
  var triplets: String?

  @Option(help: ArgumentHelp("A table of orders, with other tables or alone.", valueName: "file"))
  var orders: String?

  @Option(help: ArgumentHelp("A table of how similar two sounds are, with other tables or alone.", valueName: "file"))
  var pairs: String?

  @Option(help: ArgumentHelp("A table of which of three is odd, with other tables or alone.", valueName: "file"))
  var oddities: String?

  @Option(help: ArgumentHelp("A table of sounds in groups, with other tables or alone.", valueName: "file"))
  var sortings: String?

  @Option(
    help: ArgumentHelp("The title of the report (default: the plan's title, or the study's name).", valueName: "text")
  )
  var title: String?

  @Option(
    help: ArgumentHelp(
      "The analysis plan (default: the study's analysis.yaml, or the default plan).", valueName: "file"))
  var plan: String?

  @Option(
    help: ArgumentHelp(
      "Only this block of a study with several (default: each separately, with a comparison of those that can be compared).",
      valueName: "name"))
  var block: String?

  @Option(
    help: ArgumentHelp(
      "Where to write the findings (default: findings in the data folder, or ./findings).", valueName: "folder"))
  var out: String?

  @Option(help: ArgumentHelp("Write which listeners and queries each resample drew.", valueName: "file"))
  var draws: String?

  @Option(help: ArgumentHelp("Use the resamples in such a file instead of drawing.", valueName: "file"))
  var replay: String?

  @Flag(help: "Print the default plan for you to save and edit, and stop.")
  var printPlan = false

  @Flag(
    help: """
      Report only how wide the widest interval is so far, with the plan's goal, and again whenever a table is exported \
      again: no figure of any system is shown. Stop it with Ctrl-C.
      """)
  var watch = false

  @Flag(help: "Print results.json instead of the summary.")
  var json = false

  func validate() throws {
    let others = [choices, triplets, scores, discriminations, orders, pairs, oddities, sortings]
    if !printPlan, study == nil, ratings == nil, others.allSatisfy({ $0 == nil }) {
      throw ValidationError(
        "Name a study's folder, or a table with --ratings, --scores, --orders, --choices, --discriminations, --triplets, "
          + "--pairs, --oddities or --sortings.")
    }
    if study == nil, ratings == nil, draws != nil || replay != nil {
      throw ValidationError("--draws and --replay apply only to resamples of ratings.")
    }
  }

  func run() throws {
    if printPlan { return print(AnalysisPlan.text, terminator: "") }
    if let folder, !FileManager.default.fileExists(atPath: folder.path) {
      throw Problem(
        "there is no such study folder", at: Place(file: study ?? ""),
        mend: "Check the path, or name a table with --ratings.")
    }
    if watch { return try WatchedPrecision(exportCommand: exportCommand) { try found(isFirst: $0).tables }.run() }
    let (tables, dataFolder) = try found()
    guard let tables else {
      throw Problem(
        "the study has no exported answers",
        at: Place(file: dataFolder?.appending(path: "export").relativePath ?? study ?? ""),
        mend: "Run '\(exportCommand)' first.")
    }
    let bars = Bars()
    let target = URL(
      filePath: out ?? dataFolder.map { $0.appending(path: "findings").relativePath } ?? "findings",
      directoryHint: .isDirectory)
    let version = Earshot.configuration.version, blocks = try tables.blocks()
    if !blocks.isEmpty {
      if draws != nil || replay != nil {
        throw Problem(
          "--draws and --replay apply to the resamples of one block", mend: "Name it: --block \(blocks[0]).")
      }
      let findings = try Analysis.blocks(blocks, of: tables, version: version) { bars.handler($0) }
      bars.finish()
      let files = try findings.write(to: target)
      print(json ? findings.overview.json : findings.overview.summary)
      if !json {
        print("\nThe report is \(files[0].relativePath); each block has its own under \(target.relativePath)/blocks.")
      }
      return
    }
    let findings = try Analysis.read(
      tables, version: version, replay: try replay.map { try ResampleDraws(reading: URL(filePath: $0)) },
      progress: { bars.handler($0) })
    bars.finish()
    let files = try findings.write(to: target)
    if let draws { try findings.draws?.write(to: URL(filePath: draws)) }
    print(json ? findings.json : findings.summary)
    if !json {
      print("\nThe report is \(files[0].relativePath), with results.json and \(files.count - 2, "table") next to it.")
    }
  }

  private var folder: URL? { study.map { URL(filePath: $0, directoryHint: .isDirectory) } }
  private var exportCommand: String { "earshot export \(study ?? "")\(data.map { " --data \($0)" } ?? "")" }

  /// The tables that exist so far, and the data folder that they come from; no tables if nothing has been exported yet.
  /// - Parameter isFirst: whether standard error should say that answers come from simulated listeners, if they do.
  private func found(isFirst: Bool = true) throws -> (tables: AnalysisTables?, data: URL?) {
    let dataFolder =
      try folder.map { try AnswersFolder.chosen(data, of: $0, isTold: isFirst) }
      ?? data.map { URL(filePath: $0, directoryHint: .isDirectory) }
    let export = dataFolder?.appending(path: "export", directoryHint: .isDirectory)
    func exported(_ name: String) -> URL? {
      export?.appending(path: name).isThere
    }
    func given(_ file: String?, _ name: String) -> URL? { file.map { URL(filePath: $0) } ?? exported(name) }
    var tables = AnalysisTables(
      ratings: given(ratings, "ratings.csv"), rankings: given(rankings, "rankings.csv"),
      choices: given(choices, "choices.csv"), triplets: given(triplets, "triplets.csv"),
      scores: given(scores, "scores.csv"), comparisons: exported("comparisons.csv"),
      discriminations: given(discriminations, "discriminations.csv"), orders: given(orders, "orders.csv"),
      pairs: given(pairs, "pairs.csv"), oddities: given(oddities, "oddities.csv"),
      sortings: given(sortings, "sortings.csv"),
      plan: plan.map { URL(filePath: $0) } ?? folder.flatMap(AnalysisPlan.own),
      block: block)
    tables.title = title
    return (tables.ratings == nil && !tables.isWithoutRatings ? nil : tables, dataFolder)
  }
}

extension URL {
  /// The file itself, if it exists.
  fileprivate var isThere: URL? { FileManager.default.fileExists(atPath: path) ? self : nil }
}
