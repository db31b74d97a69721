import Agreement
import Basics
import Foundation
import Reporting
import Statistics
import Testing

/// Intervals are based on the listeners and queries behind a figure, and are left out where these are too few.
@Suite struct SupportTests {
  /// Four queries per condition, in conditions `a` to `f`: the first `conditions` of these.
  private func study(_ conditions: Int, ranksOnly: Set<Int>? = nil) throws -> Findings {
    var random = SeededRandom(seed: 8, "support")
    var ratings = "participant,query,condition,candidate,rating,scale_min,scale_max\n"
    var rankings = "query,condition,system,rank,candidate\n"
    for query in 0..<(4 * conditions) {
      let place = "q\(query),\(["a", "b", "c", "d", "e", "f"][query / 4])"
      let truth = (0..<6).map { _ in random.normal() }
      for (system, noise) in [("s", 1.0), ("part", 2)] where system == "s" || ranksOnly?.contains(query) ?? true {
        let scores = truth.map { $0 + noise * random.normal() }
        for (rank, candidate) in scores.indices.sorted(by: { scores[$0] > scores[$1] }).enumerated() {
          rankings += "\(place),\(system),\(rank + 1),c\(query)-\(candidate)\n"
        }
      }
      for listener in 0..<10 {
        for candidate in 0..<6 {
          let rating = max(0, min(100, (50 + 15 * (truth[candidate] + 0.8 * random.normal())).rounded()))
          ratings += "l\(listener),\(place),c\(query)-\(candidate),\(rating),0,100\n"
        }
      }
    }
    return try Analysis(ratings: table(ratings), rankings: rankingsTable(rankings), plan: quickPlan()).findings()
  }

  private func ends(_ findings: Findings, _ table: String, _ wanted: [String: String]) -> [Double?] {
    ["low", "high"].map { findings.number(table, $0, where: wanted) }
  }

  @Test func aConditionIsAsUncertainAsAStudyOfItsOwn() throws {
    let alone = try study(1), one = try study(6)
    for table in ["agreement", "verdicts", "differences", "ceilings", "ratings_by_system"] {
      var key = ["condition": "a"]
      switch table {
      case "agreement": key.merge(["level": "individual", "metric": "spearman", "system": "s"]) { $1 }
      case "ceilings": key["ceiling"] = "single_listener"
      default: key["system"] = "s"
      }
      let here = ends(one, table, key), there = ends(alone, table, key)
      #expect(here[0] != nil && here == there, "\(table): \(here) and \(there)")
    }
    // The interval differs from that over all conditions.
    let key = ["level": "individual", "metric": "spearman", "system": "s"]
    #expect(ends(one, "agreement", key.merging(["condition": "a"]) { $1 }) != ends(one, "agreement", key))
  }

  @Test func aSystemIsJudgedByTheQueriesThatItRanks() throws {
    let part = try study(6, ranksOnly: [0, 1, 2]), verdicts = try #require(part["verdicts"])
    let row = verdicts.rows(where: ["system": "part", "condition": "all"])[0]
    #expect(verdicts.number(row, "queries") == 3 && verdicts.text(row, "verdict") == "too_few")
    // With three queries t has two degrees of freedom and a critical value of 4.30; with 24 queries and ten listeners
    // it is 2.26.
    let three = ["level": "individual", "metric": "spearman", "condition": "all", "system": "part"]
    let all = three.merging(["system": "s"]) { $1 }
    func width(_ key: [String: String]) -> Double {
      let found = ends(part, "agreement", key)
      return (found[1] ?? .nan) - (found[0] ?? .nan)
    }
    #expect(width(three) > 1.5 * width(all))
  }

  /// The width of every interval in every table, with its name and row.
  private func widths(_ findings: Findings) -> [(String, Double)] {
    findings.tables.flatMap { table in
      table.columns.map(\.key).filter { $0 == "low" || $0.hasSuffix("_low") || $0.hasPrefix("low_") }.flatMap { low in
        table.rows.indices.compactMap { row in
          guard let a = table.number(row, low),
            let b = table.number(row, low.replacingOccurrences(of: "low", with: "high"))
          else { return nil }
          return ("\(table.name).\(low) \(table.rows[row].prefix(4))", b - a)
        }
      }
    }
  }

