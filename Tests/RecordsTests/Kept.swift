import Foundation
import Records
import RecordsPostgres
import RecordsSQLite
import TestSupport
import Testing

/// The databases that keep records: what is asked of one is asked of all.
enum Store: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case sqlite, postgres

  var testDescription: String { rawValue }
}

/// An empty database of a test's own.
struct Kept {
  let folder: TemporaryFolder
  private let address: String?
  var file: URL { folder.url.appending(path: "records.sqlite") }

  init(_ store: Store) throws {
    folder = try TemporaryFolder()
    address = store == .postgres ? try PostgresServer.shared.get().database() : nil
  }

  func storage(server: Int = 1) throws -> any RecordStorage {
    if let address { return try PostgresStorage(address, readers: 2, server: server) }
    return try SQLiteStorage(file)
  }

  func open(server: Int = 1, now: @escaping @Sendable () -> Date = { Date() }) throws -> Records {
    Records(try storage(server: server), now: now)
  }

  /// Rows as they stand in the database.
  func rows(_ sql: String) throws -> [StoredRow] {
    let storage = try storage(server: 2)
    defer { storage.close() }
    return try storage.snapshot { try $0.rows(sql, []) }
  }
}
