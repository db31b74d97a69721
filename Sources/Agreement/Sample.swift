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
}
