import Basics
import CPQ
import Foundation
import Records

/// Why PostgreSQL did not do what it was asked for.
struct PostgresError: Error, CustomStringConvertible {
  /// SQLSTATE; empty where the server did not answer.
  var state: String
  var message: String

  var description: String { state.isEmpty ? message : "\(message) (\(state))" }

  /// Somebody else changed the same rows: it may succeed when it is tried anew (serialization failure, deadlock).
  var isOfOthers: Bool { ["40001", "40P01"].contains(state) }

  /// The connection is of no use any more: it is lost, the server goes down, it only reads, as after a failover, or the
  /// server has ended it, since nothing was heard of us in the middle of a transaction.
  var endsConnection: Bool {
    state.isEmpty || ["08", "57"].contains(state.prefix(2)) && state != "57014" || ["25006", "25P03"].contains(state)
  }

  /// The server that answers is not the one that was told to keep a statement, or was told so by somebody else: a pool is
  /// between.
  var isOfKeeping: Bool { ["26000", "42P05"].contains(state) }

  /// A prepared statement no longer gives what it gave, since a table has changed.
  var isOfOldPlan: Bool { state == "0A000" }

  /// The database failed, and not one change: out of reach, out of room, locked for too long.
  var isOfStorage: Bool {
    endsConnection || isOfOthers || ["53", "54", "55", "57", "58", "XX"].contains(state.prefix(2))
  }

  var outage: Outage {
    let kind: Outage.Kind =
      switch state {
      case "25006": .readOnly
      case "53100": .full
      default: endsConnection ? .outOfReach : .failing
      }
    return Outage("\(self)", kind)
  }
}

/// One statement and its values.
struct PostgresStatement {
  var sql: String
  var values: [StoredValue] = []
  /// Prepared once per connection, since it is sent again and again.
  var isKept = false

  /// Begins a transaction whose statements each see what others have committed by then, whatever the database's own default
  /// is. Places are given by what stands once a lock was obtained; a snapshot from before it would give them twice.
  static let begin = PostgresStatement(sql: "BEGIN ISOLATION LEVEL READ COMMITTED", isKept: true)
}

/// The rows that a statement has told, once they are there.
private final class Told {
  var rows: [StoredRow]?
}

/// A connection to a server of PostgreSQL's protocol. One thread at a time.
final class PostgresConnection {
  private let handle: OpaquePointer
  /// Statements that have not been sent yet: they go with the next one that is asked for an answer.
  private var pending: [(statement: PostgresStatement, told: Told?)] = []
  private var cursors = 0
  /// Statements that the server knows, by their SQL, under the names by which it does.
  private var kept: [String: String] = [:]
  /// Whether statements are kept by the server. A pool may hand each transaction to another one, which knows none.
  private let keeps: Bool
  /// Whether the server lets a transaction say how its statements are planned (`byKeys`).
  private(set) var canBeSteered = false

  /// - Parameters:
  ///   - address: a URI or key words of libpq; what it leaves open comes from `PG…` variables and service files.
  ///   - keeps: whether statements that are marked so are prepared once.
  /// - Throws: `PostgresError`.
  init(_ address: String, keeps: Bool = false) throws {
    self.keeps = keeps
    // The first are defaults that the address may change; the last are ours.
    let words: [(String, String)] = [
      ("connect_timeout", "5"), ("target_session_attrs", "read-write"), ("tcp_user_timeout", "10000"),
      ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"), ("dbname", address),
      ("fallback_application_name", "earshot"), ("client_encoding", "UTF8"),
    ]
    let made = Self.withCStrings(words.map(\.0)) { keys in
      Self.withCStrings(words.map(\.1)) { values in PQconnectdbParams(keys, values, 1) }
    }
    guard let made else { throw PostgresError(state: "", message: "out of memory") }
    handle = made
    guard PQstatus(handle) == CONNECTION_OK else {
      let message = Self.line(PQerrorMessage(handle))
      // libpq has asked for one that can be written to, and says in words alone that there is none.
      let onlyReads = message.contains("read-only") || message.contains("hot standby")
      throw PostgresError(state: onlyReads ? "25006" : "", message: message)
    }
    // The database, too, has to notice that the line is cut: it would keep what is locked. Where it has no such settings,
    // its own hold.
    _ = try? ask(
      """
      SELECT set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),
        set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '10000', false)
      """)
    canBeSteered = (try? ask("SELECT \(Self.byKeys)")) != nil
  }

