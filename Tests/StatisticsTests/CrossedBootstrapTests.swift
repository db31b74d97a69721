import Foundation
import Statistics
import Synchronization
import Testing

@Suite("Crossed bootstrap")
struct CrossedBootstrapTests {
  /// The mean of a table of listeners × queries; a cell counts as often as its listener is drawn times its query.
  static func mean(_ table: [[Double]]) -> FunctionStatistic {
    FunctionStatistic(outputs: 2) { weights in
      var sum = 0.0, count = 0.0
      for (l, row) in table.enumerated() {
        for (q, value) in row.enumerated() {
          let weight = Double(weights.listeners[l] * weights.queries[q])
          sum += weight * value
          count += weight
        }
      }
      return [sum / count, weights.listeners[0] == 0 ? nil : sum / count]
    }
  }

  let table: [[Double]] = (0..<6).map { l in
    (0..<9).map { q -> Double in
      let spread = (l * 7 + q * q * 3) % 11
      return Double(l + spread)
    }
  }

  @Test("a resample depends only on seed and index, and its draws match its weights")
  func draws() {
    let bootstrap = CrossedBootstrap(listeners: 6, queries: 9, resamples: 50, seed: 7)
    let contrast = CrossedBootstrap(listeners: 6, queries: 9, resamples: 50, seed: 7, factors: .listeners)
    var weights = CrossedWeights.ones(listeners: 6, queries: 9), one = weights
    for r in 0..<50 {
      let draw = bootstrap.draw(r)
      bootstrap.weights(r, into: &weights)
      #expect((0..<6).map { l in Int32(draw.listeners.count { $0 == l }) } == weights.listeners)
      #expect((0..<9).map { q in Int32(draw.queries.count { $0 == q }) } == weights.queries)
      contrast.weights(r, into: &one)
      #expect(one.listeners == weights.listeners)
      #expect(one.queries.allSatisfy { $0 == 1 })
    }
    #expect(bootstrap.draw(3) != bootstrap.draw(4))
    #expect(bootstrap.draw(3) != CrossedBootstrap(listeners: 6, queries: 9, resamples: 50, seed: 8).draw(3))
  }

  @Test("equal resamples have no standard error, although their mean is rounded")
  func equalResamples() {
    let values = Array(repeating: 73.3, count: 2000)
    #expect((variance(values) ?? 0) > 0)
    #expect(Resamples(estimate: [73.3], values: [values]).standardError() == 0)
    #expect(Resamples(estimate: [73.3], values: [[73.3]]).standardError() == nil)
  }

  @Test("replayed draws give the same figures; undefined ones are counted")
  func replay() {
    let bootstrap = CrossedBootstrap(listeners: 6, queries: 9, resamples: 100, seed: 1)
    let replayed = CrossedBootstrap(listeners: 6, queries: 9, replaying: (0..<100).map(bootstrap.draw))
    let a = bootstrap.run(Self.mean(table)), b = replayed.run(Self.mean(table))
    #expect(a.values[0] == b.values[0])
    #expect(a.undefined(0) == 0)
    #expect(a.undefined(1) == (0..<100).count { !bootstrap.draw($0).listeners.contains(0) })
    #expect(a.undefined(1) > 10)
  }

  @Test("all cores together give the same as one thread, resample by resample")
  func threads() {
    let bootstrap = CrossedBootstrap(listeners: 6, queries: 9, resamples: 200, seed: 4)
    let statistic = KrippendorffAlpha(UnitRatings(table.map { $0.map { Optional($0) } }), .ordinal)
    let result = bootstrap.run(statistic, jackknife: true)
    var weights = CrossedWeights.ones(listeners: 6, queries: 9), workspace = statistic.workspace(), values = [0.0]
    for r in 0..<200 {
      bootstrap.weights(r, into: &weights)
      statistic.evaluate(weights, &workspace, into: &values)
      #expect(values[0] == result.values[0][r])
    }
    #expect(result == bootstrap.run(statistic, jackknife: true))
  }

  @Test("progress ends at its total")
  func progress() {
    let last = Mutex<(Int, Int)>((0, 0))
    let bootstrap = CrossedBootstrap(listeners: 6, queries: 9, resamples: 100, seed: 1)
    _ = bootstrap.run(Self.mean(table), jackknife: true) { done, total in
      last.withLock { if done > $0.0 { $0 = (done, total) } }
    }
    #expect(last.withLock { $0 == (115, 115) })
  }

  @Test("a mean's variance is Owen's: for an additive table, the sum of the factors' variances")
  func pigeonhole() throws {
    let additive: [[Double]] = (0..<6).map { l in (0..<9).map { q in Double(l * l + q) } }
    let result = CrossedBootstrap(listeners: 6, queries: 9, resamples: 20_000, seed: 3).run(Self.mean(additive))
    let listeners = try #require(variance((0..<6).map { Double($0 * $0) })) * 5 / 36
    let queries = try #require(variance((0..<9).map(Double.init))) * 8 / 81
    let error = try #require(result.standardError(0))
    // The standard error of a variance from 20,000 draws is about 1 %.
    #expect(abs(error * error / (listeners + queries) - 1) < 0.05)
  }

  @Test("derived figures are computed resample by resample")
  func derived() {
    let joined = JoinedStatistic(Self.mean(table), Self.mean(table.map { $0.map { $0 * 2 } }))
    let result = CrossedBootstrap(listeners: 6, queries: 9, resamples: 40, seed: 1).run(joined, jackknife: true)
    let difference = result.derived { $0[2] - 2 * $0[0] }
    #expect(difference.values[0].allSatisfy { abs($0) < 1e-12 })
    #expect(difference.withoutListener[0].count == 6)
    #expect(difference.withoutQuery[0].count == 9)
  }

