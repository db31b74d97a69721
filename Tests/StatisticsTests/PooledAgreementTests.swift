import Basics
import Statistics
import Testing

@Suite("Pooled agreement")
struct PooledAgreementTests {
  struct Fixture: Decodable {
    struct Draw: Decodable { var listeners, queries: [Int] }
    struct Case: Decodable {
      var table: [[Double?]]
      var systems: [[Double]]
      var draws: [Draw]
      var figures: [[Double?]]
    }
    var cases: [Case]
  }

  @Test("resamples equal those of rebuilt tables, complete or incomplete, with small and large numbers")
  func oracle() throws {
    for (i, c) in try Oracle.fixture("pooled", as: Fixture.self).cases.enumerated() {
      // With a factor of 1/3, no power of ten makes the ratings whole numbers, so they are ranked by the general
      // method.
      for factor in [1, 0.5, 1.0 / 3] {
        let table = UnitRatings(c.table.map { $0.map { $0.map { $0 * factor } } })
        let bootstrap = CrossedBootstrap(
          listeners: table.raters, queries: table.units,
          replaying: c.draws.map { .init(listeners: $0.listeners, queries: $0.queries) })
        let result = bootstrap.run(PooledAgreement(table, systems: c.systems))
        for (r, expected) in c.figures.enumerated() {
          for output in expected.indices {
            let value = result.values[output][r]
            #expect(
              close(value.isNaN ? nil : value, expected[output], 1e-10), "case \(i), \(factor), draw \(r), \(output)")
          }
        }
      }
    }
  }

  @Test("the figures are the same when only some are requested")
  func parts() {
    var random = SeededRandom(seed: 1)
    let table = UnitRatings((0..<5).map { _ in (0..<7).map { _ in Double(random.below(20)) } })
    let systems = [(0..<7).map { _ in random.unit() }]
    let bootstrap = CrossedBootstrap(listeners: 5, queries: 7, resamples: 20, seed: 2)
    let all = bootstrap.run(PooledAgreement(table, systems: systems))
    #expect(all.values.count == 4)
    for (figure, outputs) in [
      (PooledAgreement.Figure.consensus, 0..<1), (.individual, 1..<2), (.ceilings, 2..<4),
    ] {
      let part = bootstrap.run(PooledAgreement(table, systems: systems, figures: [figure]))
      for (i, output) in outputs.enumerated() {
        #expect(zip(part.values[i], all.values[output]).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
      }
    }
  }
}
