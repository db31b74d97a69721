/// Ratings of units (a candidate for a query) by raters, any of which may be missing: the input of reliability
/// measures.
public struct UnitRatings: Sendable, Equatable {
  /// A rater's rating of a unit; both are numbered from 0.
  public struct Rating: Sendable, Equatable {
    /// The number of the rater, from 0.
    public var rater: Int
    /// The number of the unit, from 0.
    public var unit: Int
    /// In points of the scale.
    public var value: Double

    public init(rater: Int, unit: Int, value: Double) { (self.rater, self.unit, self.value) = (rater, unit, value) }
  }

  /// The number of raters, with or without ratings.
  public let raters: Int
  /// The number of units, with or without ratings.
  public let units: Int
  /// Sorted by rater, then by unit; at most one rating per rater and unit.
  public let ratings: [Rating]

  /// Indices must be in range, values finite, and no unit rated twice by a rater.
  public init(raters: Int, units: Int, ratings: [Rating]) {
    let sorted = ratings.sorted { ($0.rater, $0.unit) < ($1.rater, $1.unit) }
    precondition(sorted.allSatisfy { (0..<raters).contains($0.rater) && (0..<units).contains($0.unit) })
    precondition(sorted.allSatisfy(\.value.isFinite), "a rating is not finite")
    for (a, b) in zip(sorted, sorted.dropFirst()) {
      precondition(a.rater != b.rater || a.unit != b.unit, "rater \(a.rater) rates unit \(a.unit) twice")
    }
    (self.raters, self.units, self.ratings) = (raters, units, sorted)
  }

  /// One row per rater, one column per unit; nil is missing. Rows must be of equal length.
  public init(_ rows: [[Double?]]) {
    let units = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == units }, "the rows differ in length")
    self.init(
      raters: rows.count, units: units,
      ratings: rows.enumerated().flatMap { rater, row in
        row.enumerated().compactMap { unit, value in value.map { Rating(rater: rater, unit: unit, value: $0) } }
      })
  }

  /// Whether every rater rated every unit.
  public var isComplete: Bool { ratings.count == raters * units }

  /// One row per rater, one column per unit; NaN if missing.
  public var rows: [[Double]] {
    var rows = Array(repeating: Array(repeating: Double.nan, count: units), count: raters)
    for rating in ratings { rows[rating.rater][rating.unit] = rating.value }
    return rows
  }

  /// The ratings without some raters and units. The indices of the others do not change.
  public func without(raters: Set<Int> = [], units: Set<Int> = []) -> UnitRatings {
    UnitRatings(
      raters: self.raters, units: self.units,
      ratings: ratings.filter { !raters.contains($0.rater) && !units.contains($0.unit) })
  }
}
