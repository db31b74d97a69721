import Agreement
import Basics
import Foundation
import Ratings
import Reporting
import Statistics
import Testing

@Suite("Correction for many claims at once")
struct FamilywiseTests {
  @Test func verdictsOfScoresAreCorrectedOverAllPairs() throws {
    var study = ScoredStudy()
    study.systems = [("a", 88), ("b", 70), ("c", 66), ("d", 65)]
    let found = try study.findings("intervals: {resamples: 400}\nverdict: {score_margin: 3}")
    let table = try #require(found["system_differences"])
    let p = table.rows.indices.map { table.number($0, "p_verdict") }, corrected = adjusted(p, .holm)
    #expect(table.rows.count == 6 && p.allSatisfy { $0 != nil })
    for row in table.rows.indices {
      #expect(table.number(row, "p_verdict_corrected") == corrected[row])
      let shares = ["share_above", "share_within", "share_below"].map { table.number(row, $0) ?? .nan }
      #expect(abs(shares.reduce(0, +) - 1) < 1e-9 && shares.allSatisfy { (0...1).contains($0) })
      let verdict = table.text(row, "verdict"), after = table.text(row, "verdict_corrected")
      // A correction never turns an inconclusive verdict into another one; it can only make a verdict inconclusive, and
      // only its own p-value decides that.
      #expect(((p[row] ?? 1) < 0.05) == (verdict != "inconclusive"))
      #expect(after == ((corrected[row] ?? 1) < 0.05 ? verdict : "inconclusive"))
    }
    let far = try #require(table.rows(where: ["system": "a", "baseline": "d"]).first)
    #expect(table.text(far, "verdict_corrected") == "better")
    let pairs = try #require(found["all_pairs"])
    #expect(pairs.rows.count == 6 && pairs.number(0, "p") == table.number(0, "p"))
    let report = try inFolder { folder in
      _ = try found.write(to: folder)
      return try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
    }
    #expect(report.contains("<h2 id=\"pairs\">All pairs of systems</h2>"))
  }

  @Test func pairsWithoutTheBaselineAreThereToo() throws {
    let study = GeneratedStudy(systems: [("near", 0.2), ("mid", 0.8), ("far", 1.5), ("random", nil)])
    let found = try study.analysis(quickPlan { $0.baseline = "random" }).findings()
    let differences = try #require(found["differences"])
    #expect(differences.rows.indices.allSatisfy { differences.text($0, "baseline") == "random" })
    let pairs = try #require(found["all_pairs"]), own = pairs.rows(where: ["figure": "spearman"])
    #expect(own.count == 6)
    let p = own.map { pairs.number($0, "p") }
    #expect(own.map { pairs.number($0, "p_corrected") } == adjusted(p, .holm))
    let same = try #require(pairs.rows(where: ["figure": "spearman", "system": "near", "baseline": "random"]).first)
    #expect(pairs.number(same, "difference") == found.number("differences", "difference", where: ["system": "near"]))
    let chance = try #require(found["chance"])
    #expect(
      chance.rows.indices.map { chance.number($0, "p_better_corrected") }
        == adjusted(chance.rows.indices.map { chance.number($0, "p_better") }, .holm))
  }
}

@Suite("Confidence in the results of a running study")
struct LivePrecisionTests {
  private func precision(_ study: ScoredStudy, _ plan: String) throws -> LivePrecision {
    try inFolder { folder in
      let scores = folder.appending(path: "scores.csv"), plans = folder.appending(path: "analysis.yaml")
      try Data(study.text.utf8).write(to: scores)
      try Data(plan.utf8).write(to: plans)
      return try Analysis.precision(of: .init(scores: scores, plan: plans), version: "test")
    }
  }

  @Test func theWidestIntervalIsToldAndNothingElse() throws {
    let study = ScoredStudy(), plan = "intervals: {resamples: 400, goal: {mushra: 30}}"
    let found = try precision(study, plan), kind = try #require(found.kinds.first)
    let table = try #require(try study.findings(plan)["system_differences"])
    let widths = table.rows.indices.map { ((table.number($0, "high") ?? 0) - (table.number($0, "low") ?? 0)) / 2 }
    #expect(found.kinds.count == 1 && kind.name == "mushra" && kind.intervals == 3 && kind.listeners == 12)
    #expect(kind.halfWidth == widths.max() && kind.goal == 30 && kind.isReached)
    #expect(
      found.text.hasPrefix("mushra: the widest of 3 95 % intervals is ±") && found.text.hasSuffix("which is reached."))
    for name in ["good", "fair", "poor", "75", "60", "45"] { #expect(!found.text.contains(name)) }
    #expect(try !precision(study, "intervals: {resamples: 400, goal: 0.01}").kinds[0].isReached)
  }

