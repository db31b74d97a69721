import Basics
import Foundation
import GRDB
import GRDBSQLite
import Records
import Synchronization

/// Records in one SQLite file: a write-ahead log that is synced at each commit (`synchronous=FULL`), and a watch on whether
/// the files are still those that were opened.
public final class SQLiteStorage: RecordStorage {
  private let pool: DatabasePool
  private let watch: DatabaseWatch
  /// Why the last change failed that the disk did not take.
  private let trouble = Mutex<Outage?>(nil)

  /// Opens the file, which is made if it is not there, and brings its tables up to date. Only its owner can read it and
  /// its log afterwards.
  /// - Parameters:
  ///   - isServed: answers will be saved: the file is marked, so that a copy from before is told from it.
  ///   - maximumSize: bytes that the file may grow to; beyond them, saving fails as on a full disk.
  /// - Throws: `Problem`: what `Checkup.quick` finds; where it cannot be opened.
  public init(_ file: URL, isServed: Bool = false, maximumSize: Int? = nil) throws {
    try Checkup.quick(file)
    try SQLiteStorage.close(file)
    var configuration = Configuration()
    configuration.label = "records"
    configuration.maximumReaderCount = 3
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA cache_size = -1024")
      // What is deleted is overwritten.
      try db.execute(sql: "PRAGMA secure_delete = ON")
      if let maximumSize {
        let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
        try db.execute(sql: "PRAGMA max_page_count = \(maximumSize / pageSize)")
      }
    }
    do {
      pool = try DatabasePool(path: file.path, configuration: configuration)
      // Whoever writes comes back to the same pages, save after save.
      try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA cache_size = -8192") }
      try pool.writeWithoutTransaction { try Durability.demand($0) }
      try Schema.migrator.migrate(pool)
      // Read back at the very end: whatever else has set up this connection, it has to be so when answers come.
      watch = try pool.writeWithoutTransaction { db in
        try Durability.check(db, file)
        try Durability.sync(db, file)
        return try DatabaseWatch(db, file, isMarked: isServed)
      }
    } catch let error as DatabaseError {
      throw Problem(
        "the records cannot be opened: \(error.message ?? "\(error.resultCode)")", at: Place(file: file.path),
        mend: "Check that the folder is yours and the disk has room, and that no newer Earshot wrote the records.")
    }
  }

  /// Lets nobody but the owner read the database and what lies beside it. A database that is not there is made, since
  /// SQLite gives its log the database's own permissions.
  private static func close(_ file: URL) throws {
    if !FileManager.default.fileExists(atPath: file.path) {
      let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      if descriptor >= 0 { Foundation.close(descriptor) }
    }
    for path in [file.path, file.path + "-wal", file.path + "-shm"] { chmod(path, 0o600) }
  }

  /// Unless somebody else reads just then, all is in the one file afterwards and the log beside it is empty.
  ///
  /// Where the files are not those that were opened, nothing is written any more, into whatever stands there now: the
  /// connections stay open until the process ends, and the log stays for who puts things right.
  public func close() {
    guard alarm() == nil else {
      _ = Unmanaged.passRetained(pool)
      return
    }
    _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    try? pool.close()
  }

  public func alarm() -> Outage? {
    if let moved = watch.moved() { return Outage(moved, .moved) }
    do {
      if let displaced = try pool.unsafeRead({ watch.trouble($0) }) { return Outage(displaced, .moved) }
    } catch { return Outage("the database cannot be read: \(error)") }
    guard let known = trouble.withLock({ $0 }) else { return nil }
    // There may be room again, and nobody has saved since: the file's own number is written as it stands.
    do {
      try transaction { db in
        let number: Int = try db.rows("PRAGMA user_version", []).first?["user_version"] ?? 0
        _ = try db.run("PRAGMA user_version = \(number)", [])
      }
      return nil
    } catch RecordsError.unavailable(let outage) { return outage } catch { return known }
  }

  public let gathering: UInt32 = 0

  public func transaction(_ body: (any Transaction) throws -> Void) throws {
    do {
      try pool.writeWithoutTransaction { db in
        try watch.check(db)
        try db.inTransaction(.immediate) {
          try body(SQLiteTransaction(db))
          return .commit
        }
        // What was moved away meanwhile has taken these changes with it: they are told as not saved.
        try watch.check(db)
      }
      trouble.withLock { $0 = nil }
    } catch {
      guard let outage = Outage.of(error) else { throw error }
      // One that is locked, or too busy, is so for a moment.
      if outage.kind != .failing { trouble.withLock { $0 = outage } }
      throw RecordsError.unavailable(outage)
    }
  }

  public func snapshot<Value>(_ body: (any Snapshot) throws -> Value) throws -> Value {
    do { return try pool.read { try body(SQLiteTransaction($0)) } } catch {
      throw Outage.of(error).map(RecordsError.unavailable) ?? error
    }
  }

  /// The log keeps pages as they were. Where somebody reads for long just then, it is emptied with the next deletion, or
  /// when the records are closed.
  public func overwriteDeleted() {
    _ = try? pool.writeWithoutTransaction { db in
      // Nobody who saves waits long for it.
      try db.execute(sql: "PRAGMA busy_timeout = 200")
      defer { try? db.execute(sql: "PRAGMA busy_timeout = 5000") }
      try db.checkpoint(.truncate)
    }
  }
}

