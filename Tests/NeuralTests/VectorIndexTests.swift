import Basics
import Foundation
import Neural
import Testing

@Suite("Exact search")
struct VectorIndexTests {
  private func vectors(_ count: Int, _ dimensions: Int, seed: UInt64) -> [Float] {
    var random = SeededRandom(seed: seed, "vectors")
    return (0..<count * dimensions).map { _ in Float(random.normal()) }
  }

  @Test(
    "the search finds the same as a full comparison, across blocks and pieces",
    arguments: [(1, 3, 1, 1), (7, 5, 3, 10), (3000, 17, 150, 4), (20011, 8, 3, 33), (9000, 96, 5, 1)])
  func exact(count: Int, dimensions: Int, queries: Int, k: Int) {
    let all = vectors(count, dimensions, seed: 1), asked = vectors(queries, dimensions, seed: 2)
    let index = VectorIndex(dimensions: dimensions, vectors: all)
    let found = index.nearest(k, to: asked)
    #expect(index.count == count && found.count == queries)
    for q in 0..<queries {
      let query = Array(asked[q * dimensions..<(q + 1) * dimensions])
      var squares = [Double](repeating: 0, count: count)
      var i = 0
      while i < all.count {
        let difference = Double(all[i]) - Double(query[i % dimensions])
        squares[i / dimensions] += difference * difference
        i += 1
      }
      let right = squares.indices.sorted { squares[$0] < squares[$1] }.prefix(k)
      #expect(found[q].map(\.place) == Array(right))
      for neighbour in found[q] { #expect(abs(neighbour.distance - squares[neighbour.place].squareRoot()) < 1e-5) }
      let places = found[q].map(\.place)
      #expect(index.distances(from: query, to: places) == found[q].map(\.distance))
    }
  }

  @Test("equal vectors come in the order of their indices, at distance zero from each other")
  func equal() {
    let row = vectors(1, 6, seed: 3)
    let index = VectorIndex(dimensions: 6, vectors: row + vectors(40, 6, seed: 4) + row)
    let found = index.nearest(2, to: row)[0]
    #expect(found.map(\.place) == [0, 41] && found.map(\.distance) == [0, 0])
  }

  @Test("without vectors or queries there are no neighbours")
  func empty() {
    #expect(VectorIndex(dimensions: 2, vectors: []).nearest(3, to: [1, 2]) == [[]])
    #expect(VectorIndex(dimensions: 2, vectors: [1, 2]).nearest(3, to: []).isEmpty)
  }
}
