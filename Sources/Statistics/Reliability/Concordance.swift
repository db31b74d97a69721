import Basics

/// Kendall's coefficient of concordance with Friedman's test, for raters who each rank all items.
public struct Concordance: Sendable, Equatable {
  /// Kendall's W with the correction for ties (Kendall & Babington Smith 1939): 0 for no agreement, 1 if all rank
  /// alike.
  public let w: Double
  /// Friedman's statistic with ties, `m (n - 1) W` for m raters and n items.
  public let chiSquared: Double
  /// `n - 1` for n items.
  public let degreesOfFreedom: Int
  /// The p-value, by the chi-squared approximation.
  public let p: Double

  /// Ranks the items within each rater. Nil for incomplete tables, fewer than two raters or items, or if all raters are
  /// constant.
  public init?(_ table: UnitRatings) {
    guard table.isComplete, table.raters > 1, table.units > 1 else { return nil }
    let n = table.units, m = table.raters
    // In doubled centred ranks: the squared sums over items, and what they would be if all agreed.
    var sums = Array(repeating: 0, count: n), squares = 0
    for row in table.rows {
      withCentredRanks(row.span) { ranks, own in
        for i in 0..<n { sums[i] += ranks[i] }
        squares += own
      }
    }
    guard squares > 0 else { return nil }
    w = Double(sums.reduce(0) { $0 + $1 * $1 }) / (Double(m) * Double(squares))
    chiSquared = Double(m * (n - 1)) * w
    degreesOfFreedom = n - 1
    p = ChiSquared(Double(n - 1)).upper(chiSquared)
  }
}

/// The agreement of two raters over the units that both rated.
public struct RaterPair: Sendable, Equatable {
  /// The number of a rater, from 0.
  public let first: Int
  /// The number of the other rater, larger than `first`.
  public let second: Int
  /// Their agreement by the measure asked for.
  public let value: Double
}

/// The agreement of each two raters over the units that both rated. Pairs for which the measure is undefined (too few
/// shared units, a constant rater) are left out.
public func pairAgreements(_ table: UnitRatings, _ measure: @Sendable (Span<Double>, Span<Double>) -> Double?)
  -> [RaterPair]
{
  let rows = table.rows
  return withoutActuallyEscaping(measure) { measure in
    pureMap(Array(rows.indices)) { i -> [RaterPair] in
      (0..<i).compactMap { j in
        let shared = rows[i].indices.filter { !rows[i][$0].isNaN && !rows[j][$0].isNaN }
        let a = shared.map { rows[i][$0] }, b = shared.map { rows[j][$0] }
        return measure(a.span, b.span).map { RaterPair(first: i, second: j, value: $0) }
      }
    }
  }.flatMap(\.self)
}

/// How well one half of the raters reproduces the results of the other half.
public struct SplitHalf: Sendable, Equatable {
  /// The mean correlation of the halves' unit means over random splits.
  public let correlation: Double
  /// The mean over splits of the correlation stepped up to all raters, by Spearman–Brown or, if the halves are unequal,
  /// by Horst (1951).
  public let reliability: Double
  /// The number of splits in which the correlation was defined.
  public let splits: Int

  /// Splits the raters at random into halves (with an odd number, one half has one rater more), and correlates the
  /// halves' means over the units that both rated. Nil with fewer than two raters or without a defined split.
  /// - Parameter measure: Pearson's correlation by default, for which Spearman–Brown is meant.
  public init?(
    _ table: UnitRatings, splits: Int = 1000, seed: UInt64,
    measure: @Sendable (Span<Double>, Span<Double>) -> Double? = { pearson($0, $1) }
  ) {
    guard table.raters > 1, let fixed = FixedPoint(table.ratings.map(\.value)) else { return nil }
    let measure = measure
    let correlations = withoutActuallyEscaping(measure) { measure in
      pureMap(Array(0..<splits)) { split -> Double? in
        let halves = Self.halves(table, fixed.values, split, seed)
        let both = halves.indices.filter { !halves[$0].a.isNaN && !halves[$0].b.isNaN }
        let a = both.map { halves[$0].a }, b = both.map { halves[$0].b }
        return measure(a.span, b.span)
      }
    }.compactMap(\.self)
    guard let correlation = mean(correlations),
      let reliability = mean(correlations.map { Self.stepUp($0, table.raters) })
    else { return nil }
    (self.correlation, self.reliability, self.splits) = (correlation, reliability, correlations.count)
  }