extension Records {
  /// Opens records that are one SQLite file; see `SQLiteStorage`.
  public convenience init(
    _ file: URL, isServed: Bool = false, maximumSize: Int? = nil, now: @escaping @Sendable () -> Date = { Date() }
  ) throws {
    self.init(try SQLiteStorage(file, isServed: isServed, maximumSize: maximumSize), now: now)
  }
}

extension Outage {
  /// Errors of the storage itself, in contrast to those of one change.
  fileprivate static func of(_ error: any Error) -> Outage? {
    guard let error = error as? DatabaseError else { return nil }
    let what = "\(error.resultCode): \(error.message ?? "")"
    switch error.resultCode {
    case .SQLITE_FULL: return Outage(what, .full)
    case .SQLITE_READONLY: return Outage(what, .readOnly)
    case .SQLITE_IOERR, .SQLITE_NOMEM, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_CANTOPEN, .SQLITE_CORRUPT, .SQLITE_NOTADB,
      .SQLITE_INTERRUPT:
      return Outage(what)
    default: return nil
    }
  }
}

/// A connection while it reads or writes.
final class SQLiteTransaction: Transaction {
  private let db: Database
  /// Numbers that were given in this transaction, by table.
  private var given: [String: Int] = [:]

  init(_ db: Database) { self.db = db }

  let dialect = Dialect(
    lock: "", days: { "julianday(\($0))" },
    isAmong: { "\($0) IN (SELECT value FROM json_each(\($1)))" },
    list: { .text("[\($0.map(String.init).joined(separator: ","))]") }, isSeenSince: { "seen_at >= \($0)" })

  func rows(_ sql: String, _ values: [StoredValue]) throws -> [StoredRow] {
    let statement = try db.cachedStatement(sql: sql)
    let columns = StoredRow.Columns(statement.columnNames)
    let bare = BareStatement(statement)
    defer { bare.reset() }
    try bare.bind(values)
    var rows: [StoredRow] = []
    while try bare.step() { rows.append(StoredRow(columns, columns.names.indices.map(bare.value))) }
    return rows
  }

  func cursor(_ sql: String, _ values: [StoredValue]) throws -> any StoredRows {
    let statement = try db.makeStatement(sql: sql)
    return Cursor(
      columns: StoredRow.Columns(statement.columnNames),
      rows: try Row.fetchCursor(statement, arguments: Self.arguments(values)))
  }

  private struct Cursor: StoredRows {
    let columns: StoredRow.Columns
    let rows: RowCursor

    func next() throws -> StoredRow? { try rows.next().map { StoredRow(columns, $0) } }
  }

  func run(_ sql: String, _ values: [StoredValue]) throws -> Int {
    try execute(try db.cachedStatement(sql: sql), [values])
    return db.changesCount
  }

