import Agreement
import Basics
import Foundation
import Ratings
import Statistics
import Study
import Testing

/// Ratings that fall with a system's distance, with known slopes.
private struct PlantedStudy {
  static let slope = -9.0, intercepts = 8.0, slopes = 3.0, queryIntercepts = 5.0, noise = 6.0
  var ratings = "participant,query,condition,candidate,rating,scale_min,scale_max\n"
  var rankings = "query,condition,system,rank,candidate,distance\n"
  /// The data that a model is fitted to, in the order of the table; distances are not yet standardised.
  var rating: [Double] = [], distance: [Double] = [], listener: [Int] = [], item: [Int] = []

  /// - Parameters:
  ///   - steps: the number of steps of a Likert scale; nil for a scale of 0 to 100.
  ///   - unit: the unit of the system's distances.
  init(listeners: Int = 30, queries: Int = 12, candidates: Int = 8, steps: Int? = nil, unit: Double = 0.02) {
    var random = SeededRandom(seed: 4, "planted slopes")
    let conditions = ["kick", "snare"]
    var distances: [[Double]] = []
    for item in 0..<(queries * 2) {
      distances.append((0..<candidates).map { _ in random.normal() })
      let order = distances[item].indices.sorted { distances[item][$0] < distances[item][$1] }
      for (rank, candidate) in order.enumerated() {
        let place = "q\(item / 2),\(conditions[item % 2])"
        rankings += "\(place),model,\(rank + 1),c\(candidate),\((distances[item][candidate] + 5) * unit)\n"
        rankings += "\(place),order,\(rank + 1),c\(candidate),\n"
      }
    }
    let levels = distances.map { _ in Self.queryIntercepts * random.normal() }
    for listener in 0..<listeners {
      let intercept = 50 + Self.intercepts * random.normal(), slope = Self.slope + Self.slopes * random.normal()
      for item in distances.indices where (item + listener) % 3 > 0 {
        for candidate in 0..<candidates {
          let exact =
            intercept + levels[item] + slope * distances[item][candidate] + Self.noise * random.normal()
          let value = steps.map { max(1, min(Double($0), (exact / 100 * Double($0)).rounded(.up))) } ?? exact
          ratings +=
            "l\(listener),q\(item / 2),\(conditions[item % 2]),c\(candidate),\(value),\(steps == nil ? -100 : 1),\(steps ?? 200)\n"
          rating.append(value)
          distance.append((distances[item][candidate] + 5) * unit)
          self.listener.append(listener)
          self.item.append(item)
        }
      }
    }
  }

  func findings(_ change: (inout AnalysisPlan) -> Void = { _ in }) throws -> Findings {
    let plan = quickPlan {
      $0.resamples = 100
      change(&$0)
    }
    return try Analysis(ratings: table(ratings), rankings: rankingsTable(rankings), plan: plan).findings()
  }

  /// The predictor as the models use it, with mean 0 and standard deviation 1.
  var standardised: Predictor {
    let n = Double(distance.count), centre = distance.reduce(0, +) / n
    let spread = (distance.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / (n - 1)).squareRoot()
    return Predictor("distance", distance.map { ($0 - centre) / spread })
  }
}

@Suite struct MixedModelsTests {
  private func number(_ findings: Findings, _ key: String, _ wanted: [String: String] = [:]) -> Double {
    let key0 = ["condition": "all", "system": "model", "model": "linear"].merging(wanted) { $1 }
    return findings.number("mixed_models", key, where: key0) ?? .nan
  }

  @Test func plantedSlopesAreFound() throws {
    let findings = try PlantedStudy().findings()
    for condition in ["all", "kick", "snare"] {
      let wanted = ["condition": condition]
      let low = number(findings, "low", wanted), high = number(findings, "high", wanted)
      #expect(low < PlantedStudy.slope && PlantedStudy.slope < high, "\(condition): \(low) to \(high)")
      #expect(number(findings, "p", wanted) < 1e-6)
      #expect(abs(number(findings, "sd_residual", wanted) / PlantedStudy.noise - 1) < 0.1)
    }
    #expect(abs(number(findings, "sd_participant") / PlantedStudy.intercepts - 1) < 0.4)
    #expect(abs(number(findings, "sd_participant_slope") / PlantedStudy.slopes - 1) < 0.4)
    #expect(abs(number(findings, "sd_query") / PlantedStudy.queryIntercepts - 1) < 0.5)
    #expect(number(findings, "r2_marginal") > 0.2)
    #expect(number(findings, "r2_conditional") > number(findings, "r2_marginal"))
    #expect(number(findings, "aic") < number(findings, "aic_without"))
    // For a system without distances, the predictor is the rank.
    let table = try #require(findings["mixed_models"])
    #expect(table.text(table.rows(where: ["system": "order"])[0], "predictor") == "rank")
    #expect(table.text(table.rows(where: ["system": "model"])[0], "predictor") == "distance")
    #expect(table.rows(where: ["model": "cumulative_link"]).isEmpty && table.rows.count == 6)
    #expect(findings.methods.contains { $0.text.contains("Bates et al. 2015") && $0.text.contains("(order)") })
  }

