import Basics
import Foundation
import Records
import Synchronization

/// Records on PostgreSQL, or on what speaks its protocol; any number of servers at once.
///
/// One connection writes, a few read. Every commit is waited for (`synchronous_commit` is not off, `fsync` is on: both are
/// checked). A connection that is lost is made anew, at most every five seconds; until then nothing is acknowledged.
public final class PostgresStorage: RecordStorage {
  private let address: String
  private let writer: Link
  private let readers: [Link]
  private let freeReaders: Mutex<[Int]>
  private let places: DispatchSemaphore
  private let isClosed = Mutex(false)
  /// Why the writer's last attempt failed.
  private let trouble = Mutex<Outage?>(nil)
  /// Which rows of the counts this server adds to, so that servers do not wait for one another.
  private let part: Int

  /// A connection that is made when it is needed. `@unchecked`: what it holds is touched within `use` only.
  private final class Link: @unchecked Sendable {
    private let lock = NSLock()
    var connection: PostgresConnection?
    /// Whether statements are prepared once per connection.
    private(set) var keeps: Bool
    private var failures = 0
    private var outage = Outage("the database cannot be reached", .outOfReach)
    private var notBefore = ContinuousClock.now

    init(keeps: Bool) { self.keeps = keeps }

    /// Whether the same may succeed on a new connection: a statement that was prepared on this one is gone or of no use any
    /// more. The next use makes that connection.
    func startsAnew(after error: PostgresError) -> Bool {
      guard keeps, error.isOfKeeping || error.isOfOldPlan else { return false }
      if error.isOfKeeping { keeps = false }
      connection = nil
      return true
    }

    func use<Value>(_ body: (Link) throws -> Value) rethrows -> Value {
      lock.lock()
      defer { lock.unlock() }
      return try body(self)
    }

    /// - Throws: `RecordsError.unavailable` where the server cannot be reached, or was not a moment ago.
    func take(_ address: String) throws -> PostgresConnection {
      if let connection, connection.isIdle { return connection }
      connection = nil
      guard ContinuousClock.now >= notBefore else { throw RecordsError.unavailable(outage) }
      do {
        let made = try PostgresConnection(address, keeps: keeps)
        (connection, failures) = (made, 0)
        return made
      } catch {
        failures += 1
        notBefore = .now + .milliseconds(min(5000, 50 << min(failures, 7)))
        if let error = error as? PostgresError { outage = error.outage }
        throw RecordsError.unavailable(outage)
      }
    }
  }

  /// Connects, and brings the tables up to date.
  /// - Parameters:
  ///   - address: `postgresql://…` or libpq's key words; what it leaves open comes from `PG…` variables and service files.
  ///   - readers: connections that read.
  ///   - server: tells the servers of one database apart, as far as that helps: their process ids will do.
  ///   - keeps: whether statements are prepared once per connection.
  /// - Throws: `Problem`: it is out of reach, of a newer Earshot, or would lose what it has acknowledged.
  public init(_ address: String, readers: Int = 4, server: Int, keeps: Bool = true) throws {
    self.address = address
    part = ((server % 64) + 64) % 64
    writer = Link(keeps: keeps)
    self.readers = (0..<max(1, readers)).map { _ in Link(keeps: keeps) }
    freeReaders = Mutex(Array(self.readers.indices))
    places = DispatchSemaphore(value: self.readers.count)
    do {
      let connection = try writer.take(address)
      try PostgresSchema.check(connection)
      try PostgresSchema.migrate(connection)
    } catch let error as Problem { throw error } catch {
      throw Problem(
        "the records cannot be opened: \(error)", at: Place(file: PostgresStorage.shown(address)),
        mend: "Check the address, the role's rights (docs/postgresql.md), and that the database is up.")
    }
  }