  /// Settings of a transaction whose statements find rows by their keys: a plan is made once, and reads indexes even if the
  /// tables were still empty then. Nothing is compiled: a table that has to be read as a whole would seem worth it.
  static let byKeys = """
    set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
    set_config('jit', 'off', true)
    """
  /// Settings of a transaction whose statements are planned each time, for what the tables hold then.
  static let byTheMoment = """
    set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_seqscan', 'on', true)
    """

  deinit { PQfinish(handle) }

  /// Whether it can be used again.
  var isIdle: Bool { PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE }

  /// Sends a statement with the next one that is asked for an answer. What it meets is thrown there.
  func later(_ statement: PostgresStatement) { pending.append((statement, nil)) }

  /// Sends a statement with the next one that is asked for an answer, at the latest when its rows are asked for.
  func told(_ sql: String, _ values: [StoredValue]) -> () throws -> [StoredRow] {
    let told = Told()
    pending.append((PostgresStatement(sql: sql, values: values, isKept: true), told))
    return { [self] in
      if told.rows == nil { _ = try send() }
      guard let rows = told.rows else { throw PostgresError(state: "", message: "no answer") }
      return rows
    }
  }

  func forgetPending() { pending = [] }

  /// Sends what waits and then a statement, in one go, and reads the answer to the last one.
  /// - Returns: the rows, and how many rows it has changed.
  func ask(_ sql: String, _ values: [StoredValue] = [], isKept: Bool = false) throws -> (
    rows: [StoredRow], changed: Int
  ) {
    later(PostgresStatement(sql: sql, values: values, isKept: isKept))
    return try send()
  }

