import Ratings
import Reporting
import Statistics
import Study

/// Where each system ranks the true sample of a query among all that it ranks. This reveals tables that are transposed,
/// whose rows belong to another query, or whose distances are similarities.
///
/// The place is 0 for the first of a ranking and 1 for the last, with ties in the middle; its mean is 0.5 if the order
/// has nothing to do with the query. Uniform places among n have the variance (n + 1) / (12 (n − 1)). The sum over
/// queries is tested by the normal distribution.
struct ReferencePlaces {
  /// With fewer queries than this, nothing is reported.
  static let fewestQueries = 6

  private struct System {
    var name: String, queries = 0, sum = 0.0, variance = 0.0
    /// The z-score of the mean place: negative if the true sample is near the front.
    var z: Double { (sum - Double(queries) / 2) / variance.squareRoot() }
  }
  private let systems: [System]
  /// The plan's baseline, which need not depend on the sound.
  private let baseline: String?

  init(study: RatedStudy, rankings: [Ranking], baseline: String?) {
    self.baseline = baseline
    struct Key: Hashable { var query: String, condition: String }
    var references: [Key: Set<String>] = [:]
    for item in study.items {
      let key = Key(query: study.queries[item.query], condition: study.conditions[item.condition])
      for (candidate, flags) in zip(item.candidates, item.flags) where flags.contains(.reference) {
        references[key, default: []].insert(candidate)
      }
    }
    systems = study.systems.map { name in
      var system = System(name: name)
      for ranking in rankings where ranking.system == name && ranking.entries.count > 1 {
        let wanted = references.filter {
          $0.key.query == ranking.query && (ranking.condition.isEmpty || $0.key.condition == ranking.condition)
        }
        let genuine = wanted.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        let own = ranking.entries.filter { genuine.contains($0.candidate) }
        // With several true samples, the place of one is no longer uniform.
        guard own.count == 1, let entry = own.first else { continue }
        let n = Double(ranking.entries.count)
        let before = Double(ranking.entries.count { $0.rank < entry.rank })
        let shared = Double(ranking.entries.count { $0.rank == entry.rank } - 1)
        system.queries += 1
        system.sum += (before + shared / 2) / (n - 1)
        system.variance += (n + 1) / (12 * (n - 1))
      }
      return system
    }
  }

  private var told: [System] { systems.filter { $0.queries > 0 } }

  var table: ResultTable {
    var table = ResultTable(
      "reference_places", "Place of the true sample in each system's rankings",
      [
        .init("system", "System"), .init("place", "Mean place, 0 first, 0.5 chance", digits: 3),
        .init("p_better", "p, better than chance", digits: 4), .init("p_worse", "p, worse than chance", digits: 4),
        .init("queries", "Queries", digits: 0),
      ])
    for system in told {
      table.add(
        .text(system.name), .number(system.sum / Double(system.queries)), .number(Normal().lower(system.z)),
        .number(Normal().upper(system.z)), .count(system.queries))
    }
    return table
  }

  var remarks: [Remark] {
    let judged = told.filter { $0.queries >= Self.fewestQueries }
    let last = judged.filter { Normal().upper($0.z) < 0.001 }
    let lost = judged.filter { system in
      system.name != baseline && Normal().lower(system.z) >= 0.05 && Normal().upper(system.z) >= 0.001
    }
    // If another system finds the true sample, it can be found.
    let canBeFound = judged.contains { Normal().lower($0.z) < 0.001 }
    func list(_ systems: [System]) -> Prose {
      let parts = systems.prefix(5).map { "\($0.name) (mean place \($0.sum / Double($0.queries)))" as Prose }
      return parts.dropFirst().reduce(parts.first ?? "") { $0 + ", " + $1 }
    }
    var found: [Remark] = []
    if !last.isEmpty {
      found.append(
        .init(
          code: "reference_ranked_last", weight: .alarm,
          what: "The true sample ranks worse than by chance in the rankings of " + list(last) + ".",
          meaning: "0 is the first place, 1 the last, 0.5 chance. Are its distances similarities, or its ranks counted "
            + "from the end?", count: last.count))
    }
    if !lost.isEmpty {
      found.append(
        .init(
          code: "reference_at_chance", weight: canBeFound ? .alarm : .caution,
          what: "The true sample does not rank significantly better than by chance in the rankings of " + list(lost)
            + ".",
          meaning:
            "A working system ranks the sample that really plays near the front. Either this one does not hear it, or its "
            + "table is transposed, or its rows belong to other queries: check one query by hand.", count: lost.count)
      )
    }
    return found
  }
}
