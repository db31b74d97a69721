import Basics
import Foundation
import Reporting
import Statistics

/// Simulated studies that are each decided as a real one is: how often the planned claim would be made, by the number of
/// listeners and of queries.
public struct Power: Sendable {
  /// What is to be shown of a system.
  public enum Claim: String, Sendable, CaseIterable, Codable {
    /// The verdict "comparable" with another listener.
    case comparable
    /// The interval of the difference from a baseline lies above 0.
    case betterThanBaseline = "better-than-baseline"
    /// The interval of the agreement lies above 0, which is chance.
    case aboveChance = "above-chance"
  }

  /// What holds for every cell. Results of equal settings (and of the same `hash`) can be put together.
  public struct Settings: Sendable, Equatable {
    public var claim = Claim.comparable
    public var components = PowerComponents()
    public var design = PowerDesign()
    /// The system's true agreement; nil: that of another listener, more `difference`.
    public var agreement: Double?
    /// Of the system's true agreement from another listener's.
    public var difference = 0.0
    /// The baseline's true agreement.
    public var baseline = 0.0
    /// Metric, margin, alpha, confidence and the way of intervals.
    public var plan = AnalysisPlan()
    /// Of each simulated study; the plan's would take too long, and more change power by little.
    public var resamples = 1000
    public var seed: UInt64 = 1

    public init() {}

    /// The name of the settings: results that were found under another must not be mixed with these.
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

  /// How many listeners and queries.
  public struct Cell: Sendable, Hashable {
    public var listeners: Int
    public var queries: Int
    public init(listeners: Int, queries: Int) { (self.listeners, self.queries) = (listeners, queries) }
  }

  /// Replicates are run and kept in blocks of so many.
  public static let block = 20

  /// What some replicates of a cell gave.
  public struct Block: Sendable, Equatable {
    public var cell: Cell
    /// From 0.
    public var number: Int
    public var replicates: Int
    /// How many of them made the claim.
    public var claims: Int

    public init(cell: Cell, number: Int, replicates: Int, claims: Int) {
      (self.cell, self.number, self.replicates, self.claims) = (cell, number, replicates, claims)
    }
  }

  public let settings: Settings
  /// In the population: of two listeners, of the system, and the highest that a system can have.
  public let listenersAgreement: Double
  public let systemAgreement: Double
  public let highest: Double
  let model: PowerModel

  /// Finds the systems whose true agreement is as stated.
  /// - Throws: `Problem` where no system can have it.
  public init(_ settings: Settings) throws {
    self.settings = settings
    let metric = settings.plan.metric
    let measure: PageMeasure = { a, b in PageFigures.symmetric(metric, a, b) }
    var model = PowerModel(components: settings.components, design: settings.design)
    let (listeners, agreement) = model.population(measure)
    let highest = agreement(0)
    func error(_ wanted: Double, _ who: String) throws -> Double {
      if abs(wanted) < 1e-9 { return .infinity }
      guard wanted > 0.01, wanted <= highest else {
        throw Problem(
          "\(who) cannot have a true agreement of \(display(wanted, digits: 3))",
          mend:
            "With these listeners it lies from 0.01 (0 is chance) to \(display(highest, digits: 3)), where two listeners agree at \(display(listeners, digits: 3))."
        )
      }
      var low = 0.0, high = 100.0
      for _ in 0..<24 {
        let middle = low < 0.02 && high > 50 ? 1 : (low + high) / 2
        if agreement(middle) > wanted { low = middle } else { high = middle }
      }
      return (low + high) / 2
    }
    model.systemError = try error(settings.agreement ?? listeners + settings.difference, "a system")
    if settings.claim == .betterThanBaseline { model.baselineError = try error(settings.baseline, "a baseline") }
    self.model = model
    self.highest = highest
    listenersAgreement = listeners
    systemAgreement = settings.agreement ?? listeners + settings.difference
  }

