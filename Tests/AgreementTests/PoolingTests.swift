import Agreement
import Basics
import Foundation
import Ratings
import Statistics
import Study
import Testing
import PowerAnalysis

/// Studies whose pages hold the candidates that systems rank first.
@Suite struct PoolingTests {
  private struct Fixture: Decodable {
    struct Case: Decodable {
      var topK, randomFillers, maxPerTrial: Int
      var ratings, rankings: String
      var systems: [String], agreement: [Double], listeners: [Double], wholeList: [Double]
      var wholeListListeners: Double?
    }
    var cases: [Case]
  }

  /// Expected figures come from `analysis/oracles/pooling.py`, which computes strata and weights candidate by
  /// candidate.
  @Test func figuresAreThoseOfAnIndependentImplementation() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "analysis/oracles/fixtures/pooling.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    for told in try decoder.decode(Fixture.self, from: Data(contentsOf: file)).cases {
      var rule = PoolSettings()
      (rule.topK, rule.randomFillers, rule.maxPerTrial) = (told.topK, told.randomFillers, told.maxPerTrial)
      let plan = quickPlan { $0.pooling = .rule(rule) }
      let found = try Analysis(
        ratings: table(told.ratings), rankings: rankingsTable(told.rankings), plan: plan
      ).findings()
      func near(_ value: Double?, _ expected: Double) { #expect(abs((value ?? .nan) - expected) < 1e-9) }
      for (i, system) in told.systems.enumerated() {
        near(
          found.number(
            "agreement", "value", where: ["level": "individual", "system": system, "metric": "spearman"]),
          told.agreement[i])
        near(found.number("pooling", "agreement", where: ["system": system]), told.agreement[i])
        near(found.number("verdicts", "human_human", where: ["system": system]), told.listeners[i])
        near(found.number("chance", "agreement", where: ["system": system]), told.agreement[i])
        guard told.wholeList.indices.contains(i) else {
          #expect(found.number("pooling", "whole_list", where: ["system": system]) == nil)
          continue
        }
        near(found.number("pooling", "whole_list", where: ["system": system]), told.wholeList[i])
        near(
          found.number("pooling", "whole_list_listeners", where: ["system": system]), told.wholeListListeners ?? .nan)
      }
    }
  }

  /// A study of 30 candidates per query whose pages hold the first `topK` of four systems, one of which ranks at
  /// random.
  private func pooled(topK: Int, fillers: Int, seed: UInt64, queries: Int = 24, listeners: Int = 8) -> (
    ratings: String, rankings: String
  ) {
    var random = SeededRandom(seed: seed, "pooled study")
    var ratings = "participant,query,candidate,rating,scale_min,scale_max\n"
    var rankings = "query,system,rank,candidate\n"
    for query in 0..<queries {
      let truth = (0..<30).map { _ in random.normal() }
      var shown: [Int] = []
      for (name, noise) in [("random", Double.infinity), ("near", 0.3), ("far", 1.0), ("other", 0.7)] {
        let scores = truth.map { noise.isInfinite ? random.normal() : $0 + noise * random.normal() }
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        for (rank, candidate) in order.enumerated() {
          rankings += "q\(query),\(name),\(rank + 1),c\(candidate)\n"
          if rank < topK, !shown.contains(candidate) { shown.append(candidate) }
        }
      }
      let rest = (0..<30).filter { !shown.contains($0) }
      shown += random.shuffled(rest).prefix(fillers)
      for listener in 0..<listeners {
        for candidate in shown {
          let rating = max(0, min(100, (50 + 15 * (truth[candidate] + 0.8 * random.normal())).rounded()))
          ratings += "l\(listener),q\(query),c\(candidate),\(Int(rating)),0,100\n"
        }
      }
    }
    return (ratings, rankings)
  }

  private func findings(_ tables: (ratings: String, rankings: String), _ plan: AnalysisPlan = quickPlan()) throws
    -> Findings
  {
    try Analysis(ratings: table(tables.ratings), rankings: rankingsTable(tables.rankings), plan: plan).findings()
  }

  /// Without the correction, a random order seems to disagree with listeners wherever pages hold what it ranks first.
  @Test(arguments: [(2, 0), (3, 0), (3, 4), (1, 3)])
  func anOrderAtRandomAgreesAsChanceDoes(topK: Int, fillers: Int) throws {
    var raw: [Double] = [], mended: [Double] = [], isSignificant = 0
    let plan = quickPlan { ($0.resamples, $0.linearModels, $0.systems) = (100, .never, ["random", "near"]) }
    for seed in UInt64(1)...6 {
      let found = try findings(pooled(topK: topK, fillers: fillers, seed: seed), plan)
      raw.append(try #require(found.number("pooling", "raw", where: ["system": "random"])))
      mended.append(try #require(found.number("pooling", "agreement", where: ["system": "random"])))
      isSignificant += (found.number("chance", "p_different", where: ["system": "random"]) ?? 0) < 0.05 ? 1 : 0
      #expect(found.remarks.contains { $0.code == "pooled_pages" && $0.weight == (fillers > 0 ? .note : .caution) })
      // A system that hears is still detected.
      #expect(
        try #require(
          found.number("agreement", "low", where: ["level": "individual", "system": "near", "metric": "spearman"]))
          > 0.1)
    }
    let sum = (raw: raw.reduce(0, +), mended: mended.reduce(0, +)), bound = fillers == 0 ? -0.2 : -0.03
    #expect(sum.raw / 6 < bound)
    #expect(abs(sum.mended / 6) < 0.09)
    #expect(isSignificant <= 1)
  }

  /// A system's later ranks are on a page only if another system put them first too, so they are good ones.
  @Test func moreFirstRanksThanPagesShowAreNotCounted() throws {
    let tables = pooled(topK: 2, fillers: 2, seed: 5)
    func mean(_ findings: Findings) throws -> Double {
      try #require(findings.number("ratings_by_system", "mean", where: ["system": "random", "condition": "all"]))
    }
    let usual = try findings(tables)
    #expect(usual.plan.topK == 2 && !usual.remarks.contains { $0.code == "top_k_beyond_pool" })
    // What a random order puts first is as good as the average.
    #expect(abs(try mean(usual) - 50) < 5)
    let wide = try findings(tables, quickPlan { $0.topK = 5 })
    #expect(wide.plan.topK == 5 && wide.remarks.contains { $0.code == "top_k_beyond_pool" && $0.weight == .caution })
    #expect(try mean(wide) > mean(usual) + 5)
  }

  @Test func theSummarySaysWhomScreeningExcluded() throws {
    var tables = pooled(topK: 2, fillers: 2, seed: 5, queries: 6)
    let plan = quickPlan { $0.screening.apply = [.straight] }
    #expect(try !findings(tables, plan).summary.contains("Screening"))
    // Listener 3 rates all alike.
    tables.ratings = tables.ratings.split(separator: "\n").map { line in
      guard line.hasPrefix("l3,") else { return String(line) }
      var cells = line.split(separator: ",").map(String.init)
      cells[3] = "50"
      return cells.joined(separator: ",")
    }.joined(separator: "\n")
    let told = try findings(tables, plan).summary
    #expect(told.contains("Screening (straight) excluded 1 of 8 listeners: l3."), "\(told)")
  }

  @Test func whatIsInferredIsWhatThePlanSays() throws {
    let tables = pooled(topK: 2, fillers: 2, seed: 9, listeners: 4)
    var rule = PoolSettings()
    (rule.topK, rule.randomFillers) = (2, 2)
    let inferred = try findings(tables), stated = try findings(tables, quickPlan { $0.pooling = .rule(rule) })
    #expect(inferred["agreement"]?.rows == stated["agreement"]?.rows)
    let none = try findings(tables, quickPlan { $0.pooling = .none })
    #expect(none["pooling"] == nil && none.remarks.allSatisfy { $0.code != "pooled_pages" })
    let key = ["level": "individual", "system": "random", "metric": "spearman"]
    let whole = try #require(none.number("agreement", "value", where: key))
    let raw = try #require(inferred.number("pooling", "raw", where: ["system": "random"]))
    #expect(abs(whole - raw) < 1e-12)
  }

  /// No pooling is inferred where pages show whole lists or are unrelated to the rankings; they are analysed as they
  /// are.
  @Test func othersArePooledByNobody() throws {
    let whole = GeneratedStudy(listeners: 6)
    #expect(try findings((whole.ratings, whole.rankings))["pooling"] == nil)
    var random = SeededRandom(seed: 5, "independent pages")
    var rankings = "query,system,rank,candidate\n", ratings = "participant,query,candidate,rating\n"
    for query in 0..<12 {
      for system in ["a", "b"] {
        for (rank, candidate) in random.shuffled(Array(0..<20)).enumerated() {
          rankings += "q\(query),\(system),\(rank + 1),c\(candidate)\n"
        }
      }
      let shown = random.shuffled(Array(0..<20)).prefix(8)
      for listener in 0..<5 {
        for candidate in shown { ratings += "l\(listener),q\(query),c\(candidate),\(random.below(100))\n" }
      }
    }
    #expect(try findings((ratings, rankings))["pooling"] == nil)
  }

  @Test func thePlanSaysHowPagesWereFilled() throws {
    #expect(try AnalysisPlan.parse("pooling: none", name: "p").pooling == .none)
    var rule = PoolSettings()
    (rule.systems, rule.topK, rule.randomFillers, rule.maxPerTrial) = (["a", "b"], 3, 2, 9)
    let text = "pooling: {systems: [a, b], top_k: 3, random_fillers: 2, max_per_trial: 9}"
    #expect(try AnalysisPlan.parse(text, name: "p").pooling == .rule(rule))
    for wrong in ["pooling: some", "pooling: {random_fillers: 2}", "pooling: {top_k: 0}", "pooling: {k: 3}"] {
      #expect(throws: Problems.self) { try AnalysisPlan.parse(wrong, name: "p") }
    }
    let tables = pooled(topK: 2, fillers: 0, seed: 1, queries: 3, listeners: 2)
    rule.systems = ["nobody"]
    #expect(throws: Problems.self) { try findings(tables, quickPlan { $0.pooling = .rule(rule) }) }
  }

  /// A power simulation fills its pages from the systems' rankings and decides as an analysis of such pages does.
  @Test func powerFillsPagesLikewise() throws {
    var settings = Power.Settings(), pooling = PowerPooling()
    (pooling.systems, pooling.topK, pooling.randomFillers) = (4, 3, 2)
    (settings.design.pooling, settings.design.pages, settings.resamples) = (pooling, 8, 100)
    (settings.claim, settings.agreement) = (.aboveChance, 0)
    let cell = Power.Cell(listeners: 12, queries: 12)
    let chance = try Power(settings)
    let found = (0..<12).map { chance.figure($0, cell).estimate }
    let sum = found.reduce(0, +)
    #expect(abs(sum / 12) < 0.07)
    settings.agreement = 0.4
    let power = try Power(settings)
    #expect((0..<6).allSatisfy { power.figure($0, cell).estimate > 0.15 })
    let (study, _) = power.study(0, cell)
    #expect(study.pooling?.drawn == 2 * 12 && study.items.allSatisfy { (5...14).contains($0.candidates.count) })
    settings.plan.pooling = .none
    #expect(try Power(settings).study(0, cell).study.pooling == nil)
  }
}
