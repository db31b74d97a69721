import Agreement
import Basics
import Foundation
import Ratings
import Statistics
import Testing

/// A study with the same six sounds in every query. How similar a sound is to the query depends mostly on the sound
/// itself, and so does its rank by a system that hears nothing.
private struct SameSounds {
  var ratings = "participant,query,candidate,rating,scale_min,scale_max\n"
  var rankings = "query,system,rank,candidate,distance\n"

  init(seed: UInt64, listeners: Int = 8, queries: Int = 12, sounds: Int = 6) {
    var random = SeededRandom(seed: seed, "same sounds")
    let liked = (0..<sounds).map { _ in random.normal() }
    let fit = (0..<queries).map { _ in (0..<sounds).map { _ in 0.5 * random.normal() } }
    for system in ["one", "two", "three"] {
      let own = (0..<sounds).map { _ in random.normal() }
      for query in 0..<queries {
        let distances = own.map { $0 + 0.5 * random.normal() }
        for (rank, sound) in distances.indices.sorted(by: { distances[$0] < distances[$1] }).enumerated() {
          rankings += "q\(query),\(system),\(rank + 1),s\(sound),\(distances[sound] + 5)\n"
        }
      }
    }
    for listener in 0..<listeners {
      for query in 0..<queries {
        for sound in 0..<sounds {
          let heard = liked[sound] + fit[query][sound] + 0.7 * random.normal()
          ratings += "l\(listener),q\(query),s\(sound),\(max(0, min(100, (50 + 15 * heard).rounded()))),0,100\n"
        }
      }
    }
  }

  func findings(_ change: (inout AnalysisPlan) -> Void = { _ in }) throws -> Findings {
    let plan = quickPlan {
      $0.candidates = .auto
      $0.baseline = nil
      ($0.resamples, $0.permutations) = (200, 199)
      change(&$0)
    }
    return try Analysis(ratings: table(ratings), rankings: rankingsTable(rankings), plan: plan).findings()
  }
}

@Suite struct RecurringCandidatesTests {
  /// About 5 % of systems that are unrelated to the ratings come out as significant, in every table. If the candidates
  /// are treated as fixed, a third to a half do.
  @Test func systemsThatHearNothingAreSeldomSignificant() throws {
    struct Counts { var chance = 0, agreement = 0, differences = 0, models = 0, fixed = 0, all = 0 }
    var counts = Counts()
    for seed in 0..<16 {
      let study = SameSounds(seed: UInt64(seed)), findings = try study.findings()
      let fixed = try study.findings { ($0.candidates, $0.linearModels) = (.fixed, .never) }
      func count(_ findings: Findings, _ table: String, _ key: String, _ wanted: [String: String] = [:]) -> Int {
        findings[table].map { table in table.rows(where: wanted).count { (table.number($0, key) ?? 1) < 0.05 } } ?? 0
      }
      counts.all += 3
      counts.chance += count(findings, "chance", "p_different")
      counts.fixed += count(fixed, "chance", "p_different")
      counts.differences += count(findings, "differences", "p")
      counts.models += count(findings, "mixed_models", "p")
      let agreement = try #require(findings["agreement"])
      counts.agreement += agreement.rows(where: ["level": "individual", "metric": "spearman"]).count {
        (agreement.number($0, "low") ?? -1) > 0 || (agreement.number($0, "high") ?? 1) < 0
      }
    }
    // Of 48, 5 % are 2.4; seven or more happen by chance once in a hundred times.
    #expect(counts.all == 48)
    #expect(counts.chance <= 6, "\(counts)")
    #expect(counts.agreement <= 6, "\(counts)")
    #expect(counts.differences <= 6, "\(counts)")
    #expect(counts.models <= 6, "\(counts)")
    #expect(counts.fixed >= 12, "\(counts)")
  }

  @Test func itIsSaidAndThePlanMaySayOtherwise() throws {
    let study = SameSounds(seed: 3, listeners: 5, queries: 6), findings = try study.findings()
    let remark = try #require(findings.remarks.first { $0.code == "candidates_recur" })
    #expect(remark.count == 6)
    let models = try #require(findings["mixed_models"])
    #expect(models.rows.indices.allSatisfy { models.number($0, "sd_candidate") != nil })
    let fixed = try study.findings { $0.candidates = .fixed }
    #expect(!fixed.remarks.contains { $0.code == "candidates_recur" })
    #expect(fixed["mixed_models"].map { $0.number(0, "sd_candidate") == nil } == true)
    let key = ["level": "individual", "metric": "spearman", "system": "one"]
    func width(_ findings: Findings) -> Double {
      (findings.number("agreement", "high", where: key) ?? .nan)
        - (findings.number("agreement", "low", where: key) ?? .nan)
    }
    #expect(width(findings) > width(fixed))
    #expect(try AnalysisPlan.parse("candidates: fixed", name: "p.yaml").candidates == .fixed)
    #expect(throws: Problems.self) { try AnalysisPlan.parse("candidates: nested", name: "p.yaml") }
  }

  /// A chance ordering of six sounds that runs against the ratings is not reported as a reversed table.
  @Test func theAlarmOfReversedTablesIsNotRaisedByTheLuckOfAFewSounds() throws {
    var ratings = "participant,query,candidate,rating,scale_min,scale_max\n", rankings = "query,system,candidate,rank\n"
    for query in 0..<6 {
      // Spearman's correlation is −0.66. One in six orders of six sounds has one at least this far from 0.
      for (sound, rank) in [5, 6, 2, 4, 1, 3].enumerated() {
        rankings += "q\(query),s,c\(sound),\(rank)\n"
        for listener in 0..<4 {
          ratings += "l\(listener),q\(query),c\(sound),\(90 - 12 * sound + (listener * 5 + query * 3) % 7),0,100\n"
        }
      }
    }
    func codes(_ candidates: AnalysisPlan.Candidates) throws -> [String] {
      try Analysis(
        ratings: table(ratings), rankings: rankingsTable(rankings), plan: quickPlan { $0.candidates = candidates }
      ).findings().remarks.map(\.code)
    }
    let fixed = try codes(.fixed), auto = try codes(.auto)
    #expect(fixed.contains("reversed") && !auto.contains("reversed"))
  }

  /// Where each query has its own candidates, the candidates are not treated as a third sample.
  @Test func candidatesOfTheirOwnAreNoThirdSample() throws {
    var study = GeneratedStudy(listeners: 6, queries: 5, pages: 5)
    // Name each candidate after its query, so that none recurs.
    func renamed(_ text: String, query: Int, candidate: Int) -> String {
      text.split(separator: "\n").enumerated().map { line, row in
        var cells = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if line > 0 { cells[candidate] = cells[query] + cells[candidate] }
        return cells.joined(separator: ",")
      }.joined(separator: "\n") + "\n"
    }
    study.ratings = renamed(study.ratings, query: 2, candidate: 4)
    study.rankings = renamed(study.rankings, query: 0, candidate: 4)
    let findings = try study.analysis(quickPlan { $0.candidates = .auto }).findings()
    #expect(!findings.remarks.contains { $0.code == "candidates_recur" })
    let fixed = try study.analysis(quickPlan { $0.candidates = .fixed }).findings()
    for name in ["verdicts", "agreement", "chance", "differences"] {
      #expect(findings[name]?.rows == fixed[name]?.rows)
    }
  }
}
