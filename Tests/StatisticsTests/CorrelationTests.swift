import Basics
import Foundation
import Statistics
import Testing

struct RankFixture: Decodable {
  struct Correlation: Decodable {
    var a, b, ranks: [Double]
    var pearson, spearman, rhoA, tauB, tauA: Double?
  }

  struct Measures: Decodable {
    var ratings, scores: [Double]
    var relevant: [Bool]
    var k: Int
    var ndcgLinear, ndcgExponential: Double?
    var topMean, precision, reciprocalRank, hit, overlap: Double
  }

  var correlations: [Correlation]
  var measures: [Measures]
}

@Suite("Correlations")
struct CorrelationTests {
  @Test("correlations agree with scipy, with and without ties, for short and long lists")
  func scipy() throws {
    for (i, c) in try Oracle.fixture("ranks", as: RankFixture.self).correlations.enumerated() {
      #expect(close(pearson(c.a, c.b), c.pearson), "case \(i)")
      #expect(close(spearman(c.a, c.b), c.spearman), "case \(i)")
      #expect(close(rhoA(c.a, c.b), c.rhoA), "case \(i)")
      #expect(close(kendallTauB(c.a, c.b), c.tauB), "case \(i)")
      #expect(close(kendallTauA(c.a, c.b), c.tauA), "case \(i)")
    }
  }

  @Test("equal orders give exactly 1, reversed ones exactly -1")
  func exact() {
    for n in [2, 7, 100] {
      var a = (0..<n).map { Double($0 / 2) }
      a[0] += 0.1
      #expect(spearman(a, a.map { 3 * $0 + 1 }) == 1)
      #expect(spearman(a, a.map { -$0 }) == -1)
      #expect(kendallTauB(a, a) == 1)
    }
  }

  @Test("undefined for constant lists, a single item and NaN")
  func undefined() {
    #expect(spearman([1, 1], [1, 2]) == nil)
    #expect(pearson([0.1, 0.1, 0.1], [1, 2, 3]) == nil)
    #expect(kendallTauB([1], [1]) == nil)
    #expect(spearman([1, .nan], [1, 2]) == nil)
    #expect(pearson([1, .nan], [1, 2]) == nil)
    #expect(rhoA([1, 1], [1, 2]) == 0)
    #expect(kendallTauA([1, 1], [1, 2]) == 0)
  }
}
