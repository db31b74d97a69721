import Basics
import Ratings
import Statistics
import Study

/// The ranks that systems give to the candidates of a table of choices.
struct SystemOrders {
  private(set) var systems: [String] = []
  /// The queries of the rankings.
  private(set) var given: [String] = []
  /// How many queries of the table have a ranking.
  private(set) var joined = 0
  /// By system, then query and condition of the table, then candidate: its rank.
  private var ranks: [[Key: [Int: Double]]] = []

  private struct Key: Hashable { var query: Int, condition: Int }

  init(_ rankings: [Ranking], of table: ChoiceTable, systems wanted: [String]) throws {
    var names = Names(), queries = Names()
    for ranking in rankings where wanted.isEmpty || wanted.contains(ranking.system) { _ = names.number(ranking.system) }
    for ranking in rankings { _ = queries.number(ranking.query) }
    systems = wanted.isEmpty ? names.all : wanted.filter { names.find($0) != nil }
    given = queries.all
    ranks = systems.map { _ in [:] }
    // A table without queries asks about a single one: that of the rankings, if these have only one.
    let single = !table.hasQueries && given.count == 1
    for ranking in rankings {
      guard let system = systems.firstIndex(of: ranking.system),
        let query = single ? 0 : table.queries.find(ranking.query).map(Int.init)
      else { continue }
      for (condition, name) in table.conditions.all.enumerated()
      where name.isEmpty || ranking.condition.isEmpty || name == ranking.condition {
        let place = Key(query: query, condition: condition)
        guard ranks[system][place] == nil else {
          throw Problem(
            "the \(table.kind.rawValue) have no conditions, but \(ranking.system) ranks '\(ranking.query)' under several",
            at: Place(file: table.file, line: 1), mend: "Add the column 'condition' to the \(table.kind.rawValue).")
        }
        for entry in ranking.entries {
          guard let candidate = table.candidates.find(entry.candidate) else { continue }
          ranks[system][place, default: [:]][Int(candidate)] = Double(entry.rank)
        }
      }
    }
    joined = Set(ranks.flatMap { $0.keys.map(\.query) }).count
  }

  /// Whether a system ranks the first candidate before the second: 1, 0, or 0.5 if they are tied; nil if it lacks one.
  func nearer(_ system: Int, _ query: Int, _ condition: Int, _ first: Int, _ second: Int) -> Double? {
    guard let known = ranks[system][Key(query: query, condition: condition)], let a = known[first],
      let b = known[second]
    else { return nil }
    return a < b ? 1 : a > b ? 0 : 0.5
  }
}
