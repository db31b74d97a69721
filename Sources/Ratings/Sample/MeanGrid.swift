/// A grid to round mean ratings to, so that rounding errors of sums in a different order break no tie. It is far finer
/// than any difference between ratings and coarser than the errors, whatever the unit of the scale.
struct MeanGrid: Sendable {
  private let step: Double

  /// The step is 2⁻³⁰ of the ratings' span, or 2⁻⁴⁴ of the largest absolute rating if that is more, each rounded down
  /// to a power of two.
  init(of pages: [RatedStudy.Page]) {
    var low = Double.infinity, high = -Double.infinity
    for page in pages {
      for rating in page.ratings { (low, high) = (min(low, rating), max(high, rating)) }
    }
    let span = high > low ? high - low : 1, largest = max(abs(low), abs(high))
    let step = max(span.binade * 0x1p-30, largest.isFinite ? largest.binade * 0x1p-44 : 0)
    self.step = step > 0 ? step : .leastNormalMagnitude
  }

  @inline(__always)
  func mean(_ sum: Double, _ weight: Double) -> Double { (sum / weight / step).rounded() * step }
}
