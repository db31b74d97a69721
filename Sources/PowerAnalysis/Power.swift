import Agreement
import Basics
import Foundation
import Ratings
import Reporting
import Statistics

/// Simulated studies, each decided as a real one is: how often they would make the planned claim, by the number of
/// listeners and of queries.
public struct Power: Sendable {
  /// What is to be shown about a system.
  public enum Claim: String, Sendable, CaseIterable, Codable {
    /// The verdict "comparable" with another listener.
    case comparable
    /// The interval of the difference from a baseline is above 0.
    case betterThanBaseline = "better-than-baseline"
    /// The interval of the agreement is above 0, which is chance.
    case aboveChance = "above-chance"
  }

  /// The settings of all cells. Only results with equal settings (and so the same `hash`) can be combined.
  public struct Settings: Sendable, Equatable {
    /// What is to be shown.
    public var claim = Claim.comparable
    /// How listeners, items and answers vary.
    public var components = PowerComponents()
    /// The study that is planned.
    public var design = PowerDesign()
    /// The system's true agreement; nil for that of another listener plus `difference`.
    public var agreement: Double?
    /// The system's true agreement minus another listener's.
    public var difference = 0.0
    /// The baseline's true agreement.
    public var baseline = 0.0
    /// The plan, of which metric, margin, alpha, confidence and the methods of intervals are used.
    public var plan = AnalysisPlan()
    /// Resamples per simulated study. The plan's number would take too long, and more than this hardly changes power.
    public var resamples = 1000
    /// The seed of all simulated studies.
    public var seed: UInt64 = 1

    public init() {}

