import Basics

/// The dual-factor correction of Schütt et al. (2023), as in rsatoolbox 0.3: the crossed bootstrap counts the noise of
/// single ratings more than once and so tends to be too wide. With V from bootstraps over both factors, over the n
/// listeners and over the m queries, on the same draws, and f = n/(n - 1), g = m/(m - 1), the corrected variance is
/// `f V_listeners + g V_queries - f g (V_both - V_listeners - V_queries)`, but no less than either of its first two
/// terms and no more than V_both.
///
/// Of the intervals here it keeps nearest to its level, from 10 × 10 to 50 × 50 (`docs/calibration.md`).
public struct DualFactor: Sendable, Equatable {
  public let both: Resamples
  public let listeners: Resamples
  public let queries: Resamples
  let listenerCount: Int, queryCount: Int

  public init(
    listeners: Int, queries: Int, resamples: Int, seed: UInt64, _ statistic: some CrossedStatistic,
    progress: ProgressHandler? = nil
  ) {
    func run(_ factors: CrossedBootstrap.Factors, _ part: Int) -> Resamples {
      let told: ProgressHandler = { done, total in progress?(part * total + done, 3 * total) }
      return CrossedBootstrap(
        listeners: listeners, queries: queries, resamples: resamples, seed: seed, factors: factors
      )
      .run(statistic, progress: told)
    }
    (both, self.listeners, self.queries) = (run(.both, 0), run(.listeners, 1), run(.queries, 2))
    (listenerCount, queryCount) = (listeners, queries)
  }

  /// Takes bootstraps already made.
  public init(both: Resamples, listeners: Resamples, queries: Resamples, listenerCount: Int, queryCount: Int) {
    (self.both, self.listeners, self.queries) = (both, listeners, queries)
    (self.listenerCount, self.queryCount) = (listenerCount, queryCount)
  }

  /// Nil for fewer than two listeners, queries or defined resamples.
  public func standardError(_ output: Int = 0) -> Double? {
    guard listenerCount > 1, queryCount > 1, let both = both.standardError(output),
      let listeners = listeners.standardError(output), let queries = queries.standardError(output)
    else { return nil }
    let forListeners = Double(listenerCount) / Double(listenerCount - 1)
    let forQueries = Double(queryCount) / Double(queryCount - 1)
    let fromListeners = forListeners * listeners * listeners, fromQueries = forQueries * queries * queries
    let shared = both * both - listeners * listeners - queries * queries
    let variance = fromListeners + fromQueries - forListeners * forQueries * shared
    return min(max(variance, fromListeners, fromQueries), both * both).squareRoot()
  }

  /// The estimate ± the corrected standard error times the t quantile with the smaller number of units less one as its
  /// degrees of freedom, as rsatoolbox does.
  public func interval(_ output: Int = 0, level: Double = 0.95) -> Interval? {
    let estimate = both.estimate[output]
    guard let error = standardError(output), !estimate.isNaN,
      let t = StudentT(Double(min(listenerCount, queryCount) - 1)).quantile((1 + level) / 2)
    else { return nil }
    return Interval(low: estimate - t * error, high: estimate + t * error)
  }
}
