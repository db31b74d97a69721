import Basics
import Statistics

/// The listeners and queries that the main figures are about: main pages of the listeners who are kept, with both
/// counted anew, so that the bootstrap draws from them and from nobody else.
struct Sample: Sendable {
  let study: RatedStudy
  let pages: [RatedStudy.Page]
  let plan: AnalysisPlan
  /// Draws to use instead of new ones.
  private var replayed: [CrossedBootstrap.Draw]?

  init(_ whole: RatedStudy, without excluded: Set<Int> = [], plan: AnalysisPlan) {
    var listeners = Names(), queries = Names()
    var study = whole
    pages = whole.pages.compactMap { page in
      guard page.isMain, !excluded.contains(page.listener) else { return nil }
      var page = page
      page.listener = Int(listeners.number(whole.listeners[page.listener]))
      _ = queries.number(whole.queries[whole.items[page.item].query])
      return page
    }
    for i in study.items.indices {
      // Items without a main page keep a query number too, but no page refers to them.
      study.items[i].query = queries.find(whole.queries[whole.items[i].query]).map(Int.init) ?? 0
    }
    study.listeners = listeners.all
    study.queries = queries.all
    self.study = study
    self.plan = plan
  }

  /// The same, resampled as told instead of anew.
  func replaying(_ draws: ResampleDraws?) throws -> Sample {
    var sample = self
    sample.replayed = try draws?.numbered(for: study)
    return sample
  }

  /// What is drawn in each resample of the main figures.
  var draws: ResampleDraws {
    ResampleDraws(
      listeners: study.listeners, queries: study.queries,
      draws: replayed ?? (0..<plan.resamples).map(bootstrap(of: .both, plan.resamples).draw))
  }

  private func bootstrap(of factors: CrossedBootstrap.Factors, _ count: Int) -> CrossedBootstrap {
    guard let replayed else {
      return CrossedBootstrap(
        listeners: study.listeners.count, queries: study.queries.count, resamples: count, seed: plan.seed,
        factors: factors)
    }
    let draws = replayed.prefix(count).map { draw in
      CrossedBootstrap.Draw(
        listeners: factors == .queries ? Array(study.listeners.indices) : draw.listeners,
        queries: factors == .listeners ? Array(study.queries.indices) : draw.queries)
    }
    return CrossedBootstrap(listeners: study.listeners.count, queries: study.queries.count, replaying: draws)
  }

  /// What figures are resampled for, which says what has to be drawn.
  enum Purpose { case interval, verdictToo, standardErrorOnly }

  /// Draws listeners and queries anew and, where the purpose asks for it, either alone.
  func bootstrap(
    _ statistic: some CrossedStatistic, resamples: Int? = nil, for purpose: Purpose = .interval,
    progress: ProgressHandler? = nil
  ) -> Redrawn {
    let count = min(resamples ?? plan.resamples, replayed?.count ?? .max)
    let methods =
      switch purpose {
      case .interval: [plan.interval]
      case .verdictToo: [plan.interval, plan.verdictInterval]
      case .standardErrorOnly: [AnalysisPlan.Interval]()
      }
    func run(_ factors: CrossedBootstrap.Factors, _ count: Int, _ progress: ProgressHandler?) -> Resamples {
      bootstrap(of: factors, count).run(
        statistic, jackknife: factors == .both && (methods.contains(.bca) || methods.contains(.expandedBCa)),
        progress: progress)
    }
    guard methods.contains(.dual) || purpose == .verdictToo else { return Redrawn(both: run(.both, count, progress)) }
    // Standard errors and a contrast need fewer than the tails of an interval.
    let fewer = min(count, 2000), all = count + 2 * fewer
    func told(_ before: Int) -> ProgressHandler { { done, _ in progress?(min(all, before + done), all) } }
    return Redrawn(
      both: run(.both, count, told(0)), listeners: run(.listeners, fewer, told(count)),
      queries: run(.queries, fewer, told(count + fewer)))
  }

