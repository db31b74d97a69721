import Agreement
import Basics
import Foundation
import Keys
import Ratings
import Study
import Testing

@Suite struct AnalysisPlanTests {
  @Test func theDefaultTextIsTheDefaultPlan() throws {
    #expect(try AnalysisPlan.parse(AnalysisPlan.text, name: "analysis.yaml") == AnalysisPlan())
    #expect(try AnalysisPlan.parse("", name: "analysis.yaml") == AnalysisPlan())
  }

  @Test func everyKeyIsRead() throws {
    let plan = try AnalysisPlan.parse(
      """
      title: Drums
      columns: {participant: subject, candidate: sample, wide: [a, b]}
      scale: [1, 7]
      reference: ref
      anchor: [low, mid]
      metric: kendall_tau_b
      systems: [mfcc, model]
      baseline:
      conditions: [snare]
      top_k: 3
      similar_from: 0.5
      tie_band: 0
      min_candidates: 4
      unranked: last
      reference_in_agreement: include
      verdict: {margin: 0.2, alpha: 0.025, method: percentile}
      screening:
        apply: [catches, speed]
        reference: {below: 0.8, share: 0.2}
        speed: {seconds_per_rating: 2}
      intervals: {confidence: 0.9, resamples: 500, method: bca, seed: 7}
      permutations: 200
      correction: by
      """, name: "analysis.yaml")
    #expect(plan.title == "Drums")
    #expect(plan.columns("participant") == "subject" && plan.columns("query") == "query")
    #expect(plan.columns.wide == ["a", "b"] && plan.scale == 1...7)
    #expect(plan.reference == ["ref"] && plan.anchor == ["low", "mid"])
    #expect(plan.metric == .kendallTauB && plan.systems == ["mfcc", "model"] && plan.baseline == nil)
    #expect(plan.conditions == ["snare"] && plan.topK == 3 && plan.similarFrom == 0.5 && plan.tieBand == 0)
    #expect(plan.minimumCandidates == 4 && plan.unranked == .last && plan.includeReference)
    #expect(plan.margin == 0.2 && plan.alpha == 0.025 && plan.verdictInterval == .percentile)
    #expect(plan.screening.apply == [.catches, .speed] && plan.screening.referenceBelow == 0.8)
    #expect(plan.screening.secondsPerRating == 2 && plan.screening.fastShare == 0.25)
    #expect(plan.confidence == 0.9 && plan.resamples == 500 && plan.interval == .bca && plan.seed == 7)
    #expect(plan.permutations == 200 && plan.correction == .by)
  }

  @Test func allProblemsAreToldWithLineColumnAndMend() throws {
    let problems = try #require(
      throws: Problems.self,
      performing: {
        _ = try AnalysisPlan.parse(
          """
          metrik: spearman
          top_k: many
          screening:
            apply: [reference, taste]
            speed: {secnds_per_rating: 2}
          verdict: {margin: -1}
          """, name: "plan.yaml")
      })
    #expect(
      problems.list.map(\.description) == [
        "plan.yaml:1:1: error: there is no key 'metrik'. Did you mean 'metric'?",
        "plan.yaml:2:8: error: 'top_k' is 'many', which is not a whole number. Write a whole number from 1 to 1000, or auto.",
        "plan.yaml:4:22: error: 'screening.apply[1]' is 'taste'. Write reference, anchor, catches, repeats, speed, straight, "
          + "outlier or subject.",
        "plan.yaml:5:11: error: there is no key 'screening.speed.secnds_per_rating'. Did you mean 'seconds_per_rating'?",
        "plan.yaml:6:19: error: 'verdict.margin' is -1. Write a number from 0.001 to 2.",
      ])
  }

  @Test("every key states its allowed values, its meaning and an example")
  func documented() {
    #expect(Set(AnalysisPlan.keys.map(\.path)).count == AnalysisPlan.keys.count)
    for key in AnalysisPlan.keys {
      #expect(key.type != "" && key.meaning.hasSuffix("."), "\(key.path)")
      let name = key.path.split(separator: ".").last.map(String.init) ?? ""
      if !key.isSection { #expect(key.example.hasPrefix("\(name): "), "\(key.path)") }
    }
  }

  @Test("every example can be read and differs from the default")
  func examples() throws {
    for key in AnalysisPlan.keys where !key.isSection {
      var yaml = key.example
      for section in key.path.split(separator: ".").dropLast().reversed() { yaml = "\(section): {\(yaml)}" }
      #expect(try AnalysisPlan.parse(yaml, name: "p.yaml") != AnalysisPlan(), "\(key.path)")
    }
  }

  @Test("sections, lists and maps may be empty")
  func empty() throws {
    let keys = ["title", "columns", "scale", "reference", "anchor", "systems", "conditions"]
    let sections = ["verdict", "screening", "intervals", "stopping", "models"]
    for yaml in (keys + sections).map({ "\($0):" }) + ["verdict: {score_margin: }", "intervals: {goal: }"] {
      #expect(try AnalysisPlan.parse(yaml, name: "p.yaml") == AnalysisPlan(), "\(yaml)")
    }
  }

  @Test func brokenYAMLIsToldWithItsPlace() throws {
    let problems = try #require(
      throws: Problems.self, performing: { _ = try AnalysisPlan.parse("metric: [spearman\ntop_k: 3\n", name: "p.yaml") }
    )
    #expect(problems.list.count == 1)
    #expect(problems.list[0].place?.file == "p.yaml" && problems.list[0].place?.line != nil)
  }
}
