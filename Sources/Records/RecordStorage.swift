import Foundation

/// A database that keeps records. What is done in it is written once, in `Records`, in SQL that every one understands;
/// this is all that a database is asked for.
public protocol RecordStorage: Sendable {
  /// Makes changes on the one thread that writes. All of them are durably kept when this returns, and none of them when it
  /// throws. Where others have changed the same rows meanwhile, `body` is called anew.
  /// - Throws: what `body` throws; `RecordsError.unavailable` where the database fails.
  func transaction(_ body: (any Transaction) throws -> Void) throws

  /// Reads what stood in the database at one moment, however long it takes.
  /// - Throws: as `transaction`.
  func snapshot<Value>(_ body: (any Snapshot) throws -> Value) throws -> Value

  /// Why nothing is saved just now; nil where all is well.
  func alarm() -> Outage?

  /// Leaves nothing of what was deleted where it can be got at, as far as the database can.
  func overwriteDeleted()

  /// Ends all use. What was committed stays.
  func close()
}

/// Reads rows. In SQL, `?1` is the first of `values`.
public protocol Snapshot {
  var dialect: Dialect { get }

  func rows(_ sql: String, _ values: [StoredValue]) throws -> [StoredRow]

  /// Asks, and reads the answer when it is called for: a database that is far away is asked for several things at once.
  func told(_ sql: String, _ values: [StoredValue]) throws -> () throws -> [StoredRow]

  /// Reads row by row what is too much to be held at once. Several may be open.
  func cursor(_ sql: String, _ values: [StoredValue]) throws -> any StoredRows

  /// The highest number that was ever given to a row of a table; 0 where none was.
  func lastNumber(of table: StoredTable) throws -> Int
}

/// The rows of an answer, one after another.
public protocol StoredRows {
  /// nil behind the last one.
  func next() throws -> StoredRow?
}

/// Reads and changes rows.
public protocol Transaction: Snapshot {
  /// - Returns: how many rows were changed.
  @discardableResult
  func run(_ sql: String, _ values: [StoredValue]) throws -> Int

  /// Adds rows, whose values are in the order of the table's columns.
  func insert(_ rows: [[StoredValue]], into table: StoredTable) throws

  /// Changes some columns of rows by their key, the table's first column.
  /// - Parameter rows: the key, then the values of `columns`.
  func update(_ rows: [[StoredValue]], of table: StoredTable, _ columns: [String]) throws

  /// Numbers for new rows of a table, each above all that were ever given, also to rows that are gone.
  func numbers(of table: StoredTable, _ count: Int) throws -> [Int]

  /// Asks for numbers, and reads them when they are called for; nil where that saves nothing.
  func laterNumbers(of table: StoredTable, _ count: Int) -> (() throws -> [Int])?

  /// From now on, only numbers above this one are given.
  func raiseNumbers(of table: StoredTable, to last: Int) throws

  /// Counts on. Does nothing in a database that counts its rows by itself.
  func count(_ tally: Tally) throws
}

/// Where databases say the same in other words.
public struct Dialect: Sendable {
  /// Behind a SELECT: nobody else changes its rows before the transaction ends.
  public var lock: String
  /// Days since some fixed day, of a column that holds a time.
  public var days: @Sendable (_ column: String) -> String
  /// Whether a column is among the numbers of a list, which `list` writes as one value.
  public var isAmong: @Sendable (_ column: String, _ parameter: String) -> String
  public var list: @Sendable (_ numbers: [Int]) -> StoredValue

  public init(
    lock: String, days: @escaping @Sendable (String) -> String,
    isAmong: @escaping @Sendable (String, String) -> String, list: @escaping @Sendable ([Int]) -> StoredValue
  ) {
    (self.lock, self.days, self.isAmong, self.list) = (lock, days, isAmong, list)
  }
}

extension Snapshot {
  /// Asks at once: for a database beside the server.
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

  /// The first column of the first row; nil where there is none.
  func value<Value: Storable>(_ sql: String, _ values: any Storable...) throws -> Value? {
    guard let row = try rows(sql, values.map(\.stored)).first else { return nil }
    guard let value = Value?(stored: row.values[0]) else {
      throw RecordsError.unavailable(Outage("the column '\(row.columns.names[0])' does not hold what it should"))
    }
    return value
  }
}

extension Transaction {
  /// Asks later: for a database beside the server.
  public func laterNumbers(of table: StoredTable, _ count: Int) -> (() throws -> [Int])? { nil }

  @discardableResult
  func run(_ sql: String, _ values: any Storable...) throws -> Int { try run(sql, values.map(\.stored)) }
}
