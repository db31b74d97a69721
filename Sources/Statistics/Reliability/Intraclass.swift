/// An intraclass correlation with the test and the interval from its analysis of variance.
public struct Intraclass: Sendable, Equatable {
  /// The correlation: at most 1; negative if raters agree less than by chance.
  public var value: Double
  /// The F test of the hypothesis that units do not differ.
  public var f: Double
  /// Of numerator and denominator.
  public var degreesOfFreedom: (Double, Double)
  /// Of the F test, one-sided.
  public var p: Double
  /// At the level asked for; McGraw & Wong (1996).
  public var interval: Interval

  public static func == (a: Intraclass, b: Intraclass) -> Bool {
    a.value == b.value && a.f == b.f && a.degreesOfFreedom == b.degreesOfFreedom && a.p == b.p
      && a.interval == b.interval
  }
}

/// The six intraclass correlations for complete data, n units × k raters (Shrout & Fleiss 1979, whose names are in
/// brackets; McGraw & Wong 1996, with its corrections). `single` ones are about one rater's rating, `average` ones
/// about the mean of these k.
public struct Intraclasses: Sendable, Equatable {
  /// One-way: each unit is rated by different raters, or raters are not identified. (1,1)
  public var oneWaySingle: Intraclass
  /// Two-way random, absolute agreement: raters' levels count as error. (2,1)
  public var agreementSingle: Intraclass
  /// Two-way, consistency: raters' levels are ignored. (3,1)
  public var consistencySingle: Intraclass
  /// One-way, mean of k ratings. (1,k)
  public var oneWayAverage: Intraclass
  /// Two-way random, absolute agreement, mean of k ratings. (2,k)
  public var agreementAverage: Intraclass
  /// Two-way, consistency, mean of k ratings; equals Cronbach's alpha of the raters. (3,k)
  public var consistencyAverage: Intraclass

  /// Intervals are by the F distribution; those of agreement by Satterthwaite's degrees of freedom (McGraw & Wong,
  /// table 7). Nil for incomplete tables, with fewer than two raters or units, or if ratings vary only between raters.
  public init?(_ table: UnitRatings, level: Double = 0.95) {
    guard let squares = MeanSquares(table, level: level) else { return nil }
    let k = squares.k, n = squares.n
    (oneWaySingle, oneWayAverage) = squares.pair(over: squares.within, n * (k - 1))
    (consistencySingle, consistencyAverage) = squares.pair(over: squares.error, (n - 1) * (k - 1))
    (agreementSingle, agreementAverage) = squares.agreement(testedAs: consistencySingle)
  }
}

/// The two-way analysis of variance of complete data, n units × k raters.
private struct MeanSquares {
  let k: Double, n: Double
  let units: Double, raters: Double, error: Double
  /// The mean square of the one-way analysis within units: everything that is not between units.
  let within: Double
  /// The probability that the interval leaves out at each end.
  let tail: Double

  init?(_ table: UnitRatings, level: Double) {
    guard table.isComplete, table.raters > 1, table.units > 1 else { return nil }
    (k, n, tail) = (Double(table.raters), Double(table.units), (1 - level) / 2)
    let grand = table.ratings.reduce(0) { $0 + $1.value } / (n * k)
    var unitSums = Array(repeating: 0.0, count: table.units), raterSums = Array(repeating: 0.0, count: table.raters)
    var total = 0.0
    for rating in table.ratings {
      let x = rating.value - grand
      unitSums[rating.unit] += x
      raterSums[rating.rater] += x
      total += x * x
    }
    let betweenUnits = unitSums.reduce(0) { $0 + $1 * $1 } / k, betweenRaters = raterSums.reduce(0) { $0 + $1 * $1 } / n
    var residual = 0.0
    for rating in table.ratings {
      let x = rating.value - grand - unitSums[rating.unit] / k - raterSums[rating.rater] / n
      residual += x * x
    }
    (units, raters) = (betweenUnits / (n - 1), betweenRaters / (k - 1))
    (error, within) = (residual / ((n - 1) * (k - 1)), (betweenRaters + residual) / (n * (k - 1)))
    guard units > 1e-24 * total || error > 1e-24 * total, total > 0 else { return nil }
  }

  /// Two raters who contradict each other leave no degrees of freedom, and so no interval.
  private func quantile(_ a: Double, _ b: Double) -> Double {
    a > 0 && b > 0 ? FDistribution(a, b).quantile(1 - tail) ?? .nan : .nan
  }

  /// The correlations of a single rating, and of the mean of these k. One-way and consistency have the same form, with
  /// different error terms.
  func pair(over error: Double, _ df: Double) -> (single: Intraclass, average: Intraclass) {
    let f = units / error
    let low = f / quantile(n - 1, df), high = f * quantile(df, n - 1)
    let p = FDistribution(n - 1, df).upper(f)
    func single(_ f: Double) -> Double { f.isInfinite ? 1 : (f - 1) / (f + k - 1) }
    return (
      Intraclass(
        value: (units - error) / (units + (k - 1) * error), f: f, degreesOfFreedom: (n - 1, df), p: p,
        interval: Interval(low: single(low), high: single(high))),
      Intraclass(
        value: (units - error) / units, f: f, degreesOfFreedom: (n - 1, df), p: p,
        interval: Interval(low: 1 - 1 / low, high: 1 - 1 / high))
    )
  }

  /// The correlations of a single rating, and of the mean of these k. The test is that of consistency.
  func agreement(testedAs consistency: Intraclass) -> (single: Intraclass, average: Intraclass) {
    let r = (units - error) / (units + (k - 1) * error + k * (raters - error) / n)
    let raterF = raters / error, rest = n * (1 + (k - 1) * r) - k * r
    let a = k * r * raterF
    let df =
      raterF.isInfinite
      ? k - 1 : (k - 1) * (n - 1) * (a + rest) * (a + rest) / ((n - 1) * a * a + rest * rest)
    let forLow = quantile(n - 1, df), forHigh = quantile(df, n - 1)
    let spread = k * raters + (k * n - k - n) * error
    let low = n * (units - forLow * error) / (forLow * spread + n * units)
    let high = n * (forHigh * units - error) / (spread + n * forHigh * units)
    var single = consistency, average = consistency
    (single.value, single.interval) = (r, Interval(low: low, high: high))
    average.value = (units - error) / (units + (raters - error) / n)
    average.interval = Interval(low: spearmanBrown(low, k), high: spearmanBrown(high, k))
    return (single, average)
  }
}

/// The reliability of the mean of `k` ratings, each of reliability `r` (Spearman 1910; Brown 1910): `k r / (1 + (k-1)
/// r)`.
public func spearmanBrown(_ r: Double, _ k: Double) -> Double { k * r / (1 + (k - 1) * r) }