  @Test func fewListenersHaveNoIntervalYet() throws {
    let found = try precision(ScoredStudy(listeners: 2), "intervals: {resamples: 100, goal: 4}")
    #expect(
      found.kinds.map(\.halfWidth) == [nil]
        && found.text == "mushra: 2 listeners are too few for an interval; the goal is ±4.0.")
    let one = try precision(ScoredStudy(listeners: 1), "intervals: {resamples: 100}")
    #expect(one.text == "mushra: 1 listener is too few for an interval.")
  }
}

@Suite("Stopping as soon as verdicts are reached")
struct StoppingTests {
  /// An exported scores table beside its record of analysis plans. `seen` is when the plan was first seen; nil for no
  /// record.
  private func folder<Result>(
    _ study: ScoredStudy, _ plan: String, seen: String?, _ body: (AnalysisTables) throws -> Result
  ) throws -> Result {
    try inFolder { folder in
      let scores = folder.appending(path: "scores.csv"), plans = folder.appending(path: "analysis.yaml")
      try Data(study.text.utf8).write(to: scores)
      try Data(plan.utf8).write(to: plans)
      if let seen {
        let record =
          #"{"analysis_plans": [{"sha256": "\#(try ContentHash.ofFile(plans))", "first_seen_at": "\#(seen)"}]}"#
        try Data(record.utf8).write(to: folder.appending(path: "datapackage.json"))
      }
      return try body(.init(scores: scores, plan: plans))
    }
  }
  private static let before = "2026-01-01T00:00:00Z"

  private func plan(_ atMost: Int?) -> String {
    "intervals: {resamples: 400}\nverdict: {score_margin: 3}\n"
      + (atMost.map { "stopping: {listeners: \($0)}\n" } ?? "")
  }

