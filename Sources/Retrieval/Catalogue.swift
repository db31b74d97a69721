import Basics
import Foundation

/// A one-shot that can be retrieved.
public struct Candidate: Sendable, Hashable {
  /// Its name in the library's table and in rankings.
  public var id: String
  /// The drum class it belongs to (`kick`, `snare`, `hihat`). Empty if the library has no classes.
  public var condition: String
  /// The sound.
  public var file: URL
  /// The instrument. Its velocity layers, takes and variants are near-duplicates. The one-shot's own name if the
  /// library has no groups.
  public var group: String

  public init(id: String, condition: String, file: URL, group: String? = nil) {
    self.id = id
    self.condition = condition
    self.file = file
    self.group = group ?? id
  }
}

/// A mix, and the class asked for: the input of a system. It does not contain the true answer.
public struct Query: Sendable, Hashable {
  /// Its name in the table of mixes and in rankings.
  public var id: String
  /// The drum class asked for.
  public var condition: String
  /// The sound of the mix.
  public var file: URL

  public init(id: String, condition: String, file: URL) {
    self.id = id
    self.condition = condition
    self.file = file
  }
}

/// What is to be ranked: the candidates, the queries and, separate from what systems see, the true answers.
public struct Catalogue: Sendable {
  /// In the order of the table.
  public var candidates: [Candidate]
  /// In the order of the table.
  public var queries: [Query]
  /// The candidates that really play in each query, if they are known, in the order of the table. All of them are right
  /// answers.
  public var references: [Query: [String]]

  public init(candidates: [Candidate], queries: [Query], references: [Query: [String]] = [:]) {
    self.candidates = candidates
    self.queries = queries
    self.references = references
  }

  /// The indices in `candidates` of those of a class, in the order of the table.
  public func places(of condition: String) -> [Int] {
    candidates.indices.filter { candidates[$0].condition == condition }
  }

  /// Reads the two tables. It uses the columns candidate, condition, file and group of `library.csv`, and query,
  /// condition, file and reference of `mixes.csv`. `condition`, `group` and `reference` are optional; files are
  /// relative to their table. A query asks once per class; if several of its drums play, it has one row per reference.
  /// - Parameters:
  ///   - library: the table, or the folder that contains it as `library.csv`.
  ///   - mixes: the table, or the folder that contains it as `mixes.csv`.
  ///   - notes: record how the tables were read.
  /// - Throws: `Problems`, with everything that is wrong in both tables.
  public static func read(library: URL, mixes: URL, notes: TableNotes = TableNotes()) throws -> Catalogue {
    try CatalogueReading(library: library, mixes: mixes, notes: notes).catalogue()
  }

  /// Reports queries whose rows name more than one file, for callers that hear a query only once for all classes.
  /// - Parameter table: the table to name in the problems.
  public func dividedQueries(in table: URL) -> [Problem] {
    Dictionary(grouping: queries, by: \.id).filter { Set($0.value.map(\.file)).count > 1 }.keys.sorted().map {
      Problem(
        "the rows of the query '\($0)' name different files", at: Place(file: table.relativePath),
        mend: "Give each file its own query.")
    }
  }

  /// The table itself, or the table of this name in a folder.
  public static func table(_ url: URL, _ name: String) -> URL {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    return exists && isFolder.boolValue ? url.appending(path: name) : url
  }
}