  /// Makes a schema, where it is missing, so that one database keeps the records of several studies.
  /// - Returns: the address with which all tables are those of the schema.
  /// - Throws: `Problem` where it cannot be made, or does not hold on connections, as by a pool that drops it.
  public static func makeSchema(_ name: String, at address: String) throws -> String {
    let quoted = "\"\(name.replacing("\"", with: "\"\""))\""
    let option = "-csearch_path=\(quoted)"
    let within: String
    if address.contains("://") {
      let text = option.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? option
      within = "\(address)\(address.contains("?") ? "&" : "?")options=\(text)"
    } else {
      within = "\(address) options='\(option)'"
    }
    do {
      _ = try PostgresConnection(address).ask("CREATE SCHEMA IF NOT EXISTS \(quoted)")
      let held: String? = try PostgresConnection(within).ask("SELECT current_schema() AS name").rows.first?["name"]
      guard held == name else {
        throw Problem(
          "the search path of the study '\(name)' does not stay set on connections", at: Place(file: shown(address)),
          mend: "Connect directly instead of through the pool, or give each study its own database.")
      }
      return within
    } catch let error as PostgresError {
      throw Problem(
        "the schema of the study '\(name)' cannot be created: \(error)", at: Place(file: shown(address)),
        mend: "Check the address, and allow the role to create schemas (docs/postgresql.md).")
    }
  }

  /// An address without its password.
  public static func shown(_ address: String) -> String {
    address.replacing(/:\/\/([^:@\/]*):[^@\/]*@/) { "://\($0.output.1)@" }
      .replacing(/password\s*=\s*('[^']*'|\S+)/, with: "password=…")
  }

  /// A transaction costs the server and the database as much as several pages.
  public let gathering: UInt32 = 1000

  public func close() {
    isClosed.withLock { $0 = true }
    for link in [writer] + readers { link.use { $0.connection = nil } }
  }

  public func alarm() -> Outage? {
    guard let known = trouble.withLock({ $0 }) else { return nil }
    // It may be back, and nobody has saved since: a row is written as it stands.
    do {
      try transaction { _ = try $0.run("UPDATE earshot_schema SET version = version", []) }
      return nil
    } catch RecordsError.unavailable(let outage) { return outage } catch { return known }
  }

  public func transaction(_ body: (any Transaction) throws -> Void) throws {
    do {
      try writer.use { link in try attempt(link, body) }
      trouble.withLock { $0 = nil }
    } catch {
      guard let outage = Self.outage(error) else { throw error }
      trouble.withLock { $0 = outage }
      throw RecordsError.unavailable(outage)
    }
  }

  /// Others may change the same rows: then it is tried anew.
  private static let attempts = 8

  private func attempt(_ link: Link, _ body: (any Transaction) throws -> Void) throws {
    for attempt in 1...Self.attempts {
      guard !isClosed.withLock({ $0 }) else { throw RecordsError.unavailable(Outage("the records are closed")) }
      let connection = try link.take(address)
      do {
        let transaction = PostgresTransaction(connection, part: part)
        connection.later(PostgresStatement.begin)
        let settings = Self.settings + (connection.canBeSteered ? ", \(PostgresConnection.byKeys)" : "")
        connection.later(PostgresStatement(sql: settings, isKept: true))
        try body(transaction)
        _ = try connection.ask("COMMIT", isKept: true)
        return
      } catch {
        connection.forgetPending()
        let failure = error as? PostgresError
        if failure?.endsConnection == true {
          link.connection = nil
        } else {
          do { _ = try connection.ask("ROLLBACK") } catch { link.connection = nil }
        }
        guard let failure, attempt < Self.attempts, failure.isOfOthers || link.startsAnew(after: failure) else {
          throw error
        }
      }
    }
  }

  /// Of each transaction. Nobody waits for longer, and a server that falls silent in the middle locks nobody out.
  private static let settings = """
    SELECT set_config('synchronous_commit', 'on', true), set_config('lock_timeout', '5s', true),
      set_config('statement_timeout', '60s', true), set_config('idle_in_transaction_session_timeout', '10s', true)
    """

  public func snapshot<Value>(_ body: (any Snapshot) throws -> Value) throws -> Value {
    places.wait()
    defer { places.signal() }
    guard let number = freeReaders.withLock({ $0.popLast() }) else {
      throw RecordsError.unavailable(Outage("no connection"))
    }
    defer { freeReaders.withLock { $0.append(number) } }
    do {
      return try readers[number].use { link in
        // A connection that was lost while it was idle is told by its first use: then another one is made.
        let isUsed = link.connection != nil
        do { return try read(link, body) } catch let error as PostgresError where error.endsConnection && isUsed {
          return try read(link, body)
        } catch let error as PostgresError where link.startsAnew(after: error) {
          return try read(link, body)
        }
      }
    } catch {
      guard let outage = Self.outage(error) else { throw error }
      // What cannot be read cannot be written to either; nobody may have tried.
      if outage.kind == .outOfReach { trouble.withLock { $0 = outage } }
      throw RecordsError.unavailable(outage)
    }
  }

  /// Of an error of the storage itself, in contrast to those of one change.
  private static func outage(_ error: any Error) -> Outage? {
    if let error = error as? PostgresError { return error.isOfStorage ? error.outage : nil }
    if case .unavailable(let outage) = error as? RecordsError { return outage }
    return nil
  }

  private func read<Value>(_ link: Link, _ body: (any Snapshot) throws -> Value) throws -> Value {
    guard !isClosed.withLock({ $0 }) else { throw RecordsError.unavailable(Outage("the records are closed")) }
    let connection = try link.take(address)
    do {
      connection.later(PostgresStatement(sql: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", isKept: true))
      if connection.canBeSteered {
        connection.later(PostgresStatement(sql: "SELECT \(PostgresConnection.byTheMoment)", isKept: true))
      }
      let value = try body(PostgresTransaction(connection, part: part))
      _ = try connection.ask("COMMIT", isKept: true)
      return value
    } catch {
      connection.forgetPending()
      if (error as? PostgresError)?.endsConnection == true {
        link.connection = nil
      } else {
        do { _ = try connection.ask("ROLLBACK") } catch { link.connection = nil }
      }
      throw error
    }
  }

  /// PostgreSQL overwrites what was deleted when it vacuums, and keeps its log for as long as it is told to:
  /// docs/postgresql.md says what to set.
  public func overwriteDeleted() {}
}

/// A connection while it reads or writes.
final class PostgresTransaction: Transaction {
  private let connection: PostgresConnection
  private let part: Int

  init(_ connection: PostgresConnection, part: Int) { (self.connection, self.part) = (connection, part) }

  let dialect = Dialect(
    lock: " FOR UPDATE", days: { "days(\($0))" }, isAmong: { "\($0) = ANY(CAST(\($1) AS bigint[]))" },
    list: { PostgresConnection.array($0.map(\.stored)) },
    isSeenSince: { "seen_about >= left(\($0), 15) AND seen_at >= \($0)" })

  /// PostgreSQL writes `$1` where SQLite writes `?1`.
  private static func own(_ sql: String) -> String {
    let (mark, own) = (UInt8(ascii: "?"), UInt8(ascii: "$"))
    return String(decoding: sql.utf8.map { $0 == mark ? own : $0 }, as: UTF8.self)
  }

  func readsMuch() {
    guard connection.canBeSteered else { return }
    connection.later(PostgresStatement(sql: "SELECT \(PostgresConnection.byTheMoment)", isKept: true))
  }

  func rows(_ sql: String, _ values: [StoredValue]) throws -> [StoredRow] {
    try connection.ask(Self.own(sql), values, isKept: true).rows
  }

  func told(_ sql: String, _ values: [StoredValue]) -> () throws -> [StoredRow] {
    connection.told(Self.own(sql), values)
  }

  func cursor(_ sql: String, _ values: [StoredValue]) throws -> any StoredRows {
    connection.cursor(Self.own(sql), values)
  }

  func run(_ sql: String, _ values: [StoredValue]) throws -> Int {
    try connection.ask(Self.own(sql), values, isKept: true).changed
  }

  /// A table's rows as one value a column.
  private static func unnest(_ rows: [[StoredValue]], _ columns: [StoredTable.Column]) -> (
    sql: String, values: [StoredValue]
  ) {
    let arrays = columns.enumerated().map { "CAST($\($0 + 1) AS \($1.kind.type)[])" }
    return (
      "unnest(\(arrays.joined(separator: ", ")))",
      columns.indices.map { column in PostgresConnection.array(rows.map { $0[column] }) }
    )
  }

  /// What this storage keeps of a table's rows besides their columns, made of those.
  private static func made(of table: StoredTable) -> (name: String, from: String, sql: String)? {
    table.name == StoredTable.session.name ? ("seen_about", "seen_at", "left(given.seen_at, 15)") : nil
  }

  func insert(_ rows: [[StoredValue]], into table: StoredTable) throws {
    let (sql, values) = Self.unnest(rows, table.columns)
    let names = table.columns.map(\.name).joined(separator: ", ")
    let made = Self.made(of: table)
    connection.later(
      PostgresStatement(
        sql: """
          INSERT INTO \(table.name) (\(names)\(made.map { ", \($0.name)" } ?? ""))
          SELECT given.*\(made.map { ", \($0.sql)" } ?? "") FROM \(sql) AS given (\(names))
          """, values: values, isKept: true))
  }

  func update(_ rows: [[StoredValue]], of table: StoredTable, _ columns: [String]) throws {
    let key = table.columns[0]
    let changed = columns.compactMap { name in table.columns.first { $0.name == name } }
    let (sql, values) = Self.unnest(rows, [key] + changed)
    let names = ([key] + changed).map(\.name).joined(separator: ", ")
    var sets = changed.map { "\($0.name) = given.\($0.name)" }
    if let made = Self.made(of: table), columns.contains(made.from) { sets.append("\(made.name) = \(made.sql)") }
    connection.later(
      PostgresStatement(
        sql: """
          UPDATE \(table.name) SET \(sets.joined(separator: ", ")) FROM \(sql) AS given (\(names))
          WHERE \(table.name).\(key.name) = given.\(key.name)
          """, values: values, isKept: true))
  }

  func numbers(of table: StoredTable, _ count: Int) throws -> [Int] { try asked(table, count)() }

  func laterNumbers(of table: StoredTable, _ count: Int) -> (() throws -> [Int])? { asked(table, count) }

  private func asked(_ table: StoredTable, _ count: Int) -> () throws -> [Int] {
    let rows = told(
      "SELECT nextval('\(table.name)_numbers') AS number FROM generate_series(1, ?1)", [count.stored])
    return { try rows().map { try $0["number"] } }
  }

  func lastNumber(of table: StoredTable) throws -> Int {
    let row = try rows("SELECT last_value, is_called FROM \(table.name)_numbers", []).first
    return try row.map { try $0["is_called"] ? $0["last_value"] : 0 } ?? 0
  }

  func raiseNumbers(of table: StoredTable, to last: Int) throws {
    if last > 0 { _ = try rows("SELECT setval('\(table.name)_numbers', ?1)", [last.stored]) }
  }

  func count(_ tally: Tally) throws {
    let names = Tally.Counter.allCases.map(\.rawValue)
    connection.later(
      PostgresStatement(
        sql: """
          INSERT INTO tally (part, \(names.joined(separator: ", ")))
          VALUES ($1, \(names.indices.map { "$\($0 + 2)" }.joined(separator: ", "))) ON CONFLICT (part) DO UPDATE SET
          \(names.map { "\($0) = tally.\($0) + excluded.\($0)" }.joined(separator: ", "))
          """, values: [part.stored] + Tally.Counter.allCases.map { tally[$0].stored }, isKept: true))
    guard !tally.covered.isEmpty else { return }
    let rows = tally.covered.sorted { $0.key < $1.key }.map { page, seen in
      [part.stored, page.query.stored, page.condition.stored, seen.pages.stored, seen.ratings.stored]
    }
    let (sql, values) = Self.unnest(
      rows,
      [
        .init(name: "part", kind: .integer), .init(name: "query", kind: .text), .init(name: "condition", kind: .text),
        .init(name: "pages", kind: .integer), .init(name: "ratings", kind: .integer),
      ])
    connection.later(
      PostgresStatement(
        sql: """
          INSERT INTO covered (part, query, condition, pages, ratings) SELECT * FROM \(sql)
          ON CONFLICT (part, query, condition) DO UPDATE SET
          pages = covered.pages + excluded.pages, ratings = covered.ratings + excluded.ratings
          """, values: values, isKept: true))
  }
}

extension StoredTable.Kind {
  /// PostgreSQL's name of the type.
  var type: String {
    switch self {
    case .integer: "bigint"
    case .real: "double precision"
    case .text: "text"
    case .truth: "boolean"
    case .bytes: "bytea"
    }
  }
}
