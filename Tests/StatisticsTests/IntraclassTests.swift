import Statistics
import Testing

@Suite("Intraclass correlations")
struct IntraclassTests {
  struct Fixture: Decodable {
    struct Table: Decodable {
      var units: [[Double]]
      var value, f, p, low, high: [Double]
    }
    var tables: [Table]
  }

  @Test("values, tests and intervals equal those of psych::ICC")
  func oracle() throws {
    for t in try Oracle.fixture("icc", as: Fixture.self).tables {
      let raters = t.units[0].indices.map { r in t.units.map { Optional($0[r]) } }
      let icc = try #require(Intraclasses(UnitRatings(raters)))
      let six = [
        icc.oneWaySingle, icc.agreementSingle, icc.consistencySingle, icc.oneWayAverage, icc.agreementAverage,
        icc.consistencyAverage,
      ]
      for (i, one) in six.enumerated() {
        #expect(close(one.value, t.value[i], 1e-10))
        #expect(close(one.f, t.f[i], 1e-10))
        #expect(close(one.p, t.p[i], 1e-10))
        #expect(close(one.interval.low, t.low[i], 1e-10), "\(i): \(one.interval) \(t.low[i])")
        #expect(close(one.interval.high, t.high[i], 1e-10), "\(i): \(one.interval) \(t.high[i])")
      }
    }
  }

  @Test("Shrout and Fleiss's table", .enabled(if: Oracle.hasReference, "needs EARSHOT_REFERENCE"))
  func textbook() throws {
    let units = try ReferenceData.textbook("shrout_fleiss_1979")
    let icc = try #require(Intraclasses(UnitRatings(units[0].indices.map { r in units.map { $0[r] } })))
    let six = [
      icc.oneWaySingle, icc.agreementSingle, icc.consistencySingle, icc.oneWayAverage, icc.agreementAverage,
      icc.consistencyAverage,
    ]
    for (one, expected) in zip(six, [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]) { #expect(abs(one.value - expected) < 0.005) }
  }

  @Test("undefined for incomplete or constant tables")
  func undefined() {
    #expect(Intraclasses(UnitRatings([[1, nil], [2, 3]])) == nil)
    #expect(Intraclasses(UnitRatings([[1, 1], [1, 1]])) == nil)
    #expect(Intraclasses(UnitRatings([[1, 2]])) == nil)
  }
}
