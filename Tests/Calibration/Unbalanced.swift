import Agreement
import Basics
import Foundation
import Ratings
import Study

/// Designs in which listeners or queries have very different numbers of pages: 20 listeners and 20 queries.
private enum Uneven: String, CaseIterable {
  case even = "each listener rates 8 queries"
  case listeners = "one listener rates all queries, the others 2 each"
  case halves = "half of the listeners rate 14 queries, the others 2"
  case queries = "3 to 20 listeners a query, the easier the more"

  static let size = 20

  /// By listener: the queries rated. `ease` is how far apart a query's candidates are.
  func queries(_ ease: [Double], _ random: inout SeededRandom) -> [[Int]] {
    let all = Array(0..<Self.size)
    switch self {
    case .even: return all.map { _ in Array(random.shuffled(all).prefix(8)) }
    case .listeners: return all.map { l in Array(random.shuffled(all).prefix(l == 0 ? Self.size : 2)) }
    case .halves: return all.map { l in Array(random.shuffled(all).prefix(l < Self.size / 2 ? 14 : 2)) }
    case .queries:
      let order = all.sorted { ease[$0] < ease[$1] }
      var queries = all.map { _ in [Int]() }
      for (place, query) in order.enumerated() {
        for listener in random.shuffled(all).prefix(3 + place * 17 / (Self.size - 1)) {
          queries[listener].append(query)
        }
      }
      return queries
    }
  }
}

/// A study of one system, through the analysis that users run.
private func study(_ effect: Effect, _ design: Uneven, _ number: Int, _ plan: AnalysisPlan) throws -> Analysis {
  var random = SeededRandom(seed: 6, "unbalanced", design.rawValue, effect.name, "\(number)")
  let queries = (0..<Uneven.size).map { _ in query(effect, &random) }
  func spread(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }
  let asked = design.queries(queries.map { spread($0.qualities) }, &random)
  var text = "participant,query,candidate,rating,scale_min,scale_max\n"
  for (l, own) in asked.enumerated() {
    let noise = listener(&random)
    for q in own {
      for (c, rating) in page(queries[q].qualities, noise, &random).enumerated() {
        text += "l\(l),q\(q),q\(q)-c\(c),\(rating),0,100\n"
      }
    }
  }
  let rankings = queries.enumerated().map { q, one in
    let order = one.system.indices.sorted { one.system[$0] > one.system[$1] }
    return Ranking(
      query: "q\(q)", condition: "", system: "system",
      entries: order.enumerated().map { rank, c in .init(rank: rank + 1, candidate: "q\(q)-c\(c)", distance: nil) })
  }
  return try Analysis(ratings: ratingTable(text, plan), rankings: rankings, plan: plan)
}

func unbalanced(studies: Int, resamples: Int) throws {
  let all = effects + [equal]
  let truths = all.map { population($0, 400_000) }
  print(
    """

    ## Very different numbers of pages
    \(Uneven.size) listeners and \(Uneven.size) queries, \(studies) simulated studies per cell, \(resamples) resamples, analysed \
    as by `earshot analyze`: coverage of the 95 % interval of the system's agreement and of the 90 % interval of the claim; and, \
    for a system that agrees with listeners exactly as they do with one another, how often it is found superior or inferior \
    without any margin (at most 5 is right for each). Where easier queries have more listeners, the agreement of such a system \
    is above that of the population, so its coverage is not given.

    | design | agreement: worse | better | equal | claim: worse | better | equal | falsely superior | falsely inferior |
    |---|--:|--:|--:|--:|--:|--:|--:|--:|
    """)
  struct Outcome: Sendable { var agreement = false, claim = false, superior = false, inferior = false }
  for design in Uneven.allCases {
    let found = try zip(all, truths).map { effect, truth in
      try parallelMap(Array(0..<studies)) { number in
        var plan = AnalysisPlan()
        (plan.resamples, plan.permutations, plan.seed, plan.baseline) = (resamples, 0, UInt64(number), nil)
        plan.linearModels = .never
        plan.margin = 0
        let findings = try study(effect, design, number, plan).findings()
        func holds(_ table: String, _ value: Double, where rows: [String: String] = [:]) -> Bool {
          guard let table = findings[table], let row = table.rows(where: rows).first,
            let low = table.number(row, "low"), let high = table.number(row, "high")
          else { return false }
          return low <= value && value <= high
        }
        let verdicts = findings["verdicts"], verdict = verdicts?.text(0, "verdict")
        return Outcome(
          agreement: holds("agreement", truth.system, where: ["level": "individual", "metric": "spearman"]),
          claim: holds("verdicts", truth.system - truth.listeners), superior: verdict == "superior",
          inferior: verdict == "inferior")
      }
    }
    func rate(_ effect: Int, _ part: (Outcome) -> Bool) -> String {
      share(found[effect].count(where: part), of: studies)
    }
    let isKnown = design != .queries
    let cells =
      all.indices.map { isKnown ? rate($0, \.agreement) : "–" }
      + all.indices.map { isKnown || $0 == 2 ? rate($0, \.claim) : "–" } + [rate(2, \.superior), rate(2, \.inferior)]
    print("| \(design.rawValue) | \(cells.joined(separator: " | ")) |")
  }
}
