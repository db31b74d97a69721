import Basics
import Reporting
import Statistics

/// What listeners gave to the candidates that a system put first, and to those that no system did.
struct RatingTables {
  let sample: Sample

  private struct Key: Hashable { var group: Int, proposer: Int, rank: Int }

  /// Proposers after the systems.
  private var proposers: [String] { sample.study.systems + ["reference", "anchor", "others"] }

  private func observations(_ pages: [RatedStudy.Page]) -> [Key: [WeightedCells.Cell]] {
    let study = sample.study, systems = study.systems.count
    var found: [Key: [WeightedCells.Cell]] = [:]
    for page in pages {
      let item = study.items[page.item]
      for (candidate, rating) in zip(page.candidates, page.ratings) {
        func note(_ proposer: Int, rank: Int, share: Double = 1) {
          let observation = WeightedCells.Cell(
            listener: page.listener, query: item.query, value: rating, weight: share)
          for group in [item.condition, study.conditions.count] {
            found[Key(group: group, proposer: proposer, rank: rank), default: []].append(observation)
          }
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
    }
    return found
  }

  /// Ratings by system, and by system and rank.
  func tables(progress: ProgressHandler? = nil) -> [ResultTable] {
    let found = observations(sample.pages)
    let shown = sample.groups
    let keys = found.keys.filter { key in shown.contains { $0.number == key.group } }.sorted {
      let a = shown.firstIndex { [group = $0.group] in $0.number == group } ?? 0
      let b = shown.firstIndex { [group = $1.group] in $0.number == group } ?? 0
      return (a, $0.proposer, $0.rank) < (b, $1.proposer, $1.rank)
    }
    let resamples = sample.bootstrap(resamples: min(sample.plan.resamples, 2000), progress: progress) { pages, _ in
      let found = observations(pages)
      return keys.map { found[$0] ?? [] }
    }
    var bySystem = ResultTable(
      "ratings_by_system", "Mean rating of each system's first \(sample.plan.topK)",
      [
        .init("condition", "Condition"), .init("system", "Proposed by"),
        .init("mean", "Mean rating", digits: sample.study.ratingDigits),
        .init("low", "Low", digits: sample.study.ratingDigits),
        .init("high", "High", digits: sample.study.ratingDigits), .init("ratings", "Ratings", digits: 0),
        .init("listeners", "Listeners", digits: 0), .init("queries", "Queries", digits: 0),
      ])
    var byRank = ResultTable(
      "ratings_by_rank", "Mean rating by system and rank",
      [
        .init("condition", "Condition"), .init("system", "System"), .init("rank", "Rank", digits: 0),
        .init("mean", "Mean rating", digits: sample.study.ratingDigits),
        .init("low", "Low", digits: sample.study.ratingDigits),
        .init("high", "High", digits: sample.study.ratingDigits),
        .init("ratings", "Ratings", digits: 0), .init("listeners", "Listeners", digits: 0),
        .init("queries", "Queries", digits: 0),
      ])
    for (i, key) in keys.enumerated() {
      let observations = found[key] ?? []
      let interval = sample.interval(resamples[i], within: sample.reach)
      let group = shown.first { $0.number == key.group }?.name ?? ""
      let end: [Cell] = [
        Cell(resamples[i].estimate[0]), Cell(interval?.low), Cell(interval?.high), .count(observations.count),
        .count(Set(observations.map(\.listener)).count), .count(Set(observations.map(\.query)).count),
      ]
      if key.rank == 0 {
        bySystem.rows.append([.text(group), .text(proposers[key.proposer])] + end)
      } else {
        byRank.rows.append([.text(group), .text(proposers[key.proposer]), .count(key.rank)] + end)
      }
    }
    return [bySystem, byRank]
  }
}