  @Test func noIntervalIsOfZeroWidth() throws {
    // Two listeners form one pair, however they are resampled.
    let two = try GeneratedStudy(listeners: 2, queries: 6, pages: 6).analysis().findings()
    for (name, width) in widths(two) { #expect(width > 0, "\(name)") }
    #expect(two.number("ceilings", "low", where: ["ceiling": "single_listener"]) == nil)
    #expect(two.number("reliability", "low", where: ["figure": "listeners_spearman"]) == nil)
    let test = try #require(two["alternative_annotator"])
    #expect(test.rows.indices.allSatisfy { test.rows[$0][test.column("passes")] == .missing })
    // Listeners who agree perfectly with one another and with the system.
    var ratings = "participant,query,candidate,rating\n", rankings = "query,system,candidate,rank\n"
    for query in 0..<6 {
      for candidate in 0..<5 {
        for listener in 0..<6 { ratings += "l\(listener),q\(query),c\(candidate),\(90 - 10 * candidate)\n" }
        rankings += "q\(query),s,c\(candidate),\(candidate + 1)\n"
      }
    }
    let same = try Analysis(ratings: table(ratings), rankings: rankingsTable(rankings), plan: quickPlan()).findings()
    for (name, width) in widths(same) { #expect(width > 0, "\(name)") }
    #expect(same["verdicts"].map { $0.text(0, "verdict") } == "unvarying")
  }

  /// With twelve listeners and two queries t has one degree of freedom; with twice the queries it has three.
  @Test func adviceCountsTheDegreesOfFreedom() throws {
    let findings = try GeneratedStudy(listeners: 12, queries: 2, pages: 2).analysis().findings()
    let key = ["system": "far"]
    func number(_ column: String) -> Double { findings.number("precision", column, where: key) ?? .nan }
    #expect(number("twice_the_queries") < 0.4 * number("half_width"))
    #expect(number("twice_the_listeners") > 0.7 * number("half_width"))
    let advises = findings.answers.contains { $0.text.hasPrefix("More queries would help more") }
    #expect(advises)
  }

  @Test func effectiveListenersHaveAnInterval() throws {
    let findings = try GeneratedStudy(listeners: 30).analysis().findings()
    for system in ["far", "random"] {
      let key = ["system": system]
      let worth = try #require(findings.number("normalised", "effective_listeners", where: key))
      let low = try #require(findings.number("normalised", "effective_low", where: key))
      #expect(low <= worth)
      if let high = findings.number("normalised", "effective_high", where: key) { #expect(worth <= high && low < high) }
    }
  }

  /// In complete data, candidates of the same query are more alike than others, and the interval takes this into
  /// account.
  @Test func intraclassCorrelationsOfCompleteDataAreDrawnByQueries() throws {
    var random = SeededRandom(seed: 5, "clustered"), ratings = "participant,query,candidate,rating\n"
    var rows = Array(repeating: [Double?](), count: 8)
    for query in 0..<8 {
      let level = 20 * random.normal()
      for candidate in 0..<6 {
        let quality = level + 5 * random.normal()
        for listener in 0..<8 {
          let rating = 50 + quality + 10 * random.normal()
          rows[listener].append(rating)
          ratings += "l\(listener),q\(query),c\(query)-\(candidate),\(rating)\n"
        }
      }
    }
    let findings = try Analysis(ratings: table(ratings), rankings: [], plan: quickPlan()).findings()
    let key = ["figure": "icc_c_1"], byVariance = try #require(Intraclasses(UnitRatings(rows)))
    #expect(
      abs((findings.number("reliability", "value", where: key) ?? .nan) - byVariance.consistencySingle.value) < 1e-9)
    let found = ends(findings, "reliability", key)
    let plain = byVariance.consistencySingle.interval
    #expect((found[1] ?? .nan) - (found[0] ?? .nan) > 1.2 * (plain.high - plain.low))
    // A single query cannot be resampled, and the definition states what is assumed.
    let single = try Analysis(
      ratings: table(
        ratings.split(separator: "\n").filter { $0.contains("q0") || $0.hasPrefix("p") }.joined(separator: "\n")),
      rankings: [], plan: quickPlan()
    ).findings()
    let table = try #require(single["reliability"])
    let says = table.text(table.rows(where: key)[0], "definition").contains("over the candidates of one query")
    #expect(says)
  }
}
