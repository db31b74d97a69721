import Basics

/// The dual-factor correction of Schütt et al. (2023), as in rsatoolbox 0.3. The crossed bootstrap counts the noise of
/// single ratings more than once, so its intervals tend to be too wide. With V from bootstraps over both factors, over
/// the n listeners and over the m queries, on the same draws, and f = n/(n - 1), g = m/(m - 1), the corrected variance
/// is `f V_listeners + g V_queries - f g (V_both - V_listeners - V_queries)`, but no less than either of its first two
/// terms and no more than V_both.
///
/// If candidates recur over queries, they are a third factor, whose variance (from leaving them out one by one) is
/// added.
public struct DualFactor: Sendable, Equatable {
  /// Resamples of listeners and queries.
  public let both: Resamples
  /// Resamples of listeners, with all queries.
  public let listeners: Resamples
  /// Resamples of queries, with all listeners.
  public let queries: Resamples
  /// The figures without each candidate, if candidates are a sample too.
  let candidates: Resamples?
  let listenerCount: Int, queryCount: Int

  /// How t's degrees of freedom are determined.
  public enum Freedom: Sendable {
    /// Those of the smallest factor, as in rsatoolbox.
    case fewest
    /// Satterthwaite's, from the factors' variances: a few items that differ little do not widen the interval.
    case combined
  }
  /// How the degrees of freedom of intervals are counted.
  public var freedom = Freedom.fewest

  /// Draws the same listeners and the same queries for all three. The result depends on the seed, not on the number of
  /// cores.
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
    (listenerCount, queryCount, candidates) = (listeners, queries, nil)
  }

  /// - Parameters:
  ///   - both: the bootstrap over both factors.
  ///   - listeners: the bootstrap over listeners, on the same draws.
  ///   - queries: the bootstrap over queries, on the same draws.
  ///   - candidates: the figures without each candidate, if candidates are a sample too.
  public init(
    both: Resamples, listeners: Resamples, queries: Resamples, candidates: Resamples? = nil, listenerCount: Int,
    queryCount: Int
  ) {
    (self.both, self.listeners, self.queries, self.candidates) = (both, listeners, queries, candidates)
    (self.listenerCount, self.queryCount) = (listenerCount, queryCount)
  }

  /// A variance by its sources.
  public struct Parts: Sendable, Equatable {
    /// The variance due to the choice of listeners, and to the choice of queries. Both include the noise of single
    /// pages, which is `pages`.
    public var listeners: Double, queries: Double, pages: Double
    /// The variance due to the choice of candidates; 0 if these are fixed.
    public var candidates: Double
    /// The variance of the figure: the sum, in which the pages' noise counts once.
    public var whole: Double
    /// How many units each variance was estimated from.
    public var listenerCount: Int, queryCount: Int, candidateCount: Int

    /// The degrees of freedom of the smallest factor, as in rsatoolbox.
    public var degreesOfFreedom: Double {
      Double(min(listenerCount, queryCount, candidates > 0 ? candidateCount : .max) - 1)
    }

    /// The degrees of freedom by Satterthwaite's rule. Each factor's variance includes the noise of pages, so intervals
    /// are conservative.
    public var combinedDegreesOfFreedom: Double {
      let terms = [(listeners, listenerCount), (queries, queryCount), (candidates, candidateCount)]
      let sum = terms.reduce(0) { $0 + ($1.0 > 0 ? $1.0 * $1.0 / Double($1.1 - 1) : 0) }
      return max(degreesOfFreedom, sum > 0 ? whole * whole / sum : 0)
    }

    func degreesOfFreedom(_ freedom: Freedom) -> Double {
      freedom == .fewest ? degreesOfFreedom : combinedDegreesOfFreedom
    }

    /// Half the width of `interval` with other numbers of listeners and queries. With more units, the variances and t's
    /// quantile decrease.
    public func halfWidth(listeners n: Int, queries m: Int, level: Double) -> Double? {
      let a = Double(listenerCount) / Double(n), b = Double(queryCount) / Double(m)
      var parts = self
      (parts.listenerCount, parts.queryCount) = (n, m)
      // The listeners' own variance, without the pages' noise, does not shrink with more queries. The bounds of `whole`
      // are applied as for the numbers from which it was estimated.
      let l = max(0, listeners - pages), q = max(0, queries - pages), sum = l + q + pages
      parts.whole = (sum > 0 ? (whole - candidates) / sum : 0) * (l * a + q * b + pages * a * b) + candidates
      guard let t = StudentT(parts.degreesOfFreedom).quantile((1 + level) / 2) else { return nil }
      return t * parts.whole.squareRoot()
    }
  }

  /// The variance of a figure by source. Nil with fewer than two listeners, queries or defined resamples, or if
  /// candidates are a sample and the figure is undefined without one of them.
  public func parts(_ output: Int = 0) -> Parts? {
    guard listenerCount > 1, queryCount > 1, let both = both.standardError(output),
      let listeners = listeners.standardError(output), let queries = queries.standardError(output)
    else { return nil }
    let forListeners = Double(listenerCount) / Double(listenerCount - 1)
    let forQueries = Double(queryCount) / Double(queryCount - 1)
    let fromListeners = forListeners * listeners * listeners, fromQueries = forQueries * queries * queries
    let shared = forListeners * forQueries * (both * both - listeners * listeners - queries * queries)
    let variance = fromListeners + fromQueries - shared
    let third = candidates?.leftOutVariance(output)
    if candidates != nil, third == nil { return nil }
    return Parts(
      listeners: fromListeners, queries: fromQueries, pages: max(0, shared), candidates: third?.variance ?? 0,
      whole: min(max(variance, fromListeners, fromQueries), both * both) + (third?.variance ?? 0),
      listenerCount: listenerCount, queryCount: queryCount, candidateCount: third?.units ?? 0)
  }

  /// The corrected standard error. Nil with fewer than two listeners, queries or defined resamples.
  public func standardError(_ output: Int = 0) -> Double? { parts(output).map { $0.whole.squareRoot() } }

  /// The estimate ± the t quantile times the corrected standard error.
  public func interval(_ output: Int = 0, level: Double = 0.95) -> Interval? {
    let estimate = both.estimate[output]
    guard !estimate.isNaN, let parts = parts(output),
      let t = StudentT(parts.degreesOfFreedom(freedom)).quantile((1 + level) / 2)
    else { return nil }
    let error = parts.whole.squareRoot()
    return Interval(low: estimate - t * error, high: estimate + t * error)
  }

  /// How surely the truth is `limit` or less: the one-sided level at which an end of `interval` is `limit`.
  public func level(_ output: Int = 0, of limit: Double) -> Double? {
    let estimate = both.estimate[output]
    guard !estimate.isNaN, let parts = parts(output), parts.whole > 0 else { return nil }
    return StudentT(parts.degreesOfFreedom(freedom)).upper((estimate - limit) / parts.whole.squareRoot())
  }
}
