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
    try CatalogueReading(library: library, mixes: mixes, notes: notes).catalogue()
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
}
