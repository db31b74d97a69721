import Basics
import Foundation
import Statistics
import Testing

@Suite("Degrees of freedom of linear mixed models")
struct SatterthwaiteTests {
  struct Fixture: Decodable {
    struct Levels: Decodable { var participant, query, candidate: [Int] }
    struct Fit: Decodable {
      var formula: String
      var factors: [String]
      var terms: [Int]
      var logLikelihood: Double
      var values, errors, degreesOfFreedom, p: [Double]
      var singular: Bool
    }
    struct Case: Decodable {
      var name: String
      var response, distance: [Double]
      var levels: Levels
      var fits: [Fit]
    }
    var cases: [Case]
  }

  @Test("they equal lmerTest's, with one to three factors")
  func oracle() throws {
    var regular = 0
    for c in try Oracle.fixture("satterthwaite", as: Fixture.self).cases {
      let x = Predictor("distance", c.distance)
      let levels = ["participant": c.levels.participant, "query": c.levels.query, "candidate": c.levels.candidate]
      for fit in c.fits {
        let label = Comment("\(c.name): \(fit.formula)")
        let model = try LinearMixedModel(
          c.response, fixed: [x],
          random: zip(fit.factors, fit.terms).map { name, terms in
            RandomEffect(name, levels: try #require(levels[name]), slopes: terms > 1 ? [x] : [])
          })
        #expect(abs(model.logLikelihood - fit.logLikelihood) < 1e-4, label)
        #expect(model.isSingular == fit.singular, label)
        for (i, ours) in model.fixed.enumerated() {
          #expect(closeRelatively(ours.value, fit.values[i], 1e-4), label)
          #expect(closeRelatively(ours.standardError, fit.errors[i], 1e-3), label)
          // At a boundary the deviance has a slope, so both numerical derivatives are taken away from a minimum.
          if fit.singular { continue }
          #expect(closeRelatively(ours.degreesOfFreedom, fit.degreesOfFreedom[i], 2e-3), label)
          #expect(closeRelatively(ours.p, fit.p[i], 5e-3), label)
          regular += 1
        }
      }
    }
    #expect(regular >= 10)
  }

  @Test("they are fewer than the normal distribution's, and so widen the interval")
  func interval() throws {
    let c = try Oracle.fixture("satterthwaite", as: Fixture.self).cases[1]
    let x = Predictor("distance", c.distance)
    let model = try LinearMixedModel(
      c.response, fixed: [x],
      random: [
        RandomEffect("participant", levels: c.levels.participant, slopes: [x]),
        RandomEffect("query", levels: c.levels.query),
      ])
    let slope = model.fixed[1], interval = slope.interval()
    let t = StudentT(slope.degreesOfFreedom).quantile(0.975) ?? .nan
    #expect(close(interval.high - interval.low, 2 * t * slope.standardError) && t > 2)
  }
}
