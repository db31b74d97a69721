import Ratings
import Statistics
import Study

/// How far systems place candidates from queries, by name.
struct SystemDistances: Sendable {
  private(set) var systems: [String] = []
  private struct Key: Hashable { var system, query, condition: String }
  private var entries: [Key: [String: Double]] = [:]
  private var conditions: [String] = []
  /// Systems that do not give all distances are compared by their ranks.
  private var byRank: Set<String> = []

  init(_ rankings: [Ranking], plan: AnalysisPlan) {
    var names = Names(), conditions = Names()
    for ranking in rankings where plan.systems.isEmpty || plan.systems.contains(ranking.system) {
      _ = names.number(ranking.system)
      _ = conditions.number(ranking.condition)
      if ranking.entries.contains(where: { $0.distance == nil }) { byRank.insert(ranking.system) }
    }
    systems = plan.systems.isEmpty ? names.all : plan.systems.filter { names.find($0) != nil }
    self.conditions = conditions.all
    for ranking in rankings where names.find(ranking.system) != nil {
      let ranks = byRank.contains(ranking.system)
      entries[Key(system: ranking.system, query: ranking.query, condition: ranking.condition)] = Dictionary(
        ranking.entries.map { ($0.candidate, ranks ? Double($0.rank) : $0.distance ?? .nan) },
        uniquingKeysWith: { a, _ in a })
    }
  }

  func usesRanks(_ system: String) -> Bool { byRank.contains(system) }

  /// A table without conditions matches any condition.
  func value(_ system: String, _ query: String, _ condition: String, _ candidate: String) -> Double? {
    let tried = condition.isEmpty ? conditions : [condition, ""]
    for condition in tried {
      if let value = entries[Key(system: system, query: query, condition: condition)]?[candidate] { return value }
    }
    return nil
  }

  /// A square table of distances: the mean of both directions, or the only one there is.
  func between(_ names: [String], of system: String) -> [[Double?]] {
    let n = names.count
    var table = Array(repeating: [Double?](repeating: nil, count: n), count: n)
    for i in 0..<n {
      table[i][i] = 0
      for j in 0..<i {
        let known = [value(system, names[i], "", names[j]), value(system, names[j], "", names[i])].compactMap(\.self)
        guard !known.isEmpty else { continue }
        table[i][j] = known.reduce(0, +) / Double(known.count)
        table[j][i] = table[i][j]
      }
    }
    return table
  }
}