  @Test func figuresAreThoseOfTheModelItself() throws {
    let study = PlantedStudy(listeners: 12, queries: 5), findings = try study.findings()
    let x = study.standardised
    let random = [
      RandomEffect("participant", levels: study.listener, slopes: [x]), RandomEffect("query", levels: study.item),
    ]
    let reml = try LinearMixedModel(study.rating, fixed: [x], random: random)
    let larger = try LinearMixedModel(study.rating, fixed: [x], random: random, by: .ml)
    let smaller = try LinearMixedModel(study.rating, fixed: [], random: random, by: .ml)
    let interval = reml.fixed[1].interval(level: 0.95)
    #expect(reml.fixed[1].degreesOfFreedom < 40)
    let expected: [(String, Double)] = [
      ("slope", reml.fixed[1].value), ("slope_error", reml.fixed[1].standardError), ("low", interval.low),
      ("high", interval.high), ("intercept", reml.fixed[0].value),
      ("sd_participant", reml.random[0].covariance[0][0].squareRoot()),
      ("sd_participant_slope", reml.random[0].covariance[1][1].squareRoot()),
      ("correlation", reml.random[0].correlation(0, 1) ?? .nan),
      ("sd_query", reml.random[1].covariance[0][0].squareRoot()), ("sd_residual", reml.residual.squareRoot()),
      ("r2_marginal", reml.marginalR2), ("r2_conditional", reml.conditionalR2),
      ("log_likelihood_reml", reml.logLikelihood), ("log_likelihood", larger.logLikelihood), ("aic", larger.aic),
      ("bic", larger.bic), ("aic_without", smaller.aic), ("bic_without", smaller.bic),
      ("degrees_of_freedom", reml.fixed[1].degreesOfFreedom), ("p", reml.fixed[1].p),
      ("chi_squared", LikelihoodRatioTest(smaller, in: larger)?.chiSquared ?? .nan),
    ]
    for (key, value) in expected {
      // The rows are in another order, so the optimiser stops at a slightly different point.
      #expect(abs(number(findings, key) - value) <= 1e-3 * max(1, abs(value)), "\(key)")
    }
    #expect(number(findings, "ratings") == Double(study.rating.count))
    #expect(number(findings, "listeners") == 12 && number(findings, "queries") == 10)
  }

  /// Figures that lme4 computes from the same study: `analysis/read.R` on the tables of the default generated study,
  /// which `EARSHOT_WRITE_STUDY=FOLDER swift test --filter scipyFindsTheSame` writes.
  @Test func lme4FindsTheSame() throws {
    let findings = try GeneratedStudy().analysis().findings()
    let lme4: [(system: String, slope: Double, error: Double, logLikelihood: Double)] = [
      ("near", -16.401051, 1.4712570, -5399.13419457), ("far", -6.9972186, 1.8983141, -5785.70890438),
      ("random", -1.2901601, 1.6408993, -5855.40041178),
    ]
    for expected in lme4 {
      let wanted = ["condition": "kick", "system": expected.system]
      #expect(abs(number(findings, "slope", wanted) / expected.slope - 1) < 1e-5)
      #expect(abs(number(findings, "slope_error", wanted) / expected.error - 1) < 1e-3)
      #expect(abs(number(findings, "log_likelihood_reml", wanted) - expected.logLikelihood) < 1e-4)
    }
  }

  /// With random intercepts but no random slopes for queries, lme4 estimates -1.31 ± 0.65 for the random order here,
  /// two standard errors from 0.
  @Test func aRandomOrderIsUnrelatedBecauseQueriesDifferInSlope() throws {
    let findings = try GeneratedStudy().analysis().findings()
    let random = ["condition": "kick", "system": "random"]
    #expect(number(findings, "query_slopes_aic", random) < -30 && number(findings, "sd_query_slope", random) > 3)
    #expect(number(findings, "low", random) < 0 && number(findings, "high", random) > 0)
    #expect(number(findings, "p", random) > 0.2)
    #expect(findings.methods.contains { $0.text.contains("random slopes for queries lowered the AIC of all models") })
    #expect(!findings.remarks.contains { $0.code == "model_parallel_queries" })
  }