  /// One simulated study, its systems called `system` and `baseline`, and the plan by which it is decided. A function of
  /// the settings, the cell and the number alone.
  public func study(_ number: Int, _ cell: Cell) -> (study: RatedStudy, plan: AnalysisPlan) {
    var random = SeededRandom(seed: settings.seed, "power", "\(cell.listeners) × \(cell.queries)", "\(number)")
    let study = model.study(listeners: cell.listeners, queries: cell.queries, &random)
    var plan = settings.plan
    (plan.seed, plan.resamples, plan.systems, plan.conditions) = (random.next() >> 12, settings.resamples, [], [])
    plan.baseline = "baseline"
    // Only the interval that decides is made.
    let method = Self.method(plan, settings.claim)
    (plan.interval, plan.verdictInterval) = (method, method)
    return (study, plan)
  }

  /// Whether one simulated study makes the claim.
  public func replicate(_ number: Int, _ cell: Cell) -> Bool {
    let (study, plan) = study(number, cell)
    return Self.decide(Sample(study, plan: plan), settings.claim)
  }

  /// Runs what is not among `known` and hands each block over as it is done, from any thread but one at a time.
  /// - Parameters:
  ///   - replicates: of each cell, rounded up to whole blocks.
  ///   - inOrder: one block after another rather than many at once; it changes no result.
  public func run(
    _ cells: [Cell], replicates: Int, known: [Block] = [], inOrder: Bool = false, progress: ProgressHandler? = nil,
    _ done: @Sendable (Block) throws -> Void
  ) throws {
    struct Key: Hashable { var cell: Cell, number: Int }
    let old = Set(known.map { Key(cell: $0.cell, number: $0.number) })
    let blocks = (replicates + Self.block - 1) / Self.block
    // Block by block over all cells, so that a run that is cut off knows something of each.
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

  /// By which interval the claim is decided.
  static func method(_ plan: AnalysisPlan, _ claim: Claim) -> AnalysisPlan.Interval {
    claim == .comparable ? plan.verdictInterval : plan.interval
  }

  /// The same pages, resamples, interval and verdict as in the tables `verdicts`, `differences` and `agreement`.
  static func decide(_ sample: Sample, _ claim: Claim) -> Bool {
    switch claim {
    case .comparable:
      let interval = verdictInterval(sample)
      return Verdict(interval, margin: sample.plan.margin) == .comparable
    case .betterThanBaseline: return isAboveZero(sample, cells(sample) { $0[0] - $0[1] }, within: -2...2)
    case .aboveChance: return isAboveZero(sample, cells(sample) { $0[0] }, within: -1...1)
    }
  }

  /// Of the system's agreement with a listener less another listener's.
  static func verdictInterval(_ sample: Sample) -> Interval? {
    let everyone = sample.study.conditions.count
    let effects = Array(repeating: 0.0, count: sample.study.listeners.count)
    let pairs = sample.ratingPages(0, everyone, effects: effects).pairs(sample.measure)
    let difference = sample.bootstrap(WeightedCells([cells(sample) { $0[0] }, pairs])).derived([0, 1]) { $0[0] - $0[1] }
    return sample.interval(
      difference, by: sample.plan.verdictInterval, level: 1 - 2 * sample.plan.alpha,
      units: min(sample.study.listeners.count, sample.study.queries.count), within: -2...2)
  }

  private static func isAboveZero(
    _ sample: Sample, _ cells: [WeightedCells.Cell], within bounds: ClosedRange<Double>
  ) -> Bool {
    (sample.interval(sample.bootstrap(WeightedCells([cells])), within: bounds)?.low ?? -1) > 0
  }

  /// By page, a figure of both systems' agreement with it.
  private static func cells(_ sample: Sample, _ figure: ([Double]) -> Double) -> [WeightedCells.Cell] {
    let figures = PageFigures(study: sample.study, plan: sample.plan), metric = sample.plan.metric
    return sample.pages.compactMap { page in
      let values = sample.study.systems.indices.map { system -> Double in
        let (places, ranks) = figures.shared(page, system)
        return figures.agreement(metric, ratings: places.map { page.ratings[$0] }, ranks: ranks) ?? .nan
      }
      let value = figure(values)
      guard !value.isNaN else { return nil }
      return WeightedCells.Cell(listener: page.listener, query: sample.study.items[page.item].query, value: value)
    }
  }
}