  /// The reliability of the mean of all raters, from the correlation of two parts that are as equal as possible (Horst,
  /// P. (1951). Estimating total test reliability from parts of unequal length. Educational and Psychological
  /// Measurement 11). For equal parts it is the Spearman–Brown formula. Both go to −∞ as the correlation goes to −1, so
  /// that one split could decide the mean of all: the result is no less than −1.
  static func stepUp(_ r: Double, _ raters: Int) -> Double {
    let p = Double(raters / 2) / Double(raters)
    // Horst's r (√(r² + 4 p (1 − p) (1 − r²)) − r) / (2 p (1 − p) (1 − r²)), written so that nothing cancels.
    let root = max(0, r * r + 4 * p * (1 - p) * (1 - r * r)).squareRoot() + r
    return root > 0 ? min(1, max(-1, 2 * r / root)) : r < 0 ? -1 : 0
  }

  /// The two halves' means of each unit in one of the splits; NaN if a half did not rate it.
  private static func halves(_ table: UnitRatings, _ values: [Double], _ split: Int, _ seed: UInt64)
    -> [(a: Double, b: Double)]
  {
    var random = SeededRandom(seed: seed, "split half", "\(split)")
    let order = random.shuffled(Array(0..<table.raters)), size = table.raters / 2
    var half = Array(repeating: -1, count: table.raters)
    for i in order.indices { half[order[i]] = i < size ? 0 : 1 }
    var sums = Array(repeating: (0.0, 0.0), count: table.units), counts = sums
    for (rating, value) in zip(table.ratings, values) {
      if half[rating.rater] == 0 {
        sums[rating.unit].0 += value
        counts[rating.unit].0 += 1
      } else if half[rating.rater] == 1 {
        sums[rating.unit].1 += value
        counts[rating.unit].1 += 1
      }
    }
    return zip(sums, counts).map { ($0.0 / $1.0, $0.1 / $1.1) }  // 0 / 0 is not a number
  }

  /// Pearson's correlation of the halves and its step-up, each a mean over the first `splits` splits of `init`, with
  /// units weighted by how often their query counts: the statistic for a bootstrap over queries. (Listeners who are
  /// drawn twice would be in both halves.)
  public static func byQueries(
    _ table: UnitRatings, queryOfUnit: [Int], splits: Int, seed: UInt64
  ) -> FunctionStatistic {
    let values = table.ratings.map(\.value), raters = table.raters
    let all = pureMap(Array(0..<splits)) { halves(table, values, $0, seed) }
    return FunctionStatistic(outputs: 2) { weights in
      let correlations = all.compactMap { halves -> Double? in
        var n = 0.0, a = 0.0, b = 0.0, aa = 0.0, bb = 0.0, ab = 0.0
        for (unit, pair) in halves.enumerated() where !pair.a.isNaN && !pair.b.isNaN {
          let weight = Double(weights.queries[queryOfUnit[unit]])
          n += weight
          a += weight * pair.a
          b += weight * pair.b
          aa += weight * pair.a * pair.a
          bb += weight * pair.b * pair.b
          ab += weight * pair.a * pair.b
        }
        let left = n * aa - a * a, right = n * bb - b * b
        guard left > 1e-9 * n * aa, right > 1e-9 * n * bb else { return nil }
        return max(-1, min(1, (n * ab - a * b) / (left * right).squareRoot()))
      }
      return [mean(correlations), mean(correlations.map { stepUp($0, raters) })]
    }
  }
}

/// How well ratings that were given twice agree.
public struct Retest: Sendable, Equatable {
  /// The number of ratings that were given twice.
  public let pairs: Int
  /// Nil if undefined.
  public let pearson: Double?
  /// The rank correlation of first and second ratings. Nil if undefined.
  public let spearman: Double?
  /// The absolute agreement of two single ratings, ICC(A,1).
  public let agreement: Double?
  /// The standard deviation of a rating about its own mean, `√(Σd²/2n)`: in two thirds of cases a repeated rating is
  /// within 1.4 times this of the first one.
  public let withinDeviation: Double

  /// Nil without pairs.
  public init?(first: [Double], second: [Double]) {
    precondition(first.count == second.count)
    guard !first.isEmpty else { return nil }
    let differences = zip(first, second).map { $0 - $1 }
    pairs = first.count
    pearson = Statistics.pearson(first, second)
    spearman = Statistics.spearman(first, second)
    agreement = Intraclasses(UnitRatings([first, second]))?.agreementSingle.value
    withinDeviation = (differences.reduce(0) { $0 + $1 * $1 } / Double(2 * pairs)).squareRoot()
  }
}
