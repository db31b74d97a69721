import Basics
import Statistics

/// Candidates that recur from query to query. If most do, they are a sample like listeners and queries: a system that
/// favours one of them favours it in every query, and so may agree or disagree with listeners by luck with a handful of
/// sounds.
package struct RecurringCandidates: Sendable {
  /// By item, then by candidate: the number of its name; nil for one that nobody rated, and for the hidden reference
  /// and the anchor if they do not count in agreement.
  package let labels: [[Int?]]
  /// By name: whether it was rated for two queries or more.
  private let recurs: [Bool]
  /// The number of candidates that recur.
  package var count: Int { recurs.count(where: \.self) }

  /// Figures are recomputed without each candidate in turn, or without each of at most this many groups of them.
  package static let mostGroups = 24

  /// Nil if the plan takes the candidates as fixed, if fewer than three recur, or if those that recur are not the
  /// majority of rated candidates. A candidate recurs if it was rated for two queries or more.
  init?(_ study: RatedStudy, pages: [RatedStudy.Page], plan: AnalysisPlan) {
    guard plan.candidates == .auto else { return nil }
    let rated = Rated(study, pages: pages, plan: plan)
    guard rated.recurring >= 3, rated.share > 0.5 else { return nil }
    (labels, recurs) = (rated.labels, rated.recurs)
  }

  /// Which names were rated for which items.
  package struct Rated {
    var labels: [[Int?]]
    var recurs: [Bool] = []
    /// The number of names that recur, and their share of the rated candidates of queries.
    package var recurring = 0, share = 0.0

    package init(_ study: RatedStudy, pages: [RatedStudy.Page], plan: AnalysisPlan) {
      var isRated = study.items.map { Array(repeating: false, count: $0.candidates.count) }
      for page in pages { for candidate in page.candidates { isRated[page.item][candidate] = true } }
      var names: [String: Int] = [:], queries: [Set<Int>] = [], cells: [Int] = []
      labels = study.items.enumerated().map { number, item in
        item.candidates.indices.map { candidate -> Int? in
          guard isRated[number][candidate],
            plan.includeReference || item.flags[candidate].isDisjoint(with: [.reference, .anchor])
          else { return nil }
          let label = names[item.candidates[candidate]] ?? names.count
          if label == queries.count {
            names[item.candidates[candidate]] = label
            queries.append([])
          }
          queries[label].insert(item.query)
          cells.append(label)
          return label
        }
      }
      recurs = queries.map { $0.count > 1 }
      recurring = recurs.count(where: \.self)
      share = cells.isEmpty ? 0 : Double(cells.count { recurs[$0] }) / Double(cells.count)
    }
  }

  /// The pages without each recurring candidate, or without each group of them, in a fixed order.
  func without(_ pages: [RatedStudy.Page], seed: UInt64) -> [[RatedStudy.Page]] {
    var random = SeededRandom(seed: seed, "groups of candidates")
    let recurring = recurs.indices.filter { recurs[$0] }, groups = min(recurring.count, Self.mostGroups)
    var groupOf = Array(repeating: -1, count: recurs.count)
    for (place, label) in random.shuffled(recurring).enumerated() { groupOf[label] = place % groups }
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