  private func send() throws -> (rows: [StoredRow], changed: Int) {
    let statements = pending
    pending = []
    guard !statements.isEmpty else { return ([], 0) }
    guard PQenterPipelineMode(handle) == 1 else { throw failure() }
    defer { PQexitPipelineMode(handle) }
    var problem: PostgresError?
    var answer: (rows: [StoredRow], changed: Int) = ([], 0)
    /// The SQL that the server is told to keep, where it is, or the statement that is run.
    var steps: [(keeping: String?, index: Int)] = []
    var names = kept
    for (i, (statement, _)) in statements.enumerated() {
      if keeps, statement.isKept, names[statement.sql] == nil {
        let name = "earshot_\(ContentHash.of(statement.sql).prefix(24))"
        guard PQsendPrepare(handle, name, statement.sql, 0, nil) == 1 else { throw failure() }
        names[statement.sql] = name
        steps.append((statement.sql, i))
      }
      try send(statement, as: names[statement.sql])
      steps.append((nil, i))
    }
    guard PQpipelineSync(handle) == 1 else { throw failure() }
    for (keeping, i) in steps {
      while let result = PQgetResult(handle) {
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK:
          let told = statements[i].told
          if told != nil || i == statements.count - 1 {
            let rows = Self.rows(result)
            told?.rows = rows
            answer = (rows, 0)
          }
          if let changed = Int(String(cString: PQcmdTuples(result))) { answer.changed = changed }
        case PGRES_COMMAND_OK:
          if let keeping { kept[keeping] = names[keeping] }
          answer.changed = Int(String(cString: PQcmdTuples(result))) ?? 0
        case PGRES_PIPELINE_ABORTED: break
        default: if problem == nil { problem = Self.failure(result) }
        }
      }
    }
    // The answer to the sync ends the pipeline.
    while let result = PQgetResult(handle) {
      let isSync = PQresultStatus(result) == PGRES_PIPELINE_SYNC
      if !isSync, problem == nil, PQresultStatus(result) == PGRES_FATAL_ERROR { problem = Self.failure(result) }
      PQclear(result)
      if isSync { break }
    }
    if let problem { throw problem }
    guard PQstatus(handle) == CONNECTION_OK else { throw failure() }
    return answer
  }

  private func send(_ statement: PostgresStatement, as name: String?) throws {
    let texts = statement.values.map(Self.text)
    let code = Self.withCStrings(texts) { values in
      if let name { return PQsendQueryPrepared(handle, name, CInt(texts.count), values, nil, nil, 0) }
      return PQsendQueryParams(handle, statement.sql, CInt(texts.count), nil, values, nil, nil, 0)
    }
    guard code == 1 else { throw failure() }
  }

  /// A cursor of the transaction under way.
  func cursor(_ sql: String, _ values: [StoredValue]) -> any StoredRows {
    cursors += 1
    let name = "rows_\(cursors)"
    later(PostgresStatement(sql: "DECLARE \(name) NO SCROLL CURSOR FOR \(sql)", values: values))
    return Cursor(connection: self, name: name)
  }

  private final class Cursor: StoredRows {
    private static let chunk = 2000
    let connection: PostgresConnection
    let name: String
    private var rows: ArraySlice<StoredRow> = []
    private var isAtEnd = false

    init(connection: PostgresConnection, name: String) { (self.connection, self.name) = (connection, name) }

    func next() throws -> StoredRow? {
      if rows.isEmpty, !isAtEnd {
        rows = try connection.ask("FETCH FORWARD \(Self.chunk) FROM \(name)").rows[...]
        isAtEnd = rows.count < Self.chunk
      }
      return rows.popFirst()
    }
  }

  // MARK: Values

  private static func rows(_ result: OpaquePointer) -> [StoredRow] {
    let width = PQnfields(result)
    let columns = StoredRow.Columns((0..<width).map { String(cString: PQfname(result, $0)) })
    let types = (0..<width).map { PQftype(result, $0) }
    return (0..<PQntuples(result)).map { row in
      StoredRow(
        columns,
        (0..<width).map { column in
          guard PQgetisnull(result, row, column) == 0 else { return .null }
          return value(PQgetvalue(result, row, column), PQgetlength(result, row, column), types[Int(column)])
        })
    }
  }

  /// By the numbers of types (PostgreSQL's pg_type.dat).
  private static func value(_ text: UnsafeMutablePointer<CChar>, _ length: CInt, _ type: Oid) -> StoredValue {
    let string = String(
      decoding: UnsafeRawBufferPointer(start: text, count: Int(length)), as: UTF8.self)
    switch type {
    case 16: return .integer(string == "t" ? 1 : 0)
    case 20, 21, 23, 26: return Int64(string).map(StoredValue.integer) ?? .text(string)
    case 700, 701, 1700: return Double(string).map(StoredValue.real) ?? .text(string)
    case 17: return bytes(string).map(StoredValue.bytes) ?? .text(string)
    default: return .text(string)
    }
  }

  private static func bytes(_ text: String) -> Data? {
    guard text.hasPrefix("\\x") else { return nil }
    let digits = Array(text.utf8.dropFirst(2))
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes = Data(capacity: digits.count / 2)
    for i in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[i..<i + 2], as: UTF8.self), radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  /// As PostgreSQL reads it; nil for null. It has no texts with a zero character: one is kept as U+FFFD.
  static func text(_ value: StoredValue) -> String? {
    switch value {
    case .null: nil
    case .integer(let value): String(value)
    case .real(let value): String(value)
    case .text(let value): value.utf8.contains(0) ? value.replacing("\0", with: "\u{FFFD}") : value
    case .bytes(let value): "\\x" + value.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
  }

  /// Many values as one: an array.
  static func array(_ values: [StoredValue]) -> StoredValue {
    var text: [UInt8] = [UInt8(ascii: "{")]
    text.reserveCapacity(values.count * 16)
    let (quote, escape) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
    for (i, value) in values.enumerated() {
      if i > 0 { text.append(UInt8(ascii: ",")) }
      guard let element = Self.text(value) else {
        text += "NULL".utf8
        continue
      }
      let isText = if case .text = value { true } else { false }
      if isText { text.append(quote) }
      for byte in element.utf8 {
        if byte == quote || byte == escape { text.append(escape) }
        text.append(byte)
      }
      if isText { text.append(quote) }
    }
    text.append(UInt8(ascii: "}"))
    return .text(String(decoding: text, as: UTF8.self))
  }

  // MARK: Helpers

  private func failure() -> PostgresError {
    PostgresError(state: "", message: Self.line(PQerrorMessage(handle)))
  }

  private static func failure(_ result: OpaquePointer) -> PostgresError {
    let state = PQresultErrorField(result, CInt(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
    return PostgresError(state: state, message: line(PQresultErrorMessage(result)))
  }

  private static func line(_ message: UnsafePointer<CChar>?) -> String {
    (message.map { String(cString: $0) } ?? "").split(whereSeparator: \.isNewline).joined(separator: "; ")
  }

  /// Calls with an array of C strings that ends with a null pointer.
  private static func withCStrings<Result>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = texts.map { $0.map { strdup($0) } ?? nil }
    defer { for copy in copies { free(copy) } }
    return (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}
