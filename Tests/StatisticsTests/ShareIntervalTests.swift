import Statistics
import Testing

@Suite struct ShareIntervalTests {
  /// Brown, Cai & DasGupta (2001) and R's `prop.test(x, n, correct = FALSE)`: 0 of 10, 1 of 10, 5 of 20.
  @Test func wilsonsIntervalIsThatOfR() throws {
    for (share, cases, low, high) in [
      (0.0, 10, 0.0, 0.2775327998628892), (0.1, 10, 0.0178762131, 0.404150027), (0.25, 20, 0.111861701, 0.468700878),
    ] {
      let interval = try #require(Interval.wilson(share, of: cases))
      #expect(abs(interval.low - low) < 1e-6 && abs(interval.high - high) < 1e-6)
    }
    #expect(Interval.wilson(1, of: 10)?.high == 1 && Interval.wilson(0.5, of: 0) == nil)
    #expect(Interval.wilson(.nan, of: 10) == nil && Interval.wilson(1.5, of: 10) == nil)
  }

  @Test func anIntervalOfNoWidthIsWidened() {
    func widened(_ value: Double, _ isDifference: Bool = false) -> Interval {
      Interval(low: value, high: value).widened(around: value, units: 72, isDifference: isDifference)
    }
    let end = widened(0).high
    #expect(widened(0).low == 0 && end > 0.04 && end < 0.06)
    #expect(abs(widened(1).low - (1 - end)) < 1e-12 && widened(1).high == 1)
    #expect(widened(0, true) == Interval(low: -end, high: end))
    #expect(widened(-1, true).low == -1 && abs(widened(-1, true).high + 1 - end) < 1e-12)
    #expect(widened(1 - 1e-15) == widened(1))
    let wide = Interval(low: 0.1, high: 0.3)
    #expect(wide.widened(around: 0.2, units: 72) == wide)
    let lonely = Interval(low: 0.5, high: 0.5)
    #expect(lonely.widened(around: 0.5, units: 0) == lonely && lonely.widened(around: .nan, units: 5) == lonely)
  }
}