  /// The interval that is shown: by the plan's method and at its level.
  ///
  /// A share that is 0 or 1 in the sample is so in every resample, whose interval would be no more than a point: there
  /// it is Wilson's, of as many cases as there are listeners or queries, whichever are fewer.
  func interval(_ redrawn: Redrawn, _ output: Int = 0, within bounds: ClosedRange<Double>? = nil) -> Interval? {
    let found = interval(redrawn, output, by: plan.interval, level: plan.confidence, units: units, within: bounds)
    let value = redrawn.estimate[output]
    guard bounds == 0...1, value == 0 || value == 1, found.map({ $0.high - $0.low < 1e-12 }) ?? true else {
      return found
    }
    return Self.wilson(value, of: units, level: plan.confidence)
  }

  /// Wilson's (1927) interval of a share of independent cases. Nil without any.
  static func wilson(_ share: Double, of cases: Int, level: Double) -> Interval? {
    guard cases > 0, let z = Normal().quantile((1 + level) / 2) else { return nil }
    let n = Double(cases), middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    return Interval(low: share == 0 ? 0 : max(0, middle - half), high: share == 1 ? 1 : min(1, middle + half))
  }

  /// The smaller number of units that were drawn from.
  private var units: Int { min(study.listeners.count, study.queries.count) }

  /// - Parameters:
  ///   - units: how many listeners or queries, whichever are fewer, stand behind the figure.
  ///   - bounds: what the figure cannot leave; only an interval that is not made of resamples could.
  func interval(
    _ redrawn: Redrawn, _ output: Int = 0, by method: AnalysisPlan.Interval, level: Double, units: Int,
    within bounds: ClosedRange<Double>? = nil
  ) -> Interval? {
    let both = redrawn.both
    guard !both.estimate[output].isNaN else { return nil }
    switch method {
    case .dual:
      guard let dual = dual(redrawn), let interval = dual.interval(output, level: level) else { return nil }
      guard let bounds else { return interval }
      return Interval(low: max(bounds.lowerBound, interval.low), high: min(bounds.upperBound, interval.high))
    case .percentile: return both.percentile(output, level: level)
    // Where BCa is undefined (all resamples on one side), percentile.
    case .bca: return both.bca(output, level: level) ?? both.percentile(output, level: level)
    case .expandedBCa:
      return both.bca(output, level: level, units: units) ?? both.percentile(output, level: level, units: units)
    }
  }

  /// How surely the truth is `limit` or less, so that it goes with `interval`: an end of the interval of level 1 − 2p
  /// lies at the limit.
  func level(of limit: Double, _ redrawn: Redrawn, _ output: Int = 0, by method: AnalysisPlan.Interval, units: Int)
    -> Double?
  {
    let both = redrawn.both
    func counted() -> Double? {
      let values = both.values[output].filter { !$0.isNaN }
      let below = Double(values.count { $0 <= limit }), count = Double(values.count)
      return values.count < 2 ? nil : max(1, min(count, below)) / (count + 1)
    }
    guard !both.estimate[output].isNaN else { return nil }
    switch method {
    case .dual:
      guard let error = dual(redrawn)?.standardError(output), error > 0 else { return nil }
      return StudentT(Double(self.units - 1)).lower((limit - both.estimate[output]) / error)
    case .percentile: return counted()
    case .bca: return both.bcaLevel(output, of: limit) ?? counted()
    case .expandedBCa: return both.bcaLevel(output, of: limit, units: units) ?? counted()
    }
  }

  private func dual(_ redrawn: Redrawn) -> DualFactor? {
    guard let listeners = redrawn.listeners, let queries = redrawn.queries else { return nil }
    return DualFactor(
      both: redrawn.both, listeners: listeners, queries: queries, listenerCount: study.listeners.count,
      queryCount: study.queries.count)
  }

