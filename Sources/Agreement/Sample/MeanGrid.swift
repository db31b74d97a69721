/// A grid on which mean ratings lie, so that the noise of adding in another order breaks no tie: far finer than any
/// difference between ratings, and coarser than that noise, whatever the unit of the scale.
struct MeanGrid: Sendable {
  private let step: Double

  /// 2⁻³⁰ of the ratings' span, or 2⁻⁴⁴ of the largest where that is more, each to a power of two.
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
