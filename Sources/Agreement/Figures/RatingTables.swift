import Basics
import Ratings
import Reporting
import Statistics

/// Ratings of the candidates that a system put first, and of those that no system did.
struct RatingTables {
  let sample: Sample

  /// The group of candidates that a rating counts for: a proposer's first k (rank 0), or the candidate at one rank of a
  /// system.
  private struct Key: Hashable { var proposer: Int, rank: Int }

  /// The systems, followed by the other proposers.
  private var proposers: [String] { sample.study.systems + ["reference", "anchor", "others"] }

  /// By key: the share with which each candidate of an item counts, from 0 to 1.
  private func shares(_ item: RatedStudy.Item) -> [Key: [Double]] {
    let systems = sample.study.systems.count
    var found: [Key: [Double]] = [:]
    for candidate in item.candidates.indices {
      func note(_ proposer: Int, rank: Int, share: Double = 1) {
        let none = Array(repeating: 0.0, count: item.candidates.count)
        found[Key(proposer: proposer, rank: rank), default: none][candidate] = share
      }
      var isProposed = false
      for system in 0..<systems where item.firstShares[system][candidate] > 0 {
        isProposed = true
        note(system, rank: 0, share: item.firstShares[system][candidate])
        note(system, rank: Int(item.ranks[system][candidate]))
      }
      if item.flags[candidate].contains(.reference) {
        note(systems, rank: 0)
      } else if item.flags[candidate].contains(.anchor) {
        note(systems + 1, rank: 0)
      } else if !isProposed {
        note(systems + 2, rank: 0)
      }
    }
    return found
  }

  /// Ratings by system, and by system and rank.
  func tables(progress: ProgressHandler? = nil) -> [ResultTable] {
    let study = sample.study, ofItems = study.items.map(shares)
    let keys = Set(ofItems.flatMap(\.keys)).sorted { ($0.proposer, $0.rank) < ($1.proposer, $1.rank) }
    let sharesOf = ofItems.map { shares in keys.map { shares[$0] } }
    let means = sample.bootstrap(
      resamples: min(sample.plan.resamples, 2000), progress: progress, figures: keys.count
    ) { _ in
      { page, key in
        guard let shares = sharesOf[page.item][key] else { return (0, 0) }
        var sum = 0.0, weight = 0.0
        for (candidate, rating) in zip(page.candidates, page.ratings) {
          sum += shares[candidate] * rating
          weight += shares[candidate]
        }
        return (sum, weight)
      }
    }
    let digits = study.ratingDigits
    var bySystem = ResultTable(
      "ratings_by_system", "Mean rating of each system's first \(sample.plan.topK)",
      [
        .init("condition", "Condition"), .init("system", "Proposed by"), .init("mean", "Mean rating", digits: digits),
        .init("low", "Low", digits: digits), .init("high", "High", digits: digits),
        .init("ratings", "Ratings", digits: 0), .init("listeners", "Listeners", digits: 0),
        .init("queries", "Queries", digits: 0),
      ])
    var byRank = ResultTable(
      "ratings_by_rank", "Mean rating by system and rank",
      [
        .init("condition", "Condition"), .init("system", "System"), .init("rank", "Rank", digits: 0),
        .init("mean", "Mean rating", digits: digits), .init("low", "Low", digits: digits),
        .init("high", "High", digits: digits), .init("ratings", "Ratings", digits: 0),
        .init("listeners", "Listeners", digits: 0), .init("queries", "Queries", digits: 0),
      ])
    for (g, group) in sample.groups.enumerated() {
      for (k, key) in keys.enumerated() where means[g][k].pages > 0 {
        let mean = means[g][k], interval = sample.interval(mean.redrawn, within: sample.reach)
        let ratings = sample.pages.reduce(0) { sum, page in
          guard sample.isIn(group.number, page), let shares = sharesOf[page.item][k] else { return sum }
          return sum + page.candidates.count { shares[$0] > 0 }
        }
        let end: [Cell] = [
          Cell(mean.redrawn.estimate[0]), Cell(interval?.low), Cell(interval?.high), .count(ratings),
          .count(mean.listeners), .count(mean.queries),
        ]
        if key.rank == 0 {
          bySystem.rows.append([.text(group.name), .text(proposers[key.proposer])] + end)
        } else {
          byRank.rows.append([.text(group.name), .text(proposers[key.proposer]), .count(key.rank)] + end)
        }
      }
    }
    return [bySystem, byRank]
  }
}
