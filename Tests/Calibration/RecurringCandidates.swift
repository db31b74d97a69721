import Agreement
import Basics
import Foundation
import Ratings
import Study

/// A rating table from its text.
func ratingTable(_ text: String, _ plan: AnalysisPlan) throws -> RatingTable {
  let url = FileManager.default.temporaryDirectory.appending(path: "earshot-calibration-\(UUID().uuidString).csv")
  defer { try? FileManager.default.removeItem(at: url) }
  try Data(text.utf8).write(to: url)
  return try RatingTable.read(url, plan: plan)
}

/// A study with the same six sounds in twelve queries. How similar a sound is to a query depends mostly on the sound
/// itself, and so does its rank by a system that hears nothing.
private func study(_ number: Int, plan: AnalysisPlan) throws -> (RatingTable, [Ranking]) {
  var random = SeededRandom(seed: 4, "recurring", "\(number)")
  let sounds = 6, queries = 12, listeners = 10
  let liked = (0..<sounds).map { _ in random.normal() }
  let fit = (0..<queries).map { _ in (0..<sounds).map { _ in 0.5 * random.normal() } }
  var rankings: [Ranking] = [], text = "participant,query,candidate,rating,scale_min,scale_max\n"
  for system in ["one", "two", "three"] {
    let own = (0..<sounds).map { _ in random.normal() }
    for query in 0..<queries {
      let distances = own.map { $0 + 0.5 * random.normal() + 5 }
      let order = distances.indices.sorted { distances[$0] < distances[$1] }
      rankings.append(
        Ranking(
          query: "q\(query)", condition: "", system: system,
          entries: order.enumerated().map { rank, sound in
            .init(rank: rank + 1, candidate: "s\(sound)", distance: distances[sound])
          }))
    }
  }
  for listener in 0..<listeners {
    for query in 0..<queries {
      for sound in 0..<sounds {
        let heard = liked[sound] + fit[query][sound] + 0.7 * random.normal()
        text += "l\(listener),q\(query),s\(sound),\(max(0, min(100, (50 + 15 * heard).rounded()))),0,100\n"
      }
    }
  }
  return (try ratingTable(text, plan), rankings)
}

func recurringCandidates(studies: Int) throws {
  print(
    """

    ## The same candidates in every query
    Six sounds in twelve queries, ten listeners, and three systems that are unrelated to the ratings; \(studies) simulated \
    studies. How often a figure is significant (p < .05, or 0 outside the 95 % interval), where 5 % is right: with the \
    candidates taken as fixed (`candidates: fixed` in the plan), and with the candidates as a third sample (`auto`, the \
    default).

    | figure | candidates fixed | candidates as a sample |
    |---|--:|--:|
    """)
  struct Found: Sendable { var chance = 0, agreement = 0, differences = 0, models = 0 }
  func found(_ candidates: AnalysisPlan.Candidates) throws -> [Found] {
    try parallelMap(Array(0..<studies)) { number in
      var plan = AnalysisPlan()
      (plan.candidates, plan.baseline, plan.resamples, plan.permutations) = (candidates, nil, 400, 199)
      let (ratings, rankings) = try study(number, plan: plan)
      let findings = try Analysis(ratings: ratings, rankings: rankings, plan: plan).findings()
      func count(_ table: String, _ key: String) -> Int {
        findings[table].map { table in table.rows.indices.count { (table.number($0, key) ?? 1) < 0.05 } } ?? 0
      }
      let agreement = findings["agreement"]
      return Found(
        chance: count("chance", "p_different"),
        agreement: agreement.map { table in
          table.rows(where: ["level": "individual", "metric": "spearman"]).count {
            (table.number($0, "low") ?? -1) > 0 || (table.number($0, "high") ?? 1) < 0
          }
        } ?? 0, differences: count("differences", "p"), models: count("mixed_models", "p"))
    }
  }
  let asTheyAre = try found(.fixed), sampled = try found(.auto)
  for (name, part) in [
    ("chance, by permutation", \Found.chance), ("agreement with listeners, by its interval", \Found.agreement),
    ("differences between systems", \Found.differences), ("slope of the linear mixed model", \Found.models),
  ] {
    func rate(_ found: [Found]) -> String { share(found.reduce(0) { $0 + $1[keyPath: part] }, of: 3 * studies) }
    print("| \(name) | \(rate(asTheyAre)) | \(rate(sampled)) |")
  }
}
