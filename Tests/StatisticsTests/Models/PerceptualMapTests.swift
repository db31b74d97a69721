import Foundation
import Statistics
import Testing

@Suite("Perceptual maps")
struct PerceptualMapTests {
  struct Fixture: Decodable {
    struct Case: Decodable {
      var name: String
      var dissimilarities, classical: [[Double]]
      var eigenvalues: [Double]
      var stress: Double
    }
    struct Fit: Decodable {
      var target, moved, mapped: [[Double]]
      var correlation, residual: Double
    }
    var cases: [Case]
    var procrustes: Fit
  }

  @Test("classical maps equal those of R's cmdscale")
  func classical() throws {
    for c in try Oracle.fixture("maps", as: Fixture.self).cases {
      let map = try #require(PerceptualMap.classical(c.dissimilarities))
      for (point, expected) in zip(map.points, c.classical) {
        for (a, b) in zip(point, expected) { #expect(close(a, b, 1e-9), "\(c.name)") }
      }
      for (a, b) in zip(map.eigenvalues, c.eigenvalues) { #expect(close(a, b, 1e-9), "\(c.name)") }
    }
  }

  @Test("non-metric maps have no more stress than the best of MASS::isoMDS from thirty starts")
  func nonMetric() throws {
    for c in try Oracle.fixture("maps", as: Fixture.self).cases {
      let map = try #require(PerceptualMap.nonMetric(c.dissimilarities))
      #expect(map.stress < c.stress + 1e-4, "\(c.name)")
      // isoMDS fits equal dissimilarities in one fixed order, which can increase the stress.
      if c.name != "ties" { #expect(map.stress > c.stress - 5e-3, "\(c.name)") }
      #expect(map.converged, "\(c.name)")
      #expect(map == PerceptualMap.nonMetric(c.dissimilarities), "\(c.name)")
    }
  }

  @Test("monotone distortion and missing pairs do not change a non-metric map")
  func order() throws {
    let c = try Oracle.fixture("maps", as: Fixture.self).cases[0]
    var bent: [[Double?]] = c.dissimilarities.map { $0.map { exp($0) - 1 } }
    for (i, j) in [(0, 1), (4, 7), (10, 2)] { (bent[i][j], bent[j][i]) = (nil, nil) }
    let map = try #require(PerceptualMap.nonMetric(bent, starts: 5))
    #expect(map.stress < 0.01)
    let fit = try #require(Procrustes(map.points, onto: c.classical))
    #expect(fit.correlation > 0.98)
    #expect(PerceptualMap.classical(bent) == nil)
  }

  @Test("Procrustes rotation equals its formula")
  func procrustes() throws {
    let c = try Oracle.fixture("maps", as: Fixture.self).procrustes
    let fit = try #require(Procrustes(c.moved, onto: c.target))
    #expect(close(fit.correlation, c.correlation, 1e-12))
    #expect(close(fit.residual, c.residual, 1e-12))
    for (point, expected) in zip(fit.mapped, c.mapped) {
      for (a, b) in zip(point, expected) { #expect(close(a, b, 1e-12)) }
    }
    #expect(close(try #require(Procrustes(c.target, onto: c.moved)).correlation, c.correlation, 1e-12))
  }

  @Test("undefined without dissimilarities, for invalid tables, and for groups without a link")
  func undefined() {
    #expect(PerceptualMap.classical([]) == nil)
    #expect(PerceptualMap.classical([[0, 1], [1, 0]]) == nil)
    #expect(PerceptualMap.nonMetric([[0, 0, 0], [0, 0, 0], [0, 0, 0]]) == nil)
    #expect(PerceptualMap.nonMetric([[0, 1, 2], [1, 0, 3], [2, 4, 0]]) == nil)
    #expect(PerceptualMap.nonMetric([[0, 1, -2], [1, 0, 3], [-2, 3, 0]]) == nil)
    #expect(
      PerceptualMap.nonMetric([[0, 1, nil, nil], [1, 0, nil, nil], [nil, nil, 0, 1], [nil, nil, 1, 0]]) == nil)
    #expect(Procrustes([[1, 1], [1, 1]], onto: [[0, 1], [2, 3]]) == nil)
    #expect(Procrustes([[1, 1]], onto: [[0, 1]]) == nil)
  }
}
