import Basics
import Foundation

/// A system's order of the candidates for one query and condition, nearest first.
public struct Ranking: Sendable, Equatable {
  /// One candidate of a ranking.
  public struct Entry: Sendable, Equatable {
    /// From 1. Equal ranks are ties.
    public var rank: Int
    /// Its name in the table of candidates.
    public var candidate: String
    /// In the system's own unit; smaller is nearer. Nil if the system gives only an order.
    public var distance: Double?
    /// Where in the query the candidate was found, in seconds: where it begins itself, or the excerpt or window that is
    /// nearest to it. Nil if the query was heard as a whole. It is written to tables, but not read back.
    public var excerptStart: Double?

    public init(rank: Int, candidate: String, distance: Double? = nil) {
      self.rank = rank
      self.candidate = candidate
      self.distance = distance
    }
  }

  /// Its name in the table of queries.
  public var query: String
  /// What the query is asked for, such as `kick`. Empty if the study has no conditions.
  public var condition: String
  /// The name of the system that ranked. A study refuses `reference` and `anchor`.
  public var system: String
  /// In the order of their ranks. Ties stand side by side.
  public var entries: [Entry]

  public init(query: String, condition: String, system: String, entries: [Entry]) {
    self.query = query
    self.condition = condition
    self.system = system
    self.entries = entries
  }
}

extension Ranking.Entry {
  /// The entries by distance, nearest first, with new ranks. Equal distances share the first of their ranks and are
  /// ordered by name.
  public static func inOrder(_ entries: [Ranking.Entry]) -> [Ranking.Entry] {
    var order = entries.sorted { ($0.distance ?? .infinity, $0.candidate) < ($1.distance ?? .infinity, $1.candidate) }
    for i in order.indices {
      let isTied = i > 0 && order[i - 1].distance == order[i].distance
      order[i].rank = isTied ? order[i - 1].rank : i + 1
    }
    return order
  }
}

extension Ranking {
  /// The ranking reduced to the first candidate of each group, with new ranks. Among ties, the first one listed stays.
  public func onePerGroup(_ group: (String) -> String) -> Ranking {
    var seen: Set<String> = [], one = self, last = (whole: 0, rank: 0)
    one.entries = []
    for entry in entries where seen.insert(group(entry.candidate)).inserted {
      // Ties stay ties.
      if entry.rank != last.whole { last = (entry.rank, one.entries.count + 1) }
      var kept = entry
      kept.rank = last.rank
      one.entries.append(kept)
    }
    return one
  }

  /// What `write` always writes, in this order. `read` does not need all of them.
  public static let columns = ["query", "condition", "system", "rank", "candidate", "distance"]

  /// Reads `rankings.csv`. The column `condition` is optional; `rank` or `distance` is required. Rankings are in the
  /// order of their first row, entries in the order of their rank.
  ///
  /// Ranks may be written as 1.0. If a system's ranks are averages of ties (1.5, 1.5, 3), tied candidates share the
  /// first of their ranks (1, 1, 3), and `notes` record it.
  /// - Parameters:
  ///   - notes: records how the table was read.
  ///   - look: called with every row, for callers that need more than a ranking contains.
  /// - Throws: `Problems`, with everything that is wrong.
  public static func read(
    _ url: URL, name: String? = nil, notes: TableNotes = TableNotes(), _ look: (TableRow) -> Void = { _ in }
  ) throws -> [Ranking] {
    var reader = try TableReader(url, name: name, notes: notes)
    try reader.require("query", "system", "candidate")
    guard reader.has("rank") || reader.has("distance") else {
      throw Problem(
        "the table has neither 'rank' nor 'distance'", at: Place(file: reader.file, line: 1),
        mend: "Give the order of the candidates by one of the two (distance: smaller is nearer).")
    }
    var order: [Key] = []
    var rows: [Key: [RankedRow]] = [:]
    var problems: [Problem] = []
    while let row = try reader.next() {
      look(row)
      do {
        let (key, ranked) = try RankedRow.read(row)
        if rows[key] == nil { order.append(key) }
        rows[key, default: []].append(ranked)
      } catch let problem as Problem { problems.append(problem) }
    }
    let averaging = Set(
      order.filter { rows[$0, default: []].contains { $0.rank.map { $0 != $0.rounded() } ?? false } }.map(\.system))
    let rankings = order.compactMap { key in
      ranking(key, rows[key, default: []], isAveraging: averaging.contains(key.system), notes, &problems)
    }
    guard problems.isEmpty else { throw Problems(Problems.inOrder(problems)) }
    return rankings
  }

  private struct Key: Hashable { var query, condition, system: String }

  /// The ranking of one system for one query. Nil, after reporting a problem, if its ranks are invalid.
  private static func ranking(
    _ key: Key, _ list: [RankedRow], isAveraging: Bool, _ notes: TableNotes, _ problems: inout [Problem]
  ) -> Ranking? {
    var seen: [String: Int?] = [:]
    for row in list {
      if let first = seen.updateValue(row.place.line, forKey: row.candidate) {
        problems.append(
          Problem(
            "'\(row.candidate)' is ranked twice by \(key.system) for \(key.query), first in line \(first ?? 0)",
            at: row.place, mend: "Keep one of the two rows."))
      }
    }
    let ranked = list.count { $0.rank != nil }
    if ranked != 0, ranked != list.count {
      problems.append(
        Problem(
          "the ranking of \(key.system) for \(key.query) gives ranks for some candidates only",
          at: list.first { $0.rank == nil }?.rankPlace,
          mend: "Give all of them, or none and the distances instead."))
      return nil
    }
    do {
      let ranks = ranked > 0 ? try wholeRanks(list, isAveraging, notes) : ranksByDistance(list)
      let entries = zip(list, ranks).map { Entry(rank: $1, candidate: $0.candidate, distance: $0.distance) }
      let sorted = entries.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
      return Ranking(
        query: key.query, condition: key.condition, system: key.system, entries: sorted.map(\.element))
    } catch {
      if let problem = error as? Problem { problems.append(problem) }
      return nil
    }
  }

