import Agreement
import ArgumentParser
import Basics
import Foundation
import Ratings
import Stimuli
import Study
import Trials

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "List every problem of a study, then what it asks of its listeners.",
    discussion: """
      Reads study.yaml, the texts, the tables, every sound that is used and the analysis plan (analysis.yaml, or the \
      default), and lists every problem with its file, line and column and how to fix it. This includes anything that \
      'earshot analyze' would refuse or could not answer, while you can still change it. Sounds are tried as \
      'earshot prepare' prepares them, so anything it would refuse is reported here; good sounds are remembered by their \
      content. If there are only warnings, the command goes on to the design: trials and minutes for each listener, and \
      how often each query, candidate and position occurs over that many listeners.

      Exit codes: 0 the study can run (there may be warnings), 1 it or its plan has errors, 64 the command was not understood.

      Examples:
        earshot check studies/demo
        earshot check studies/demo --participants 100 --json
      """)

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "study"))
  var study: String

  @Option(help: "The number of listeners for whom to count positions.")
  var participants = 30

  @Flag(help: "Print problems, session, items, candidates and positions as JSON.")
  var json = false

  func validate() throws {
    guard (1...10_000).contains(participants) else {
      throw ValidationError("--participants must be between 1 and 10000.")
    }
  }

  func run() throws {
    let bar = ProgressBar("sounds")
    let check = StimulusCheck.standard()
    let reading = StudyReading(
      folder: URL(filePath: study, directoryHint: .isDirectory),
      probe: { try check($0, sourceHash: $1, rules: $2) }, progress: bar.handler)
    bar.finish()
    let plan = planProblems(reading.design?.ofRatings)
    let versions = reading.design.map { VersionCheck.warnings($0) } ?? []
    let problems = reading.problems + versions + wordProblems(reading.design) + plan
    let coverages = reading.design.map { design in
      design.blocks.indices.map { DesignCoverage(design, participants: participants, block: $0) }
    }
    if json {
      try printJSON(reading, problems, coverages ?? [])
    } else {
      if !problems.isEmpty { print(Problems(problems)) }
      if let design = reading.design, let coverages {
        if !problems.isEmpty { print("") }
        print(CheckReport.text(design, coverages), terminator: "")
      } else {
        let errors = problems.count { $0.severity == .error }
        print("\n\(errors, "error"): the study cannot run yet.")
      }
    }
    if problems.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
  }

  /// Languages that the pages are not available in, and messages that they do not have. If the program has no pages, nothing
  /// is reported.
  private func wordProblems(_ design: StudyDesign?) -> [Problem] {
    guard let design, let folder = try? Home.item("Public/words") else { return [] }
    let file = study.hasSuffix("study.yaml") ? study : URL(filePath: study).appending(path: "study.yaml").relativePath
    return PageWords.warnings(design.definition.languages, study: file, folder: folder)
      + PageWords.problems(design.definition.texts.pages, study: file, folder: folder)
  }

  /// Problems of the plan by which the study will be analysed.
  private func planProblems(_ design: StudyDesign?) -> [Problem] {
    let folder = URL(filePath: study, directoryHint: .isDirectory)
    let own = folder.lastPathComponent == "study.yaml" ? folder.deletingLastPathComponent() : folder
    let rankings =
      design.flatMap { try? Ranking.read(NamedFile.url($0.definition.sounds.rankings, from: own)) } ?? []
    if let url = AnalysisPlan.own(of: own) {
      return PlanCheck(url, of: design, rankings: rankings).problems
    }
    let file = own.appending(path: "analysis.yaml").relativePath
    return design.map { PlanCheck(defaultOf: $0, rankings: rankings, file: file).problems } ?? []
  }

  private struct Told: Encodable {
    var severity: String
    var file: String?
    var line: Int?
    var column: Int?
    var what: String
    var mend: String
  }

  private struct Output: Encodable {
    var title: String?
    var version: String?
    var problems: [Told]
    /// The coverage of the block of ratings, or of the first block.
    var design: DesignCoverage?
    /// The coverage of each block by its name, if the study names blocks.
    var blocks: [String: DesignCoverage]?
  }

  private func printJSON(_ reading: StudyReading, _ all: [Problem], _ coverages: [DesignCoverage]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let problems = all.map {
      Told(
        severity: $0.severity.rawValue, file: $0.place?.file, line: $0.place?.line, column: $0.place?.column,
        what: $0.what, mend: $0.mend)
    }
    let output = Output(
      title: reading.design?.definition.title, version: reading.design?.version, problems: problems,
      design: reading.design.map { coverages[$0.ratingBlock ?? 0] },
      blocks: reading.design.flatMap { design in
        let named = zip(design.definition.blocks.map(\.name), coverages)
        return design.definition.blocks.isEmpty ? nil : Dictionary(named, uniquingKeysWith: { first, _ in first })
      })
    print(String(decoding: try encoder.encode(output), as: UTF8.self))
  }
}

