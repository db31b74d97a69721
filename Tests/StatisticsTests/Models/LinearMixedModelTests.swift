import Basics
import Foundation
import Statistics
import Testing

@Suite("Linear mixed models")
struct LinearMixedModelTests {
  struct Fixture: Decodable {
    struct Fit: Decodable {
      struct Random: Decodable {
        var name: String
        var covariance, effects: [[Double]]
      }
      var method, formula: String
      var logLikelihood, residual, aic, bic, marginal, conditional: Double
      var fixed, errors: [Double]
      var singular: Bool
      var random: [Random]
    }
    struct Case: Decodable {
      var name: String
      var response: [Double]
      var predictors: [[Double]]
      var names, factors: [String]
      var levels: [[Int]]
      var fits: [Fit]

      func model(_ fit: Fit) throws -> LinearMixedModel {
        let columns = zip(names, predictors).map { Predictor($0, $1) }
        return try LinearMixedModel(
          response, fixed: Array(columns.prefix(fit.fixed.count - 1)),
          random: fit.random.map { random in
            RandomEffect(
              random.name, levels: levels[factors.firstIndex(of: random.name)!],
              slopes: Array(columns.prefix(random.covariance.count - 1)))
          }, by: fit.method == "ML" ? .ml : .reml)
      }
    }
    var cases: [Case]
  }

