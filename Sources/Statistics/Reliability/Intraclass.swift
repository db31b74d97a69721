/// An intraclass correlation with the test and interval that its analysis of variance gives.
public struct Intraclass: Sendable, Equatable {
  /// At most 1; below 0 where raters agree less than by chance.
  public var value: Double
  /// Of the hypothesis that units do not differ.
  public var f: Double
  public var degreesOfFreedom: (Double, Double)
  public var p: Double
  public var interval: Interval

  public static func == (a: Intraclass, b: Intraclass) -> Bool {
    a.value == b.value && a.f == b.f && a.degreesOfFreedom == b.degreesOfFreedom && a.p == b.p
      && a.interval == b.interval
  }
}

/// The six intraclass correlations of complete data, n units × k raters (Shrout & Fleiss 1979, in brackets their names;
/// McGraw & Wong 1996, with its corrections). `single` ones speak of one rater's rating, `average` ones of the mean of
/// these k.
public struct Intraclasses: Sendable, Equatable {
  /// One-way: each unit rated by other raters, or raters not told apart. (1,1)
  public var oneWaySingle: Intraclass
  /// Two-way random, absolute agreement: raters' levels count as error. (2,1)
  public var agreementSingle: Intraclass
  /// Two-way, consistency: raters' levels do not matter. (3,1)
  public var consistencySingle: Intraclass
  /// (1,k)
  public var oneWayAverage: Intraclass
  /// (2,k)
  public var agreementAverage: Intraclass
  /// (3,k), which is Cronbach's alpha of the raters.
  public var consistencyAverage: Intraclass

  /// Intervals are by the F distribution; those of agreement by Satterthwaite's degrees of freedom (McGraw & Wong,
  /// table 7). Nil for incomplete tables, fewer than two raters or units, and where nothing varies but by rater.
  public init?(_ table: UnitRatings, level: Double = 0.95) {
    guard table.isComplete, table.raters > 1, table.units > 1 else { return nil }
    let k = Double(table.raters), n = Double(table.units)
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
    let msUnits = betweenUnits / (n - 1), msRaters = betweenRaters / (k - 1)
    let msError = residual / ((n - 1) * (k - 1)), msWithin = (betweenRaters + residual) / (n * (k - 1))
    guard msUnits > 1e-24 * total || msError > 1e-24 * total, total > 0 else { return nil }

    let tail = (1 - level) / 2
    // Two raters who contradict one another leave no degrees of freedom, and no interval.
    func quantile(_ a: Double, _ b: Double) -> Double {
      a > 0 && b > 0 ? FDistribution(a, b).quantile(1 - tail) ?? .nan : .nan
    }
    /// One-way and consistency share their shape, with different error terms.
    func pair(_ error: Double, _ df: Double) -> (Intraclass, Intraclass) {
      let f = msUnits / error
      let low = f / quantile(n - 1, df), high = f * quantile(df, n - 1)
      let p = FDistribution(n - 1, df).upper(f)
      func single(_ f: Double) -> Double { f.isInfinite ? 1 : (f - 1) / (f + k - 1) }
      return (
        Intraclass(
          value: (msUnits - error) / (msUnits + (k - 1) * error), f: f, degreesOfFreedom: (n - 1, df), p: p,
          interval: Interval(low: single(low), high: single(high))),
        Intraclass(
          value: (msUnits - error) / msUnits, f: f, degreesOfFreedom: (n - 1, df), p: p,
          interval: Interval(low: 1 - 1 / low, high: 1 - 1 / high))
      )
    }
    (oneWaySingle, oneWayAverage) = pair(msWithin, n * (k - 1))
    (consistencySingle, consistencyAverage) = pair(msError, (n - 1) * (k - 1))

    let r = (msUnits - msError) / (msUnits + (k - 1) * msError + k * (msRaters - msError) / n)
    let raterF = msRaters / msError, rest = n * (1 + (k - 1) * r) - k * r
    let a = k * r * raterF
    let df =
      raterF.isInfinite
      ? k - 1 : (k - 1) * (n - 1) * (a + rest) * (a + rest) / ((n - 1) * a * a + rest * rest)
    let forLow = quantile(n - 1, df), forHigh = quantile(df, n - 1)
    let spread = k * msRaters + (k * n - k - n) * msError
    let low = n * (msUnits - forLow * msError) / (forLow * spread + n * msUnits)
    let high = n * (forHigh * msUnits - msError) / (spread + n * forHigh * msUnits)
    agreementSingle = Intraclass(
      value: r, f: consistencySingle.f, degreesOfFreedom: consistencySingle.degreesOfFreedom, p: consistencySingle.p,
      interval: Interval(low: low, high: high))
    agreementAverage = Intraclass(
      value: (msUnits - msError) / (msUnits + (msRaters - msError) / n), f: consistencySingle.f,
      degreesOfFreedom: consistencySingle.degreesOfFreedom, p: consistencySingle.p,
      interval: Interval(low: spearmanBrown(low, k), high: spearmanBrown(high, k)))
  }
}

/// The reliability of the mean of `k` ratings, each of reliability `r` (Spearman 1910; Brown 1910): `k r / (1 + (k-1)
/// r)`.
public func spearmanBrown(_ r: Double, _ k: Double) -> Double { k * r / (1 + (k - 1) * r) }
