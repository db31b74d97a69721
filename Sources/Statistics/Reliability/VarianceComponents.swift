/// The variance of ratings due to the units, the raters and the residual, for data that may be arbitrarily sparse:
/// `rating = mean + unit + rater + residual`, with the last three random.
///
/// It is estimated by Henderson's third method (1953; Searle, Casella & McCulloch 1992, chapter 5), which equates the
/// sums of squares of fitted models with their expectations and assumes no distribution. For complete data it is the
/// analysis of variance. Components are not truncated; a negative one means that no such variance was found.
public struct VarianceComponents: Sendable, Equatable {
  /// The variance of units' own values.
  public let units: Double
  /// The variance of raters' own levels.
  public let raters: Double
  /// The variance of single ratings about both.
  public let residual: Double
  /// The components of the one-way model, which does not identify raters.
  public let oneWayUnits: Double, oneWayWithin: Double
  /// The harmonic mean of the number of ratings per unit, for the reliability of averages.
  public let ratingsPerUnit: Double

  /// Nil if a component cannot be estimated: with fewer than two units or raters with ratings, or without degrees of
  /// freedom.
  public init?(_ table: UnitRatings) {
    let total = table.ratings.count
    let grand = table.ratings.reduce(0) { $0 + $1.value } / Double(total)
    let y = table.ratings.map { $0.value - grand }
    let unit = Classes(table.ratings.map(\.unit), below: table.units, of: y)
    let rater = Classes(table.ratings.map(\.rater), below: table.raters, of: y)
    let unitCount = unit.counts.count, raterCount = rater.counts.count
    guard unitCount > 1, raterCount > 1 else { return nil }
    let withinUnits = unit.squaresWithin(y), withinRaters = rater.squaresWithin(y)
    let (ratersGivenUnits, rank) = rater.squares(given: unit)
    guard rank > 0 else { return nil }
    let error = max(0, withinUnits - ratersGivenUnits)
    let unitsGivenRaters = withinRaters - error
    let errorDf = total - unitCount - rank, unitRank = unitCount + rank - raterCount
    guard errorDf > 0, unitRank > 0 else { return nil }
    residual = error / Double(errorDf)
    let raterTrace = Double(total) - y.indices.reduce(0) { $0 + 1 / unit.counts[unit.of[$1]] }
    let unitTrace = Double(total) - y.indices.reduce(0) { $0 + 1 / rater.counts[rater.of[$1]] }
    guard raterTrace > 1e-9, unitTrace > 1e-9 else { return nil }
    raters = (ratersGivenUnits - Double(rank) * residual) / raterTrace
    units = (unitsGivenRaters - Double(unitRank) * residual) / unitTrace
    let between = unit.sums.indices.reduce(0) { $0 + unit.sums[$1] * unit.sums[$1] / unit.counts[$1] }
    let squares = unit.counts.reduce(0) { $0 + $1 * $1 }
    let usual = (Double(total) - squares / Double(total)) / Double(unitCount - 1)
    oneWayWithin = withinUnits / Double(total - unitCount)
    oneWayUnits = (between / Double(unitCount - 1) - oneWayWithin) / usual
    ratingsPerUnit = Double(unitCount) / unit.counts.reduce(0) { $0 + 1 / $1 }
  }

  /// ICC(1): the reliability of one rating without identified raters. Nil without any variance.
  public var oneWay: Double? { ratio(oneWayUnits, oneWayWithin) }
  /// ICC(A,1): the absolute agreement of one rating.
  public var agreement: Double? { ratio(units, raters + residual) }
  /// ICC(C,1): the consistency of one rating.
  public var consistency: Double? { ratio(units, residual) }
  /// ICC(k): the reliability of the mean of k ratings without identified raters; by default k is the number of ratings
  /// per unit (harmonic mean).
  public func oneWay(of k: Double? = nil) -> Double? { ratio(oneWayUnits, oneWayWithin / (k ?? ratingsPerUnit)) }
  /// ICC(A,k): the absolute agreement of the mean of k ratings; see `oneWay(of:)`.
  public func agreement(of k: Double? = nil) -> Double? { ratio(units, (raters + residual) / (k ?? ratingsPerUnit)) }
  /// ICC(C,k): the consistency of the mean of k ratings; see `oneWay(of:)`.
  public func consistency(of k: Double? = nil) -> Double? { ratio(units, residual / (k ?? ratingsPerUnit)) }

  private func ratio(_ signal: Double, _ noise: Double) -> Double? {
    signal + noise > 0 ? signal / (signal + noise) : nil
  }

