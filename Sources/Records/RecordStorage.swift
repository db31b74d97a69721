import Foundation

/// A database that keeps records. `Records` does everything in SQL that every database understands; this protocol is all
/// that a database must provide.
public protocol RecordStorage: Sendable {
  /// How long changes wait for others to share their transaction if only a few have come, in microseconds. 0 if a
  /// transaction costs little more than its changes.
  var gathering: UInt32 { get }

  /// Makes changes on the one thread that writes. All of them are durable when this returns, and none of them if it throws.
  /// If others have changed the same rows meanwhile, `body` is called again.
  /// - Throws: what `body` throws; `RecordsError.unavailable` where the database fails.
  func transaction(_ body: (any Transaction) throws -> Void) throws

  /// Reads the database as it was at one moment, however long reading takes. `body` may be called again, after a failure.
  /// - Throws: as `transaction`.
  func snapshot<Value>(_ body: (any Snapshot) throws -> Value) throws -> Value

  /// Why nothing can be saved at the moment; nil if all is well.
  func alarm() -> Outage?

  /// Makes what was deleted unrecoverable, as far as the database can.
  func overwriteDeleted()

  /// Closes the database. What was committed stays.
  func close()
}

/// Reads rows. In SQL, `?1` is the first of `values`.
public protocol Snapshot {
  /// How this database says what databases say differently.
  var dialect: Dialect { get }

  /// All rows of a query, in memory.
  /// - Throws: what the database throws.
  func rows(_ sql: String, _ values: [StoredValue]) throws -> [StoredRow]

  /// Sends a query, and reads the answer when it is needed, so that a distant database can get several queries at once.
  func told(_ sql: String, _ values: [StoredValue]) throws -> () throws -> [StoredRow]

  /// Reads row by row what is too much for memory. Several may be open.
  func cursor(_ sql: String, _ values: [StoredValue]) throws -> any StoredRows

  /// The highest number that was ever given to a row of a table; 0 if there is none.
  func lastNumber(of table: StoredTable) throws -> Int
}

/// The rows of a result, one after another.
public protocol StoredRows {
  /// nil after the last one.
  func next() throws -> StoredRow?
}

/// Reads and changes rows.
public protocol Transaction: Snapshot {
  /// - Returns: how many rows were changed.
  @discardableResult
  func run(_ sql: String, _ values: [StoredValue]) throws -> Int

  /// Adds rows; their values are in the order of the table's columns.
  func insert(_ rows: [[StoredValue]], into table: StoredTable) throws

  /// Changes some columns of rows by their key, the table's first column.
  /// - Parameter rows: the key, then the values of `columns`.
  func update(_ rows: [[StoredValue]], of table: StoredTable, _ columns: [String]) throws

  /// From here on, statements of this transaction may read much of a table, or all of it.
  func readsMuch()

  /// Numbers for new rows of a table, each higher than all that were ever given, including to rows that were deleted.
  func numbers(of table: StoredTable, _ count: Int) throws -> [Int]

  /// Requests numbers, and reads them when they are needed; nil if that saves nothing.
  func laterNumbers(of table: StoredTable, _ count: Int) -> (() throws -> [Int])?

  /// From now on, only numbers above this one are given.
  func raiseNumbers(of table: StoredTable, to last: Int) throws

  /// Updates the counts. Does nothing in a database that counts its rows itself.
  func count(_ tally: Tally) throws
}

/// Where databases differ in their SQL.
public struct Dialect: Sendable {
  /// To append to a SELECT: nobody else changes its rows before the transaction ends.
  public var lock: String
  /// The days from some fixed day to the time in a column.
  public var days: @Sendable (_ column: String) -> String
  /// Whether a column is among the numbers in a list, which `list` writes as one value.
  public var isAmong: @Sendable (_ column: String, _ parameter: String) -> String
  /// A list of numbers as the one value that `isAmong` expects: JSON in SQLite, an array in PostgreSQL.
  public var list: @Sendable (_ numbers: [Int]) -> StoredValue
  /// Whether a session was last active at the time in a parameter or later.
  public var isSeenSince: @Sendable (_ parameter: String) -> String

  public init(
    lock: String, days: @escaping @Sendable (String) -> String,
    isAmong: @escaping @Sendable (String, String) -> String, list: @escaping @Sendable ([Int]) -> StoredValue,
    isSeenSince: @escaping @Sendable (String) -> String
  ) {
    (self.lock, self.days, self.isAmong, self.list, self.isSeenSince) = (lock, days, isAmong, list, isSeenSince)
  }
}

extension Snapshot {
  /// Sends the query at once, for a database on the same machine.
  public func told(_ sql: String, _ values: [StoredValue]) throws -> () throws -> [StoredRow] {
    let rows = try rows(sql, values)
    return { rows }
  }

  func rows(_ sql: String, _ values: any Storable...) throws -> [StoredRow] { try rows(sql, values.map(\.stored)) }

  func row(_ sql: String, _ values: any Storable...) throws -> StoredRow? { try rows(sql, values.map(\.stored)).first }

  /// The first column of all rows.
  func column<Value: Storable>(_ sql: String, _ values: any Storable...) throws -> [Value] {
    try rows(sql, values.map(\.stored)).map { row in
      guard let value = Value(stored: row.values[0]) else {
        throw RecordsError.unavailable(Outage("the column '\(row.columns.names[0])' does not hold what it should"))
      }
      return value
    }
  }

  /// The first column of the first row; nil if there is none.
  func value<Value: Storable>(_ sql: String, _ values: any Storable...) throws -> Value? {
    guard let row = try rows(sql, values.map(\.stored)).first else { return nil }
    guard let value = Value?(stored: row.values[0]) else {
      throw RecordsError.unavailable(Outage("the column '\(row.columns.names[0])' does not hold what it should"))
    }
    return value
  }
}

extension Transaction {
  /// For a database that plans each statement for what its tables hold.
  public func readsMuch() {}

  /// Requests later, for a database on the same machine.
  public func laterNumbers(of table: StoredTable, _ count: Int) -> (() throws -> [Int])? { nil }

  @discardableResult
  func run(_ sql: String, _ values: any Storable...) throws -> Int { try run(sql, values.map(\.stored)) }
}