  private struct RankedRow {
    var rank: Double?
    var candidate: String
    var distance: Double?
    var place: Place
    var rankPlace: Place

    /// - Throws: the row's `Problem`.
    static func read(_ row: TableRow) throws -> (key: Key, row: RankedRow) {
      let key = Key(
        query: try row.name("query"), condition: row.name(ifAny: "condition") ?? "", system: try row.name("system"))
      let rank = try row.number("rank"), distance = try row.number("distance")
      if let rank, rank < 1 {
        throw Problem("the rank is \(rank.cellText)", at: row.place("rank"), mend: "Ranks count from 1.")
      }
      guard rank != nil || distance != nil else {
        throw Problem("the row has neither rank nor distance", at: row.place(), mend: "Give at least one.")
      }
      let ranked = RankedRow(
        rank: rank, candidate: try row.name("candidate"), distance: distance, place: row.place("candidate"),
        rankPlace: row.place("rank"))
      return (key, ranked)
    }
  }

  /// Competition ranks: equal distances share the first of their ranks.
  private static func ranksByDistance(_ list: [RankedRow]) -> [Int] {
    let sorted = list.indices.sorted { (list[$0].distance ?? 0, $0) < (list[$1].distance ?? 0, $1) }
    var ranks = Array(repeating: 1, count: list.count)
    for (i, place) in sorted.enumerated() {
      let isTied = i > 0 && list[sorted[i - 1]].distance == list[place].distance
      ranks[place] = isTied ? ranks[sorted[i - 1]] : i + 1
    }
    return ranks
  }

  /// Ranks as whole numbers. With average ranks, m candidates tied at r have the ranks from r − (m − 1)/2 on, and share
  /// the first of these.
  /// - Parameter areAverages: whether some of the system's ranks are fractions, so that its whole ones may be averages
  ///   too.
  private static func wholeRanks(_ list: [RankedRow], _ areAverages: Bool, _ notes: TableNotes) throws -> [Int] {
    let given = list.map { $0.rank ?? 0 }
    var tied: [Double: Int] = [:]
    if areAverages { for rank in given { tied[rank, default: 0] += 1 } }
    var ranks = given.map { rank in
      areAverages ? rank - Double(tied[rank, default: 1] - 1) / 2 : rank
    }
    let isWhole = ranks.allSatisfy { $0 >= 1 && $0 == $0.rounded() }
    // If the ranks are whole but shared by another convention, they stay as they are.
    if areAverages, !isWhole, given.allSatisfy({ $0 == $0.rounded() }) { ranks = given }
    let whole = ranks.map { Int(exactly: $0) }
    if let bad = whole.indices.first(where: { (whole[$0] ?? 0) < 1 }) {
      let rank = given[bad]
      throw Problem(
        "the rank is \(rank.cellText)", at: list[bad].rankPlace,
        mend: rank == rank.rounded()
          ? "Ranks are whole numbers from 1."
          : "A fraction is read as the average of tied ranks, and exactly the tied candidates must share it: "
            + "1.5 stands for ranks 1 and 2, so two candidates have it.")
    }
    if let first = given.indices.first(where: { Double(whole[$0] ?? 0) != given[$0] }) {
      let row = list[first]
      notes.add(
        .ranks, at: row.rankPlace, example: "\(given[first].cellText) of '\(row.candidate)' as \(whole[first] ?? 0)")
    }
    return whole.map { $0 ?? 1 }
  }

  /// Writes rankings as a table. If any entry was found in a part of its query, it has an additional column `excerpt_start_s`.
  /// - Parameters: `isMarked` and `guardsFormulas` are as in `TableWriter`.
  public static func write(
    _ rankings: [Ranking], to url: URL, isMarked: Bool = false, guardsFormulas: Bool = false
  ) throws {
    let inExcerpts = rankings.contains { $0.entries.contains { $0.excerptStart != nil } }
    let columns = columns + (inExcerpts ? ["excerpt_start_s"] : [])
    try TableWriter.write(url, columns: columns, isMarked: isMarked, guardsFormulas: guardsFormulas) { table in
      for ranking in rankings {
        for entry in ranking.entries {
          if let distance = entry.distance, !distance.isFinite {
            throw Problem(
              "\(ranking.system) gives a distance that is not a number from '\(ranking.query)' to '\(entry.candidate)'",
              at: Place(file: url.path), mend: "Check how the distances were computed. Nothing was written.")
          }
          let cells: [any CellValue] = [
            ranking.query, ranking.condition, ranking.system, entry.rank, entry.candidate, entry.distance,
          ]
          try table.row(inExcerpts ? cells + [entry.excerptStart] : cells)
        }
      }
    }
  }
}