  @Test("likelihoods, effects, errors, variances and R² equal lme4's")
  func oracle() throws {
    for c in try Oracle.fixture("mixed", as: Fixture.self).cases {
      for fit in c.fits {
        let model = try c.model(fit), label = Comment("\(c.name): \(fit.formula) by \(fit.method)")
        #expect(abs(model.logLikelihood - fit.logLikelihood) < 1e-4, label)
        #expect(abs(model.aic - fit.aic) < 2e-4, label)
        #expect(abs(model.bic - fit.bic) < 2e-4, label)
        for (ours, theirs) in zip(model.fixed, zip(fit.fixed, fit.errors)) {
          #expect(closeRelatively(ours.value, theirs.0, 1e-5), label)
          #expect(closeRelatively(ours.standardError, theirs.1, 1e-4), label)
        }
        #expect(closeRelatively(model.residual, fit.residual, 1e-3), label)
        for (ours, theirs) in zip(model.random, fit.random) {
          for (a, row) in theirs.covariance.enumerated() {
            for (b, value) in row.enumerated() {
              // A covariance near 0 is no more accurate than its two variances.
              let size = (theirs.covariance[a][a] * theirs.covariance[b][b]).squareRoot()
              #expect(abs(ours.covariance[a][b] - value) <= 1e-3 * size + 1e-9, label)
            }
          }
          for (effect, expected) in zip(ours.effects, theirs.effects) {
            for (a, b) in zip(effect, expected) { #expect(close(a, b, 1e-3), label) }
          }
        }
        #expect(abs(model.marginalR2 - fit.marginal) < 1e-4, label)
        #expect(abs(model.conditionalR2 - fit.conditional) < 1e-4, label)
        #expect(model.isSingular == fit.singular, label)
        #expect(model.converged, label)
      }
    }
  }

  @Test("a likelihood-ratio statistic is twice the difference, and needs comparable models")
  func ratio() throws {
    let c = try #require(try Oracle.fixture("mixed", as: Fixture.self).cases.first { $0.name == "sleepstudy" })
    let slopes = try c.model(c.fits[1]), intercepts = try c.model(c.fits[3])
    let test = try #require(LikelihoodRatioTest(intercepts, in: slopes))
    #expect(abs(test.chiSquared - 42.1393) < 1e-3)  // Bates et al. 2015
    #expect(test.degreesOfFreedom == 2)
    #expect(closeRelatively(test.p, exp(-test.chiSquared / 2), 1e-9))
    #expect(LikelihoodRatioTest(slopes, in: intercepts) == nil)
    #expect(LikelihoodRatioTest(intercepts, in: try c.model(c.fits[0])) == nil)
    #expect(slopes.fixed[1].interval().contains(10.467))
    #expect(try #require(slopes.random[0].correlation(0, 1)) < 0.1)
  }

  @Test("eliminating either factor, by scattering or by BLAS, gives the same result")
  func symmetric() throws {
    var random = SeededRandom(seed: 5)
    let people = (0..<60).map { _ in random.normal() }, queries = (0..<70).map { _ in random.normal() }
    var y: [Double] = [], x: [Double] = [], p: [Int] = [], q: [Int] = []
    for i in 0..<60 {
      for _ in 0..<6 {
        let j = random.below(70), d = random.unit()
        y.append(people[i] + queries[j] + d * (2 + people[59 - i]) + random.normal())
        x.append(d)
        p.append(i)
        q.append(j)
      }
    }
    for level in 0..<70 where !q.contains(level) {
      q.append(level)
      p.append(level % 60)
      x.append(random.unit())
      y.append(random.normal())
    }
    let d = Predictor("d", x)
    let one = try LinearMixedModel(y, fixed: [d], random: [.init("p", levels: p, slopes: [d]), .init("q", levels: q)])
    let two = try LinearMixedModel(y, fixed: [d], random: [.init("q", levels: q), .init("p", levels: p, slopes: [d])])
    #expect(close(one.logLikelihood, two.logLikelihood, 1e-8))
    #expect(closeRelatively(one.random[0].covariance[1][1], two.random[1].covariance[1][1], 1e-4))
    // A change of units changes nothing else.
    let far = Predictor("d", x.map { 1000 * $0 + 5000 })
    let scaled = try LinearMixedModel(
      y.map { 50 * $0 + 7 }, fixed: [far], random: [.init("p", levels: p), .init("q", levels: q)], by: .ml)
    let plain = try LinearMixedModel(y, fixed: [d], random: [.init("p", levels: p), .init("q", levels: q)], by: .ml)
    #expect(closeRelatively(scaled.fixed[1].value, plain.fixed[1].value / 20, 1e-6))
    #expect(closeRelatively(scaled.fixed[1].standardError, plain.fixed[1].standardError / 20, 1e-6))
    #expect(close(scaled.logLikelihood, plain.logLikelihood - Double(y.count) * log(50), 1e-8))
  }

  /// Listeners who each rate all queries (multiplied by BLAS) or only a few (scattered).
  @Test(
    "the likelihood is the normal density under the model's variances, and effects follow from them",
    arguments: [
      (12, 6, 6), (40, 40, 3),
    ])
  func definition(_ design: (listeners: Int, queries: Int, each: Int)) throws {
    var random = SeededRandom(seed: 9, "definition")
    var y: [Double] = [], x: [Double] = [], p: [Int] = [], q: [Int] = []
    let people = (0..<design.listeners).map { _ in (random.normal(), random.normal()) }
    let queries = (0..<design.queries).map { _ in (random.normal(), random.normal()) }
    for i in 0..<design.listeners {
      for k in 0..<design.each {
        let j = (i + k * 7) % design.queries
        for _ in 0..<2 {
          let d = random.normal()
          x.append(d)
          p.append(i)
          q.append(j)
          y.append(people[i].0 + queries[j].0 + d * (1 + 0.6 * people[i].1 + 0.5 * queries[j].1) + random.normal())
        }
      }
    }
    let d = Predictor("d", x), n = y.count
    let model = try LinearMixedModel(
      y, fixed: [d], random: [.init("p", levels: p, slopes: [d]), .init("q", levels: q, slopes: [d])], by: .ml)
    func shared(_ component: LinearMixedModel.Component, _ i: Int, _ j: Int) -> Double {
      let c = component.covariance
      return c[0][0] + (x[i] + x[j]) * c[0][1] + x[i] * x[j] * c[1][1]
    }
    // The Cholesky factor L of V, and L⁻¹ times the residual.
    var factor = Array(repeating: Array(repeating: 0.0, count: n), count: n), half: [Double] = [], density = 0.0
    for i in 0..<n {
      for j in 0...i {
        var sum = i == j ? model.residual : 0
        if p[i] == p[j] { sum += shared(model.random[0], i, j) }
        if q[i] == q[j] { sum += shared(model.random[1], i, j) }
        for k in 0..<j { sum -= factor[i][k] * factor[j][k] }
        factor[i][j] = i == j ? sum.squareRoot() : sum / factor[j][j]
      }
      let rest = y[i] - model.fixed[0].value - x[i] * model.fixed[1].value
      half.append((rest - (0..<i).reduce(0) { $0 + factor[i][$1] * half[$1] }) / factor[i][i])
      density -= log(factor[i][i]) + half[i] * half[i] / 2 + log(2 * .pi) / 2
    }
    #expect(close(model.logLikelihood, density, 1e-6))
    var weighted = half
    for i in stride(from: n - 1, through: 0, by: -1) {
      for k in (i + 1)..<max(i + 1, n) { weighted[i] -= factor[k][i] * weighted[k] }
      weighted[i] /= factor[i][i]
    }
    for (component, levels) in zip(model.random, [p, q]) {
      for (level, effect) in component.effects.enumerated() {
        var sums = (0.0, 0.0)
        for i in 0..<n where levels[i] == level { sums = (sums.0 + weighted[i], sums.1 + x[i] * weighted[i]) }
        for a in 0..<2 {
          let expected = component.covariance[a][0] * sums.0 + component.covariance[a][1] * sums.1
          #expect(close(effect[a], expected, 1e-7))
        }
      }
    }
  }

  @Test("data that cannot be fitted are refused with a reason")
  func problems() {
    let y = [1.0, 2, 3, 4, 6, 5], half = [0, 0, 0, 1, 1, 1], x = Predictor("x", [1, 2, 1, 2, 1, 3])
    func says(_ words: String, _ y: [Double], _ fixed: [Predictor], _ random: [RandomEffect]) {
      #expect { try LinearMixedModel(y, fixed: fixed, random: random) } throws: { "\($0)".contains(words) }
    }
    says("depend on each other", y, [x, Predictor("twice", x.values.map { 2 * $0 })], [.init("p", levels: half)])
    says("1 level", y, [x], [.init("p", levels: [0, 0, 0, 0, 0, 0])])
    says("6 levels", y, [x], [.init("p", levels: Array(0..<6))])
    says("all responses", [1, 1, 1, 1, 1, 1], [x], [.init("p", levels: half)])
    says("finite", [1, 1, 1, 1, 1, .nan], [x], [.init("p", levels: half)])
    says("length", [1, 2], [x], [.init("p", levels: half)])
    says("random factors", y, [x], [])
    says("too few", [1, 2], [Predictor("x", [1, 2])], [.init("p", levels: [0, 1])])
    says("exactly", half.map(Double.init), [x], [.init("p", levels: half)])
  }
}