  /// An interval for a figure of the components (`\.agreement`), by leaving out one rater and one unit at a time. The
  /// variances of both jackknives are summed, and the interval is the estimate ± the t quantile times the standard
  /// error, with the smaller number minus one as degrees of freedom. Nil if a figure is undefined for one of the
  /// samples.
  public static func interval(
    _ table: UnitRatings, level: Double = 0.95, _ figure: @Sendable (VarianceComponents) -> Double?
  ) -> Interval? {
    guard let estimate = VarianceComponents(table).flatMap(figure) else { return nil }
    let raters = Set(table.ratings.map(\.rater)).sorted(), units = Set(table.ratings.map(\.unit)).sorted()
    let figure = figure
    var error = 0.0
    for left in [raters.map { table.without(raters: [$0]) }, units.map { table.without(units: [$0]) }] {
      let values = withoutActuallyEscaping(figure) { figure in
        pureMap(left) { VarianceComponents($0).flatMap(figure) }
      }.compactMap(\.self)
      guard values.count == left.count, let variance = variance(values) else { return nil }
      let n = Double(values.count)
      error += variance * (n - 1) * (n - 1) / n
    }
    guard let t = StudentT(Double(min(raters.count, units.count) - 1)).quantile((1 + level) / 2) else { return nil }
    return Interval(low: estimate - t * error.squareRoot(), high: estimate + t * error.squareRoot())
  }
}

/// Ratings classified by their unit, or by their rater. Those without ratings are left out, and the rest are
/// renumbered.
private struct Classes {
  /// By rating: its class.
  let of: [Int]
  /// By class: the sum and the number of its ratings.
  private(set) var sums: [Double], counts: [Double]

  /// - Parameter limit: an upper bound of the indices, exclusive.
  init(_ indices: [Int], below limit: Int, of y: [Double]) {
    var number = Array(repeating: -1, count: limit), count = 0
    for index in Set(indices).sorted() {
      number[index] = count
      count += 1
    }
    of = indices.map { number[$0] }
    sums = Array(repeating: 0, count: count)
    counts = sums
    for i in y.indices {
      sums[of[i]] += y[i]
      counts[of[i]] += 1
    }
  }

  /// The sum of squares about the means of the classes.
  func squaresWithin(_ y: [Double]) -> Double {
    var sum = 0.0
    for i in y.indices {
      let rest = y[i] - sums[of[i]] / counts[of[i]]
      sum += rest * rest
    }
    return sum
  }

  /// The sum of squares that these classes explain beyond the others, and its degrees of freedom, by the normal
  /// equations with the others absorbed.
  func squares(given others: Classes) -> (sum: Double, rank: Int) {
    var byOther = Array(repeating: [Int](), count: others.counts.count)
    for i in of.indices { byOther[others.of[i]].append(i) }
    let count = counts.count
    var matrix = Array(repeating: 0.0, count: count * count), right = sums
    for c in 0..<count { matrix[c * count + c] = counts[c] }
    for o in byOther.indices {
      for i in byOther[o] {
        right[of[i]] -= others.sums[o] / others.counts[o]
        for j in byOther[o] { matrix[of[i] * count + of[j]] -= 1 / others.counts[o] }
      }
    }
    return quadraticForm(&matrix, &right)
  }
}

/// `b' A⁻ b` and the rank of the symmetric positive semi-definite A, by Cholesky factorisation with pivoting.
/// Overwrites both.
private func quadraticForm(_ a: inout [Double], _ b: inout [Double]) -> (sum: Double, rank: Int) {
  let n = b.count
  let tolerance = 1e-10 * (0..<n).reduce(0) { max($0, a[$1 * n + $1]) }
  var value = 0.0
  for step in 0..<n {
    guard let pivot = (step..<n).max(by: { a[$0 * n + $0] < a[$1 * n + $1] }), a[pivot * n + pivot] > tolerance
    else { return (value, step) }
    if pivot != step {
      for i in 0..<n { a.swapAt(step * n + i, pivot * n + i) }
      for i in 0..<n { a.swapAt(i * n + step, i * n + pivot) }
      b.swapAt(step, pivot)
    }
    let diagonal = a[step * n + step]
    value += b[step] * b[step] / diagonal
    for i in (step + 1)..<max(step + 1, n) {
      let factor = a[i * n + step] / diagonal
      guard factor != 0 else { continue }
      b[i] -= factor * b[step]
      for j in (step + 1)..<n { a[i * n + j] -= factor * a[step * n + j] }
    }
  }
  return (value, n)
}
