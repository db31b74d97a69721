import Statistics

/// Means (or medians) of figures of targets, each counted as often as its mix times its group was drawn: the statistic
/// that is resampled. Mixes take the role of queries, and groups of one-shots that of listeners, in `CrossedBootstrap`.
struct WeightedMeans: CrossedStatistic {
  /// One figure: some targets with a value for each.
  struct Cell: Sendable {
    var targets: [Int]
    var values: [Double]
    var isMedian = false
    /// The indices of `values` in ascending order, for the median.
    private(set) var order: [Int] = []

    init(targets: [Int], values: [Double], isMedian: Bool = false) {
      (self.targets, self.values, self.isMedian) = (targets, values, isMedian)
      if isMedian { order = values.indices.sorted { values[$0] < values[$1] } }
    }
  }

  var cells: [Cell]
  /// By target: its mix, and its group.
  var mixes: [Int]
  var groups: [Int]

  var outputs: Int { cells.count }

  func workspace() {}

  /// A figure is NaN if none of its targets was drawn.
  func evaluate(_ weights: CrossedWeights, _ workspace: inout Void, into values: inout [Double]) {
    for (c, cell) in cells.enumerated() {
      var total = 0.0
      if cell.isMedian {
        for target in cell.targets { total += weight(target, weights) }
        var sum = 0.0, median = Double.nan
        for (n, i) in cell.order.enumerated() where total > 0 {
          sum += weight(cell.targets[i], weights)
          if sum > total / 2 {
            median = cell.values[i]
            break
          }
          if sum == total / 2 {
            // Half of the weight ends exactly here, so the median is halfway to the next value that counts.
            let next = cell.order[(n + 1)...].first { weight(cell.targets[$0], weights) > 0 } ?? i
            median = (cell.values[i] + cell.values[next]) / 2
            break
          }
        }
        values[c] = median
      } else {
        var sum = 0.0
        for (i, target) in cell.targets.enumerated() {
          let w = weight(target, weights)
          total += w
          sum += w * cell.values[i]
        }
        values[c] = total > 0 ? sum / total : .nan
      }
    }
  }

  @inline(__always)
  private func weight(_ target: Int, _ weights: CrossedWeights) -> Double {
    Double(weights.queries[mixes[target]]) * Double(weights.listeners[groups[target]])
  }
}

/// A figure with its 95 % interval.
public struct Estimate: Sendable, Equatable {
  /// The figure itself, from all data.
  public var value: Double
  /// Nil if there is too little to resample.
  public var interval: Interval?

  public init(value: Double, interval: Interval? = nil) { (self.value, self.interval) = (value, interval) }
}

extension Resamples {
  /// Sums of outputs times factors, as an output of its own: a mean over classes, or a difference between two systems.
  func combined(_ terms: [(output: Int, factor: Double)]) -> Resamples {
    func sum(_ value: (Int) -> Double) -> Double { terms.reduce(0) { $0 + $1.factor * value($1.output) } }
    let count = values.first?.count ?? 0
    return Resamples(
      estimate: [sum { estimate[$0] }], values: [(0..<count).map { r in sum { values[$0][r] } }])
  }

  /// Whether a figure is the same in all resamples in which it is defined; a resample may contain no target of a class.
  func isConstant(_ output: Int = 0) -> Bool {
    values[output].allSatisfy { $0.isNaN || abs($0 - estimate[output]) < 1e-12 }
  }

  /// The percentile interval, expanded for few units. If all resamples are equal, it is Wilson's for that number of
  /// units; with only one mix or one group there is none.
  func estimate(_ output: Int = 0, units: Int) -> Estimate {
    estimate(output, units: units) { $0.widened(around: $1, units: units) }
  }

  /// The same for `other` minus `one`. If two figures vary but never differ, as for one system under two names, their
  /// difference is exactly 0; if neither varies, it is unknown how much they would differ, so the interval is Wilson's.
  func difference(_ other: [(output: Int, factor: Double)], less one: [(output: Int, factor: Double)], units: Int)
    -> Estimate
  {
    let isKnown = !combined(other).isConstant() || !combined(one).isConstant()
    return combined(other + one.map { ($0.output, -$0.factor) }).estimate(0, units: units) {
      isKnown ? $0 : $0.widened(around: $1, units: units, isDifference: true)
    }
  }

  private func estimate(_ output: Int, units: Int, _ widened: (Interval, Double) -> Interval) -> Estimate {
    let value = estimate[output]
    guard units > 1 else { return Estimate(value: value) }
    return Estimate(value: value, interval: percentile(output, units: units).map { widened($0, value) })
  }
}
