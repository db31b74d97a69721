import Basics
import Statistics
import Testing

@Suite("Ordinal embedding")
struct OrdinalEmbeddingTests {
  struct Fixture: Decodable {
    var points: [[Double]]
    var triplets: [[Int]]
    var logLikelihood: Double
  }

  @Test("the likelihood is as high as that of R's optim, and the planted map is recovered")
  func oracle() throws {
    let c = try Oracle.fixture("triplets", as: Fixture.self)
    let triplets = c.triplets.map { OrdinalEmbedding.Triplet(anchor: $0[0], near: $0[1], far: $0[2]) }
    let map = try #require(OrdinalEmbedding(triplets, items: c.points.count))
    #expect(map.logLikelihood > c.logLikelihood - 1e-3)
    #expect(map.logLikelihood < c.logLikelihood + 0.5)
    #expect(map.converged)
    #expect(try #require(Procrustes(map.points, onto: c.points)).correlation > 0.95)
    #expect(map == OrdinalEmbedding(triplets, items: c.points.count))
  }

  @Test("held-out answers are predicted")
  func heldBack() throws {
    var random = SeededRandom(seed: 3)
    let points = (0..<15).map { _ in [random.normal(), random.normal()] }
    func square(_ i: Int, _ j: Int) -> Double {
      zip(points[i], points[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    let triplets = (0..<900).map { _ in
      let drawn = random.shuffled(Array(0..<15))
      let nearFirst = square(drawn[0], drawn[1]) < square(drawn[0], drawn[2])
      return OrdinalEmbedding.Triplet(
        anchor: drawn[0], near: drawn[nearFirst ? 1 : 2], far: drawn[nearFirst ? 2 : 1])
    }
    let map = try #require(OrdinalEmbedding(Array(triplets.prefix(600)), items: 15, starts: 4))
    #expect(map.agreement > 0.93)
    #expect(map.agreement(with: Array(triplets.dropFirst(600))) > 0.9)
  }

  @Test("undefined without answers, for isolated items, and for invalid triplets")
  func undefined() {
    let t = OrdinalEmbedding.Triplet(anchor: 0, near: 1, far: 2)
    #expect(OrdinalEmbedding([], items: 3) == nil)
    #expect(OrdinalEmbedding([t], items: 4) == nil)
    #expect(OrdinalEmbedding([t], items: 2) == nil)
    #expect(OrdinalEmbedding([t, .init(anchor: 0, near: 1, far: 1)], items: 3) == nil)
    #expect(OrdinalEmbedding([t, .init(anchor: 0, near: 3, far: 1)], items: 3) == nil)
    #expect(OrdinalEmbedding([t], items: 3, dimensions: 0) == nil)
  }
}
