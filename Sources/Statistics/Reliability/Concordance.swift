import Basics

/// Kendall's coefficient of concordance with Friedman's test, for raters who each rank all items.
public struct Concordance: Sendable, Equatable {
  /// Kendall's W with the correction for ties (Kendall & Babington Smith 1939): 0 no agreement, 1 the same ranking by
  /// all.
  public let w: Double
  /// Friedman's statistic with ties, `m (n - 1) W` for m raters and n items.
  public let chiSquared: Double
  public let degreesOfFreedom: Int
  /// By the chi-squared approximation.
  public let p: Double

  /// Ranks within each rater. Nil for incomplete tables, fewer than two raters or items, or if all raters are constant.
  public init?(_ table: RatingTable) {
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

/// A mean over pairs, with how many there were.
public struct PairMean: Sendable, Equatable {
  public let mean: Double
  public let pairs: Int
}

/// The mean agreement of two raters over the units they both rated. Pairs for which the measure is undefined (too few
/// shared units, a constant rater) are left out and not counted. Nil if none is left.
public func meanAgreement(_ table: RatingTable, _ measure: @Sendable (Span<Double>, Span<Double>) -> Double?)
  -> PairMean?
{
  let rows = table.rows
  let sums = withoutActuallyEscaping(measure) { measure in
    pureMap(Array(rows.indices)) { i -> (sum: Double, count: Int) in
      var sum = 0.0, count = 0
      for j in 0..<i {
        let shared = rows[i].indices.filter { !rows[i][$0].isNaN && !rows[j][$0].isNaN }
        let a = shared.map { rows[i][$0] }, b = shared.map { rows[j][$0] }
        guard let value = measure(a.span, b.span) else { continue }
        sum += value
        count += 1
      }
      return (sum, count)
    }
  }
  let pairs = sums.reduce(0) { $0 + $1.count }
  return pairs == 0 ? nil : PairMean(mean: sums.reduce(0) { $0 + $1.sum } / Double(pairs), pairs: pairs)
}

/// How far one half of the raters would find what the other half found.
public struct SplitHalf: Sendable, Equatable {
  /// The mean correlation of the halves' unit means over random splits.
  public let correlation: Double
  /// The mean of each split's correlation stepped up to all raters by Spearman–Brown.
  public let reliability: Double
  /// Splits in which the correlation was defined.
  public let splits: Int

  /// Splits the raters at random into halves (of an odd number one stays out, another in each split), and correlates
  /// the halves' means over the units that both rated. Nil for fewer than two raters or no defined split.
  /// - Parameter measure: Pearson's correlation by default, for which Spearman–Brown is meant.
  public init?(
    _ table: RatingTable, splits: Int = 1000, seed: UInt64,
    measure: @Sendable (Span<Double>, Span<Double>) -> Double? = { pearson($0, $1) }
  ) {
    guard table.raters > 1, let fixed = FixedPoint(table.ratings.map(\.value)) else { return nil }
    let measure = measure
    let correlations = withoutActuallyEscaping(measure) { measure in
      pureMap(Array(0..<splits)) { split -> Double? in
        var random = SeededRandom(seed: seed, "split half", "\(split)")
        let order = random.shuffled(Array(0..<table.raters)), size = table.raters / 2
        var half = Array(repeating: -1, count: table.raters)
        for i in 0..<(2 * size) { half[order[i]] = i / size }
        var sums = Array(repeating: (0.0, 0.0), count: table.units), counts = sums
        for (rating, value) in zip(table.ratings, fixed.values) {
          if half[rating.rater] == 0 {
            sums[rating.unit].0 += value
            counts[rating.unit].0 += 1
          } else if half[rating.rater] == 1 {
            sums[rating.unit].1 += value
            counts[rating.unit].1 += 1
          }
        }
        let both = (0..<table.units).filter { counts[$0].0 > 0 && counts[$0].1 > 0 }
        let a = both.map { sums[$0].0 / counts[$0].0 }, b = both.map { sums[$0].1 / counts[$0].1 }
        return measure(a.span, b.span)
      }
    }.compactMap(\.self)
    guard let correlation = mean(correlations), let reliability = mean(correlations.map { spearmanBrown($0, 2) })
    else { return nil }
    (self.correlation, self.reliability, self.splits) = (correlation, reliability, correlations.count)
  }
}

/// How well ratings given twice agree, pair by pair.
public struct Retest: Sendable, Equatable {
  public let pairs: Int
  /// Nil where undefined.
  public let pearson: Double?
  public let spearman: Double?
  /// The absolute agreement of two single ratings, ICC(A,1).
  public let agreement: Double?
  public let meanAbsoluteDifference: Double
  /// The standard deviation of a rating about its own mean, `√(Σd²/2n)`: in two thirds of cases a rating given again
  /// lies within 1.4 times of it.
  public let withinDeviation: Double

  /// Nil for no pairs.
  public init?(first: [Double], second: [Double]) {
    precondition(first.count == second.count)
    guard !first.isEmpty else { return nil }
    let differences = zip(first, second).map { $0 - $1 }
    pairs = first.count
    pearson = Statistics.pearson(first, second)
    spearman = Statistics.spearman(first, second)
    agreement = Intraclasses(RatingTable([first, second]))?.agreementSingle.value
    meanAbsoluteDifference = differences.reduce(0) { $0 + abs($1) } / Double(pairs)
    withinDeviation = (differences.reduce(0) { $0 + $1 * $1 } / Double(2 * pairs)).squareRoot()
  }
}
