import Foundation

/// An interval of plausible values, at a level that the caller chooses.
public struct Interval: Sendable, Equatable {
  /// The lower end.
  public var low: Double
  /// The upper end.
  public var high: Double

  public init(low: Double, high: Double) { (self.low, self.high) = (low, high) }

  /// Whether a value is in the interval, including its ends.
  public func contains(_ value: Double) -> Bool { low <= value && value <= high }

  /// The two-sided p-value of a value. It is below 1 − confidence if and only if the value is outside this interval.
  /// - Parameters:
  ///   - level: how surely the truth is at or below that value, by the method of this interval.
  ///   - confidence: the confidence level of this interval.
  public func p(of value: Double, level: Double, confidence: Double) -> Double {
    let both = min(1, 2 * min(level, 1 - level)), limit = 1 - confidence
    return contains(value) ? max(both, limit) : min(both, limit.nextDown)
  }
}

/// The results of a bootstrap, for each output of its statistic.
public struct Resamples: Sendable, Equatable {
  /// The statistic of the sample itself; NaN if undefined.
  public var estimate: [Double]
  /// By output, then by resample; NaN if undefined. The same index is the same draw for all outputs; some outputs may
  /// have fewer resamples.
  public var values: [[Double]]
  /// By output, then by the listener left out; empty without jackknife.
  public var withoutListener: [[Double]]
  /// By output, then by the query left out; empty without jackknife.
  public var withoutQuery: [[Double]]

  public init(
    estimate: [Double], values: [[Double]], withoutListener: [[Double]] = [], withoutQuery: [[Double]] = []
  ) {
    (self.estimate, self.values) = (estimate, values)
    (self.withoutListener, self.withoutQuery) = (withoutListener, withoutQuery)
  }

  /// The number of resamples in which an output was undefined; they are left out of its intervals.
  public func undefined(_ output: Int) -> Int { values[output].count(where: \.isNaN) }

  /// A figure derived from the outputs (a difference between two systems, a share of the ceiling), as an output of its
  /// own: computed on the sample, on each resample and on each jackknife sample.
  public func derived(_ function: ([Double]) -> Double) -> Resamples {
    func column(_ columns: [[Double]]) -> [[Double]] {
      // Figures of averaged ratings have fewer resamples.
      let count = columns.map(\.count).min() ?? 0
      return columns.isEmpty ? [] : [(0..<count).map { i in function(columns.map { $0[i] }) }]
    }
    return Resamples(
      estimate: [function(estimate)], values: column(values), withoutListener: column(withoutListener),
      withoutQuery: column(withoutQuery))
  }

  /// The standard deviation over resamples (the bootstrap standard error); 0 if they differ by rounding errors at most.
  /// Nil with fewer than two defined ones.
  public func standardError(_ output: Int = 0) -> Double? {
    let values = defined(output)
    guard let low = values.min(), let high = values.max(), let variance = variance(values) else { return nil }
    // The mean of many equal values is rounded too, so their variance need not be 0.
    return high - low <= 1e-12 * max(abs(low), abs(high)) ? 0 : variance.squareRoot()
  }

  /// The percentile interval: the (1 - level)/2 and (1 + level)/2 quantiles of the resamples (Efron 1979). Nil with
  /// fewer than two defined resamples.
  /// - Parameter units: the size of the smaller factor, to expand the interval if that is small (see `tail`); nil to
  ///   leave it as it is.
  public func percentile(_ output: Int = 0, level: Double = 0.95, units: Int? = nil) -> Interval? {
    let tail = Self.tail(level, units)
    return interval(defined(output), tail, 1 - tail)
  }

  /// The probability left out on each side: (1 - level)/2, or less for a small number n of units. Resamples of n units
  /// vary less than samples of a population by a factor (n - 1)/n, and have normal tails where Student's would be
  /// right. So the normal quantile is replaced by `√(n/(n-1))` times that of t with n - 1 degrees of freedom
  /// (Hesterberg 2015, "expanded" intervals).
  static func tail(_ level: Double, _ units: Int?) -> Double {
    let plain = (1 - level) / 2
    guard let units, units > 1, let t = StudentT(Double(units - 1)).quantile(plain) else { return plain }
    return Normal().lower(t * (Double(units) / Double(units - 1)).squareRoot())
  }

  /// The bias-corrected and accelerated interval (Efron 1987). The bias comes from the share of resamples below the
  /// estimate (those equal to it count half). The acceleration is a sixth of the skewness of the sum of both factors'
  /// independent contributions: with U the jackknife influences `(n - 1)(mean - without)` of n listeners and V those of
  /// m queries, `a = (ΣU³/n³ + ΣV³/m³) / (6 (ΣU²/n² + ΣV²/m²)^1.5)`, which for one factor is Efron's formula.
  ///
  /// Nil without jackknife samples, with fewer than two defined resamples, or if all resamples are on one side of the
  /// estimate.
  /// - Parameter units: as for `percentile`.
  public func bca(_ output: Int = 0, level: Double = 0.95, units: Int? = nil) -> Interval? {
    guard !withoutListener.isEmpty || !withoutQuery.isEmpty else { return nil }
    let values = defined(output)
    guard let (bias, acceleration) = correction(output, values) else { return nil }
    func adjusted(_ p: Double) -> Double? {
      guard let z = Normal().quantile(p) else { return nil }
      let scale = 1 - acceleration * (bias + z)
      return scale > 0 ? Normal().lower(bias + (bias + z) / scale) : nil
    }
    let tail = Self.tail(level, units)
    guard let low = adjusted(tail), let high = adjusted(1 - tail) else { return nil }
    return interval(values, low, high)
  }

