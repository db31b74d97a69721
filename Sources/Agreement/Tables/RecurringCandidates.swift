import Basics
import Statistics

/// Candidates that recur from query to query. Where most do, they are a sample like listeners and queries: a system that
/// likes one of them likes it in every query, and so may please or displease by the luck of a handful of sounds.
struct RecurringCandidates: Sendable {
  /// By item, then by candidate: the number of its name; nil for one that is the hidden reference or the anchor and takes
  /// no part in agreement.
  let labels: [[Int?]]
  let count: Int

  /// Figures are computed without each candidate in turn, or without each of so many groups of them.
  static let mostGroups = 24

  /// Nil where the plan takes the candidates as they are, where fewer than three recur, or where they are not the most of
  /// what was rated: a candidate recurs if it was rated for two queries or more.
  init?(_ study: RatedStudy, pages: [RatedStudy.Page], plan: AnalysisPlan) {
    guard plan.candidates == .auto else { return nil }
    var names: [String: Int] = [:]
    let labels = study.items.map { item in
      item.candidates.indices.map { candidate -> Int? in
        guard plan.includeReference || item.flags[candidate].isDisjoint(with: [.reference, .anchor]) else { return nil }
        let name = item.candidates[candidate]
        let number = names[name] ?? names.count
        names[name] = number
        return number
      }
    }
    var rated = study.items.map { Array(repeating: false, count: $0.candidates.count) }
    for page in pages { for candidate in page.candidates { rated[page.item][candidate] = true } }
    var queries = Array(repeating: Set<Int>(), count: names.count), cells: [Int] = []
    for item in study.items.indices {
      for (candidate, label) in labels[item].enumerated() where rated[item][candidate] {
        guard let label else { continue }
        queries[label].insert(study.items[item].query)
        cells.append(label)
      }
    }
    let recurring = cells.count { queries[$0].count > 1 }
    guard queries.count(where: { $0.count > 1 }) >= 3, recurring * 2 > cells.count else { return nil }
    (self.labels, count) = (labels, names.count)
  }

  /// The pages without the candidates of each group, in a fixed order.
  func without(_ pages: [RatedStudy.Page], seed: UInt64) -> [[RatedStudy.Page]] {
    var random = SeededRandom(seed: seed, "groups of candidates")
    let groups = min(count, Self.mostGroups)
    var groupOf = Array(repeating: 0, count: count)
    for (place, label) in random.shuffled(Array(0..<count)).enumerated() { groupOf[label] = place % groups }
    return (0..<groups).map { group in
      pages.map { page in
        let kept = page.candidates.indices.filter { place in
          labels[page.item][page.candidates[place]].map { groupOf[$0] != group } ?? true
        }
        var rest = page
        rest.candidates = kept.map { page.candidates[$0] }
        rest.ratings = kept.map { page.ratings[$0] }
        return rest
      }
    }
  }
}