  func insert(_ rows: [[StoredValue]], into table: StoredTable) throws {
    let names = table.columns.map(\.name)
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO \(table.name) (\(names.joined(separator: ", "))) VALUES (\(databaseQuestionMarks(count: names.count)))
        """)
    try execute(statement, rows)
  }

  func update(_ rows: [[StoredValue]], of table: StoredTable, _ columns: [String]) throws {
    let changes = columns.enumerated().map { "\($1) = ?\($0 + 2)" }.joined(separator: ", ")
    let statement = try db.cachedStatement(
      sql: "UPDATE \(table.name) SET \(changes) WHERE \(table.columns[0].name) = ?1")
    try execute(statement, rows)
  }

  private func execute(_ statement: Statement, _ rows: [[StoredValue]]) throws {
    let bare = BareStatement(statement)
    defer { bare.reset() }
    for row in rows {
      try bare.bind(row)
      while try bare.step() {}
      bare.reset()
    }
  }

  func numbers(of table: StoredTable, _ count: Int) throws -> [Int] {
    let last: Int
    if let known = given[table.name] {
      last = known
    } else {
      last =
        try Int.fetchOne(
          db.cachedStatement(sql: "SELECT \(Schema.next(table.name, table.columns[0].name))")
        ).map { $0 - 1 } ?? 0
    }
    given[table.name] = last + count
    return Array(last + 1..<last + 1 + count)
  }

  func lastNumber(of table: StoredTable) throws -> Int {
    try Int.fetchOne(db, sql: "SELECT \(Schema.next(table.name, table.columns[0].name))").map { $0 - 1 } ?? 0
  }

  func raiseNumbers(of table: StoredTable, to last: Int) throws {
    try db.execute(
      sql: "INSERT INTO last_used VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET id = max(id, excluded.id)",
      arguments: [table.name, last])
  }

  /// Triggers count, also what is deleted by hand.
  func count(_ tally: Tally) {}

  private static func arguments(_ values: [StoredValue]) -> StatementArguments {
    StatementArguments(
      values.map { value -> DatabaseValue in
        switch value {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .bytes(let value): value.databaseValue
        }
      })
  }
}

/// A prepared statement by SQLite's own calls: GRDB's take a third of the time of a small row.
private struct BareStatement {
  private let sqlite: SQLiteStatement
  private let connection: SQLiteConnection?

  init(_ statement: Statement) {
    sqlite = statement.sqliteStatement
    connection = sqlite3_db_handle(sqlite)
    reset()
  }

  /// From the first parameter on; it keeps copies.
  func bind(_ values: [StoredValue]) throws {
    // SQLite's SQLITE_TRANSIENT, a macro with a cast.
    let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    for (i, value) in zip(Int32(1)..., values) {
      let code =
        switch value {
        case .null: sqlite3_bind_null(sqlite, i)
        case .integer(let value): sqlite3_bind_int64(sqlite, i, value)
        case .real(let value): sqlite3_bind_double(sqlite, i, value)
        // A text of no bytes may have no address, which SQLite would take for a null.
        case .text(""): sqlite3_bind_text(sqlite, i, "", 0, copies)
        case .text(var text):
          text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
              sqlite3_bind_text64(sqlite, i, $0.baseAddress, UInt64($0.count), copies, UInt8(SQLITE_UTF8))
            }
          }
        case .bytes(let data):
          data.isEmpty
            ? sqlite3_bind_zeroblob(sqlite, i, 0)
            : data.withUnsafeBytes { sqlite3_bind_blob64(sqlite, i, $0.baseAddress, UInt64($0.count), copies) }
        }
      guard code == SQLITE_OK else { throw error(code) }
    }
  }

  /// Whether there is a row.
  func step() throws -> Bool {
    switch sqlite3_step(sqlite) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw error(code)
    }
  }

  /// Of a column of this row, from 0.
  func value(_ column: Int) -> StoredValue {
    let column = Int32(column)
    switch sqlite3_column_type(sqlite, column) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(sqlite, column))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(sqlite, column))
    case SQLITE_TEXT:
      let text = UnsafeBufferPointer(
        start: sqlite3_column_text(sqlite, column), count: Int(sqlite3_column_bytes(sqlite, column)))
      return .text(String(decoding: text, as: UTF8.self))
    case SQLITE_BLOB:
      let bytes = UnsafeRawBufferPointer(
        start: sqlite3_column_blob(sqlite, column), count: Int(sqlite3_column_bytes(sqlite, column)))
      return .bytes(Data(bytes))
    default: return .null
    }
  }

  /// Its error was told by `step`.
  func reset() { sqlite3_reset(sqlite) }

  private func error(_ code: Int32) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: code), message: connection.map { String(cString: sqlite3_errmsg($0)) })
  }
}

extension StoredRow {
  fileprivate init(_ columns: Columns, _ row: Row) {
    self.init(
      columns,
      row.databaseValues.map { value in
        switch value.storage {
        case .null: .null
        case .int64(let value): .integer(value)
        case .double(let value): .real(value)
        case .string(let value): .text(value)
        case .blob(let value): .bytes(value)
        }
      })
  }
}
