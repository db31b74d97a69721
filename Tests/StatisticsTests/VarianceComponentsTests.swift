import Basics
import Statistics
import Testing

@Suite("Variance components")
struct VarianceComponentsTests {
  @Test("sparse tables: Henderson's third method equals projections on the whole design")
  func oracle() throws {
    for c in try Oracle.fixture("reliability", as: ReliabilityFixture.self).cases {
      let components = try #require(VarianceComponents(UnitRatings(c.rows)))
      #expect(close(components.units, c.components[0], 1e-10))
      #expect(close(components.raters, c.components[1], 1e-10))
      #expect(close(components.residual, c.components[2], 1e-10))
    }
  }

  @Test("on complete tables they equal the analysis of variance")
  func complete() throws {
    let table = UnitRatings([[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]])
    let icc = try #require(Intraclasses(table)), components = try #require(VarianceComponents(table))
    #expect(close(components.oneWay, icc.oneWaySingle.value))
    #expect(close(components.agreement, icc.agreementSingle.value))
    #expect(close(components.consistency, icc.consistencySingle.value))
    #expect(close(components.oneWay(), icc.oneWayAverage.value))
    #expect(close(components.agreement(), icc.agreementAverage.value))
    #expect(close(components.consistency(), icc.consistencyAverage.value))
    #expect(close(components.agreement(of: 4), icc.agreementAverage.value))
  }

  @Test("planted components are recovered, and their interval contains them")
  func planted() throws {
    var random = SeededRandom(seed: 11)
    let raters = (0..<40).map { _ in random.normal() * 5 }, units = (0..<60).map { _ in random.normal() * 10 }
    let rows = raters.map { rater in
      units.map { unit -> Double? in
        guard random.unit() >= 0.6 else { return nil }
        return unit + rater + random.normal() * 8
      }
    }
    let table = UnitRatings(rows)
    let components = try #require(VarianceComponents(table))
    #expect(abs(components.residual - 64) < 8)
    #expect(abs(components.units - 100) < 60)
    let interval = try #require(VarianceComponents.interval(table) { $0.agreement })
    let planted = 100.0 / (100 + 25 + 64)
    #expect(interval.contains(planted))
    #expect(interval.high - interval.low < 0.35)
  }

  @Test("undefined where a component cannot be told apart")
  func undefined() {
    #expect(VarianceComponents(UnitRatings([[1, 2, 3]])) == nil)
    #expect(VarianceComponents(UnitRatings([[1, nil], [nil, 2]])) == nil)
    #expect(VarianceComponents(UnitRatings([])) == nil)
  }
}
