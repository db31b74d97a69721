import Basics
import Study

/// Names that should match but do not: between the listeners' answers and the rankings, or a listener or system that is
/// written in two ways.
package struct NameCheck {
  /// The kind of answers: `ratings`, `choices` or `triplets`.
  private let said: String
  private let listeners: [String], queries: [String], conditions: [String], candidates: [String]
  /// The candidates that a system could rank.
  private let judged: [String]
  private let rankings: [Ranking]

  package init(_ table: RatingTable, rankings: [Ranking]) {
    var roles = Array(repeating: RatingTable.Flags(), count: table.candidates.count)
    for (candidate, flags) in zip(table.candidate, table.flags) { roles[Int(candidate)].formUnion(flags) }
    said = "ratings"
    (listeners, queries, conditions) = (table.participants.all, table.queries.all, table.conditions.all)
    candidates = table.candidates.all
    judged = zip(candidates, roles).filter { $1.isDisjoint(with: [.reference, .anchor]) }.map(\.0)
    self.rankings = rankings
  }

  package init(_ table: ChoiceTable, rankings: [Ranking]) {
    var compared = Set<Int>()
    for answer in table.answers { compared.formUnion([answer.first, answer.second]) }
    said = table.kind.rawValue
    (listeners, conditions) = (table.listeners.all, table.conditions.all)
    queries = table.hasQueries ? table.queries.all : []
    candidates = compared.sorted().map { table.candidates.all[$0] }
    judged = candidates
    self.rankings = rankings
  }

  package var remarks: [Remark] {
    let ranked =
      rankings.isEmpty
      ? nil
      : (
        queries: Set(rankings.map(\.query)), conditions: Set(rankings.map(\.condition)),
        candidates: rankings.reduce(into: Set<String>()) { $0.formUnion($1.entries.map(\.candidate)) }
      )
    let isCrossed =
      ranked.map { ranked in
        queries.contains(where: ranked.candidates.contains) && candidates.contains(where: ranked.queries.contains)
      } ?? false
    return [
      alike("listeners", listeners, nil, isSound: false),
      alike("systems", rankings.reduce(into: Names()) { _ = $0.number($1.system) }.all, nil, isSound: false),
      alike("queries", queries, ranked?.queries, isSound: true),
      alike("conditions", conditions, ranked?.conditions, isSound: false),
      alike("candidates", candidates, ranked?.candidates, isSound: true),
      isCrossed ? nil : strange("queries", queries, ranked?.queries),
      isCrossed ? nil : strange("candidates", judged, ranked?.candidates),
    ].compactMap(\.self)
  }

  /// Names that a reader may take for the same. With rankings, a group of such names is reported only if one of them
  /// was judged and is not ranked in this spelling; names that both tables have are meant to be different.
  private func alike(_ kind: String, _ rated: [String], _ ranked: Set<String>?, isSound: Bool) -> Remark? {
    let own = Set(rated)
    let names = rated + (ranked ?? []).subtracting(own).sorted()
    let groups = Name.alikeGroups(names, isSound: isSound).filter { group in
      ranked.map { ranked in group.contains { own.contains($0) && !ranked.contains($0) } } ?? true
    }
    guard let first = groups.first else { return nil }
    let here = first.filter { own.contains($0) && ranked?.contains($0) != true }
    let there = first.filter { ranked?.contains($0) == true }
    let example =
      there.isEmpty || here.isEmpty
      ? "'\(first[0])' and '\(first[1])'" : "the \(said) have '\(here[0])', the rankings '\(there[0])'"
    let pair = there.isEmpty || here.isEmpty ? (first[0], first[1]) : (here[0], there[0])
    return Remark(
      code: "names_alike", weight: .alarm,
      what:
        "\(groups.count, "group") of \(kind) \(OneAndMany.words(groups.count, "differs", "differ")) only in \(Self.difference(pair.0, pair.1)): \(example).",
      meaning: "They are treated as different. If they are the same, give them one name in all tables.",
      count: groups.count)
  }

  private static func difference(_ a: String, _ b: String) -> String {
    Name.alike(a) == Name.alike(b) ? Name.difference(a, b) : "a file's ending or its folder"
  }

  /// A remark if the two tables have no name in common.
  private func strange(_ kind: String, _ rated: [String], _ ranked: Set<String>?) -> Remark? {
    guard let ranked, let first = rated.first, rated.allSatisfy({ !ranked.contains($0) }) else { return nil }
    let sorted = ranked.sorted()
    let other = Suggestion.nearest(first, among: sorted) ?? sorted.first ?? ""
    return Remark(
      code: "no_common_names", weight: .alarm,
      what:
        "\(said.capitalized) and rankings have no \(kind) in common: the \(said) have '\(first)', the rankings '\(other)'.",
      meaning: "Nothing can be compared. Use the same names in both tables.", count: rated.count)
  }
}
