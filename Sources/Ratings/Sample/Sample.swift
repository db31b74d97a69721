import Basics
import Statistics

/// The listeners and queries that the main figures are about: main pages of the listeners who are kept. Both are
/// renumbered, so that the bootstrap draws from these alone.
package struct Sample: Sendable {
  package let study: RatedStudy
  package let pages: [RatedStudy.Page]
  package let plan: AnalysisPlan
  /// Draws to use instead of new ones.
  private var replayed: [CrossedBootstrap.Draw]?
  /// The range of possible ratings: the scale, extended to the most extreme ratings.
  package let reach: ClosedRange<Double>
  /// The candidates, if they are treated as a third sample.
  package let candidates: RecurringCandidates?

  package init(_ whole: RatedStudy, without excluded: Set<Int> = [], plan: AnalysisPlan) {
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
      // Items without a main page get a query number too, but no page refers to them.
      study.items[i].query = queries.find(whole.queries[whole.items[i].query]).map(Int.init) ?? 0
    }
    study.listeners = listeners.all
    study.queries = queries.all
    self.study = study
    self.plan = plan
    candidates = RecurringCandidates(study, pages: pages, plan: plan)
    reach = pages.reduce(whole.scale) { reach, page in
      page.ratings.reduce(reach) { min($0.lowerBound, $1)...max($0.upperBound, $1) }
    }
  }

  /// The sample with only some of its listeners and queries, so that a figure which is supported by these is resampled
  /// as in a study of its own. It uses the plan's seed, even if the whole sample replays draws.
  package func restricted(listeners: Set<Int>, queries: Set<Int>) -> Sample {
    if listeners.count == study.listeners.count, queries.count == study.queries.count { return self }
    var whole = study
    whole.pages = pages.filter { listeners.contains($0.listener) && queries.contains(study.items[$0.item].query) }
    return Sample(whole, plan: plan)
  }

  /// The sample with the given draws instead of new ones.
  package func replaying(_ draws: ResampleDraws?) throws -> Sample {
    var sample = self
    sample.replayed = try draws?.numbered(for: study)
    return sample
  }

  /// The draws of each resample of the main figures.
  package var draws: ResampleDraws {
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

  /// What figures are resampled for, which determines what has to be drawn.
  package enum Purpose { case interval, verdictToo, standardErrorOnly }

  /// Resamples listeners and queries and, if the purpose requires it, each alone.
  package func bootstrap(
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
    func redrawn(_ both: Resamples, _ listeners: Resamples? = nil, _ queries: Resamples? = nil) -> Redrawn {
      Redrawn(
        both: both, listeners: listeners, queries: queries, listenerCount: study.listeners.count,
        queryCount: study.queries.count)
    }
    guard methods.contains(.dual) || purpose == .verdictToo else { return redrawn(run(.both, count, progress)) }
    // Standard errors and a contrast need fewer resamples than the tails of an interval.
    let fewer = min(count, 2000), all = count + 2 * fewer
    func told(_ before: Int) -> ProgressHandler { { done, _ in progress?(min(all, before + done), all) } }
    return redrawn(
      run(.both, count, told(0)), run(.listeners, fewer, told(count)), run(.queries, fewer, told(count + fewer)))
  }

  /// Resamples listeners, with the queries fixed.
  package func listenersOnly(_ statistic: some CrossedStatistic, resamples: Int) -> Resamples {
    bootstrap(of: .listeners, min(resamples, replayed?.count ?? .max)).run(statistic)
  }

  /// Figures without each recurring candidate (or group of them), by figure; nil if candidates are not treated as a
  /// sample.
  /// - Parameters:
  ///   - estimate: the figures with all candidates.
  ///   - figures: computes the figures from pages and a plan. The plan allows pages to be smaller by the missing
  ///     candidates.
  package func withoutCandidates(_ estimate: [Double], _ figures: ([RatedStudy.Page], AnalysisPlan) -> [Double])
    -> Resamples?
  {
    guard let candidates else { return nil }
    let rows = candidates.without(pages, seed: plan.seed).map { kept in
      var plan = plan
      let missing = zip(pages, kept).reduce(0) { max($0, $1.0.candidates.count - $1.1.candidates.count) }
      plan.minimumCandidates = max(2, plan.minimumCandidates - missing)
      return figures(kept, plan)
    }
    return Resamples(estimate: estimate, values: estimate.indices.map { figure in rows.map { $0[figure] } })
  }

  /// What a figure, by its number, adds to its mean for a page, and its weight; 0 and 0 if it is undefined.
  package typealias FigureOfPage = (RatedStudy.Page, Int) -> (sum: Double, weight: Double)

  /// The mean of a figure over the pages of a group.
  package struct PageMean {
    /// The mean on resamples of the listeners and queries that support it.
    package var redrawn: Redrawn
    /// The numbers of these pages and listeners.
    package var pages = 0, listeners = 0
    /// By query: the figure's sum, and its weight.
    package var byQuery: [(sum: Double, weight: Double)] = []
    package var queries: Int { byQuery.count { $0.weight > 0 } }

    package init(
      redrawn: Redrawn, pages: Int = 0, listeners: Int = 0, byQuery: [(sum: Double, weight: Double)] = []
    ) {
      (self.redrawn, self.pages, self.listeners, self.byQuery) = (redrawn, pages, listeners, byQuery)
    }
  }

  /// Means of figures of single pages. Each is resampled over the listeners and the queries that support it, and
  /// recomputed without each recurring candidate.
  /// - Parameters:
  ///   - count: the number of figures.
  ///   - figure: returns the figures by a plan. It is called again for pages without a candidate.
  /// - Returns: by group, in the order of `groups`, then by figure.
  package func bootstrap(
    resamples: Int? = nil, for purpose: Purpose = .interval, progress: ProgressHandler? = nil, figures count: Int,
    _ figure: (AnalysisPlan) -> FigureOfPage
  ) -> [[PageMean]] {
    let groups = groups, ofPage = figure(plan)
    var (found, supports, numbers) = standing(count, ofPage)
    for (number, support) in supports.all.enumerated() {
      let part = restricted(listeners: support.listeners, queries: support.queries)
      let columns = (0..<count).filter { k in groups.indices.contains { numbers[$0][k] == number } }
      // A limited number of figures at a time, since the values of all pages are held at once.
      let most = max(1, Self.mostNumbers / max(1, pages.count))
      for start in stride(from: 0, to: columns.count, by: most) {
        let some = Array(columns[start..<min(start + most, columns.count)])
        let wanted = groups.indices.filter { g in some.contains { numbers[g][$0] == number } }
        let redrawn = part.bootstrap(
          FigureMeans(sums(of: some, in: wanted.map { groups[$0].number }, part, ofPage)), resamples: resamples,
          for: purpose)
        for g in wanted {
          // The groups of the sums are the conditions, with all of them together last.
          let place = groups[g].number == study.conditions.count ? study.conditions.count : groups[g].number
          for (c, k) in some.enumerated() where numbers[g][k] == number {
            found[g][k].redrawn = redrawn.derived([place * some.count + c]) { $0[0] }
          }
        }
      }
      progress?(number + 1, supports.all.count)
    }
    let estimates = found.joined().map { $0.redrawn.estimate[0] }
    if let without = withoutCandidates(estimates, { means(of: $0, count, figure($1)) }) {
      for g in groups.indices {
        for k in 0..<count {
          let place = g * count + k
          found[g][k].redrawn.candidates = Resamples(
            estimate: [without.estimate[place]], values: [without.values[place]])
        }
      }
    }
    return found
  }

  /// The support of each figure, by group, before resampling.
  /// - Returns: the pages, listeners and queries of each figure, and the number of its support; nil if it has none.
  private func standing(_ count: Int, _ ofPage: FigureOfPage) -> (
    found: [[PageMean]], supports: Supports, numbers: [[Int?]]
  ) {
    let groups = groups
    // A figure without support stays undefined.
    let nothing = PageMean(
      redrawn: Redrawn(both: Resamples(estimate: [.nan], values: [[]]), listenerCount: 0, queryCount: 0),
      byQuery: Array(repeating: (0, 0), count: study.queries.count))
    var found = groups.map { _ in Array(repeating: nothing, count: count) }
    var heard = groups.map { _ in
      Array(repeating: Array(repeating: false, count: study.listeners.count), count: count)
    }
    for page in pages {
      let query = study.items[page.item].query
      for k in 0..<count {
        let (sum, weight) = ofPage(page, k)
        guard weight > 0 else { continue }
        for (g, group) in groups.enumerated() where isIn(group.number, page) {
          found[g][k].pages += 1
          found[g][k].byQuery[query].sum += sum
          found[g][k].byQuery[query].weight += weight
          heard[g][k][page.listener] = true
        }
      }
    }
    var supports = Supports(), numbers = groups.map { _ in [Int?]() }
    _ = supports.number(Support(listeners: Set(study.listeners.indices), queries: Set(study.queries.indices)))
    for g in groups.indices {
      numbers[g] = (0..<count).map { k in
        found[g][k].listeners = heard[g][k].count(where: \.self)
        return found[g][k].pages == 0
          ? nil
          : supports.number(
            Support(
              listeners: Set(study.listeners.indices.filter { heard[g][k][$0] }),
              queries: Set(study.queries.indices.filter { found[g][k].byQuery[$0].weight > 0 })))
      }
    }
    return (found, supports, numbers)
  }

  /// By group, then by figure: the means over pages other than the sample's own.
  private func means(of pages: [RatedStudy.Page], _ count: Int, _ ofPage: FigureOfPage) -> [Double] {
    let groups = groups
    var sums = groups.map { _ in Array(repeating: (0.0, 0.0), count: count) }
    for page in pages {
      for k in 0..<count {
        let (sum, weight) = ofPage(page, k)
        for (g, group) in groups.enumerated() where isIn(group.number, page) {
          sums[g][k] = (sums[g][k].0 + sum, sums[g][k].1 + weight)
        }
      }
    }
    return sums.joined().map { $0.1 > 0 ? $0.0 / $0.1 : .nan }
  }

  /// The most values of pages that are held at a time.
  private static let mostNumbers = 8_000_000

  /// Sums of figures by condition, with the numbers that a part gives to listeners and queries. Pages outside the given
  /// groups are left out.
  private func sums(of figures: [Int], in groups: [Int], _ part: Sample, _ ofPage: FigureOfPage) -> FigureSums {
    func numbers(_ names: [String], in theirs: [String]) -> [Int?] {
      let number = Dictionary(uniqueKeysWithValues: theirs.enumerated().map { ($1, $0) })
      return names.map { number[$0] }
    }
    let listeners = numbers(study.listeners, in: part.study.listeners)
    let queries = numbers(study.queries, in: part.study.queries)
    var sums = FigureSums(width: figures.count, groups: study.conditions.count)
    for page in pages where groups.contains(where: { isIn($0, page) }) {
      let item = study.items[page.item]
      guard let listener = listeners[page.listener], let query = queries[item.query] else { continue }
      sums.add(group: item.condition, listener: listener, query: query) { ofPage(page, figures[$0]) }
    }
    return sums
  }

  /// The interval that is shown, by the plan's method and at its level.
  ///
  /// A share of 0 or 1 in the sample is the same in every resample, so its interval would be a single point. Such a
  /// share gets Wilson's interval, with the number of listeners or of queries as cases, whichever is smaller. Any other
  /// figure that is the same in all resamples gets nil.
  package func interval(_ redrawn: Redrawn, _ output: Int = 0, within bounds: ClosedRange<Double>? = nil) -> Interval? {
    let found = interval(redrawn, output, by: plan.interval, level: plan.confidence, within: bounds)
    let value = redrawn.estimate[output]
    guard found == nil, bounds == 0...1, value == 0 || value == 1 else { return found }
    return Interval.wilson(value, of: redrawn.units, level: plan.atThisLook(plan.confidence))
  }

  /// An interval by the given method. Nil if fewer than two listeners or queries support the figure, or if it is the
  /// same in all resamples, which then say nothing about its uncertainty.
  /// - Parameters:
  ///   - level: the level over all looks, if the plan has a stopping rule.
  ///   - bounds: the range of possible values; only an interval that is not made of resamples can exceed it.
  package func interval(
    _ redrawn: Redrawn, _ output: Int = 0, by method: AnalysisPlan.Interval, level: Double,
    within bounds: ClosedRange<Double>? = nil, freedom: DualFactor.Freedom = .fewest
  ) -> Interval? {
    let both = redrawn.both, units = redrawn.units, level = plan.atThisLook(level)
    guard !both.estimate[output].isNaN, units > 1 else { return nil }
    var found: Interval?
    switch method {
    case .dual: found = dual(redrawn, freedom)?.interval(output, level: level)
    case .percentile: found = both.percentile(output, level: level)
    // If BCa is undefined (all resamples on one side), percentile.
    case .bca: found = both.bca(output, level: level) ?? both.percentile(output, level: level)
    case .expandedBCa:
      found = both.bca(output, level: level, units: units) ?? both.percentile(output, level: level, units: units)
    }
    guard let found, found.high - found.low > 1e-12 * max(1, abs(both.estimate[output])) else { return nil }
    guard method == .dual, let bounds else { return found }
    return Interval(low: max(bounds.lowerBound, found.low), high: min(bounds.upperBound, found.high))
  }

  /// How surely the truth is `limit` or less, by this look alone: 1 − p, if the upper end of the interval with level 1
  /// − 2p is at the limit (for stopping rules see `AnalysisPlan.overAllLooks`). Nil if there is no interval.
  package func level(
    of limit: Double, _ redrawn: Redrawn, _ output: Int = 0, by method: AnalysisPlan.Interval,
    freedom: DualFactor.Freedom = .fewest
  ) -> Double? {
    let both = redrawn.both, units = redrawn.units
    guard interval(redrawn, output, by: method, level: 0.9) != nil else { return nil }
    switch method {
    case .dual: return dual(redrawn, freedom)?.level(output, of: limit)
    case .percentile: return both.percentileLevel(output, of: limit)
    case .bca: return both.bcaLevel(output, of: limit) ?? both.percentileLevel(output, of: limit)
    case .expandedBCa:
      return both.bcaLevel(output, of: limit, units: units) ?? both.percentileLevel(output, of: limit, units: units)
    }
  }

  /// The variance of a figure by source.
  package func parts(_ redrawn: Redrawn, _ output: Int) -> DualFactor.Parts? { dual(redrawn)?.parts(output) }

  private func dual(_ redrawn: Redrawn, _ freedom: DualFactor.Freedom = .fewest) -> DualFactor? {
    guard let listeners = redrawn.listeners, let queries = redrawn.queries else { return nil }
    var dual = DualFactor(
      both: redrawn.both, listeners: listeners, queries: queries, candidates: redrawn.candidates,
      listenerCount: redrawn.listenerCount, queryCount: redrawn.queryCount)
    dual.freedom = freedom
    return dual
  }

  /// The estimate ± t times the standard error of the crossed bootstrap, with the smaller number of units minus one as
  /// t's degrees of freedom, for figures of averaged ratings. A mean over resampled listeners contains fewer different
  /// listeners than the sample, and so agrees less with anything. The resamples of such a figure therefore lie below
  /// it, and so would their percentiles, but their spread is right. If candidates recur, their variance is added.
  package func standardInterval(_ redrawn: Redrawn, _ output: Int = 0, within bounds: ClosedRange<Double> = -1...1)
    -> Interval?
  {
    let extra = redrawn.candidates?.leftOutVariance(output)
    if redrawn.candidates != nil, extra == nil { return nil }
    return Self.standardInterval(
      redrawn.both, output, units: min(redrawn.units, extra?.units ?? .max), level: plan.atThisLook(plan.confidence),
      within: bounds,
      more: extra?.variance ?? 0)
  }

  /// The same for resamples of any units; `units` is the smaller number of listeners or queries. Nil if all resamples
  /// are equal: two listeners always give the same single pair when resampled.
  /// - Parameter more: variance from a source that was not resampled.
  package static func standardInterval(
    _ resamples: Resamples, _ output: Int = 0, units: Int, level: Double,
    within bounds: ClosedRange<Double> = -Double.infinity...Double.infinity, more: Double = 0
  ) -> Interval? {
    let estimate = resamples.estimate[output]
    guard !estimate.isNaN, units > 1, let spread = resamples.standardError(output),
      let t = StudentT(Double(units - 1)).quantile((1 + level) / 2)
    else { return nil }
    let error = (spread * spread + more).squareRoot()
    guard error > 1e-12 else { return nil }
    return Interval(
      low: max(bounds.lowerBound, estimate - t * error), high: min(bounds.upperBound, estimate + t * error))
  }

  /// The groups for which figures are given: each condition, then all together; or only one, if the study has one
  /// condition.
  package var groups: [(number: Int, name: String)] {
    let count = study.conditions.count
    return count == 1
      ? [(1, study.conditionName(0))]
      : [(count, "all")] + (0..<count).map { ($0, study.conditionName($0)) }
  }

  package func isIn(_ group: Int, _ page: RatedStudy.Page) -> Bool {
    group == study.conditions.count || study.items[page.item].condition == group
  }

  /// The pages of a group with the candidates on which a system is compared, for statistics of pages. Pages without an
  /// order are left out. If the pages of an item show different candidates, the listeners' effects are removed.
  package func ratingPages(_ system: Int, _ group: Int, effects: [Double]) -> RatingPages {
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

  /// By item: a system's scores for the candidates on which it is compared, higher for nearer ones; NaN for others.
  package func scores(_ system: Int) -> [[Double]] { PageFigures(study: study, plan: plan).scores.map { $0[system] } }

  /// The plan's metric for two lists, for statistics of pages, which check the minimum length themselves.
  package var measure: PageMeasure {
    let metric = plan.metric
    return { a, b in PageFigures.symmetric(metric, a, b) }
  }
}
