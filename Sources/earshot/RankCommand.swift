import ArgumentParser
import Basics
import Foundation
import Neural
import Retrieval
import Study

struct RankCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "Rank the one-shots of a library by several systems, for every query mix.",
    discussion: """
      Writes rankings.csv: query, condition, system, rank, candidate, distance. For every query, all one-shots of its \
      class are ranked, nearest first. Features are computed once per sound and cached.

      Examples:
        earshot rank --library drums --mixes loops
        earshot rank --library drums --mixes loops --system mfcc --system auditory-image-hit --top 50
        earshot rank --library drums --mixes loops --check my-model.csv
        earshot rank --library drums --mixes loops --system random --add my-model.csv --out study/rankings.csv
        earshot rank --library drums --mixes loops --vectors clap=clap.npy --metric cosine
        earshot rank --library drums --mixes loops --system mfcc --model mine.safetensors --model old=2025.safetensors
        earshot rank --library drums --mixes songs --excerpts 10
        earshot rank --library drums --mixes loops --system conditional --refine 60
        earshot rank --library drums --mixes loops --one-per-group --top 10
      """)

  @Option(help: ArgumentHelp("The library: its folder or its table.", valueName: "folder"))
  var library: String?

  @Option(help: ArgumentHelp("The query mixes: their folder or their table.", valueName: "folder"))
  var mixes: String?

  @OptionGroup var chosen: SystemOptions

  @Option(
    help: ArgumentHelp(
      "Also write the vectors that the model given by --model compares, for a search elsewhere (see docs/scale.md).",
      valueName: "file"))
  var writeVectors: String?

  @Option(
    name: .customLong("add"),
    help: ArgumentHelp(
      "Your own rankings, checked and included as they are; may be given several times.", valueName: "file"))
  var added: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only check your own rankings: list everything that is wrong, and write nothing.", valueName: "file"))
  var check: String?

  @Option(help: ArgumentHelp("Where to write the rankings.", valueName: "file"))
  var out = "rankings.csv"

  @Option(help: "How many ranks to write of each ranking made here (default: all).")
  var top: Int?

  @Flag(
    help: ArgumentHelp(
      "Write only the nearest one-shot of each instrument (the column group of library.csv: layers, takes and variants of one drum)."
    ))
  var onePerGroup = false

  @Option(help: "The seed of the system 'random' and of the intervals.")
  var seed: UInt64 = 0

  @Flag(help: "List the systems and what each hears, and exit.")
  var listSystems = false

  @Flag(help: "Compute every feature again and print how long a thousand one-shots take. Nothing is written.")
  var timing = false

  func validate() throws {
    if listSystems { return }
    guard library != nil, mixes != nil else { throw ValidationError("Give --library and --mixes.") }
    if writeVectors != nil, chosen.modelFiles.count != 1 {
      throw ValidationError("--write-vectors writes the vectors of one model: give one --model.")
    }
    if writeVectors != nil, chosen.excerpts != nil {
      throw ValidationError("--write-vectors writes one vector per query, so it cannot be combined with --excerpts.")
    }
    if let top, top < 1 { throw ValidationError("--top must be at least 1.") }
  }

  func run() throws {
    if listSystems {
      print(try Self.systemList())
      return
    }
    let notes = TableNotes()
    let catalogue = try Catalogue.read(
      library: URL(filePath: library ?? ""), mixes: URL(filePath: mixes ?? ""), notes: notes)
    notes.tell()
    if let check {
      let outcome = try Self.read(check, against: catalogue)
      let names = Set(outcome.map(\.system)).sorted().joined(separator: ", ")
      print("\(check): \(outcome.count, "ranking") by \(names): no errors.")
      print(Self.table(ReferenceScore.scores(of: outcome, in: catalogue, seed: seed)))
      return
    }
    let models = try chosen.models()
    let heard: [any RankingSystem] =
      try chosen.known(orNoneIf: !added.isEmpty || chosen.bringsOwn, without: Systems.onRequest, seed: seed) + models
      + chosen.vectors(for: catalogue)
    let systems = try heard + chosen.refined(heard)
    if let twice = Dictionary(grouping: systems, by: \.name).filter({ $1.count > 1 }).keys.sorted().first {
      throw Problem("the system '\(twice)' is given twice", mend: "Give each system a different name.")
    }
    _ = try chosen.remarks(on: systems)
    if timing { return try time(systems, catalogue) }

    let made = try rank(catalogue, by: systems, vectorsOf: models.first)
    let brought = try bring(beside: systems.map(\.name), catalogue)
    let scores = ReferenceScore.scores(of: made + brought, in: catalogue, seed: seed)
    let rankings = shortened(made, catalogue) + brought
    try Ranking.write(rankings, to: URL(filePath: out))
    print(Self.table(scores))
    for line in try Self.notes(on: systems, Catalogue.table(URL(filePath: library ?? ""), "library.csv"), catalogue) {
      print("\n\(line)")
    }
    if chosen.excerpts != nil, let found = Self.foundInExcerpts(rankings) { print("\n\(found)") }
    print("\n\(rankings.count, "ranking is", "rankings are") in \(out).")
  }

  /// Ranks by each system, long queries in excerpts where that is asked for.
  /// - Parameter model: whose vectors are written, where they are asked for.
  private func rank(
    _ catalogue: Catalogue, by systems: [any RankingSystem], vectorsOf model: ModelSystem?
  ) throws -> [Ranking] {
    let rankings = try chosen.withExcerpts(of: catalogue) { cut in
      try systems.flatMap { system in
        let bar = ProgressBar(system.name)
        defer { bar.finish() }
        guard let cut, system.hears.isOwn else {
          return try system.rank(catalogue, features: .standard(), progress: bar.handler)
        }
        return cut.merged(try system.rank(cut.catalogue, features: .standard(), progress: bar.handler))
      }
    }
    if let writeVectors, let model {
      try model.writeVectors(of: catalogue, to: URL(filePath: writeVectors), features: .standard())
    }
    return rankings
  }

  /// The researcher's own rankings, by systems of other names.
  private func bring(beside systems: [String], _ catalogue: Catalogue) throws -> [Ranking] {
    var known = Set(systems)
    var rankings: [Ranking] = []
    for file in added {
      let read = try Self.read(file, against: catalogue), names = Set(read.map(\.system))
      if let twice = names.intersection(known).sorted().first {
        throw Problem(
          "the system '\(twice)' already exists", at: Place(file: file), mend: "Give yours a different name.")
      }
      known.formUnion(names)
      rankings += read
    }
    return rankings
  }

  /// What of the rankings is written.
  private func shortened(_ rankings: [Ranking], _ catalogue: Catalogue) -> [Ranking] {
    let groups = Dictionary(catalogue.candidates.map { ($0.id, $0.group) }, uniquingKeysWith: { first, _ in first })
    return rankings.map { whole in
      var ranking = onePerGroup ? whole.onePerGroup { groups[$0] ?? $0 } : whole
      if let top { ranking.entries = Array(ranking.entries.prefix(top)) }
      return ranking
    }
  }

  private static func read(_ file: String, against catalogue: Catalogue) throws -> [Ranking] {
    let outcome = try RankingCheck.read(URL(filePath: file), against: catalogue)
    outcome.warnings.forEach { warn($0) }
    return outcome.rankings
  }

  /// Where in long queries the first of each ranking was found, for the first twenty. Nil if all were heard as a
  /// whole.
  private static func foundInExcerpts(_ rankings: [Ranking]) -> String? {
    let found = rankings.compactMap { ranking in
      ranking.entries.first.flatMap { first in first.excerptStart.map { (ranking, first.candidate, $0) } }
    }
    guard !found.isEmpty else { return nil }
    let lines = found.prefix(20).map { ranking, candidate, start in
      let asked = [ranking.query, ranking.condition].filter { !$0.isEmpty }.joined(separator: ", ")
      return "  \(asked): \(ranking.system) finds \(candidate) at "
        + String(format: "%d:%02d", Int(start) / 60, Int(start) % 60)
    }
    let more =
      found.count > lines.count ? ["  … and \(found.count - lines.count) more: the column excerpt_start_s"] : []
    return (["Where the nearest one-shot was found"] + lines + more).joined(separator: "\n")
  }

  /// Says how many of the sounds trained models learned from, as far as the library says.
  private static func notes(
    on systems: [any RankingSystem], _ table: URL, _ catalogue: Catalogue
  ) throws -> [String] {
    let models = systems.filter { $0 is ModelSystem }.map(\.name)
    guard !models.isEmpty, !catalogue.references.isEmpty else { return [] }
    let names = models.joined(separator: ", ")
    var splits: [String: String] = [:]
    for row in try TableReader.rows(table, require: ["candidate"]) {
      splits[row.name(ifAny: "candidate") ?? ""] = row.name(ifAny: "split")
    }
    let known = catalogue.references.values.joined().map { splits[$0] }
    let learned = known.count { $0 == "train" || $0 == "validation" }
    if known.allSatisfy({ $0 != nil }) {
      guard learned > 0 else { return [] }
      return [
        "\(learned) of the \(known.count, "drum") \(OneAndMany.words(learned, "is", "are")) in the training or validation split. Drums that \(names) learned from are found more easily: to test new drums, use 'earshot evaluate --split test'."
      ]
    }
    return [
      "\(names) may have learned from some of these drums, which are then found more easily than new ones; the library does not say which. 'earshot evaluate' and docs/retrieval.md say how well new drums are found."
    ]
  }

  /// How long the library's and the queries' features take without a cache.
  private func time(_ systems: [any RankingSystem], _ catalogue: Catalogue) throws {
    let clock = ContinuousClock()
    print("system               one-shots  s per 1,000   queries  ms per query")
    for system in systems {
      let start = clock.now
      let prepared = try system.prepare(catalogue.candidates, features: FeatureStore(folder: nil), progress: nil)
      let library = clock.now - start
      _ = try parallelMap(catalogue.queries) { query in
        try prepared.distances(of: query, to: catalogue.places(of: query.condition))
      }
      let asking = clock.now - start - library
      let perThousand = library / .seconds(1) / Double(catalogue.candidates.count) * 1000
      let perQuery = asking / .milliseconds(1) / Double(catalogue.queries.count)
      print(
        system.name.padding(toLength: max(19, system.name.count), withPad: " ", startingAt: 0),
        String(
          format: "%11d %12.2f %9d %13.1f", catalogue.candidates.count, perThousand, catalogue.queries.count, perQuery))
    }
  }

  private static func systemList() throws -> String {
    let systems = Systems.all(model: try Home.model())
    return systems.map { "\($0.name)\n  hears \($0.hears.rawValue)\n  \($0.summary)" }.joined(separator: "\n")
  }

  private static func warn(_ problem: Problem) {
    FileHandle.standardError.write(Data("\(problem)\n".utf8))
  }

  /// The scores as a table to read, chance beside every figure.
  private static func table(_ scores: [ReferenceScore]) -> String {
    guard !scores.isEmpty else { return "No mix names its reference, so there is nothing to score." }
    func figure(_ figure: ReferenceScore.Figure) -> String {
      let interval = figure.interval.map { String(format: "%.3f–%.3f", $0.low, $0.high) } ?? ""
      return String(format: "%.3f ", figure.value) + interval.padding(toLength: 12, withPad: " ", startingAt: 0)
    }
    func name(_ text: String, _ width: Int) -> String {
      text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
    }
    let width = max(20, (scores.map(\.system.count).max() ?? 0) + 2)
    var lines = [
      "How often the one-shot that really plays is found (95 % intervals over mixes; chance in brackets)",
      name("system", width) + name("class", 8) + name("n", 6) + name("hit@1", 26) + name("hit@5", 26) + "MRR",
    ]
    for score in scores {
      let figures = [(score.hit1, score.chance.hit1), (score.hit5, score.chance.hit5), (score.mrr, score.chance.mrr)]
      lines.append(
        name(score.condition.isEmpty ? score.system : "", width)
          + name(score.condition.isEmpty ? "all" : score.condition, 8) + name("\(score.queryCount)", 6)
          + figures.map { figure($0.0) + String(format: "(%.3f)", $0.1) }.joined(separator: " "))
    }
    return lines.joined(separator: "\n")
  }
}
