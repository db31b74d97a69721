import Statistics
import Testing

@Suite("Ranked lists")
struct RankedListTests {
  @Test("measures are means over all orders of the ties (brute force, and scikit-learn's NDCG)")
  func oracle() throws {
    for (i, m) in try Oracle.fixture("ranks", as: RankFixture.self).measures.enumerated() {
      let list = try #require(RankedList(scores: m.scores))
      if m.ratings.count > 1 {
        #expect(close(list.ndcg(relevance: m.ratings, at: m.k), m.ndcgLinear), "case \(i)")
        let graded = m.ratings.map { $0 / 20 }
        #expect(close(list.ndcg(relevance: graded, at: m.k, gain: .exponential), m.ndcgExponential), "case \(i)")
      }
      #expect(close(list.topMean(m.ratings, at: m.k), m.topMean), "case \(i)")
      #expect(close(list.precision(relevant: m.relevant, at: m.k), m.precision), "case \(i)")
      #expect(close(list.reciprocalRank(relevant: m.relevant), m.reciprocalRank), "case \(i)")
      #expect(close(list.hit(relevant: m.relevant, at: m.k), m.hit), "case \(i)")
      #expect(close(rankBiasedOverlap(m.scores, m.ratings, p: 0.8), m.overlap), "case \(i)")
    }
  }

  @Test("the smallest distance is ranked first")
  func distances() throws {
    let list = try #require(RankedList(distances: [0.5, 0.1, 0.5]))
    #expect(list.order == [1, 0, 2])
    #expect(list.groups == [0..<1, 1..<3])
    #expect(RankedList(distances: [.nan]) == nil)
  }

  @Test("undefined without gain, relevant items or items")
  func undefined() throws {
    let list = try #require(RankedList(scores: [2, 1]))
    #expect(list.ndcg(relevance: [0, 0]) == nil)
    #expect(list.ndcg(relevance: [-1, 1]) == nil)
    #expect(list.reciprocalRank(relevant: [false, false]) == nil)
    #expect(RankedList(scores: [])?.topMean([], at: 3) == nil)
    #expect(rankBiasedOverlap([], []) == nil)
  }

  @Test("pairs within the tie band are not counted; a system's tie scores one half")
  func pairs() {
    #expect(
      pairAccuracy(ratings: [10, 50, 90], scores: [1, 2, 3]) == pairAccuracy(ratings: [1, 2, 3], scores: [1, 2, 3]))
    let banded = pairAccuracy(ratings: [10, 15, 90], scores: [2, 1, 3], band: 5)
    #expect(banded?.accuracy == 1)
    #expect(banded?.pairs == 2)
    #expect(pairAccuracy(ratings: [10, 20], scores: [1, 1])?.accuracy == 0.5)
    #expect(pairAccuracy(ratings: [10, 20], scores: [2, 1])?.accuracy == 0)
    #expect(pairAccuracy(ratings: [10, 10], scores: [2, 1]) == nil)
  }
}
