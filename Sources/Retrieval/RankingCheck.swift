import Basics
import Foundation
import Study

/// Rankings that were made elsewhere: read, and held against the library and the mixes that they speak of.
public enum RankingCheck {
  /// What was read, and what is odd about it but usable.
  public struct Outcome: Sendable {
    public var rankings: [Ranking]
    public var warnings: [Problem]
  }

  /// Errors: whatever `Ranking.read` finds; a table without rows; a query, class or candidate that the tables do not have; a candidate of
  /// another class than asked for; a system called `reference` or `anchor`. Warnings: a query that a system does not
  /// rank; a ranking that leaves out candidates of the class (fine as long as its first places are there).
  /// - Throws: `Problems`: all errors, by line.
  public static func read(_ url: URL, against catalogue: Catalogue) throws -> Outcome {
    let conditionOf = Dictionary(catalogue.candidates.map { ($0.id, $0.condition) }, uniquingKeysWith: { a, _ in a })
    let queries = Dictionary(grouping: catalogue.queries, by: \.id).mapValues { Set($0.map(\.condition)) }
    var problems: [Problem] = []
    var rankings: [Ranking] = []
    let notes = TableNotes()
    do { rankings = try Ranking.read(url, notes: notes) } catch let list as Problems { problems = list.list } catch let
      problem
      as Problem
    { throw Problems([problem]) }

    var reader = try TableReader(url)
    let twins = Dictionary(
      conditionOf.keys.sorted().map { (Name.alike($0, isSound: true), $0) }, uniquingKeysWith: { a, _ in a })
    var told: Set<[String]> = []
    /// The same mistake is told where it first occurs, not in each of a thousand rows.
    func tell(_ what: String, _ row: TableRow, _ column: String, _ mend: @autoclosure () -> String) {
      guard told.insert([what]).inserted else { return }
      problems.append(Problem(what, at: row.place(column), mend: mend()))
    }
    while let row = try reader.next() {
      if let system = row.name(ifAny: "system"), Systems.reserved.contains(system) {
        tell(
          "no system can be called '\(system)'", row, "system",
          "The study adds the hidden reference and the anchor itself; leave these rows out.")
      }
      let condition = row.name(ifAny: "condition") ?? ""
      if let query = row.name(ifAny: "query") {
        if let known = queries[query] {
          if !known.contains(condition) {
            tell(
              "the query '\(query)' is not asked for '\(condition)'", row, "condition",
              "It is asked for \(known.sorted().joined(separator: ", ")).")
          }
        } else {
          tell(
            "there is no query '\(query)'", row, "query",
            Suggestion.didYouMean(query, among: queries.keys.sorted()) ?? "Use the names of mixes.csv.")
        }
      }
      if let candidate = row.name(ifAny: "candidate") {
        if let own = conditionOf[candidate] {
          if own != condition, queries.values.contains(where: { $0.contains(condition) }) {
            tell(
              "'\(candidate)' is a \(own), ranked for '\(condition)'", row, "candidate",
              "Rank the candidates of the class that is asked for.")
          }
        } else {
          tell(
            "there is no candidate '\(candidate)'", row, "candidate",
            twins[Name.alike(candidate, isSound: true)].map { "Did you mean '\($0)'?" }
              ?? "Use the names of library.csv.")
        }
      }
    }
    if problems.isEmpty, rankings.isEmpty {
      problems = [
        Problem(
          "the table holds no rankings, only its header", at: Place(file: url.relativePath, line: 1),
          mend: "Write a row for each candidate that a system ranks.")
      ]
    }
    guard problems.isEmpty else {
      throw Problems(
        problems.sorted {
          ($0.place?.line ?? 0, $0.place?.column ?? 0) < ($1.place?.line ?? 0, $1.place?.column ?? 0)
        })
    }
    let alike = Name.alikeGroups(rankings.map(\.system)).map { group in
      Problem(
        "systems that look alike: \(group.map { "'\($0)'" }.joined(separator: ", "))",
        at: Place(file: url.relativePath),
        mend: "They are taken for different ones. Rename them if they are not.", severity: .warning)
    }
    return Outcome(
      rankings: rankings,
      warnings: notes.warnings + alike + warnings(rankings, catalogue, Place(file: url.relativePath)))
  }

  private static func warnings(_ rankings: [Ranking], _ catalogue: Catalogue, _ place: Place) -> [Problem] {
    let sizes = Dictionary(grouping: catalogue.candidates, by: \.condition).mapValues(\.count)
    var warnings: [Problem] = []
    for (system, own) in Dictionary(grouping: rankings, by: \.system).sorted(by: { $0.key < $1.key }) {
      let ranked = Set(own.map { [$0.query, $0.condition] })
      let missing = catalogue.queries.filter { !ranked.contains([$0.id, $0.condition]) }
      if let first = missing.first {
        warnings.append(
          Problem(
            "'\(system)' ranks nothing for \(missing.count) of \(catalogue.queries.count, "query"), the first of them "
              + "'\(first.id)' (\(first.condition))", at: place,
            mend: "Add them, or ask only for the others in the study.", severity: .warning))
      }
      let short = own.filter { $0.entries.count < sizes[$0.condition, default: 0] }
      if let first = short.first {
        warnings.append(
          Problem(
            "'\(system)' leaves candidates out in \(short.count) of \(own.count, "ranking"): \(first.entries.count) of "
              + "\(sizes[first.condition, default: 0]) for '\(first.query)' (\(first.condition))", at: place,
            mend: "This is fine if the first places are there.", severity: .warning))
      }
    }
    return warnings
  }
}
