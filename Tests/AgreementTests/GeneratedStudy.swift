import Agreement
import Basics
import Foundation
import Ratings
import Study

/// A seeded study with planted truth: each candidate has a true similarity. Each listener hears it with noise and with
/// a bias and gain of their own; each system ranks by it with its own noise.
struct GeneratedStudy {
  var ratings = "participant,trial,query,condition,candidate,rating,scale_min,scale_max,is_reference,is_repeat\n"
  var rankings = "query,condition,system,rank,candidate\n"

  /// - Parameters:
  ///   - systems: the standard deviation of each system's noise, where the true similarity has a standard deviation of
  ///     1; nil for a random ranking.
  ///   - ears: how much of the true similarity listeners hear, from 0 (they rate at random) to 1.
  init(
    listeners: Int = 20, queries: Int = 12, candidates: Int = 8, pages: Int = 8, seed: UInt64 = 1, ears: Double = 1,
    systems: [(name: String, noise: Double?)] = [("near", 0.2), ("far", 1.5), ("random", nil)],
    nameOf: (Int) -> String = { "c\($0)" }
  ) {
    var random = SeededRandom(seed: seed, "generated study")
    let truth = (0..<queries).map { _ in (0..<candidates).map { _ in random.normal() } }
    for query in 0..<queries {
      for system in systems {
        let scores = truth[query].map { value in
          system.noise.map { value + $0 * random.normal() } ?? random.normal()
        }
        for (rank, candidate) in scores.indices.sorted(by: { scores[$0] > scores[$1] }).enumerated() {
          rankings += "q\(query),kick,\(system.name),\(rank + 1),\(nameOf(candidate))\n"
        }
      }
    }
    for listener in 0..<listeners {
      let bias = 6 * random.normal(), gain = 1 + 0.2 * random.normal()
      let seen = random.shuffled(Array(0..<queries)).prefix(pages)
      for (trial, query) in (Array(seen) + [seen[seen.startIndex]]).enumerated() {
        for candidate in 0..<candidates {
          let heard = ears * truth[query][candidate] + 0.8 * random.normal()
          let rating = Int(max(0, min(100, (50 + bias + 18 * gain * heard).rounded())))
          ratings +=
            "l\(listener),\(trial),q\(query),kick,\(nameOf(candidate)),\(rating),0,100,false,\(trial == pages)\n"
        }
      }
    }
  }

  func analysis(_ plan: AnalysisPlan = quickPlan()) throws -> Analysis {
    try Analysis(
      ratings: table(ratings), rankings: rankingsTable(rankings), plan: plan)
  }
}
