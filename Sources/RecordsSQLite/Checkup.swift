import Basics
import Foundation
import GRDB
import Records

/// Looks at the records without changing a byte of them: whether they are whole, and Earshot's.
public enum Checkup {
  /// What every start looks at: the file is a database of records that this Earshot knows, and the log beside it, which
  /// a kill leaves behind, belongs to it. Takes a moment; where there is a log, as long as reading the file once.
  /// - Throws: `Problem`. The records are as they were.
  public static func quick(_ file: URL) throws {
    guard let size = Self.size(file), size > 0 else {
      let log = file.path + "-wal"
      guard (Self.size(URL(filePath: log)) ?? 0) > 0 else { return }
      throw Problem(
        "the log exists, but its database is missing or empty", at: Place(file: log),
        mend: "Put the database back next to it, or restore a backup ('earshot restore'). Do not delete the log first.")
    }
    guard let header = try header(file) else { throw notOurs(file) }
    try reading(file) { db in
      guard try Schema.migrator.hasBeenSuperseded(db) == false else {
        throw Problem(
          "the records were written by a newer Earshot", at: Place(file: file.path),
          mend: "Use that version or a later one. This one has not changed them.")
      }
      let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master WHERE type = 'table'") ?? 0
      guard try tables == 0 || db.tableExists("grdb_migrations") else { throw notOurs(file) }
      guard (Self.size(URL(filePath: file.path + "-wal")) ?? 0) > 0 else { return }
      // A server marks the file at its start by one more than the last one did: a kill just then leaves one between.
      let signed = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
      let mark = UInt32(bitPattern: signed)
      let isMarked = [0, mark, mark &- 1].contains(header.mark)
      guard isMarked, try broken(db, "quick_check").isEmpty else {
        throw Problem(
          "the log next to the records belongs to another database, or is damaged", at: Place(file: file.path + "-wal"),
          mend:
            "If you replaced the records with an older copy, move the log and \(file.lastPathComponent)-shm away; otherwise restore a backup ('earshot restore')."
        )
      }
    }
  }

  /// All of it: what `quick` looks at, the pages of the file, and whether every row finds what it refers to.
  public static func full(_ file: URL) -> [CheckResult] {
    func finding(_ what: String, _ look: () throws -> [Problem]) -> CheckResult {
      do { return CheckResult(what, try look()) } catch let problem as Problem {
        return CheckResult(what, [problem])
      } catch {
        return CheckResult(what, [unreadable(file, error)])
      }
    }
    let place = Place(file: file.path)
    let mend = "Restore a backup ('earshot restore'), and keep this file and those next to it until that is done."
    let first = finding("a database of this version of Earshot, and its log") {
      try quick(file)
      return []
    }
    guard first.problems.isEmpty else { return [first] }
    return [
      first,
      finding("intact (integrity_check)") {
        try reading(file) { try broken($0, "integrity_check") }.map {
          Problem("the database is damaged: \($0)", at: place, mend: mend)
        }
      },
      finding("no row refers to a missing row (foreign_key_check)") {
        try reading(file) { db in
          try Row.fetchAll(
            db, sql: "SELECT \"table\", parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2")
        }.map { row in
          Problem(
            "\(row["n"] as Int, "row") of '\(row["table"] as String)' \(OneAndMany.words(row["n"], "refers", "refer")) to rows of '\(row["parent"] as String)' that are not there",
            at: place, mend: mend)
        }
      },
    ]
  }

  /// Reads by a connection that cannot write.
  static func reading<T>(_ file: URL, _ body: (Database) throws -> T) throws -> T {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    do {
      let queue = try DatabaseQueue(path: file.path, configuration: configuration)
      defer { try? queue.close() }
      return try queue.read(body)
    } catch let error as DatabaseError { throw unreadable(file, error) }
  }

  private static func broken(_ db: Database, _ check: String) throws -> [String] {
    do {
      let lines = try String.fetchAll(db, sql: "PRAGMA \(check)(10)")
      return lines == ["ok"] ? [] : lines
    } catch let error as DatabaseError { return [error.message ?? "\(error.resultCode)"] }
  }

  private static func size(_ file: URL) -> Int? {
    var status = stat()
    return stat(file.path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// To be read before SQLite opens the file (`Durability.sync`).
  private static func header(_ file: URL) throws -> DatabaseHeader? {
    let handle = FileHandle(fileDescriptor: try InputFile.open(file).descriptor, closeOnDealloc: true)
    return DatabaseHeader(Array(try handle.read(upToCount: DatabaseHeader.size) ?? Data()))
  }

  private static func notOurs(_ file: URL) -> Problem {
    Problem(
      "this is not a database of Earshot's records", at: Place(file: file.path),
      mend: "Name another data folder with --data, or restore a backup ('earshot restore').")
  }

  private static func unreadable(_ file: URL, _ error: any Error) -> Problem {
    Problem(
      "the records cannot be read: \((error as? DatabaseError)?.message ?? "\(error)")", at: Place(file: file.path),
      mend: "Check that the folder is yours and the disk has room, or restore a backup ('earshot restore').")
  }
}