  /// The planted slopes differ between listeners but not between queries.
  @Test func slopesOfQueriesAreLeftOutWhereTheyAddNothing() throws {
    let findings = try PlantedStudy().findings(), table = try #require(findings["mixed_models"])
    let row = table.rows(where: ["condition": "all", "system": "model"])[0]
    #expect(table.number(row, "sd_query_slope") == nil && (table.number(row, "query_slopes_aic") ?? 0) > 0)
    #expect(
      findings.remarks.contains { $0.code == "model_parallel_queries" && $0.meaning.contains("model (linear, all)") })
  }

  @Test func manyRatingsOnFewPointsAreToldToHaveNoOrdinalModel() throws {
    let findings = try PlantedStudy(listeners: 160, queries: 12, candidates: 8, steps: 5).findings {
      $0.linearModels = .never
      $0.ordinalModels = .auto
    }
    #expect(findings["mixed_models"] == nil)
    let remark = try #require(findings.remarks.first { $0.code == "ordinal_model_left_out" })
    #expect(remark.count == 20480 && remark.what.text.contains("on 5 points"))
  }

  @Test func aLikertScaleGetsACumulativeLinkModel() throws {
    let study = PlantedStudy(listeners: 12, queries: 4, candidates: 6, steps: 7)
    let findings = try study.findings { $0.ordinalModels = .always }
    let used = Set(study.rating).sorted()
    let model = try CumulativeLinkMixedModel(
      study.rating.map { used.firstIndex(of: $0) ?? 0 }, fixed: [study.standardised],
      random: [
        .init("participant", levels: study.listener, slopes: [study.standardised]),
        .init("query", levels: study.item),
      ])
    let kind = ["model": "cumulative_link"]
    #expect(number(findings, "sd_participant_slope", kind) > 0)
    #expect(abs(number(findings, "slope", kind) - model.fixed[0].value) < 1e-3)
    #expect(abs(number(findings, "log_likelihood", kind) - model.logLikelihood) < 1e-3)
    #expect(number(findings, "high", kind) < 0 && number(findings, "p", kind) < 1e-6)
    #expect(findings.citations.contains { $0.hasPrefix("Christensen") })
    // By default no cumulative-link model is fitted, and the report says why.
    let without = try study.findings()
    let saysWhy = without.methods.contains { $0.text.contains("the plan does not ask for a cumulative-link model") }
    #expect(saysWhy)
    #expect(without["mixed_models"]?.rows(where: kind).isEmpty == true)
    #expect(!without.citations.contains { $0.hasPrefix("Christensen") })
  }

  @Test func theReportHasTheSectionOnlyIfAModelWasFitted() throws {
    func page(_ findings: Findings) throws -> String {
      try inFolder { folder in
        try findings.write(to: folder)
        return try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
          .replacing(/(?s)<script.*?<\/script>/, with: "")
      }
    }
    let study = PlantedStudy(listeners: 6, queries: 3)
    let with = try page(study.findings())
    #expect(with.contains("id=\"models\"") && with.contains("mixed_models.csv"))
    let without = try study.findings { $0.linearModels = .never }
    #expect(without["mixed_models"] == nil)
    let html = try page(without)
    #expect(!html.contains("id=\"models\"") && !html.contains("mixed_models"))
    #expect(!without.methods.contains { $0.text.contains("mixed model") })
  }

  @Test func tooFewDataAreTold() throws {
    let findings = try PlantedStudy(listeners: 2, queries: 3).findings()
    #expect(findings["mixed_models"] == nil)
    let remark = try #require(findings.remarks.first { $0.code == "model_not_fitted" })
    #expect(remark.count == 6 && remark.meaning.contains("by 2 listeners are too few"))
  }

  @Test func thePlanSaysWhichModels() throws {
    let plan = try AnalysisPlan.parse("models: {linear: never, ordinal: always}", name: "p.yaml")
    #expect(plan.linearModels == .never && plan.ordinalModels == .always)
    #expect(throws: Problems.self) { try AnalysisPlan.parse("models: {linear: always}", name: "p.yaml") }
  }
}
