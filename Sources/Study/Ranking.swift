import Basics
import Foundation

/// For a query, a condition and a system: candidates in order, nearest first.
public struct Ranking: Sendable, Equatable {
  /// One candidate of a ranking.
  public struct Entry: Sendable, Equatable {
    /// From 1. Equal ranks mean a tie.
    public var rank: Int
    public var candidate: String
    /// In the system's own unit; smaller is nearer. nil where the system gives only an order.
    public var distance: Double?

    public init(rank: Int, candidate: String, distance: Double? = nil) {
      self.rank = rank
      self.candidate = candidate
      self.distance = distance
    }
  }

  public var query: String
  /// The class asked for (`kick`, `snare`, `hihat`), or empty where a study has no conditions.
  public var condition: String
  public var system: String
  public var entries: [Entry]

  public init(query: String, condition: String, system: String, entries: [Entry]) {
    self.query = query
    self.condition = condition
    self.system = system
    self.entries = entries
  }
}

extension Ranking {
  public static let columns = ["query", "condition", "system", "rank", "candidate", "distance"]

  /// Reads `rankings.csv`. `condition` may be missing; one of `rank` and `distance` must be there. Rankings come in the
  /// order of their first row, entries in the order of their rank.
  /// - Parameter look: is shown every row, in case the reader wants to know more of it than a ranking holds.
  /// - Throws: `Problems`: all that is wrong with it, in one go.
  public static func read(_ url: URL, name: String? = nil, _ look: (TableRow) -> Void = { _ in }) throws -> [Ranking] {
    struct Key: Hashable { var query, condition, system: String }
    var reader = try TableReader(url, name: name)
    try reader.require("query", "system", "candidate")
    guard reader.has("rank") || reader.has("distance") else {
      throw Problem(
        "the table has neither 'rank' nor 'distance'", at: Place(file: reader.file, line: 1),
        mend: "Give the order of the candidates by one of the two (distance: smaller is nearer).")
    }
    var order: [Key] = []
    var rows: [Key: [(line: TableRow, rank: Int?, candidate: String, distance: Double?)]] = [:]
    var problems: [Problem] = []
    while let row = try reader.next() {
      look(row)
      do {
        let key = Key(query: try row.text("query"), condition: row["condition"] ?? "", system: try row.text("system"))
        let rank = try row.integer("rank")
        if let rank, rank < 1 {
          throw Problem("the rank is \(rank)", at: row.place("rank"), mend: "Ranks count from 1.")
        }
        let distance = try row.number("distance")
        guard rank != nil || distance != nil else {
          throw Problem("the row has neither rank nor distance", at: row.place(), mend: "Give at least one.")
        }
        if rows[key] == nil { order.append(key) }
        rows[key, default: []].append((row, rank, try row.text("candidate"), distance))
      } catch let problem as Problem { problems.append(problem) }
    }
    var rankings: [Ranking] = []
    for key in order {
      let list = rows[key, default: []]
      var seen: [String: Int] = [:]
      for row in list {
        if let first = seen.updateValue(row.line.line, forKey: row.candidate) {
          problems.append(
            Problem(
              "'\(row.candidate)' is ranked twice by \(key.system) for \(key.query), first in line \(first)",
              at: row.line.place("candidate"), mend: "Keep one of the two rows."))
        }
      }
      let ranked = list.count { $0.rank != nil }
      if ranked != 0, ranked != list.count {
        let row = list.first { $0.rank == nil }?.line
        problems.append(
          Problem(
            "the ranking of \(key.system) for \(key.query) gives ranks for some candidates only",
            at: row?.place("rank"),
            mend: "Give all of them, or none and the distances instead."))
        continue
      }
      var entries: [Entry]
      if ranked > 0 {
        entries = list.map { Entry(rank: $0.rank ?? 0, candidate: $0.candidate, distance: $0.distance) }
      } else {
        // Competition ranks: equal distances share the rank of the first of them.
        let sorted = list.enumerated().sorted {
          ($0.element.distance ?? 0, $0.offset) < ($1.element.distance ?? 0, $1.offset)
        }.map(\.element)
        entries = []
        for (i, row) in sorted.enumerated() {
          let tied = i > 0 && sorted[i - 1].distance == row.distance
          entries.append(
            Entry(rank: tied ? entries[i - 1].rank : i + 1, candidate: row.candidate, distance: row.distance))
        }
      }
      entries.sort { $0.rank < $1.rank }
      rankings.append(Ranking(query: key.query, condition: key.condition, system: key.system, entries: entries))
    }
    guard problems.isEmpty else { throw Problems(problems) }
    return rankings
  }

  public static func write(_ rankings: [Ranking], to url: URL) throws {
    try TableWriter.write(url, columns: columns) { table in
      for ranking in rankings {
        for entry in ranking.entries {
          if let distance = entry.distance, !distance.isFinite {
            throw Problem(
              "\(ranking.system) gives no distance from '\(ranking.query)' to '\(entry.candidate)' that is a number",
              at: Place(file: url.path), mend: "Look where the distances were made; nothing was written.")
          }
          try table.row([
            ranking.query, ranking.condition, ranking.system, entry.rank, entry.candidate, entry.distance,
          ])
        }
      }
    }
  }
}