  @Test("with one factor BCa equals Efron's, as scipy computes it")
  func bca() throws {
    struct Fixture: Decodable {
      var values, resamples, jackknife: [Double]
      var estimate: Double
      var bca, percentile: [Double]
    }
    let f = try Oracle.fixture("bca", as: Fixture.self)
    let result = Resamples(estimate: [f.estimate], values: [f.resamples], withoutListener: [f.jackknife])
    let bca = try #require(result.bca()), percentile = try #require(result.percentile())
    #expect(close(bca.low, f.bca[0], 1e-10) && close(bca.high, f.bca[1], 1e-10))
    #expect(close(percentile.low, f.percentile[0]) && close(percentile.high, f.percentile[1]))
  }

  @Test("intervals of few units are expanded, those of many are not")
  func expanded() throws {
    let values = (0..<10_001).map { Double($0) / 10_000 }
    let resamples = Resamples(estimate: [0.5], values: [values])
    let few = try #require(resamples.percentile(units: 5)), many = try #require(resamples.percentile(units: 1_000_000))
    // Φ(-√(5/4) t₄(.975)), with t from a printed table.
    #expect(close(few.low, Normal().lower(-1.25.squareRoot() * 2.7764451051977987), 1e-9))
    #expect(close(few.high, 1 - few.low))
    #expect(close(many.low, 0.025, 1e-5))
  }

  @Test("the dual-factor correction lies between the one-factor and the crossed intervals")
  func dual() throws {
    let dual = DualFactor(listeners: 6, queries: 9, resamples: 2000, seed: 5, Self.mean(table))
    let corrected = try #require(dual.standardError()), both = try #require(dual.both.standardError())
    let listeners = try #require(dual.listeners.standardError())
    #expect(corrected <= both)
    #expect(corrected >= listeners)
    #expect(try #require(dual.interval()).contains(dual.both.estimate[0]))
  }

  @Test("the dual-factor formula and its bounds")
  func dualFormula() {
    /// Two resamples with a given variance.
    func resamples(_ variance: Double) -> Resamples {
      Resamples(estimate: [0], values: [[0, (2 * variance).squareRoot()]])
    }
    func corrected(_ both: Double) -> Double? {
      DualFactor(
        both: resamples(both), listeners: resamples(0.5), queries: resamples(0.125), listenerCount: 5, queryCount: 4
      ).standardError()
    }
    // 5/4 · 0.5 + 4/3 · 0.125 - 5/4 · 4/3 · (0.7 - 0.5 - 0.125)
    #expect(close(corrected(0.7), (2.0 / 3).squareRoot()))
    #expect(close(corrected(2), 0.625.squareRoot()))
    #expect(close(corrected(0.6), 0.6.squareRoot()))
  }

  /// Bootstraps with a known spread: both ends of any interval lie at its one-sided level.
  @Test("the level of an interval's end is its one-sided level")
  func levels() throws {
    func spread(_ error: Double) -> Resamples {
      Resamples(estimate: [0.2], values: [[0.2 - error, 0.2 + error, 0.2]])
    }
    let factor = DualFactor(
      both: spread(0.05), listeners: spread(0.02), queries: spread(0.04), listenerCount: 10, queryCount: 6)
    for level in [0.5, 0.9, 0.95, 0.999] {
      let interval = try #require(factor.interval(level: level))
      #expect(close(factor.level(of: interval.low), (1 - level) / 2, 1e-9))
      #expect(close(factor.level(of: interval.high), (1 + level) / 2, 1e-9))
    }
    // Percentile p-values are counts: the level is within one resample of the interval's end, expanded or not.
    let many = Resamples(estimate: [0], values: [(-500...500).map { Double($0) / 100 }])
    for units in [nil, 5, 20] {
      for level in [0.5, 0.9, 0.95] {
        let interval = try #require(many.percentile(level: level, units: units))
        #expect(abs((many.percentileLevel(of: interval.low, units: units) ?? 9) - (1 - level) / 2) < 0.01)
      }
    }
  }

  @Test("recurring candidates add their jackknife variance, and t's df are those of the smallest factor")
  func candidates() throws {
    let spread = Resamples(estimate: [0], values: [[-0.1, 0.1, 0]])
    let left = Resamples(estimate: [0], values: [[0.1, -0.1, 0.1, -0.1]])
    let without = DualFactor(both: spread, listeners: spread, queries: spread, listenerCount: 9, queryCount: 9)
    let with = DualFactor(
      both: spread, listeners: spread, queries: spread, candidates: left, listenerCount: 9, queryCount: 9)
    // (n - 1)/n Σ = 3/4 · 0.04
    let parts = try #require(with.parts())
    #expect(close(parts.candidates, 0.03) && parts.degreesOfFreedom == 3)
    #expect(close(parts.whole, try #require(without.parts()).whole + 0.03))
    // The half-width for the present numbers of listeners and queries is half the interval's width.
    let half = try #require(parts.halfWidth(listeners: 9, queries: 9, level: 0.95))
    let interval = try #require(with.interval())
    #expect(close(interval.high - interval.low, 2 * half))
  }

  @Test("quantiles interpolate like numpy's")
  func quantiles() {
    #expect(quantile(sorted: [1, 2, 4], 0.5) == 2)
    #expect(quantile(sorted: [1, 2, 4], 0.75) == 3)
    #expect(quantile(sorted: [1, 2, 4], 1) == 4)
    #expect(quantile(sorted: [3], 0.3) == 3)
  }
}
