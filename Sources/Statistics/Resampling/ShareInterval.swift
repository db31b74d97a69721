extension Interval {
  /// Wilson's (1927) interval for a share of independent cases. Nil without cases.
  public static func wilson(_ share: Double, of cases: Int, level: Double = 0.95) -> Interval? {
    wilson(share, of: Double(cases), level: level)
  }

  /// The same for a number of cases that is estimated, and so need not be whole.
  public static func wilson(_ share: Double, of n: Double, level: Double = 0.95) -> Interval? {
    guard n > 0, n.isFinite, (0...1).contains(share), let z = Normal().quantile((1 + level) / 2) else { return nil }
    let middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    return Interval(low: share == 0 ? 0 : max(0, middle - half), high: share == 1 ? 1 : min(1, middle + half))
  }

  /// Replaces an interval of zero width, which results if a figure is the same in all resamples (a share of 0 or 1 in
  /// every unit), by Wilson's interval for that many units. For any figure that is between 0 and 1 in every unit this
  /// is conservative, since no such figure varies more than a share does.
  /// - Parameters:
  ///   - units: the number of independent units behind the figure.
  ///   - isDifference: whether the figure is a difference of two figures of the same units, from −1 to 1. Its absolute
  ///     value is then used as the share of units in which the two differ.
  public func widened(around value: Double, units: Int, isDifference: Bool = false, level: Double = 0.95) -> Interval {
    // Sums of thirds and the like are integers apart from rounding.
    let whole = value.rounded(), value = abs(value - whole) < 1e-12 ? whole : value
    guard high - low < 1e-12, let share = Interval.wilson(abs(value), of: units, level: level) else { return self }
    if value < 0 { return Interval(low: -share.high, high: -share.low) }
    return value == 0 && isDifference ? Interval(low: -share.high, high: share.high) : share
  }
}