/// The design as a table to read.
enum CheckReport {
  /// - Parameter coverages: one per block.
  static func text(_ design: StudyDesign, _ coverages: [DesignCoverage]) -> String {
    let head = "\(design.definition.title)\nversion \(design.version)\n"
    let blocks = zip(design.definition.runs, coverages).map { run, coverage in
      let name =
        design.definition.blocks.isEmpty
        ? ""
        : "\nBlock \(run.name), of the type \(run.type)"
          + (run.groups.isEmpty ? "\n" : ", for the listeners of \(run.groups.joined(separator: " and "))\n")
      return name + "\n" + text(design, coverage)
    }
    return head + blocks.joined()
  }

  private static func text(_ design: StudyDesign, _ coverage: DesignCoverage) -> String {
    let session = coverage.session
    let queries = unique(coverage.items.map(\.query)), conditions = unique(coverage.items.map(\.condition))
    let candidates =
      session.fewestCandidates == session.mostCandidates
      ? "\(session.mostCandidates)" : "\(session.fewestCandidates) to \(session.mostCandidates)"
    let anchors = design.stimuli.count { $0.lowpass != nil }
    var lines = [
      "items       \(coverage.items.count): \(queries.count, "query")"
        + (conditions == [""] ? "" : ", \(conditions.count, "condition")"),
      "sounds      \(design.stimuli.count { $0.role == .query }, "query"), "
        + "\(design.stimuli.count { $0.role == .candidate && $0.lowpass == nil }, "candidate")"
        + (anchors == 0 ? "" : ", \(anchors, "anchor") made by a low-pass"),
      "a listener  \(session.main, "trial") of \(candidates) \(OneAndMany.words(session.mostCandidates, "candidate", "candidates")), and \(session.training) training, "
        + "\(session.repeats) repeated, \(session.catches, "attention check")",
      "expected    " + expected(session), "",
      "Over \(coverage.participants, "listener"), main trials only:", "",
    ]
    if let focus = coverage.focus {
      let of = "\(focus.trials) of each listener's trials use \(focus.items) items that distinguish two systems"
      lines.insert("in focus    \(of); the others use \(coverage.items.count - focus.items)", at: 3)
    }
    lines += items(coverage, queries, conditions)
    let shown = coverage.candidates.map(\.shown)
    let (least, most) = (shown.min() ?? 0, shown.max() ?? 0)
    lines += ["", "Each candidate is heard \(least == most ? "" : "\(least) to ")\(most, "time").", ""]
    lines += positions(coverage)
    return lines.joined(separator: "\n") + "\n"
  }

  /// As in "12 minutes: 7.6 trials, 0.7 questions, 0.8 headphone check, 2.0 welcome, volume and instructions".
  private static func expected(_ session: DesignCoverage.Session) -> String {
    let parts = [
      (session.expected.trials, "trials"), (session.expected.questions, "questions"),
      (session.expected.headphones, "headphone check"),
      (session.expected.opening, "welcome, volume and instructions"),
    ]
    let told = parts.filter { $0.0 > 0 }.map { "\(String(format: "%.1f", $0.0)) \($0.1)" }
    return "\(Int(session.expectedMinutes.rounded(.up)), "minute"): " + told.joined(separator: ", ")
  }

  private static func items(_ coverage: DesignCoverage, _ queries: [String], _ conditions: [String]) -> [String] {
    var shown: [String: [String: Int]] = [:]
    for item in coverage.items { shown[item.query, default: [:]][item.condition, default: 0] += item.shown }
    let rows = queries.map { query in
      let ofQuery = shown[query, default: [:]]
      return [query] + conditions.map { ofQuery[$0].map(String.init) ?? "–" } + [String(ofQuery.values.reduce(0, +))]
    }
    let sums = conditions.map { condition in String(queries.reduce(0) { $0 + (shown[$1]?[condition] ?? 0) }) }
    let total = coverage.items.reduce(0) { $0 + $1.shown }
    if conditions == [""] { return table(["query", "shown"], rows.map { [$0[0], $0[2]] } + [["all", "\(total)"]]) }
    return table(["query"] + conditions + ["all"], rows + [["all"] + sums + ["\(total)"]])
  }

  private static func positions(_ coverage: DesignCoverage) -> [String] {
    table(
      ["position", "candidates", "reference", "anchor", "each item's candidate"],
      coverage.positions.map {
        [
          $0.position, String($0.shown), String($0.reference), String($0.anchor),
          $0.least == $0.most ? "\($0.least, "time")" : "\($0.least) to \($0.most, "time")",
        ]
      })
  }

  private static func table(_ head: [String], _ rows: [[String]]) -> [String] {
    let widths = head.indices.map { i in ([head] + rows).map { $0[i].count }.max() ?? 0 }
    return ([head] + rows).map { row in
      let cells = row.enumerated().map { i, cell in
        let pad = String(repeating: " ", count: widths[i] - cell.count)
        return i == 0 ? cell + pad : pad + cell
      }
      return "  " + cells.joined(separator: "  ")
    }
  }

  private static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}
