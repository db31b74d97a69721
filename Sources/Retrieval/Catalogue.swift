import Basics
import Foundation

/// A one-shot that can be retrieved.
public struct Candidate: Sendable, Hashable {
  /// Its name in the library's table and in rankings.
  public var id: String
  /// The class that it belongs to (`kick`, `snare`, `hihat`), or empty where the library has no classes.
  public var condition: String
  public var file: URL
  /// The instrument: velocity layers, takes and variants of one are near-duplicates. Its own name where the library has none.
  public var group: String

  public init(id: String, condition: String, file: URL, group: String? = nil) {
    self.id = id
    self.condition = condition
    self.file = file
    self.group = group ?? id
  }
}

/// A mix and the class asked for: what a system is given. The true answer is not in it.
public struct Query: Sendable, Hashable {
  public var id: String
  public var condition: String
  public var file: URL

  public init(id: String, condition: String, file: URL) {
    self.id = id
    self.condition = condition
    self.file = file
  }
}

/// What is to be ranked: the candidates, the queries, and, kept apart from what systems see, the true answers.
public struct Catalogue: Sendable {
  public var candidates: [Candidate]
  public var queries: [Query]
  /// The candidates that really play in a query, in the order of the table, where they are known. All of them are right.
  public var references: [Query: [String]]

  public init(candidates: [Candidate], queries: [Query], references: [Query: [String]] = [:]) {
    self.candidates = candidates
    self.queries = queries
    self.references = references
  }

  /// Where in `candidates` those of a class stand, in the order of the table.
  public func places(of condition: String) -> [Int] {
    candidates.indices.filter { candidates[$0].condition == condition }
  }

  /// Reads the two tables. Of `library.csv` the columns candidate, condition, file and group are used, of `mixes.csv` query,
  /// condition, file and reference; `condition`, `group` and `reference` may be missing, files are relative to their table. A
  /// query asks once for each class; where several of its drums play it has a row for each reference.
  /// - Parameters:
  ///   - library: the table, or the folder that holds it as `library.csv`.
  ///   - mixes: the table, or the folder that holds it as `mixes.csv`.
  ///   - notes: are told how the tables were read.
  /// - Throws: `Problems`: all that is wrong with both tables, in one go.
  public static func read(library: URL, mixes: URL, notes: TableNotes = TableNotes()) throws -> Catalogue {
    var problems: [Problem] = []
    func rows(_ url: URL, _ name: String, _ columns: [String]) -> (URL, [TableRow]) {
      let table = Catalogue.table(url, name)
      do { return (table, try TableReader.rows(table, require: columns, notes: notes)) } catch let problem as Problem {
        problems.append(problem)
      } catch { problems.append(Problem("\(error)", at: Place(file: table.relativePath), mend: "")) }
      return (table, [])
    }
    func collect(_ body: () throws -> Void) {
      do { try body() } catch { problems.append(error as? Problem ?? Problem("\(error)", mend: "")) }
    }

    var candidates: [Candidate] = []
    var lines: [String: Int] = [:]
    let (libraryTable, libraryRows) = rows(library, "library.csv", ["candidate", "file"])
    for row in libraryRows {
      collect {
        let id = try row.name("candidate")
        if let first = lines.updateValue(row.line, forKey: id) {
          throw Problem(
            "the candidate '\(id)' is named twice, first in line \(first)", at: row.place("candidate"),
            mend: "Names must be unique.")
        }
        candidates.append(
          Candidate(
            id: id, condition: row.name(ifAny: "condition") ?? "", file: try Catalogue.file(row, beside: libraryTable),
            group: row.name(ifAny: "group")))
      }
    }

    let conditionOf = Dictionary(candidates.map { ($0.id, $0.condition) }) { first, _ in first }
    let conditions = Set(candidates.map(\.condition))
    var queries: [Query] = []
    var references: [Query: [String]] = [:]
    var seen: [[String]: Int] = [:]
    let (mixesTable, mixRows) = rows(mixes, "mixes.csv", ["query", "file"])
    for row in mixRows {
      collect {
        let query = Query(
          id: try row.name("query"), condition: row.name(ifAny: "condition") ?? "",
          file: try Catalogue.file(row, beside: mixesTable))
        let reference = row.name(ifAny: "reference"), key = [query.id, query.condition]
        let isAnother = reference.map { !references[query, default: [$0]].contains($0) } ?? false
        if let first = seen[key], !isAnother {
          throw Problem(
            "the query '\(query.id)' asks twice for '\(query.condition)', first in line \(first)",
            at: row.place("query"), mend: "Keep one of the two rows.")
        }
        let isNew = seen[key] == nil
        if isNew { seen[key] = row.line }
        guard candidates.isEmpty || conditions.contains(query.condition) else {
          throw Problem(
            "no candidate is of the class '\(query.condition)'", at: row.place("condition"),
            mend: "The library has \(conditions.sorted().joined(separator: ", ")).")
        }
        if let reference {
          guard candidates.isEmpty || conditionOf[reference] == query.condition else {
            throw Problem(
              "the reference '\(reference)' is "
                + (conditionOf[reference].map { "a \($0), not a \(query.condition)" } ?? "not in the library"),
              at: row.place("reference"), mend: "Use the library that the mixes were made of.")
          }
          references[query, default: []].append(reference)
        }
        if isNew { queries.append(query) }
      }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    guard !candidates.isEmpty else {
      throw Problem("the library is empty", at: Place(file: libraryTable.relativePath), mend: "Build it first.")
    }
    guard !queries.isEmpty else {
      throw Problem("there are no mixes", at: Place(file: mixesTable.relativePath), mend: "Make some first.")
    }
    return Catalogue(candidates: candidates, queries: queries, references: references)
  }

  /// Queries whose rows name more than one file: for what hears a query once, whichever class is asked for.
  /// - Parameter table: the place that is named.
  public func dividedQueries(in table: URL) -> [Problem] {
    Dictionary(grouping: queries, by: \.id).filter { Set($0.value.map(\.file)).count > 1 }.keys.sorted().map {
      Problem(
        "the rows of the query '\($0)' name different files", at: Place(file: table.relativePath),
        mend: "Give each file a query of its own.")
    }
  }

  /// A table itself, or the one of this name in a folder.
  public static func table(_ url: URL, _ name: String) -> URL {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    return exists && isFolder.boolValue ? url.appending(path: name) : url
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
