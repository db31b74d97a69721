import Basics
import Foundation
import Study

/// Reads rankings that were made elsewhere, and checks them against the library and the mixes they refer to.
public enum RankingCheck {
  /// The rankings, and warnings about what is odd but usable.
  public struct Outcome: Sendable {
    /// In the order of the table.
    public var rankings: [Ranking]
    /// In the order of lines.
    public var warnings: [Problem]
  }

  /// Errors: whatever `Ranking.read` finds; a table without rows; an unknown query, class or candidate; a candidate of
  /// another class than asked for; a system called `reference` or `anchor`. Warnings: a query that a system does not
  /// rank; a ranking that leaves out candidates of the class (fine as long as its first ranks are there).
  /// - Throws: `Problems`, with all errors in the order of lines.
  public static func read(_ url: URL, against catalogue: Catalogue) throws -> Outcome {
    var problems: [Problem] = []
    var rankings: [Ranking] = []
    let notes = TableNotes()
    do { rankings = try Ranking.read(url, notes: notes) } catch let list as Problems { problems = list.list } catch let
      problem
      as Problem
    { throw Problems([problem]) }

    var reader = try TableReader(url), told: Set<String> = []
    let names = CatalogueNames(catalogue)
    while let row = try reader.next() {
      names.check(row) { what, column, mend in
        // Each mistake is reported where it first occurs, not in each of a thousand rows.
        guard told.insert(what).inserted else { return }
        problems.append(Problem(what, at: row.place(column), mend: mend()))
      }
    }
    if problems.isEmpty, rankings.isEmpty {
      problems = [
        Problem(
          "the table has a header but no rankings", at: Place(file: url.relativePath, line: 1),
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
        mend: "They count as different systems. Rename them if they are the same.", severity: .warning)
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
            "'\(system)' leaves out candidates in \(short.count) of \(own.count, "ranking"): \(first.entries.count) of "
              + "\(sizes[first.condition, default: 0]) for '\(first.query)' (\(first.condition))", at: place,
            mend: "This is fine if the top ranks are complete.", severity: .warning))
      }
    }
    return warnings
  }
}

/// The names of a catalogue's queries, classes and candidates, for checking rows of rankings.
private struct CatalogueNames {
  /// Reports what is wrong, in which column, and how to fix it.
  typealias Tell = (_ what: String, _ column: String, _ mend: @autoclosure () -> String) -> Void

  /// The class of each candidate; and, by the look-alike key of its name, the candidate.
  private let conditionOf: [String: String], twins: [String: String]
  /// The classes asked for, by query.
  private let queries: [String: Set<String>]

  init(_ catalogue: Catalogue) {
    conditionOf = Dictionary(catalogue.candidates.map { ($0.id, $0.condition) }, uniquingKeysWith: { a, _ in a })
    twins = Dictionary(
      conditionOf.keys.sorted().map { (Name.alike($0, isSound: true), $0) }, uniquingKeysWith: { a, _ in a })
    queries = Dictionary(grouping: catalogue.queries, by: \.id).mapValues { Set($0.map(\.condition)) }
  }

  func check(_ row: TableRow, _ tell: Tell) {
    if let system = row.name(ifAny: "system"), Systems.reserved.contains(system) {
      tell(
        "no system can be called '\(system)'", "system",
        "The study adds the hidden reference and the anchor itself; leave these rows out.")
    }
    let condition = row.name(ifAny: "condition") ?? ""
    if let query = row.name(ifAny: "query") { check(query, condition, tell) }
    if let candidate = row.name(ifAny: "candidate") { check(candidate, rankedFor: condition, tell) }
  }

  private func check(_ query: String, _ condition: String, _ tell: Tell) {
    guard let known = queries[query] else {
      return tell(
        "there is no query '\(query)'", "query",
        Suggestion.didYouMean(query, among: queries.keys.sorted()) ?? "Use the names of mixes.csv.")
    }
    if !known.contains(condition) {
      tell(
        "the query '\(query)' is not asked for '\(condition)'", "condition",
        "It is asked for \(known.sorted().joined(separator: ", ")).")
    }
  }

  private func check(_ candidate: String, rankedFor condition: String, _ tell: Tell) {
    guard let own = conditionOf[candidate] else {
      return tell(
        "there is no candidate '\(candidate)'", "candidate",
        twins[Name.alike(candidate, isSound: true)].map { "Did you mean '\($0)'?" } ?? "Use the names of library.csv.")
    }
    if own != condition, queries.values.contains(where: { $0.contains(condition) }) {
      tell(
        "'\(candidate)' is a \(own), ranked for '\(condition)'", "candidate",
        "Rank the candidates of the class asked for.")
    }
  }
}
