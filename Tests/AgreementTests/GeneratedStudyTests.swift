import Agreement
import Basics
import Foundation
import Testing

@Suite struct GeneratedStudyTests {
  @Test func thePlantedOrderIsFound() throws {
    let findings = try GeneratedStudy().analysis().findings()
    func value(_ system: String, _ key: String) -> Double {
      findings.number(
        "agreement", key, where: ["level": "individual", "metric": "spearman", "system": system, "condition": "kick"])
        ?? .nan
    }
    #expect(value("near", "value") > value("far", "value") && value("far", "value") > value("random", "value"))
    #expect(value("near", "low") > 0.4)
    #expect(value("random", "low") < 0 && value("random", "high") > 0)
    let verdict = findings["verdicts"].map { table in
      table.text(table.rows(where: ["system": "random"])[0], "verdict")
    }
    #expect(verdict == "inferior")
    #expect(findings.answers[0].text.hasPrefix("near "))
    let pairs = ["system": "near", "baseline": "random"]
    #expect((findings.number("differences", "p_corrected", where: pairs) ?? 1) < 0.01)
    #expect((findings.number("chance", "p_better", where: ["system": "near"]) ?? 1) < 0.01)
    #expect(abs(findings.number("chance", "chance", where: ["system": "near"]) ?? 1) < 0.05)
  }

  /// Listeners who hear nothing agree with no system.
  @Test func withoutEarsEveryIntervalCoversZero() throws {
    let findings = try GeneratedStudy(seed: 5, ears: 0).analysis().findings()
    for system in ["near", "far", "random"] {
      let key = ["level": "individual", "metric": "spearman", "system": system]
      #expect((findings.number("agreement", "low", where: key) ?? 1) < 0)
      #expect((findings.number("agreement", "high", where: key) ?? -1) > 0)
    }
    #expect((findings.number("reliability", "value", where: ["figure": "krippendorff_alpha_interval"]) ?? 1) < 0.1)
  }

  @Test func theSameSeedGivesTheSameBytes() throws {
    let study = GeneratedStudy(listeners: 8, queries: 6, pages: 4)
    let first = try study.analysis().findings(), second = try study.analysis().findings()
    #expect(first.json == second.json)
    let other = try study.analysis(quickPlan { $0.seed = 2 }).findings()
    #expect(first.json != other.json)
  }

  @Test func agreementLiesBetweenChanceAndTheCrowd() throws {
    let findings = try GeneratedStudy().analysis().findings()
    let key = ["system": "near"]
    let single = findings.number("normalised", "single_listener", where: key) ?? .nan
    let lower = findings.number("normalised", "crowd_lower", where: key) ?? .nan
    let upper = findings.number("normalised", "crowd_upper", where: key) ?? .nan
    #expect(0 < single && single < lower && lower < upper && upper < 1)
    // The noise of `near` is far below a listener's, so it is worth several listeners.
    #expect((findings.number("normalised", "effective_listeners", where: key) ?? 0) > 2)
    #expect((findings.number("normalised", "effective_listeners", where: ["system": "random"]) ?? 9) < 1)
  }

  @Test func withoutRankingsTheListenersAreToldAbout() throws {
    let study = GeneratedStudy(listeners: 8, queries: 6, pages: 4)
    let findings = try Analysis(ratings: table(study.ratings), rankings: [], plan: quickPlan()).findings()
    #expect(findings["reliability"] != nil && findings["agreement"] == nil)
    #expect(findings.remarks.contains { $0.code == "no_rankings" })
    #expect(findings.answers[0].text.contains("Krippendorff"))
  }
}