  /// The estimate ± t times the crossed bootstrap's standard error, the smaller number of units less one being t's
  /// degrees of freedom, for figures of averaged ratings. A mean over resampled listeners holds fewer different ones
  /// than the sample and so agrees less with anything: the resamples of such a figure lie below it, and their
  /// percentiles would too, but their spread is right.
  func standardInterval(_ resamples: Resamples, _ output: Int = 0, within bounds: ClosedRange<Double> = -1...1)
    -> Interval?
  {
    Self.standardInterval(resamples, output, units: units, level: plan.confidence, within: bounds)
  }

  /// The same of resamples of any units, the smaller number of listeners or queries being `units`.
  static func standardInterval(
    _ resamples: Resamples, _ output: Int = 0, units: Int, level: Double,
    within bounds: ClosedRange<Double> = -Double.infinity...Double.infinity
  ) -> Interval? {
    let estimate = resamples.estimate[output]
    guard !estimate.isNaN, units > 1, let error = resamples.standardError(output),
      let t = StudentT(Double(units - 1)).quantile((1 + level) / 2)
    else { return nil }
    return Interval(
      low: max(bounds.lowerBound, estimate - t * error), high: min(bounds.upperBound, estimate + t * error))
  }

  /// The groups that figures are given for: each condition, then all together, or only one where a study has one.
  var groups: [(number: Int, name: String)] {
    let count = study.conditions.count
    return count == 1
      ? [(1, study.conditionName(0))]
      : [(count, "all")] + (0..<count).map { ($0, study.conditionName($0)) }
  }

  func isIn(_ group: Int, _ page: RatedStudy.Page) -> Bool {
    group == study.conditions.count || study.items[page.item].condition == group
  }

  /// The pages of a group on the candidates on which a system is compared, for the statistics of pages. Pages that say
  /// nothing of an order are left out; where the pages of an item hold different candidates, the listeners' effects are
  /// taken out of them.
  func ratingPages(_ system: Int, _ group: Int, effects: [Double]) -> RatingPages {
    let figures = PageFigures(study: study, plan: plan)
    var byItem = Array(repeating: [RatedStudy.Page](), count: study.items.count)
    for page in pages where isIn(group, page) { byItem[page.item].append(page) }
    var kept: [RatingPages.Page] = []
    for pages in byItem where !pages.isEmpty {
      let isComplete = pages.allSatisfy { $0.candidates == pages[0].candidates }
      for page in pages {
        let shared = figures.shared(page, system)
        let values = shared.places.map { page.ratings[$0] - (isComplete ? 0 : effects[page.listener]) }
        guard strataSuffice(shared.ends, fewest: plan.minimumCandidates), !PageFigures.isConstant(values.span) else {
          continue
        }
        kept.append(
          RatingPages.Page(
            listener: page.listener, list: page.item, items: shared.places.map { page.candidates[$0] }, values: values))
      }
    }
    return RatingPages(
      listeners: study.listeners.count, queries: study.queries.count,
      lists: study.items.enumerated().map {
        RatingPages.List(query: $1.query, items: $1.candidates.count, strata: figures.strata($0, system))
      }, pages: kept, fewest: plan.minimumCandidates)
  }

  /// By item: a system's scores of the candidates on which it is compared, larger being nearer; not-a-number elsewhere.
  func scores(_ system: Int) -> [[Double]] {
    let figures = PageFigures(study: study, plan: plan)
    return study.items.map { item in
      item.candidates.indices.map { candidate in
        guard figures.isCompared(item, candidate, system) else { return .nan }
        let rank = item.ranks[system][candidate]
        return rank.isNaN ? -Double(item.rankingSizes[system] + 1) : -rank
      }
    }
  }

  /// The plan's figure for two lists, as the statistics of pages want it; they know themselves how few are too few.
  var measure: PageMeasure {
    let metric = plan.metric
    return { a, b in PageFigures.symmetric(metric, a, b) }
  }
}