  /// How surely the truth is `limit` or less: the one-sided level at which an end of `bca` is at `limit`. It is the
  /// p-value of the hypothesis "`limit` or less"; one minus it is that of "`limit` or more". It stays at least one
  /// resample away from 0 and 1. Nil if `bca` is.
  /// - Parameter units: as for `percentile`.
  public func bcaLevel(_ output: Int = 0, of limit: Double, units: Int? = nil) -> Double? {
    guard !withoutListener.isEmpty || !withoutQuery.isEmpty else { return nil }
    let values = defined(output), count = Double(values.count)
    guard let (bias, acceleration) = correction(output, values) else { return nil }
    let least = 1 / (count + 1)
    let below = values.reduce(0.0) { $0 + ($1 < limit ? 1 : $1 == limit ? 0.5 : 0) } / count
    guard let place = Normal().quantile(max(least, min(1 - least, below))) else { return nil }
    // With w = place - bias, `w = (bias + z) / (1 - acceleration (bias + z))` solved for z.
    let w = place - bias, scale = 1 + acceleration * w
    guard scale > 0 else { return w < 0 ? least : 1 - least }
    let z = w / scale - bias
    guard let units, units > 1 else { return max(least, min(1 - least, Normal().lower(z))) }
    let level = StudentT(Double(units - 1)).lower(z * (Double(units - 1) / Double(units)).squareRoot())
    return max(least, min(1 - least, level))
  }

  /// The same for `percentile`, by counting resamples, including those equal to `limit`.
  public func percentileLevel(_ output: Int = 0, of limit: Double, units: Int? = nil) -> Double? {
    let values = defined(output), count = Double(values.count)
    guard values.count >= 2 else { return nil }
    let least = 1 / (count + 1), level = max(1, min(count, Double(values.count { $0 <= limit }))) / (count + 1)
    guard let units, units > 1, let z = Normal().quantile(level) else { return level }
    let expanded = StudentT(Double(units - 1)).lower(z * (Double(units - 1) / Double(units)).squareRoot())
    return max(least, min(1 - least, expanded))
  }

  /// The jackknife variance, `(n - 1)/n Σ (value - mean)²`, and n, if `values` come from leaving out one unit (or one
  /// group of units) at a time. Units without which the figure does not change, apart from rounding, do not count. Nil
  /// if one or two units count, or if the figure is undefined without one of them.
  public func leftOutVariance(_ output: Int = 0) -> (variance: Double, units: Int)? {
    let whole = estimate[output], noise = 1e-12 * max(1, abs(whole))
    let left = values[output].filter { $0.isNaN || whole.isNaN || abs($0 - whole) > noise }
    if left.isEmpty { return (0, .max) }
    guard left.count > 2, !left.contains(where: \.isNaN), let spread = variance(left) else { return nil }
    let n = Double(left.count)
    return ((n - 1) * (n - 1) / n * spread, left.count)
  }

  /// The bias and the acceleration of `bca`.
  private func correction(_ output: Int, _ values: [Double]) -> (bias: Double, acceleration: Double)? {
    let estimate = self.estimate[output]
    guard values.count >= 2, !estimate.isNaN else { return nil }
    let below = values.reduce(0.0) { $0 + ($1 < estimate ? 1 : $1 == estimate ? 0.5 : 0) } / Double(values.count)
    guard below > 0, below < 1, let bias = Normal().quantile(below) else { return nil }
    var squares = 0.0, cubes = 0.0
    for factor in [withoutListener, withoutQuery] where !factor.isEmpty {
      let left = factor[output].filter { !$0.isNaN }
      guard left.count >= 2 else { continue }
      let n = Double(left.count), mean = left.reduce(0, +) / n
      for value in left {
        let influence = (n - 1) * (mean - value) / n
        squares += influence * influence
        cubes += influence * influence * influence
      }
    }
    return (bias, squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0)
  }

  private func defined(_ output: Int) -> [Double] { values[output].filter { !$0.isNaN } }

  private func interval(_ values: [Double], _ low: Double, _ high: Double) -> Interval? {
    guard values.count >= 2 else { return nil }
    let sorted = values.sorted()
    return Interval(low: quantile(sorted: sorted, low), high: quantile(sorted: sorted, high))
  }
}

/// The quantile `p` of values in ascending order, by linear interpolation at `p (n - 1)` (type 7 of Hyndman & Fan 1996,
/// the default of R and numpy). `sorted` must not be empty.
public func quantile(sorted: [Double], _ p: Double) -> Double {
  let place = max(0, min(1, p)) * Double(sorted.count - 1)
  let below = Int(place), share = place - Double(below)
  return share == 0 ? sorted[below] : sorted[below] + (sorted[below + 1] - sorted[below]) * share
}

/// The arithmetic mean; nil for an empty list.
public func mean(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }

/// The sample variance (divided by n - 1); nil for fewer than two values.
public func variance(_ values: [Double]) -> Double? {
  guard values.count >= 2, let mean = mean(values) else { return nil }
  return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
}