  @Test func everyLookHasItsShareOfTheError() throws {
    // At the last look, twice the tail beyond the boundary equals the error (reflection principle), whatever looks came
    // before.
    let last = RepeatedLook(48, of: 48), early = RepeatedLook(12, of: 48)
    #expect(abs(last.tail(of: 0.05) - 0.025) < 1e-12 && abs(last.level(of: 0.95) - 0.975) < 1e-12)
    // At a quarter of the sample the critical z is twice as large: 2 × 1.959964, with a tail of 4.4287e-05 (R:
    // pnorm(-3.919928)).
    #expect(abs(early.tail(of: 0.05) - 4.4287e-05) < 1e-8)
    for error in [0.001, 0.025, 0.3] { #expect(abs(early.error(of: early.tail(of: error)) - error) < 1e-6) }
    #expect(early.sureness(of: 0.5) == 0.5 && RepeatedLook(60, of: 48) == last)
  }

  @Test func anEarlyLookIsStricterInEveryFigureOfIt() throws {
    let study = ScoredStudy()
    let once = try #require(try study.findings(plan(nil))["system_differences"])
    let early = try #require(try study.findings(plan(24))["system_differences"])
    for row in once.rows.indices {
      func width(_ table: ResultTable, _ low: String, _ high: String) -> Double {
        (table.number(row, high) ?? .nan) - (table.number(row, low) ?? .nan)
      }
      #expect(width(early, "low", "high") > 1.3 * width(once, "low", "high"))
      #expect(width(early, "verdict_low", "verdict_high") > 1.3 * width(once, "verdict_low", "verdict_high"))
      #expect((early.number(row, "p") ?? 0) > (once.number(row, "p") ?? 1))
      #expect(early.number(row, "share_above") == once.number(row, "share_above"))
      // A p-value and its interval agree.
      let isApart = (early.number(row, "low") ?? 0) > 0 || (early.number(row, "high") ?? 0) < 0
      #expect(((early.number(row, "p") ?? 1) < 0.05) == isApart)
      #expect(((early.number(row, "p_verdict") ?? 1) < 0.05) == (early.text(row, "verdict") != "inconclusive"))
    }
  }

  @Test func aStudyMayStopOnlyByARuleThatStoodBefore() throws {
    var study = ScoredStudy()
    study.systems = [("good", 80), ("poor", 40)]
    func precision(_ atMost: Int, seen: String?) throws -> LivePrecision {
      try folder(study, plan(atMost), seen: seen) { try Analysis.precision(of: $0, version: "test") }
    }
    let told = try precision(24, seen: Self.before)
    #expect(
      told.text.hasSuffix(
        "\nStopping rule: 12 of at most 24 listeners; every verdict is decided, so the study may stop."))
    for name in ["good", "poor", "better"] { #expect(!told.text.contains(name)) }
    let open = try precision(500, seen: Self.before)
    #expect(open.text.hasSuffix("12 of at most 500 listeners; 0 of 1 verdict is decided, so continue."))
    for seen in [nil, "2026-02-01T00:00:00Z"] {
      let late = try precision(24, seen: seen)
      #expect(late.text.hasSuffix("so continue to the last listener."))
      let found = try folder(study, plan(24), seen: seen) { try Analysis.read($0, version: "test") }
      #expect(found.remarks.contains { $0.code == "stopping_unfixed" && $0.weight == .caution })
    }
    let passed = try folder(study, plan(10), seen: Self.before) { try Analysis.read($0, version: "test") }
    #expect(passed.remarks.contains { $0.code == "stopping_passed" && $0.count == 2 })
    #expect(passed.remarks.allSatisfy { $0.code != "stopping_unfixed" })
  }

  @Test func aRuleGoesWithTheDualIntervalOnly() throws {
    let problems = #expect(throws: Problems.self) {
      try AnalysisPlan.parse("stopping: {listeners: 24}\nverdict: {method: bca}", name: "analysis.yaml")
    }
    #expect(problems?.list.map(\.what) == ["'stopping' requires intervals by the method dual"])
    #expect(throws: Problems.self) { try AnalysisPlan.parse("stopping: {listeners: 2}", name: "analysis.yaml") }
    #expect(try AnalysisPlan.parse("stopping: {listeners: 24}", name: "analysis.yaml").stoppingAtMost == 24)
  }
}

@Suite("Where the true sample is ranked")
struct ReferencePlacesTests {
  /// Three systems: `hears` ranks the true sample first, `shifted` has the rows of other queries, and `reversed` ranks
  /// from the end.
  private func findings(_ queries: Int) throws -> Findings {
    let candidates = (0..<8).map { "c\($0)" }
    var ratings = "participant,query,candidate,rating,is_reference\n", rankings = "query,system,candidate,rank\n"
    for query in 0..<queries {
      let reference = query % 8
      for listener in 0..<5 {
        for (i, candidate) in candidates.enumerated() {
          let rating = 90 - 10 * ((i - reference + 8) % 8) + (i * 7 + listener * 5 + query) % 9
          ratings += "l\(listener),q\(query),\(candidate),\(rating),\(i == reference)\n"
        }
      }
      for (i, candidate) in candidates.enumerated() {
        let place = (i - reference + 8) % 8
        rankings += "q\(query),hears,\(candidate),\(place + 1)\nq\(query),reversed,\(candidate),\(8 - place)\n"
        rankings += "q\(query),shifted,\(candidate),\((i - 3 * query % 8 + 8) % 8 + 1)\n"
      }
    }
    return try Analysis(ratings: table(ratings), rankings: rankingsTable(rankings), plan: quickPlan()).findings()
  }

  @Test func aSwappedTableIsToldByIt() throws {
    let found = try findings(12)
    #expect(found.number("reference_places", "place", where: ["system": "hears"]) == 0)
    #expect(found.number("reference_places", "place", where: ["system": "reversed"]) == 1)
    let last = try #require(found.remarks.first { $0.code == "reference_ranked_last" })
    #expect(last.weight == .alarm && last.what.text.contains("reversed") && last.count == 1)
    let lost = try #require(found.remarks.first { $0.code == "reference_at_chance" })
    #expect(lost.weight == .alarm && lost.what.text.contains("shifted") && lost.count == 1)
  }

  @Test func fewQueriesTellNothing() throws {
    #expect(try findings(4).remarks.allSatisfy { !$0.code.hasPrefix("reference_") })
  }
}
