import Statistics
import Testing

@Suite("Groups and trees")
struct ClustersTests {
  private struct Fixture: Decodable {
    struct Rand: Decodable { let a: [Int], b: [Int], value: Double }
    struct Tree: Decodable { let distances: [[Double]], heights: [Double], sizes: [Int], cophenetic: [[Double]] }
    struct Triangle: Decodable { let dPrime: Double, share: Double }
    let rand: [Rand], trees: [Tree], triangles: [Triangle]
  }

  @Test func asOtherPrograms() throws {
    let fixture = try Oracle.fixture("groups", as: Fixture.self)
    for one in fixture.rand { #expect(close(adjustedRand(one.a, one.b), one.value)) }
    for one in fixture.trees {
      let tree = try #require(ClusterTree(one.distances))
      for (ours, theirs) in zip(tree.joins, one.heights) { #expect(close(ours.height, theirs)) }
      #expect(tree.joins.map(\.size) == one.sizes && tree.order.sorted() == Array(one.distances.indices))
      for (ours, theirs) in zip(tree.heights.joined(), one.cophenetic.joined()) { #expect(close(ours, theirs)) }
    }
    for one in fixture.triangles {
      #expect(close(TriangleRule.share(one.dPrime), one.share, 1e-11))
      #expect(close(TriangleRule.dPrime(one.share), one.dPrime, 1e-6))
    }
  }

  @Test func edges() throws {
    #expect(adjustedRand([], []) == 1 && adjustedRand([5], [9]) == 1)
    #expect(ClusterTree([[0]]) == nil && ClusterTree([[0, .nan], [.nan, 0]]) == nil)
    let tree = try #require(ClusterTree([[0, 2], [2, 0]]))
    let join = tree.joins[0]
    #expect(tree.joins.count == 1 && join.first == 0 && join.second == 1 && join.height == 2 && tree.order == [0, 1])
    #expect(TriangleRule.dPrime(0.2) == 0 && TriangleRule.dPrime(1) == nil)
    #expect(close(TriangleRule.share(0), 1.0 / 3, 1e-12))
    // 5 of 5 by guessing, with a chance of one third each.
    #expect(close(CorrectAnswers(correct: 5, trials: 5, chance: 1.0 / 3).p, 1.0 / 243, 1e-12))
  }
}
