import Basics
import Foundation
import GRDB
import GRDBSQLite
import Records

/// SQLite's own handle on the database file, so that nobody opens the file a second time (`Durability.sync` says why).
struct DatabaseFile {
  private let file: UnsafeMutablePointer<sqlite3_file>

  /// nil where the connection has no file.
  init?(_ db: Database) {
    var pointer: UnsafeMutablePointer<sqlite3_file>?
    guard sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_FILE_POINTER, &pointer) == SQLITE_OK,
      let pointer, pointer.pointee.pMethods != nil
    else { return nil }
    file = pointer
  }

  func sync(_ url: URL) throws {
    guard file.pointee.pMethods.pointee.xSync(file, SQLITE_SYNC_FULL) == SQLITE_OK else {
      throw Durability.failure(url.path)
    }
  }

  /// What stands in the file now, past all caches; nil where it cannot be read.
  var header: DatabaseHeader? {
    var bytes = [UInt8](repeating: 0, count: DatabaseHeader.size)
    let code = bytes.withUnsafeMutableBytes {
      file.pointee.pMethods.pointee.xRead(file, $0.baseAddress, CInt($0.count), 0)
    }
    return code == SQLITE_OK ? DatabaseHeader(bytes) : nil
  }
}

/// The first bytes of a database (https://www.sqlite.org/fileformat.html, 1.3).
struct DatabaseHeader {
  static let size = 100
  /// The application id, by which a file of records is told from copies of it: one more at each start of a server.
  let mark: UInt32

  /// nil where it is no database of SQLite.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.size, bytes.starts(with: Array("SQLite format 3\0".utf8)) else { return nil }
    mark = bytes[68..<72].reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// Notices that the files under the records are no longer those that were opened: deleted, moved away, or written over.
/// SQLite does not: it goes on writing into files that nobody finds again.
final class DatabaseWatch: Sendable {
  private struct Identity: Equatable {
    var device, inode: UInt64

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }
  }

  private let files: [(path: String, opened: Identity?)]
  private let marks: Set<UInt32>

  /// - Parameters:
  ///   - writer: after its first write, by which the log is there.
  ///   - isMarked: it is to be told from every copy that was made before now.
  init(_ writer: Database, _ file: URL, isMarked: Bool) throws {
    var marks: Set<UInt32> = []
    if isMarked {
      let before = try UInt32(bitPattern: Int32.fetchOne(writer, sql: "PRAGMA application_id") ?? 0)
      let mark = before == 0 ? UInt32.random(in: 1...UInt32(Int32.max)) : before &+ 1
      try writer.execute(sql: "PRAGMA application_id = \(Int32(bitPattern: mark))")
      _ = try? writer.checkpoint(.truncate)
      marks.insert(mark)
    }
    // Somebody who reads just then keeps the new mark from coming into the file itself.
    if let mark = DatabaseFile(writer)?.header?.mark { marks.insert(mark) }
    self.marks = marks
    files = ["", "-wal", "-shm"].map { (file.path + $0, Identity(file.path + $0)) }
  }

  /// What has happened to the files' names, told without opening anything; nil where nothing has.
  func moved() -> String? {
    for case (let path, let opened?) in files {
      guard let now = Identity(path) else { return "\(path) was deleted or moved away" }
      if now != opened { return "\(path) is not the file that was opened" }
    }
    return nil
  }

  /// What has happened to the files; nil where nothing has.
  func trouble(_ db: Database) -> String? {
    if let moved = moved() { return moved }
    guard let header = DatabaseFile(db)?.header, marks.contains(header.mark) else {
      return "\(files[0].path) was overwritten"
    }
    return nil
  }

  /// - Throws: `RecordsError.unavailable`: it was moved.
  func check(_ db: Database) throws {
    if let trouble = trouble(db) { throw RecordsError.unavailable(Outage(trouble, .moved)) }
  }
}
