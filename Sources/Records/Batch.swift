import Study

/// The changes of one transaction, collected so that the database gets few requests: sessions are read all at once, and
/// new rows are added one table at a time. Reads see the changes made before them.
final class Batch {
  /// What a change will read, announced beforehand.
  struct Needs: Sendable {
    var session: Int?
    /// Of a batch of events of that session.
    var eventKey: String?
    var response = false
  }

  private let db: any Transaction
  private var sessions: [Int: SessionRow] = [:]
  private var eventKeys: [Int: Set<String>]
  private var added: [String: [[StoredValue]]] = [:]
  private var tally = Tally()
  private var numbers: [String: [Int]] = [:]
  /// Numbers that were requested and not read yet, by table.
  private var promised: [String: () throws -> [Int]] = [:]
  private let responses: Int
  private let eventBatches: Int

  init(_ db: any Transaction, _ needs: [Needs]) throws {
    self.db = db
    responses = needs.count { $0.response }
    let withEvents = needs.filter { $0.eventKey != nil }
    eventBatches = withEvents.count
    eventKeys = [:]
    // All is asked for before the first answer is read, since a database may be far away. The sessions come first: what is
    // asked for behind their lock is what holds.
    let read = try asking(for: Set(needs.compactMap(\.session)))
    for (table, count) in [(StoredTable.response, responses), (.eventBatch, eventBatches)] where count > 0 {
      promised[table.name] = db.laterNumbers(of: table, count)
    }
    let asked = Set(withEvents.compactMap(\.session)).sorted()
    for session in asked { eventKeys[session] = [] }
    let known =
      try asked.isEmpty
      ? nil
      : db.told(
        "SELECT session, key FROM event_batch WHERE \(db.dialect.isAmong("session", "?1"))", [db.dialect.list(asked)])
    try read()
    for row in try known?() ?? [] { eventKeys[try row["session"], default: []].insert(try row["key"]) }
  }

  /// Asks for sessions.
  /// - Returns: reads the answer.
  private func asking(for ids: Set<Int>) throws -> () throws -> Void {
    guard !ids.isEmpty else { return {} }
    let list = [db.dialect.list(ids.sorted())]
    let isAmong = db.dialect.isAmong
    let lock = db.dialect.lock.isEmpty ? "" : "\(db.dialect.lock) OF session"
    let rows = try db.told(
      "\(SessionRow.select) WHERE \(isAmong("session.id", "?1")) ORDER BY session.id\(lock)", list)
    let columns = "session, key, step, trial, saved_at"
    let entries = try db.told(
      """
      SELECT 0 AS is_refused, id, \(columns) FROM response WHERE \(isAmong("session", "?1"))
      UNION ALL SELECT 1, id, \(columns) FROM refused WHERE \(isAmong("session", "?1")) ORDER BY 3, 1, 2
      """, list)
    return { [self] in
      for row in try rows() {
        let session = try SessionRow(row)
        sessions[session.id] = session
      }
      for row in try entries() {
        guard let session = sessions[try row["session"]] else { continue }
        if try row["is_refused"] {
          session.refused.append(try Self.entry(row))
        } else {
          session.answered.append(try Self.entry(row))
        }
      }
    }
  }

  static func entry(_ row: StoredRow) throws -> SessionRow.Entry {
    SessionRow.Entry(
      key: try row["key"], step: Step(name: try row["step"], number: try row["trial"]), savedAt: try row["saved_at"])
  }

  // MARK: Sessions

  /// - Throws: `RecordsError.gone` where it was deleted.
  func session(_ id: Int) throws -> SessionRow {
    if sessions[id] == nil {
      try flush()
      try asking(for: [id])()
    }
    guard let session = sessions[id] else { throw RecordsError.gone }
    return session
  }

  /// Whether a batch of events is known; from now on it is.
  func knowsEvents(_ key: String, of session: Int) throws -> Bool {
    if eventKeys[session] == nil {
      eventKeys[session] = Set(
        try rows("SELECT key FROM event_batch WHERE session = ?1", session).map { try $0["key"] as String })
    }
    return eventKeys[session]?.contains(key) == true
  }

  func noteEvents(_ key: String, of session: Int) { eventKeys[session]?.insert(key) }

  /// Discards what was read of a session, because SQL changed some of its rows.
  func forget(_ session: Int) throws {
    try flush()
    sessions[session] = nil
    eventKeys[session] = nil
  }

  // MARK: Rows

  func add(_ row: [any Storable], to table: StoredTable) { added[table.name, default: []].append(row.map(\.stored)) }

  func count(_ change: (inout Tally) -> Void) { change(&tally) }

  func number(of table: StoredTable) throws -> Int {
    if let promised = promised.removeValue(forKey: table.name) { numbers[table.name] = try promised().reversed() }
    if numbers[table.name]?.isEmpty ?? true {
      try flush()
      // As many as this batch will want: they are asked for at once. What is not used is lost to nobody but the order.
      let wanted =
        table.name == StoredTable.response.name
        ? responses : table.name == StoredTable.eventBatch.name ? eventBatches : 1
      numbers[table.name] = try db.numbers(of: table, max(wanted, 1)).reversed()
    }
    guard let number = numbers[table.name]?.popLast() else { throw RecordsError.unavailable(Outage("no number")) }
    return number
  }

  /// Writes what has been collected.
  func flush() throws {
    var changed: [[StoredValue]] = []
    for (_, session) in sessions.sorted(by: { $0.key < $1.key }) {
      guard let change = session.takeChanges() else { continue }
      changed.append(change.row)
      tally.add(change.tally)
    }
    if !changed.isEmpty { try db.update(changed, of: .session, SessionRow.changing) }
    for table in StoredTable.all {
      guard let rows = added.removeValue(forKey: table.name) else { continue }
      try db.insert(rows, into: table)
    }
    if !tally.isEmpty { try db.count(tally) }
    tally = Tally()
  }
}

extension Batch: Transaction {
  var dialect: Dialect { db.dialect }

  func rows(_ sql: String, _ values: [StoredValue]) throws -> [StoredRow] {
    try flush()
    return try db.rows(sql, values)
  }

  func cursor(_ sql: String, _ values: [StoredValue]) throws -> any StoredRows {
    try flush()
    return try db.cursor(sql, values)
  }

  func run(_ sql: String, _ values: [StoredValue]) throws -> Int {
    try flush()
    return try db.run(sql, values)
  }

  func insert(_ rows: [[StoredValue]], into table: StoredTable) { added[table.name, default: []] += rows }

  func update(_ rows: [[StoredValue]], of table: StoredTable, _ columns: [String]) throws {
    try flush()
    try db.update(rows, of: table, columns)
  }

  func readsMuch() { db.readsMuch() }

  func lastNumber(of table: StoredTable) throws -> Int { try db.lastNumber(of: table) }

  func raiseNumbers(of table: StoredTable, to last: Int) throws { try db.raiseNumbers(of: table, to: last) }

  func numbers(of table: StoredTable, _ count: Int) throws -> [Int] {
    try (0..<count).map { _ in try number(of: table) }
  }

  func count(_ tally: Tally) { self.tally.add(tally) }
}
