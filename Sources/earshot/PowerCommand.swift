import Agreement
import ArgumentParser
import Basics
import Foundation
import Ratings
import Reporting
import Study
import Trials
import Synchronization
import PowerAnalysis

struct PowerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "power", abstract: "Find out how many listeners and queries a study needs.",
    discussion: """
      Simulates studies and analyses each as earshot analyze would, with random listeners and random queries. How \
      often the planned claim is made is the power of the design. The first sentence is the answer; a table of listeners \
      by queries follows.

      The components of the simulated ratings come from a pilot (--ratings, or the study's own export, which simulated \
      listeners can fill), or are assumed; the options state them as shares of the scale. Metric, margin, alpha and \
      confidence come from the analysis plan.

      Claims:
        comparable            the system agrees with listeners as well as another listener does, within the margin
        better-than-baseline  the interval of the difference from a baseline lies above 0
        above-chance          the interval of the agreement lies above 0
        better, equivalent    of two systems' scores (mushra, acr …): the interval of their difference lies above the \
      margin, or within it; queries are items, and the components come from a pilot (--scores, or the study's own export) or are \
      stated in points
        heard, not-heard      of ABX or a triangle test: guessing is ruled out, or a share of right answers that is the \
      margin above chance

      You have to assume how good the system really is: --difference from another listener (0: just as good), or \
      --agreement. A pilot's rankings are not read, since a difference that it shows by chance would make the study too \
      small. With a difference as large as the margin, the power of "comparable" is how often the claim is false.

      Every 20 simulated studies are saved in --out. An interrupted run continues there; more listeners, queries or \
      replicates add to it; other settings start a new file and keep the old one next to it.

      Examples:
        earshot power studies/demo
        earshot power studies/demo --data pilot           (its pilot/export/ratings.csv)
        earshot power --listeners 10,20,40 --queries 8,12,24 --replicates 200
        earshot power --ratings pilot.csv --claim better-than-baseline --agreement 0.4 --baseline 0.2
        earshot power studies/demo --difference -0.1      (how often the claim is false)
        earshot power codecs --claim better --points 6    (its data/export/scores.csv)
        earshot power --claim better --points 6 --scores pilot.csv --listeners 10,20,40 --queries 6,12
        earshot power --claim not-heard --share 0.5 --margin 0.15 --listeners 10,20 --queries 10 --answers 4
      """)

  enum ClaimName: String, ExpressibleByArgument, CaseIterable {
    case comparable
    case betterThanBaseline = "better-than-baseline"
    case aboveChance = "above-chance"
    case better, equivalent, heard
    case notHeard = "not-heard"
  }

  @Argument(help: ArgumentHelp("The study's folder; without it, a design is assumed.", valueName: "study"))
  var study: String?

  @Option(
    help: ArgumentHelp(
      "The data folder whose export is the pilot, for example of simulated listeners (default: data in the study's folder).",
      valueName: "folder"))
  var data: String?

  @Option(help: ArgumentHelp("A pilot's ratings table.", valueName: "file"))
  var ratings: String?

  @Option(
    help: ArgumentHelp(
      "The analysis plan (default: the study's analysis.yaml, or the default plan).", valueName: "file"))
  var plan: String?

  @Option(
    help:
      "The claim to show: comparable, better-than-baseline, above-chance; better, equivalent; heard, not-heard (default: comparable; for a study of scores better, for one of ABX heard)."
  )
  var claim: ClaimName?

  @Option(parsing: .unconditional, help: "The system's true agreement minus that of another listener.")
  var difference = 0.0

  @Option(help: "The system's true agreement, instead of --difference.")
  var agreement: Double?

  @Option(help: "The baseline's true agreement; 0 is chance.")
  var baseline = 0.0

  @Option(help: ArgumentHelp("Numbers of listeners to try.", valueName: "n,n,…"))
  var listeners = "10,20,40"

  @Option(help: ArgumentHelp("Numbers of queries to try.", valueName: "n,n,…"))
  var queries = "8,12,24"

  @Option(help: "Simulated studies per design, rounded up to a multiple of 20.")
  var replicates = 200

  @Option(help: "Crossed resamples per simulated study; the real one uses the plan's number.")
  var resamples = 1000

  @Option(help: "The same seed gives the same results, whatever the number of threads.")
  var seed: UInt64 = 1

  /// Pages that a listener rates.
  enum Pages: ExpressibleByArgument {
    case all
    case some(Int)

    init?(argument: String) {
      if argument == "all" {
        self = .all
      } else if let count = Int(argument), (1...100_000).contains(count) {
        self = .some(count)
      } else {
        return nil
      }
    }

    /// nil: all of them.
    var count: Int? {
      switch self {
      case .all: nil
      case .some(let count): count
      }
    }
  }

  @Option(help: "Pages per listener, from 1 to 100000, or all (default: the study's, the pilot's, or all).")
  var pages: Pages?

  @Option(help: "Candidates per page, without reference and anchor (default: the study's, the pilot's, or 8).")
  var candidates: Int?

  @Option(help: "Conditions per query (default: the study's, the pilot's, or 1).")
  var conditions: Int?

  @Option(help: "SD of a query's candidates (default: the pilot's, or 0.20).")
  var candidate: Double?

  @Option(help: "SD across queries of the logarithm of --candidate (default: the pilot's, or 0.4).")
  var spread: Double?

  @Option(help: "SD of queries' mean ratings (default: the pilot's, or 0.08).")
  var query: Double?

  @Option(help: "SD of listeners' mean ratings (default: the pilot's, or 0.08).")
  var bias: Double?

  @Option(help: "SD of the logarithm of listeners' use of the scale (default: the pilot's, or 0.2).")
  var gain: Double?

  @Option(help: "SD of listeners' own lasting preferences for candidates (default: the pilot's, or 0.10).")
  var taste: Double?

  @Option(help: "SD of the noise that a second rating would not repeat (default: the pilot's, or 0.14).")
  var noise: Double?

  @Option(help: "SD across listeners of the logarithm of --noise (default: the pilot's, or 0.4).")
  var keenness: Double?

  @Option(help: ArgumentHelp("Where to save finished simulations.", valueName: "file"))
  var out = "power.csv"

  @Option(help: ArgumentHelp("Also write the curve and the table as a page.", valueName: "file"))
  var html: String?

  @Flag(help: "Print everything as JSON instead.")
  var json = false

  @OptionGroup(title: "For scores of systems, and for ABX")
  var test: TestPowerOptions

  func validate() throws {
    _ = try numbers(listeners, "--listeners", least: 3)
    _ = try numbers(queries, "--queries", least: claim == nil || claim == .heard || claim == .notHeard ? 1 : 3)
    guard (1...100_000).contains(replicates) else {
      throw ValidationError("--replicates must be between 1 and 100000.")
    }
    guard (100...100_000).contains(resamples) else {
      throw ValidationError("--resamples must be between 100 and 100000.")
    }
    guard conditions.map({ (1...100).contains($0) }) ?? true,
      candidates.map({ (3...100).contains($0) }) ?? true
    else {
      throw ValidationError("--conditions must be between 1 and 100, and --candidates between 3 and 100.")
    }
    for value in [candidate, spread, query, bias, gain, taste, noise, keenness].compactMap(\.self) {
      guard (0...2).contains(value) else {
        throw ValidationError("Components must be between 0 and 2 (shares of the scale).")
      }
    }
    guard candidate != 0 else {
      throw ValidationError("--candidate must be above 0; otherwise all candidates would be alike.")
    }
  }

  private func numbers(_ text: String, _ option: String, least: Int) throws -> [Int] {
    let numbers = text.split(separator: ",").map { Int($0.trimmingCharacters(in: .whitespaces)) ?? 0 }
    guard !numbers.isEmpty, numbers.allSatisfy({ (least...2000).contains($0) }) else {
      throw ValidationError("\(option) must be a list of numbers from \(least) to 2000, such as 10,20,40.")
    }
    return Array(Set(numbers)).sorted()
  }

  func run() throws {
    let folder = study.map { URL(filePath: $0, directoryHint: .isDirectory) }
    let design = try folder.map { try StudyDesign.load(folder: $0) }
    let claim = claim ?? design.map(Self.usualClaim) ?? .comparable
    if let claim = TestPower.Claim(rawValue: claim.rawValue) { return try runTest(claim, in: folder) }
    let (settings, origin) = try self.settings(claim, design, in: folder)
    let power = try Power(settings)
    let url = URL(filePath: out)
    let store = try PowerStore(url, hash: settings.hash)
    let listeners = try numbers(listeners, "--listeners", least: 3)
    let queries = try numbers(queries, "--queries", least: 3)
    let cells = listeners.flatMap { listeners in queries.map { Power.Cell(listeners: listeners, queries: $0) } }
    if let moved = store.movedTo {
      tell(
        "\(out) had results for other settings. They are now in \(moved.relativePath), and this run starts from the beginning."
      )
    } else if !store.known.isEmpty {
      tell(
        "\(out) has \(store.known.reduce(0) { $0 + $1.replicates }) simulated studies for these settings; continuing.")
    }
    let bar = ProgressBar("simulating")
    let done = Mutex(store.known)
    try power.run(cells, replicates: replicates, known: store.known, progress: bar.handler) { block in
      try store.append(block)
      done.withLock { $0.append(block) }
    }
    bar.finish()
    var curve = PowerCurve(power, cells: cells, replicates: replicates, blocks: done.withLock(\.self))
    if let best = curve.points.max(by: { $0.power < $1.power }), best.power < 0.5 {
      tell("no design comes close; trying what would help")
      curve = PowerCurve(
        power, cells: cells, replicates: replicates, blocks: done.withLock(\.self), levers: power.levers(best.cell))
    }
    if let html {
      try OutputFile.write(curve.html, to: URL(filePath: html))
    }
    print(json ? curve.json : curve.sentences.joined(separator: "\n") + "\n\n" + curve.table + "\n\n" + origin)
  }

  /// For scores of systems, or for ABX. There is no progress bar, since it takes seconds.
  private func runTest(_ claim: TestPower.Claim, in folder: URL?) throws {
    let isOfSystems = claim == .better || claim == .equivalent
    let scores = isOfSystems ? try test.scores.map { URL(filePath: $0) } ?? exported("scores", of: folder) : nil
    let settings = try test.settings(
      claim, plan: plan(of: folder), scores: scores, replicates: max(replicates, 1000), seed: seed)
    let power = TestPower(settings)
    let items = try numbers(queries, "--queries", least: isOfSystems ? 3 : 1)
    let points = try numbers(listeners, "--listeners", least: 3).flatMap { l in
      items.map { power.point(listeners: l, items: $0) }
    }
    let few =
      isOfSystems && items.contains { $0 < Verdict.leastQueries }
      ? "\n\nWith fewer than \(Verdict.leastQueries) items the claim is about these items only, as in 'earshot analyze'."
      : ""
    print(json ? power.json(points) : power.told(points) + few + "\n\n" + test.origin(settings))
  }

  /// How a study's systems fill its pages; nil if the pages show whole lists, or if the plan says that systems do not fill them.
  private func pooling(of design: StudyDesign, in folder: URL?) throws -> PowerPooling? {
    guard let folder else { return nil }
    let pool = design.definition.pool
    let rankings = try Ranking.read(NamedFile.url(design.definition.sounds.rankings, from: folder))
    let asked = Set(design.items.map { [$0.query, $0.condition] })
    let own = rankings.filter { ranking in
      asked.contains([ranking.query, ranking.condition])
        && (pool.systems.isEmpty || pool.systems.contains(ranking.system))
    }
    guard pool.topK > 0, let list = own.map(\.entries.count).max() else { return nil }
    let fixed = design.items.map { item in item.candidates.count { $0.isReference || $0.isAnchor } }.max() ?? 0
    var pooling = PowerPooling()
    pooling.systems = max(2, Set(own.map(\.system)).count)
    (pooling.topK, pooling.randomFillers) = (pool.topK, pool.randomFillers)
    // Of a longer list, no more candidates are simulated than keep the first ones few among all.
    pooling.list = max(pool.topK, min(list, 200))
    pooling.most = pool.maxPerTrial - fixed
    let shown = design.items.map { $0.candidates.count - fixed }.max() ?? 0
    return shown >= list - 1 ? nil : pooling
  }

  private func tell(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

  /// The settings of the simulation, and a sentence that says where its components come from.
  private func settings(
    _ claim: ClaimName, _ design: StudyDesign?, in folder: URL?
  ) throws -> (Power.Settings, String) {
    var settings = Power.Settings()
    settings.plan = try plan(of: folder)
    let design = try design.map { design in
      guard let design = design.ofRatings else {
        throw Problem(
          "the claim '\(claim.rawValue)' is about ratings by similarity, which the study does not ask for",
          at: folder.map { Place(file: $0.relativePath) },
          mend: "For scores of systems (mushra, acr …) use --claim better or equivalent; for ABX, heard or not-heard.")
      }
      return design
    }
    let pooling = settings.plan.pooling == .none ? nil : try design.flatMap { try self.pooling(of: $0, in: folder) }
    let origin =
      try (ratings.map { URL(filePath: $0) } ?? exported("ratings", of: folder)).map {
        try take($0, pooling, into: &settings)
      }
      ?? "The components are assumed, not taken from a pilot; see earshot help power."
    if let design { take(design, pooling, into: &settings) }
    takeOptions(claim, into: &settings)
    return (settings, origin)
  }

  /// What a study is usually for: whether a system agrees with listeners, is scored better, or can be heard.
  private static func usualClaim(_ design: StudyDesign) -> ClaimName {
    if design.ratingBlock != nil { return .comparable }
    let types = design.definition.runs.map(\.type)
    let isScored = TrialTypes.all.contains { types.contains($0.name) && $0.table.name == "scores" }
    return isScored ? .better : types.contains("abx") ? .heard : .comparable
  }

  private func plan(of folder: URL?) throws -> AnalysisPlan {
    try (plan.map { URL(filePath: $0) } ?? folder.flatMap(AnalysisPlan.own)).map { try AnalysisPlan.read($0) }
      ?? AnalysisPlan()
  }

  /// A table of a pilot, if it is where an export puts it.
  /// - Parameter table: its name, without extension.
  private func exported(_ table: String, of folder: URL?) throws -> URL? {
    if let data {
      let export = URL(filePath: data, directoryHint: .isDirectory).appending(path: "export/\(table).csv")
      guard FileManager.default.fileExists(atPath: export.path) else {
        throw Problem(
          "there are no exported \(table)", at: Place(file: export.relativePath),
          mend: "Run 'earshot export \(study ?? "STUDY") --data \(data)' first.")
      }
      return export
    }
    let own = folder?.appending(path: "data/export/\(table).csv")
    return own.flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }
  }

  /// - Returns: where the components come from.
  private func take(_ ratings: URL, _ pooling: PowerPooling?, into settings: inout Power.Settings) throws -> String {
    let notes = TableNotes()
    let pilot = try PowerPilot(
      try RatingTable.read(ratings, plan: settings.plan, notes: notes), plan: settings.plan,
      pooling: candidates == nil ? pooling : nil)
    notes.tell()
    (settings.components, settings.design) = (pilot.components, pilot.design)
    let repeats =
      pilot.repeats == 0 ? "no repeats, so that taste counts as noise" : "\(pilot.repeats, "repeated page")"
    return
      "The components come from a pilot, \(ratings.relativePath): \(pilot.listeners, "listener"), \(pilot.queries, "query"), \(pilot.pages, "page"), \(repeats)."
  }

  private func take(_ design: StudyDesign, _ pooling: PowerPooling?, into settings: inout Power.Settings) {
    settings.design.conditions = Set(design.items.map(\.condition)).count
    settings.design.pages = design.definition.trials.perParticipant
    let counts = design.items.map { item in
      Double(item.candidates.count { settings.plan.includeReference || !$0.isReference && !$0.isAnchor })
    }
    settings.design.candidates = max(3, Int((counts.reduce(0, +) / Double(max(1, counts.count))).rounded()))
    (settings.design.lowest, settings.design.highest) = (
      design.definition.scale.minimum, design.definition.scale.maximum
    )
    settings.design.pooling = pooling
  }

  /// Options on the command line override the values of a pilot or a study.
  private func takeOptions(_ claim: ClaimName, into settings: inout Power.Settings) {
    if candidates != nil { settings.design.pooling = nil }
    if let pages { settings.design.pages = pages.count }
    settings.design.candidates = candidates ?? max(3, settings.design.candidates)
    settings.design.conditions = conditions ?? settings.design.conditions
    let said: [(Double?, WritableKeyPath<PowerComponents, Double>)] = [
      (candidate, \.candidate), (spread, \.spread), (query, \.query), (bias, \.bias), (gain, \.gain), (taste, \.taste),
      (noise, \.noise), (keenness, \.keenness),
    ]
    for case (let value?, let path) in said { settings.components[keyPath: path] = value }
    settings.claim = Power.Claim(rawValue: claim.rawValue) ?? .comparable
    (settings.difference, settings.agreement, settings.baseline) = (difference, agreement, baseline)
    (settings.resamples, settings.seed) = (resamples, seed)
  }
}
