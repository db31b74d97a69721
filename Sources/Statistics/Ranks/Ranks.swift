/// Average ranks from 1, smallest value first: equal values share the mean of the places they take ("mid-ranks",
/// Kendall 1945). Values are compared exactly as given; to rank averaged ratings, compare sums instead (see
/// `FixedPoint`). Empty for an empty list; nil if a value is NaN. Infinities rank first and last.
public func averageRanks(_ values: [Double]) -> [Double]? {
  guard !values.contains(where: \.isNaN) else { return nil }
  return withCentredRanks(values.span) { ranks, _ in
    (0..<values.count).map { Double(ranks[$0] + values.count + 1) / 2 }
  }
}

/// Passes to `body` the doubled, centred average ranks `2R - (n + 1)` of `values`, which are integers whatever the
/// ties, and the sum of their squares. A value's doubled centred rank is also the number of values below it minus the
/// number above it, by which short lists are ranked.
@inline(__always)
func withCentredRanks<R>(
  _ values: Span<Double>, _ body: (UnsafeMutableBufferPointer<Int>, _ squares: Int) -> R
) -> R {
  withUnsafeTemporaryAllocation(of: Int.self, capacity: values.count) { ranks in
    ranks.initialize(repeating: 0)
    return body(ranks, centredRanks(values, into: ranks))
  }
}

func centredRanks(_ values: Span<Double>, into ranks: UnsafeMutableBufferPointer<Int>) -> Int {
  let n = values.count
  var squares = 0
  if n <= 40 {
    for i in 0..<n {
      let value = values[unchecked: i]
      var rank = 0
      for j in 0..<n {
        let other = values[unchecked: j]
        rank &+= (other < value ? 1 : 0) &- (other > value ? 1 : 0)
      }
      ranks[i] = rank
      squares &+= rank &* rank
    }
    return squares
  }
  withUnsafeTemporaryAllocation(of: (value: Double, place: Int).self, capacity: n) { room in
    var pairs = room
    for i in 0..<n { pairs.initializeElement(at: i, to: (values[unchecked: i], i)) }
    pairs.sort { $0.value < $1.value }
    var start = 0
    while start < n {
      var end = start + 1
      while end < n, pairs[end].value == pairs[start].value { end += 1 }
      let rank = start + end - n
      for i in start..<end { ranks[pairs[i].place] = rank }
      squares += rank * rank * (end - start)
      start = end
    }
  }
  return squares
}

/// Decimal numbers stored as integers, so that sums of them are exact and do not depend on the order of addition: two
/// candidates whose ratings have the same sum are tied, without floating-point noise of the mean.
public struct FixedPoint: Sendable {
  /// The values times `scale`, each an integer.
  public let values: [Double]
  /// A power of ten; of two, if the values are not represented exactly.
  public let scale: Double
  /// Whether the scaled values represent the given ones exactly; otherwise they were rounded to 12 digits of the
  /// largest.
  public let isExact: Bool
  /// Means of the scaled values that differ by no more than this are equal: 0 if exact, else twice the rounding unit.
  public var tolerance: Double { isExact ? 0 : 2 }

  /// Uses the smallest power of ten, up to a million, that makes all values integers (ratings of 0–100, or in steps of
  /// a half, or 0.01). Values for which there is none, such as z-scores, are rounded to a grid of 10⁻¹² of the largest
  /// magnitude (a power of two), on which sums of up to 4,000 values are still exact. Nil if a value is not finite. NaN
  /// marks a missing rating if `missing` is true, and is kept.
  public init?(_ given: [Double], missing: Bool = false) {
    guard given.allSatisfy({ $0.isFinite || (missing && $0.isNaN) }) else { return nil }
    var scale = 1.0
    while scale <= 1e6 {
      let factor = scale
      if given.allSatisfy({ value in
        let scaled = (value * factor).rounded()
        return value.isNaN || (abs(scaled) < 0x1p40 && scaled / factor == value)
      }) {
        values = given.map { ($0 * factor).rounded() }
        self.scale = factor
        isExact = true
        return
      }
      scale *= 10
    }
    let largest = given.reduce(0) { $1.isNaN ? $0 : max($0, abs($1)) }
    let grid = Double(sign: .plus, exponent: 40 - largest.exponent, significand: 1)
    values = given.map { ($0 * grid).rounded() }
    self.scale = grid
    isExact = false
  }
}

/// Sets values that differ by no more than `tolerance` from an earlier one equal to it. For short lists.
func tie(_ values: inout [Double], within tolerance: Double) {
  guard tolerance > 0 else { return }
  for i in values.indices {
    if let same = values[..<i].first(where: { abs($0 - values[i]) <= tolerance }) { values[i] = same }
  }
}
