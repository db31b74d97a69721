import ArgumentParser
import Basics
import Foundation
import Records
import RecordsPostgres
import RecordsSQLite

/// Where a study's records are: a file in its data folder or, if several servers share them, a database.
enum RecordsPlace: Equatable {
  case file(URL)
  case postgres(String)

  /// - Parameter text: `postgresql://…`, key words of libpq, or the path of a data folder or of a database file.
  init(_ text: String) {
    let url = URL(filePath: text)
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    let isAddress = ["postgresql://", "postgres://"].contains { text.hasPrefix($0) } || text.contains("=")
    self =
      isAddress && !isThere
      ? .postgres(text) : .file(isFolder.boolValue ? url.appending(path: "records.sqlite") : url)
  }

  /// The records of one of several studies in a database: in a schema with the study's name, which is created if it is
  /// missing.
  /// - Throws: a `Problem` if this is not a database for several servers, or if it cannot be reached.
  func schema(of study: String) throws -> RecordsPlace {
    guard case .postgres(let address) = self else {
      throw Problem(
        "a folder of studies keeps its records in the studies' data folders, or in a PostgreSQL",
        at: Place(file: shown),
        mend: "Leave --records away, or give it an address as postgresql://user@host/name.")
    }
    return .postgres(try PostgresStorage.makeSchema(study, at: address))
  }

  /// - Parameters:
  ///   - isServed: whether answers will be saved into it.
  ///   - keeps: whether statements are prepared once, if it is a database.
  func storage(isServed: Bool = false, keeps: Bool = true) throws -> any RecordStorage {
    switch self {
    case .file(let url): try SQLiteStorage(url, isServed: isServed)
    case .postgres(let address): try PostgresStorage(address, server: Int(getpid()), keeps: keeps)
    }
  }

  func open(isServed: Bool = false) throws -> Records { Records(try storage(isServed: isServed)) }

  /// Checks whether they are intact, and changes nothing.
  func checkup() -> [CheckResult] {
    switch self {
    case .file(let url): Checkup.full(url)
    case .postgres(let address): PostgresCheckup.full(address)
    }
  }

  static let help =
    "The database of the records, as postgresql://user@host/name, where several servers share them; no password in it, but in a .pgpass file (default: records.sqlite in the data folder)."

  /// Whether other servers may use it as well.
  var isShared: Bool { if case .postgres = self { true } else { false } }

  /// Without a password.
  var shown: String {
    switch self {
    case .file(let url): url.path
    case .postgres(let address): PostgresStorage.shown(address)
    }
  }
}

struct RecordsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "records", abstract: "Move a study's records between databases.", subcommands: [Copy.self])

  struct Copy: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Copy all records into an empty database, and compare both row by row.",
      discussion: """
        From the file in a data folder to PostgreSQL, or back. Stop the servers first: anything saved during the copy is \
        not copied. Numbers stay the same, and tables exported from both are identical, byte for byte. docs/postgresql.md \
        describes every step.

        Examples:
          earshot records copy studies/demo/data postgresql://earshot@db.example.org/demo
          earshot records copy postgresql://earshot@db.example.org/demo copy/records.sqlite
        """)

    @Argument(help: ArgumentHelp("A data folder, a database file, or postgresql://….", valueName: "from"))
    var from: String

    @Argument(help: ArgumentHelp("The same, without records.", valueName: "to"))
    var to: String

    func run() throws {
      OwnFiles.only()
      let (source, target) = (RecordsPlace(from), RecordsPlace(to))
      if case .file(let url) = source, !FileManager.default.fileExists(atPath: url.path) {
        throw Problem("there are no records here", at: Place(file: url.path), mend: "Name a data folder.")
      }
      if case .file(let url) = target {
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      }
      let (read, written) = (try source.storage(keeps: false), try target.storage(keeps: false))
      defer {
        read.close()
        written.close()
      }
      let counts = try RecordsCopy.copy(read, to: written)
      for (table, rows) in counts where rows > 0 {
        print("\(table.padding(toLength: 18, withPad: " ", startingAt: 0))\(rows, "row")")
      }
      print("\nAll rows are the same in both.")
    }
  }
}
