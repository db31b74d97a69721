import Basics
import Statistics

/// The listeners and queries that the main figures are about: main pages of the listeners who are kept, with both
/// counted anew, so that the bootstrap draws from them and from nobody else.
struct Sample: Sendable {
  let study: RatedStudy
  let pages: [RatedStudy.Page]
  let plan: AnalysisPlan

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

  func bootstrap(
    _ statistic: some CrossedStatistic, factors: CrossedBootstrap.Factors = .both, resamples: Int? = nil,
    progress: ProgressHandler? = nil
  ) -> Resamples {
    CrossedBootstrap(
      listeners: study.listeners.count, queries: study.queries.count, resamples: resamples ?? plan.resamples,
      seed: plan.seed, factors: factors
    ).run(statistic, jackknife: plan.interval == .bca && factors == .both, progress: progress)
  }

  /// By the plan's method and at its level unless another is asked for. Where BCa is undefined, percentile.
  func interval(_ resamples: Resamples, _ output: Int = 0, level: Double? = nil) -> Interval? {
    let level = level ?? plan.confidence
    guard !resamples.estimate[output].isNaN else { return nil }
    return plan.interval == .bca
      ? resamples.bca(output, level: level) ?? resamples.percentile(output, level: level)
      : resamples.percentile(output, level: level)
  }

  /// The estimate ± t times the crossed bootstrap's standard error, the smaller number of units less one being t's
  /// degrees of freedom, for figures of averaged ratings. A mean over resampled listeners holds fewer different ones
  /// than the sample and so agrees less with anything: the resamples of such a figure lie below it, and their
  /// percentiles would too, but their spread is right.
  func standardInterval(_ resamples: Resamples, _ output: Int = 0, within bounds: ClosedRange<Double> = -1...1)
    -> Interval?
  {
    let estimate = resamples.estimate[output], units = min(study.listeners.count, study.queries.count)
    guard !estimate.isNaN, units > 1, let error = resamples.standardError(output),
      let t = StudentT(Double(units - 1)).quantile((1 + plan.confidence) / 2)
    else { return nil }
    return Interval(
      low: max(bounds.lowerBound, estimate - t * error), high: min(bounds.upperBound, estimate + t * error))
  }

  /// A figure made from a few outputs; the others are left aside, of which there may be hundreds.
  func derived(_ resamples: Resamples, _ outputs: [Int], _ function: ([Double]) -> Double) -> Resamples {
    func pick(_ columns: [[Double]]) -> [[Double]] { columns.isEmpty ? [] : outputs.map { columns[$0] } }
    return Resamples(
      estimate: outputs.map { resamples.estimate[$0] }, values: pick(resamples.values),
      withoutListener: pick(resamples.withoutListener), withoutQuery: pick(resamples.withoutQuery)
    ).derived(function)
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
        let (places, _) = figures.shared(page, system)
        let values = places.map { page.ratings[$0] - (isComplete ? 0 : effects[page.listener]) }
        guard places.count >= plan.minimumCandidates, !PageFigures.isConstant(values.span) else { continue }
        kept.append(
          RatingPages.Page(
            listener: page.listener, list: page.item, items: places.map { page.candidates[$0] }, values: values))
      }
    }
    return RatingPages(
      listeners: study.listeners.count, queries: study.queries.count,
      lists: study.items.map { RatingPages.List(query: $0.query, items: $0.candidates.count) }, pages: kept)
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

  /// The plan's figure for two lists, as the statistics of pages want it.
  var measure: PageMeasure {
    let metric = plan.metric, minimum = plan.minimumCandidates
    return { a, b in a.count < minimum ? nil : PageFigures.symmetric(metric, a, b) }
  }
}