    /// The name of the settings. Results stored under a different name must not be combined with these.
    public var hash: String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      var hash = ContentHash()
      hash.update("earshot power 1")
      for part in [try? encoder.encode(components), try? encoder.encode(design)] {
        hash.update(part: "model", part ?? Data())
      }
      hash.update(
        "\(claim) \(String(describing: agreement)) \(difference) \(baseline) \(resamples) \(seed) \(plan.metric) \(plan.margin) \(plan.alpha) \(plan.confidence) \(plan.minimumCandidates) \(Power.method(plan, claim))"
      )
      return String(hash.finish().prefix(16))
    }
  }

  /// A number of listeners and a number of queries.
  public struct Cell: Sendable, Hashable {
    /// How many listeners take part.
    public var listeners: Int
    /// How many queries are rated.
    public var queries: Int
    public init(listeners: Int, queries: Int) { (self.listeners, self.queries) = (listeners, queries) }
  }

  /// The number of replicates in a block; replicates are run and stored block by block.
  public static let block = 20

  /// The result of some replicates of a cell.
  public struct Block: Sendable, Equatable {
    /// The numbers of listeners and of queries.
    public var cell: Cell
    /// The block's number among those of the cell, from 0.
    public var number: Int
    /// How many studies were simulated.
    public var replicates: Int
    /// The number of replicates that made the claim.
    public var claims: Int

    public init(cell: Cell, number: Int, replicates: Int, claims: Int) {
      (self.cell, self.number, self.replicates, self.claims) = (cell, number, replicates, claims)
    }
  }

  /// The same for all cells.
  public let settings: Settings
  /// Agreement in the population: of two listeners, of the system, and the highest that a system can have.
  public let listenersAgreement: Double
  /// Of the system with a listener's ratings.
  public let systemAgreement: Double
  /// The highest that a system can have with a listener.
  public let highest: Double
  let model: PowerModel

  /// Finds the systems with the stated true agreement.
  /// - Throws: a `Problem` if no system can have it.
  public init(_ settings: Settings) throws {
    self.settings = settings
    let metric = settings.plan.metric
    let measure: PageMeasure = { a, b in PageFigures.symmetric(metric, a, b) }
    var model = PowerModel(components: settings.components, design: settings.design)
    let population = model.population(measure, fewest: settings.plan.minimumCandidates)
    let best = population(0, false)
    guard !best.listeners.isNaN, !best.system.isNaN else {
      throw Problem(
        "pages of this design cannot rank candidates",
        mend: "Too few of a page's candidates can be compared: add 'random_fillers', or raise 'top_k'.")
    }
    func error(_ wanted: Double, _ who: String, isBaseline: Bool) throws -> Double {
      if abs(wanted) < 1e-9 { return .infinity }
      guard wanted > 0.01, wanted <= best.system else {
        throw Problem(
          "\(who) cannot have a true agreement of \(display(wanted, digits: 3))",
          mend:
            "With these listeners, it can be from 0.01 (0 is chance) to \(display(best.system, digits: 3)); two listeners agree at \(display(best.listeners, digits: 3))."
        )
      }
      return Self.error(with: wanted) { population($0, isBaseline).system }
    }
    if settings.agreement == nil, settings.design.pooling != nil {
      // The candidates on which listeners are compared depend on the system, too.
      guard best.system - best.listeners >= settings.difference else {
        throw Problem(
          "a system's agreement with listeners cannot exceed another listener's by \(display(settings.difference, digits: 3))",
          mend: "With these listeners, the difference is at most \(display(best.system - best.listeners, digits: 3)).")
      }
      model.systemError = Self.error(with: settings.difference) { error in
        let found = population(error, false)
        return found.system - found.listeners
      }
    } else {
      model.systemError = try error(
        settings.agreement ?? best.listeners + settings.difference, "a system", isBaseline: false)
    }
    if settings.claim == .betterThanBaseline {
      model.baselineError = try error(settings.baseline, "a baseline", isBaseline: true)
    }
    self.model = model
    highest = best.system
    if settings.design.pooling == nil {
      listenersAgreement = best.listeners
      systemAgreement = settings.agreement ?? best.listeners + settings.difference
    } else {
      let found = population(model.systemError, false)
      (listenersAgreement, systemAgreement) = (found.listeners, settings.agreement ?? found.system)
    }
  }

  /// The error of a system that gives the wanted figure; the figure decreases as the error grows.
  private static func error(with wanted: Double, _ figure: (Double) -> Double) -> Double {
    var low = 0.0, high = 100.0
    for _ in 0..<24 {
      let middle = low < 0.02 && high > 50 ? 1 : (low + high) / 2
      if figure(middle) > wanted { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// A simulated study with the systems `system` and `baseline`, and the plan by which it is decided. It depends only
  /// on the settings, the cell and the number.
  public func study(_ number: Int, _ cell: Cell) -> (study: RatedStudy, plan: AnalysisPlan) {
    var random = SeededRandom(seed: settings.seed, "power", "\(cell.listeners) × \(cell.queries)", "\(number)")
    var plan = settings.plan
    if let pooling = model.design.pooling, plan.statedTopK == nil {
      plan.topK = min(plan.topK, max(1, pooling.sureRanks))
    }
    var study = model.study(listeners: cell.listeners, queries: cell.queries, topK: plan.topK, &random)
    if settings.plan.pooling == .none { study.pooling = nil }
    (plan.seed, plan.resamples, plan.systems, plan.conditions) = (random.next() >> 12, settings.resamples, [], [])
    plan.baseline = "baseline"
    // Each simulated query has sounds of its own, whatever their names.
    plan.candidates = .fixed
    // Only the deciding interval is computed.
    let method = Self.method(plan, settings.claim)
    (plan.interval, plan.verdictInterval) = (method, method)
    return (study, plan)
  }

  /// Whether one simulated study makes the claim.
  public func replicate(_ number: Int, _ cell: Cell) -> Bool {
    let (study, plan) = study(number, cell)
    return Self.decide(Sample(study, plan: plan), settings.claim)
  }

  /// Runs the blocks that are not in `known` and hands over each when it is done: from any thread, but one at a time.
  /// - Parameters:
  ///   - replicates: the number of replicates per cell, rounded up to whole blocks.
  ///   - inOrder: whether to run one block after another rather than many at once; it changes no result.
  public func run(
    _ cells: [Cell], replicates: Int, known: [Block] = [], inOrder: Bool = false, progress: ProgressHandler? = nil,
    _ done: @Sendable (Block) throws -> Void
  ) throws {
    struct Key: Hashable { var cell: Cell, number: Int }
    let old = Set(known.map { Key(cell: $0.cell, number: $0.number) })
    let blocks = (replicates + Self.block - 1) / Self.block
    // Block by block over all cells, so that an interrupted run has results for each.
    let open = (0..<blocks).flatMap { number in cells.map { Key(cell: $0, number: number) } }.filter {
      !old.contains($0)
    }
    @Sendable func one(_ key: Key) throws {
      let first = key.number * Self.block
      let claims = (first..<(first + Self.block)).count { replicate($0, key.cell) }
      try done(Block(cell: key.cell, number: key.number, replicates: Self.block, claims: claims))
    }
    if inOrder {
      for (i, key) in open.enumerated() {
        try one(key)
        progress?(i + 1, open.count)
      }
    } else {
      _ = try parallelMap(open, progress: progress) { try one($0) }
    }
  }

  /// The effect of a change to the design.
  public struct Lever: Sendable, Equatable {
    /// The change, as in "twice the pages per listener (24)".
    public var words: String
    /// The simulated studies, and those of them that made the claim.
    public var claims: Int, replicates: Int
  }

  /// The effect of more pages per listener, more candidates per page, more listeners and more queries, each separately,
  /// from one block of simulated studies.
  public func levers(_ cell: Cell) -> [Lever] {
    func lever(_ words: String, _ cell: Cell, _ change: (inout PowerDesign) -> Void) -> Lever? {
      var settings = settings
      change(&settings.design)
      guard let power = settings.design == self.settings.design ? self : try? Power(settings) else { return nil }
      let claims = pureMap(Array(0..<Self.block)) { power.replicate($0, cell) }.count(where: \.self)
      return Lever(words: words, claims: claims, replicates: Self.block)
    }
    let design = settings.design, items = cell.queries * design.conditions
    var found: [Lever?] = []
    if let pages = design.pages, pages < items {
      let more = min(items, 2 * pages)
      found.append(
        lever(more == items ? "all \(items, "page") per listener" : "twice the pages per listener (\(more))", cell) {
          $0.pages = more == items ? nil : more
        })
    }
    if let pooling = design.pooling {
      let more = max(4, 2 * pooling.randomFillers)
      found.append(
        lever("\(more) random candidates per page", cell) {
          $0.pooling?.randomFillers = more
          $0.pooling?.most = pooling.most.map { $0 + more - pooling.randomFillers }
        })
    } else {
      let more = min(100, 2 * design.candidates)
      found.append(lever("twice the candidates per page (\(more))", cell) { $0.candidates = more })
    }
    found.append(
      lever("twice the listeners (\(2 * cell.listeners))", Cell(listeners: 2 * cell.listeners, queries: cell.queries)) {
        _ in
      })
    found.append(
      lever("twice the queries (\(2 * cell.queries))", Cell(listeners: cell.listeners, queries: 2 * cell.queries)) {
        _ in
      })
    return found.compactMap(\.self)
  }

  /// The width of the deciding interval in simulated studies of a cell, with the width that it has to fit in.
  func widthWords(_ cell: Cell) -> String {
    let halves = pureMap(Array(0..<Self.block)) { figure($0, cell).interval.map { ($0.high - $0.low) / 2 } }
    guard let half = mean(halves.compactMap(\.self)) else { return "undefined" }
    let words = "about \(display(half, digits: 2))"
    guard settings.claim == .comparable else { return words }
    let margin = display(settings.plan.margin, digits: 2)
    return half >= settings.plan.margin
      ? "\(words). An interval wider than the margin of ±\(margin) can never show that the system is comparable"
      : "\(words), compared with a margin of ±\(margin)"
  }

  /// The kind of interval by which the claim is decided.
  static func method(_ plan: AnalysisPlan, _ claim: Claim) -> AnalysisPlan.Interval {
    claim == .comparable ? plan.verdictInterval : plan.interval
  }

  /// Decides by the same pages, resamples, interval and verdict as the tables `verdicts`, `differences` and
  /// `agreement`.
  static func decide(_ sample: Sample, _ claim: Claim) -> Bool {
    let interval = figure(sample, claim).interval
    guard claim == .comparable else { return (interval?.low ?? -1) > 0 }
    return sample.study.listeners.count >= Verdict.leastListeners && sample.study.queries.count >= Verdict.leastQueries
      && Verdict(interval, margin: sample.plan.margin) == .comparable
  }

  /// The figure that decides a claim.
  public struct Figure: Sendable, Equatable {
    /// The system's agreement or, if the claim is about a difference, that minus the agreement of two listeners or of
    /// the baseline; NaN if undefined.
    public var estimate: Double
    /// By the plan's method. Nil if the study is too small for one.
    public var interval: Interval?
  }

  /// The figure of one simulated study.
  public func figure(_ number: Int, _ cell: Cell) -> Figure {
    let (study, plan) = study(number, cell)
    return Self.figure(Sample(study, plan: plan), settings.claim)
  }

  /// The permutation test of the system in one simulated study, as in the table `chance`.
  public func chance(_ number: Int, _ cell: Cell) -> PermutationTest? {
    let (study, plan) = study(number, cell)
    let sample = Sample(study, plan: plan), effects = Array(repeating: 0.0, count: study.listeners.count)
    return sample.ratingPages(0, study.conditions.count, effects: effects).chance(
      sample.scores(0), permutations: plan.permutations, seed: plan.seed, measure: sample.measure)
  }

  static func figure(_ sample: Sample, _ claim: Claim) -> Figure {
    let redrawn: Redrawn, interval: Interval?
    switch claim {
    case .comparable:
      let everyone = sample.study.conditions.count
      let effects = Array(repeating: 0.0, count: sample.study.listeners.count)
      let pairs = sample.ratingPages(0, everyone, effects: effects).pairs(sample.measure)
      redrawn = sample.bootstrap(WeightedCells([cells(sample) { $0[0] }, pairs])).derived([0, 1]) { $0[0] - $0[1] }
      interval = sample.interval(
        redrawn, by: sample.plan.verdictInterval, level: 1 - 2 * sample.plan.alpha, within: -2...2)
    case .betterThanBaseline:
      redrawn = sample.bootstrap(WeightedCells([cells(sample) { $0[0] - $0[1] }]))
      interval = sample.interval(redrawn, within: -2...2)
    case .aboveChance:
      redrawn = sample.bootstrap(WeightedCells([cells(sample) { $0[0] }]))
      interval = sample.interval(redrawn, within: -1...1)
    }
    return Figure(estimate: redrawn.estimate[0], interval: interval)
  }

  /// By page: a figure of both systems' agreement with it.
  private static func cells(_ sample: Sample, _ figure: ([Double]) -> Double) -> [WeightedCells.Cell] {
    let figures = PageFigures(study: sample.study, plan: sample.plan), metric = sample.plan.metric
    return sample.pages.compactMap { page in
      let values = sample.study.systems.indices.map { figures.value(metric, page, $0) }
      let value = figure(values)
      guard !value.isNaN else { return nil }
      return WeightedCells.Cell(listener: page.listener, query: sample.study.items[page.item].query, value: value)
    }
  }
}
