import Basics
import Foundation
import Statistics
import Testing

@Suite("Cumulative-link mixed models")
struct CumulativeLinkMixedModelTests {
  struct Fixture: Decodable {
    struct Fit: Decodable {
      struct Random: Decodable {
        var name: String
        var covariance: [[Double]]
        var effects: [Double]
      }
      var formula: String
      var logLikelihood, aic: Double
      var thresholds, thresholdErrors, fixed, fixedErrors: [Double]
      var random: [Random]
    }
    struct Case: Decodable {
      var name: String
      var response: [Int]?
      var predictors: [[Double]]?
      var names, factors: [String]?
      var levels: [[Int]]?
      var fits: [Fit]
    }
    var cases: [Case]
  }

  private func compare(_ c: Fixture.Case) throws {
    for fit in c.fits {
      let label = Comment("\(c.name): \(fit.formula)")
      let model = try CumulativeLinkMixedModel(
        c.response!, fixed: zip(c.names!, c.predictors!).prefix(fit.fixed.count).map { Predictor($0, $1) },
        random: fit.random.map {
          RandomEffect(
            $0.name, levels: c.levels![c.factors!.firstIndex(of: $0.name)!],
            slopes: zip(c.names!, c.predictors!).prefix($0.covariance.count - 1).map { Predictor($0, $1) })
        })
      #expect(abs(model.logLikelihood - fit.logLikelihood) < 1e-5, label)
      #expect(abs(model.aic - fit.aic) < 2e-5, label)
      let ours = model.thresholds + model.fixed
      for (i, (value, error)) in zip(fit.thresholds + fit.fixed, fit.thresholdErrors + fit.fixedErrors).enumerated() {
        #expect(close(ours[i].value, value, 1e-4), label)
        #expect(closeRelatively(ours[i].standardError, error, 1e-3), label)
      }
      for (ours, theirs) in zip(model.random, fit.random) {
        for (a, row) in theirs.covariance.enumerated() {
          for (b, value) in row.enumerated() {
            #expect(abs(ours.covariance[a][b] - value) < 2e-3 * abs(value) + 1e-5, label)
          }
        }
        for (a, b) in zip(ours.effects, theirs.effects) { #expect(abs(a - b) < 1e-3, label) }
      }
      #expect(model.converged, label)
    }
  }

  @Test("thresholds, effects, errors, variances and slopes equal those of ordinal::clmm")
  func oracle() throws {
    for c in try Oracle.fixture("likert", as: Fixture.self).cases { try compare(c) }
  }

  @Test("the wine bitterness data", .enabled(if: Oracle.hasReference, "needs EARSHOT_REFERENCE"))
  func wine() throws {
    var c = try Oracle.fixture("likert_reference", as: Fixture.self).cases[0]
    let text = try String(contentsOf: Oracle.reference.appending(path: "textbook/wine.csv"), encoding: .utf8)
    let rows = text.split(whereSeparator: \.isNewline).dropFirst().map {
      $0.split(separator: ",").map { $0.trimmingCharacters(in: ["\""]) }
    }
    c.response = rows.map { Int($0[1])! - 1 }
    c.names = ["temp", "contact"]
    c.predictors = [rows.map { $0[2] == "warm" ? 1 : 0 }, rows.map { $0[3] == "yes" ? 1 : 0 }]
    c.factors = ["judge", "bottle"]
    c.levels = [rows.map { Int($0[5])! - 1 }, rows.map { Int($0[4])! - 1 }]
    try compare(c)
    #expect(abs(c.fits[0].logLikelihood - -81.57) < 0.01)  // Christensen's vignette
  }

  @Test("data that cannot be fitted are refused with a reason")
  func problems() {
    let x = Predictor("x", [1, 2, 1, 2]), half = [0, 0, 1, 1]
    func says(_ words: String, _ y: [Int], _ fixed: [Predictor], _ random: [RandomEffect]) {
      #expect { try CumulativeLinkMixedModel(y, fixed: fixed, random: random) } throws: { "\($0)".contains(words) }
    }
    says("1 step", [0, 0, 0, 0], [x], [.init("p", levels: half)])
    says("2 steps of 3", [0, 2, 0, 2], [x], [.init("p", levels: half)])
    says("constant", [0, 1, 0, 1], [Predictor("x", [3, 3, 3, 3])], [.init("p", levels: half)])
    says("1 level", [0, 1, 0, 1], [x], [.init("p", levels: [0, 0, 0, 0])])
    says("that does not vary", [0, 1, 0, 1], [x], [.init("p", levels: half, slopes: [Predictor("y", [3, 3, 3, 3])])])
    says("0 random factors", [0, 1, 0, 1], [x], [])
    says("length", [0, 1], [x], [.init("p", levels: half)])
  }
}
