import Basics
import Foundation

/// Reads `library.csv` and `mixes.csv` row by row, and continues after a row with an error.
struct CatalogueReading {
  private let libraryTable: URL, mixesTable: URL
  private var problems: [Problem] = []
  private var candidates: [Candidate] = []
  private var queries: [Query] = []
  private var references: [Query: [String]] = [:]
  /// The class of each candidate.
  private var conditionOf: [String: String] = [:]
  private var conditions: Set<String> = []
  /// The first line of each candidate, and of each pair of query and class.
  private var candidateLines: [String: Int] = [:]
  private var queryLines: [[String]: Int] = [:]

  /// Reads both tables.
  init(library: URL, mixes: URL, notes: TableNotes) {
    libraryTable = Catalogue.table(library, "library.csv")
    mixesTable = Catalogue.table(mixes, "mixes.csv")
    for row in rows(libraryTable, ["candidate", "file"], notes) { collect { try $0.addCandidate(row) } }
    for row in rows(mixesTable, ["query", "file"], notes) { collect { try $0.addQuery(row) } }
  }

  /// - Throws: `Problems`, with everything that is wrong in both tables.
  func catalogue() throws -> Catalogue {
    guard problems.isEmpty else { throw Problems(problems) }
    guard !candidates.isEmpty else {
      throw Problem("the library is empty", at: Place(file: libraryTable.relativePath), mend: "Build it first.")
    }
    guard !queries.isEmpty else {
      throw Problem("there are no mixes", at: Place(file: mixesTable.relativePath), mend: "Make some first.")
    }
    return Catalogue(candidates: candidates, queries: queries, references: references)
  }

  private mutating func rows(_ table: URL, _ columns: [String], _ notes: TableNotes) -> [TableRow] {
    do { return try TableReader.rows(table, require: columns, notes: notes) } catch let problem as Problem {
      problems.append(problem)
    } catch { problems.append(Problem("\(error)", at: Place(file: table.relativePath), mend: "")) }
    return []
  }

  private mutating func collect(_ body: (inout CatalogueReading) throws -> Void) {
    do { try body(&self) } catch { problems.append(error as? Problem ?? Problem("\(error)", mend: "")) }
  }

  private mutating func addCandidate(_ row: TableRow) throws {
    let id = try row.name("candidate")
    if let first = candidateLines.updateValue(row.line, forKey: id) {
      throw Problem(
        "the candidate '\(id)' is listed twice, first in line \(first)", at: row.place("candidate"),
        mend: "Names must be unique.")
    }
    let candidate = Candidate(
      id: id, condition: row.name(ifAny: "condition") ?? "", file: try Self.file(row, beside: libraryTable),
      group: row.name(ifAny: "group"))
    candidates.append(candidate)
    conditionOf[id] = candidate.condition
    conditions.insert(candidate.condition)
  }

  /// A query asks once per class. Each further row with the same query and class names another drum that plays.
  private mutating func addQuery(_ row: TableRow) throws {
    let query = Query(
      id: try row.name("query"), condition: row.name(ifAny: "condition") ?? "",
      file: try Self.file(row, beside: mixesTable))
    let reference = row.name(ifAny: "reference"), key = [query.id, query.condition], first = queryLines[key]
    let isAnother = reference.map { !references[query, default: [$0]].contains($0) } ?? false
    if let first, !isAnother {
      throw Problem(
        "the query '\(query.id)' is listed twice for '\(query.condition)', first in line \(first)",
        at: row.place("query"), mend: "Keep one of the two rows.")
    }
    if first == nil { queryLines[key] = row.line }
    guard candidates.isEmpty || conditions.contains(query.condition) else {
      throw Problem(
        "no candidate has the class '\(query.condition)'", at: row.place("condition"),
        mend: "The library has \(conditions.sorted().joined(separator: ", ")).")
    }
    if let reference {
      guard candidates.isEmpty || conditionOf[reference] == query.condition else {
        throw Problem(
          "the reference '\(reference)' is "
            + (conditionOf[reference].map { "a \($0), not a \(query.condition)" } ?? "not in the library"),
          at: row.place("reference"), mend: "Use the library from which the mixes were made.")
      }
      references[query, default: []].append(reference)
    }
    if first == nil { queries.append(query) }
  }

  private static func file(_ row: TableRow, beside table: URL) throws -> URL {
    let path = try row.path("file")
    let url = NamedFile.url(path, from: table.deletingLastPathComponent())
    guard FileManager.default.isReadableFile(atPath: url.path) else {
      throw Problem(
        "there is no file '\(path)'", at: row.place("file"),
        mend: NamedFile.lookalike(url) ?? "Files are named relative to the table's folder.")
    }
    return url
  }
}
