import Foundation
import Records
import RecordsPostgres
import RecordsSQLite
import TestSupport
import Testing

/// The databases that can hold records; every test runs on all of them.
enum Store: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case sqlite, postgres

  var testDescription: String { rawValue }
}

/// An empty database for one test.
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

  /// Sets what connections to the database begin with, such as `default_transaction_isolation`.
  func set(_ setting: String, to value: String) throws {
    try PostgresServer.shared.get().run(sql: "ALTER DATABASE \(name()) SET \(setting) = '\(value)'")
  }

  /// Runs statements in the database itself, as its owner.
  func run(_ sql: String) throws { try PostgresServer.shared.get().run(sql: sql, in: String(name())) }

  private func name() throws -> Substring { try #require(address?.firstMatch(of: /dbname=(\w+)/)?.1) }

  /// The result of a query in the database itself.
  func rows(_ sql: String) throws -> [StoredRow] {
    let storage = try storage(server: 2)
    defer { storage.close() }
    return try storage.snapshot { try $0.rows(sql, []) }
  }
}
