import Statistics
import Testing

@Suite("Concordance, split halves and retests")
struct ConcordanceTests {
  @Test("W, Friedman's test and mean agreement over pairs equal scipy's")
  func oracle() throws {
    var complete = 0
    for c in try Oracle.fixture("reliability", as: ReliabilityFixture.self).cases {
      let table = UnitRatings(c.rows)
      let spearmans = try #require(MeanAgreement(table) { spearman($0, $1) })
      let kendalls = try #require(MeanAgreement(table) { kendallTauB($0, $1) })
      #expect(close(spearmans.mean, c.spearman[0]) && Double(spearmans.pairs) == c.spearman[1])
      #expect(close(kendalls.mean, c.kendall[0]) && Double(kendalls.pairs) == c.kendall[1])
      guard let friedman = c.friedman else {
        #expect(Concordance(table) == nil)
        continue
      }
      complete += 1
      let concordance = try #require(Concordance(table))
      #expect(close(concordance.chiSquared, friedman[0]))
      #expect(close(concordance.p, friedman[1]))
      #expect(close(concordance.w, friedman[0] / Double(table.raters * (table.units - 1))))
    }
    #expect(complete > 0)
  }

  @Test("raters in full agreement have a W of 1, whatever their ties")
  func perfect() {
    #expect(Concordance(UnitRatings([[1, 2, 2, 3], [10, 20, 20, 70]]))?.w == 1)
    #expect(Concordance(UnitRatings([[1, 1], [2, 2]])) == nil)
  }

  @Test("two raters can be split in one way only; splits depend on the seed alone")
  func splitHalf() throws {
    let table = UnitRatings([[1, 2, 4, 3], [2, 1, 4, 5]])
    let split = try #require(SplitHalf(table, splits: 20, seed: 1))
    let r = try #require(pearson([1, 2, 4, 3], [2, 1, 4, 5]))
    #expect(close(split.correlation, r))
    #expect(close(split.reliability, 2 * r / (1 + r)))
    let rows: [[Double?]] = (0..<9).map { rater in
      (0..<6).map { unit -> Double? in
        let spread = (unit * 3 + rater * rater) % 7
        return Double(unit + spread)
      }
    }
    let wide = UnitRatings(rows)
    #expect(SplitHalf(wide, splits: 50, seed: 2) == SplitHalf(wide, splits: 50, seed: 2))
    #expect(SplitHalf(wide, splits: 50, seed: 2) != SplitHalf(wide, splits: 50, seed: 3))
    #expect(SplitHalf(UnitRatings([[1, 2]]), seed: 1) == nil)
    // Three raters who agree perfectly, and three at random whose halves may be opposites.
    let same = try #require(SplitHalf(UnitRatings([[1, 2, 4], [1, 2, 4], [1, 2, 4]]), splits: 20, seed: 1))
    #expect(abs(same.reliability - 1) < 1e-12 && same.reliability <= 1)
    for raters in [4, 5] {
      let opposed = (0..<raters).map { $0 % 2 == 0 ? [1.0, 2, 3.1] : [3.0, 2, 0.9] }
      let split = try #require(SplitHalf(UnitRatings(opposed), splits: 200, seed: 1))
      #expect((-1...1).contains(split.reliability), "\(split.reliability)")
    }
    // All three raters take part: one against the mean of the other two, stepped up by Horst's formula.
    let three: [[Double]] = [[1, 5, 2, 7, 4], [2, 4, 1, 9, 5], [6, 3, 2, 8, 1]]
    let one = try #require(SplitHalf(UnitRatings(three), splits: 1, seed: 6))
    let ways = try (0..<3).map { i -> Double in
      let others = three.indices.filter { $0 != i }.map { three[$0] }
      return try #require(pearson(three[i], zip(others[0], others[1]).map { ($0 + $1) / 2 }))
    }
    #expect(ways.contains { close(one.correlation, $0) })
    let c = one.correlation, pq = 2.0 / 9
    #expect(close(one.reliability, c * ((c * c + 4 * pq * (1 - c * c)).squareRoot() - c) / (2 * pq * (1 - c * c))))
  }

  @Test("a query drawn twice counts as in a table with its units duplicated")
  func halvesByQueries() throws {
    let rows: [[Double?]] = (0..<7).map { rater in
      (0..<6).map { unit -> Double? in
        if rater == unit { return nil }
        let noise = (unit * 5 + rater * rater) % 7
        return Double(unit * 4 + noise)
      }
    }
    let queryOfUnit = [0, 0, 1, 1, 2, 2]
    let statistic = SplitHalf.byQueries(UnitRatings(rows), queryOfUnit: queryOfUnit, splits: 30, seed: 4)
    func figures(_ queries: [Int32]) -> [Double] {
      var values = [Double.nan, .nan], workspace: Void = ()
      statistic.evaluate(
        CrossedWeights(listeners: Array(repeating: 1, count: 7), queries: queries), &workspace, into: &values)
      return values
    }
    let plain = try #require(SplitHalf(UnitRatings(rows), splits: 30, seed: 4))
    #expect(close(figures([1, 1, 1])[0], plain.correlation) && close(figures([1, 1, 1])[1], plain.reliability))
    let twice: [[Double?]] = rows.map { $0 + Array($0.suffix(2)) }
    let again = try #require(SplitHalf(UnitRatings(twice), splits: 30, seed: 4))
    #expect(close(figures([1, 1, 2])[0], again.correlation))
    let without: [[Double?]] = rows.map { Array($0.dropFirst(2)) }
    let rest = try #require(SplitHalf(UnitRatings(without), splits: 30, seed: 4))
    #expect(close(figures([0, 1, 1])[0], rest.correlation))
  }

  @Test("test-retest correlations")
  func retest() throws {
    for r in try Oracle.fixture("reliability", as: ReliabilityFixture.self).retests {
      let retest = try #require(Retest(first: r.first, second: r.second))
      #expect(close(retest.pearson, r.pearson))
      #expect(close(retest.spearman, r.spearman))
      #expect(close(retest.withinDeviation, r.deviation))
      #expect(try #require(retest.agreement) > 0.8)
    }
    #expect(Retest(first: [], second: []) == nil)
    #expect(Retest(first: [4], second: [4])?.withinDeviation == 0)
  }
}

/// The mean of `pairAgreements`, and the number of pairs.
struct MeanAgreement {
  let mean: Double, pairs: Int

  init?(_ table: UnitRatings, _ measure: @Sendable (Span<Double>, Span<Double>) -> Double?) {
    let values = pairAgreements(table, measure).map(\.value)
    guard let mean = Statistics.mean(values) else { return nil }
    (self.mean, pairs) = (mean, values.count)
  }
}
