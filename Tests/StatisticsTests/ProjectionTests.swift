import Foundation
import Statistics
import Testing

/// Expected values from `analysis/oracles/neighbours.py`, computed by scikit-learn.
struct Neighbours: Decodable {
  struct Quality: Decodable { var trustworthiness, continuity, kept: Double }
  struct Map: Decodable {
    var name: String, perplexity: Double, k: Int, points: [[Float]], explained: [Double], components: [[Double]]
    var divergence_of_components: Double, quality_of_components: Quality
    var divergence_reached: Double, quality_reached: Quality
  }
  var maps: [Map]

  static func read() throws -> [Map] {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let data = try Data(contentsOf: package.appending(path: "analysis/oracles/fixtures/neighbours.json"))
    return try JSONDecoder().decode(Neighbours.self, from: data).maps
  }
}

@Suite("Projections compared with scikit-learn's")
struct ProjectionTests {
  @Test("principal components are the same", arguments: try Neighbours.read())
  func components(oracle: Neighbours.Map) throws {
    let found = try #require(PrincipalComponents(oracle.points))
    for k in 0..<2 {
      #expect(abs(found.explained[k] - oracle.explained[k]) < 1e-6)
      let theirs = oracle.components.map { $0[k] }
      let farthest = try #require(theirs.max { abs($0) < abs($1) })
      for (point, other) in zip(found.points, theirs) {
        #expect(abs(point[k] - other * (farthest < 0 ? -1 : 1)) < 1e-4)
      }
    }
    for (point, place) in zip(oracle.points, found.points) {
      let again = found.place(point)
      #expect(abs(again.x - place.x) < 1e-9 && abs(again.y - place.y) < 1e-9)
    }
  }

  @Test("constant dimensions do not change the axes, even with more dimensions than points")
  func wide() throws {
    let oracle = try Neighbours.read()[0]
    let few = Array(oracle.points.prefix(8))
    let narrow = try #require(PrincipalComponents(few.map { Array($0.prefix(6)) }))
    let wide = try #require(PrincipalComponents(few.map { Array($0.prefix(6)) + Array(repeating: 0.5, count: 20) }))
    for (a, b) in zip(narrow.points, wide.points) {
      #expect(abs(a.x - b.x) < 1e-6 && abs(a.y - b.y) < 1e-6)
    }
    #expect(PrincipalComponents([[1, 2], [1, 2], [1, 2]]) == nil)
  }

  @Test("affinities give the same divergence for the same map", arguments: try Neighbours.read())
  func affinities(oracle: Neighbours.Map) {
    let affinities = NeighbourAffinities(SquaredDistances(oracle.points), perplexity: oracle.perplexity)
    let divergence = affinities.divergence(of: oracle.components.map { SIMD2($0[0], $0[1]) })
    #expect(abs(divergence - oracle.divergence_of_components) < 1e-4)
  }

  @Test("a map's preserved neighbours are counted in the same way", arguments: try Neighbours.read())
  func quality(oracle: Neighbours.Map) throws {
    let map = SquaredDistances(oracle.components.map { SIMD2($0[0], $0[1]) })
    let found = try #require(MapQuality(space: SquaredDistances(oracle.points), map: map, k: oracle.k))
    #expect(abs(found.trustworthiness - oracle.quality_of_components.trustworthiness) < 1e-3)
    #expect(abs(found.continuity - oracle.quality_of_components.continuity) < 1e-3)
    #expect(abs(found.kept - oracle.quality_of_components.kept) < 2e-3)
  }

  @Test("t-SNE reaches as low a divergence and keeps as many neighbours", arguments: try Neighbours.read())
  func embedding(oracle: Neighbours.Map) throws {
    let space = SquaredDistances(oracle.points)
    let start = try #require(PrincipalComponents(oracle.points)).points
    let settings = NeighbourEmbedding.Settings(perplexity: oracle.perplexity, seed: 3)
    let map = NeighbourEmbedding(space, from: start, settings: settings)
    #expect(map.divergence < oracle.divergence_reached * 1.03)
    let quality = try #require(MapQuality(space: space, map: SquaredDistances(map.points), k: oracle.k))
    #expect(quality.trustworthiness > oracle.quality_reached.trustworthiness - 0.01)
    #expect(quality.continuity > oracle.quality_reached.continuity - 0.01)
    #expect(quality.kept > oracle.quality_reached.kept - 0.03)
    let again = NeighbourEmbedding(space, from: start, settings: settings)
    #expect(again.points == map.points, "the same numbers every time")
  }

  @Test("points that coincide or are all equally distant are handled")
  func degenerate() throws {
    let same = SquaredDistances(Array(repeating: [Float(1), 2], count: 20))
    let map = NeighbourEmbedding(same, from: Array(repeating: .zero, count: 20))
    #expect(map.points.allSatisfy { $0.x.isFinite && $0.y.isFinite })
    #expect(map.settings.perplexity < 7)
    let far = SquaredDistances((0..<12).map { i in (0..<12).map { $0 == i ? 1 : 0 } })
    let other = NeighbourEmbedding(far, from: (0..<12).map { SIMD2(Double($0), 0) })
    #expect(other.points.allSatisfy { $0.x.isFinite && $0.y.isFinite } && other.divergence.isFinite)
    #expect(MapQuality(space: far, map: far, k: 6) == nil)
    #expect(far.neighbours(3)[11] == [0, 1, 2])
  }
}
