/// Spearman's correlation over all units pooled, for tables in which units are comparable without regard to a query
/// (one long list of items, each rated by many). If each unit has a query of its own, units are resampled one by one.
///
/// The figures, in the order of the outputs, as far as requested:
/// - `consensus`: each system with the units' mean ratings;
/// - `individual`: each system with each rater, averaged over raters with their multiplicities;
/// - `ceilings`: each rater with the mean of the other raters, leaving out all of the rater's own copies (lower bound),
///   and with the mean of all (upper bound; Nili et al. 2014), averaged likewise.
///
/// A unit that counts twice occurs twice, with tied ranks. Means are exact sums divided once. Ratings may be missing: a
/// rater is compared over the units that this and another rater rated. Raters for whom a correlation is undefined are
/// left out.
public struct PooledAgreement: CrossedStatistic {
  /// The figures that can be computed; see above.
  public enum Figure: String, Sendable, CaseIterable { case consensus, individual, ceilings }

  let figures: Set<Figure>
  let units: Int
  let queryOfUnit: [Int]
  let systems: [System]
  let rows: [Row]
  /// The number of raters, counting copies, up to which sums are integers that single precision holds exactly; 0 if a
  /// rating is missing.
  let wholeUpTo: Int
  /// Means that differ by no more than this are equal.
  let tolerance: Double

  struct Row: Sendable {
    var units: [Int32]
    var values: [Double]
    var keys: [Int32]
    var singles: [Float]
  }

  struct System: Sendable {
    var scores: [Double]
    /// The units in ascending order of score, and where each run of ties ends.
    var order: [Int32]
    var ends: [Int32]
    var hasTies: Bool
  }

  /// - Parameters:
  ///   - systems: by system, the score of each unit; larger is better.
  ///   - figures: the figures to compute.
  ///   - queryOfUnit: the query of each unit; nil if each unit is a query of its own.
  public init(
    _ table: UnitRatings, systems: [[Double]], figures: Set<Figure> = Set(Figure.allCases), queryOfUnit: [Int]? = nil
  ) {
    precondition(systems.allSatisfy { $0.count == table.units && allNumbers($0.span) }, "a score is missing")
    precondition(queryOfUnit?.count ?? table.units == table.units)
    self.figures = figures
    units = table.units
    self.queryOfUnit = queryOfUnit ?? Array(0..<table.units)
    self.systems = systems.map { scores in
      let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
      var ends: [Int32] = []
      for i in order.indices where i + 1 == order.count || scores[order[i]] != scores[order[i + 1]] {
        ends.append(Int32(i + 1))
      }
      return System(
        scores: scores, order: order.map { Int32($0) }, ends: ends, hasTies: ends.count < order.count)
    }
    guard let fixed = FixedPoint(table.ratings.map(\.value)) else { preconditionFailure("a rating is not finite") }
    tolerance = fixed.tolerance
    let largest = fixed.values.reduce(1) { max($0, abs($1)) }
    let wholeUpTo = table.isComplete ? Int(min(0x1p24, 0x1p24 / largest)) : 0
    self.wholeUpTo = wholeUpTo
    var rows = Array(repeating: Row(units: [], values: [], keys: [], singles: []), count: table.raters)
    for (rating, value) in zip(table.ratings, fixed.values) {
      rows[rating.rater].units.append(Int32(rating.unit))
      rows[rating.rater].values.append(value)
      if wholeUpTo > 0 {
        rows[rating.rater].keys.append(Int32(value))
        rows[rating.rater].singles.append(Float(value))
      }
    }
    self.rows = rows
  }

  public var outputs: Int {
    (figures.contains(.consensus) ? systems.count : 0) + (figures.contains(.individual) ? systems.count : 0)
      + (figures.contains(.ceilings) ? 2 : 0)
  }

  public func workspace() -> PooledWorkspace { PooledWorkspace(units: units, systems: systems.count) }

  public func evaluate(_ weights: CrossedWeights, _ room: inout PooledWorkspace, into values: inout [Double]) {
    room.load(self, weights)
    var output = 0
    if figures.contains(.consensus) {
      room.consensus(self, into: &values)
      output += systems.count
    }
    if figures.contains(.individual) {
      room.individual(self, weights, into: &values, from: output)
      output += systems.count
    }
    if figures.contains(.ceilings) { (values[output], values[output + 1]) = room.ceilings(self, weights) }
  }
}
