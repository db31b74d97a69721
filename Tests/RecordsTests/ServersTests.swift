import Foundation
import Records
import RecordsPostgres
import RecordsSQLite
import Study
import Synchronization
import TestSupport
import Testing
import Trials

/// Guarantees for several servers with one database, and for records that move between databases.
@Suite("Several servers, and records that move")
struct ServersTests {
  private func register(_ records: Records) throws {
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100)
  }

  @Test(
    "servers that start together create the tables once, and a person has one session on all of them, whatever the database isolates by default",
    arguments: ["read committed", "repeatable read", "serializable"])
  func together(isolation: String) throws {
    let kept = try Kept(.postgres)
    try kept.set("default_transaction_isolation", to: isolation)
    let servers = Mutex<[Records]>([])
    DispatchQueue.concurrentPerform(iterations: 3) { number in
      do {
        let records = try kept.open(server: number)
        try register(records)
        servers.withLock { $0.append(records) }
      } catch { Issue.record(error) }
    }
    let all = servers.withLock(\.self)
    defer { for records in all { records.close() } }
    try #require(all.count == 3)
    let keys = try Set(all.map { try $0.key("tokens") })
    #expect(keys.count == 1)
    let numbers = Mutex<[Int]>([])
    DispatchQueue.concurrentPerform(iterations: 6) { worker in
      for person in 0..<10 {
        var newcomer = RecordsTests.newcomer("\(worker)-\(person)")
        (newcomer.externalID, newcomer.identity) = ("p\(person)", Newcomer.identity(of: "p\(person)"))
        let session = try? RecordsTests.wait { [newcomer] in all[worker % 3].join(newcomer, then: $0) }.session
        if let session { numbers.withLock { $0.append(session.participant) } }
      }
    }
    #expect(numbers.withLock(\.count) == 60 && Set(numbers.withLock(\.self)).count == 10)
    #expect(try all[0].overview().joined == 10)
  }

  @Test(
    "a server that is told the table is there already asks again, however it is told",
    arguments: ["23505", "42P07", "42710", "XX000"])
  func beginsBesideAnother(code: String) throws {
    let kept = try Kept(.postgres)
    // What a server meets between the first look for a table and its creation, while another one creates it.
    try kept.run(
      """
      CREATE SEQUENCE attempt;
      CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('attempt') <= 2 THEN RAISE 'it is there already' USING ERRCODE = '\(code)'; END IF;
      END $$;
      CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION refuse();
      """)
    try kept.storage().close()
    #expect(try kept.rows("SELECT version FROM earshot_schema").count == 1)
  }

  @Test(
    "each place is given once, however many servers give them, and whatever the database isolates by default",
    arguments: ["read committed", "repeatable read"])
  func places(isolation: String) throws {
    let kept = try Kept(.postgres)
    try kept.set("default_transaction_isolation", to: isolation)
    let servers = try (0..<3).map { try kept.open(server: $0) }
    defer { for records in servers { records.close() } }
    try register(servers[0])
    let taken = Mutex<[Int]>([])
    DispatchQueue.concurrentPerform(iterations: 6) { worker in
      for i in 0..<5 {
        let newcomer = RecordsTests.newcomer("\(worker)-\(i)")
        let session = try? RecordsTests.wait {
          servers[worker % 3].join(newcomer, places: Places(wanted: 12, lease: 3600), then: $0)
        }.session
        if let session { taken.withLock { $0.append(session.place) } }
      }
    }
    #expect(taken.withLock(\.self).sorted() == Array(1...12))
  }

  @Test(
    "the database fails twice while saving: what was acknowledged is stored once, and saving continues")
  func cutOff() throws {
    let server = try PostgresServer()
    let address = try server.database()
    let records = try (0..<2).map { number in
      Records(try PostgresStorage(address, readers: 2, server: number))
    }
    defer { for one in records { one.close() } }
    try register(records[0])
    let sessions = try (0..<4).map { try RecordsTests.join(records[$0 % 2], "\($0)").id }
    let saved = Mutex<[Set<Int>]>(Array(repeating: [], count: 4))
    let isOver = Mutex(false)
    defer { isOver.withLock { $0 = true } }
    let reached = DispatchSemaphore(value: 0)
    let group = DispatchGroup()
    for listener in 0..<4 {
      DispatchQueue.global().async(group: group) {
        for trial in 1...400 {
          // A browser repeats a request with the same key until it is acknowledged.
          while !isOver.withLock(\.self) {
            let answered = Answered(session: sessions[listener], key: "key \(trial)", step: .trial(trial))
            let told = try? RecordsTests.wait {
              records[(listener + trial) % 2].save(answered, after: nil, finishes: false, then: $0)
            }
            if told != nil {
              saved.withLock { _ = $0[listener].insert(trial) }
              break
            }
          }
          if trial == 100 || trial == 200 { reached.signal() }
        }
      }
    }
    for mode in ["immediate", "fast"] {
      reached.wait()
      try server.stop(mode)
      try server.start()
    }
    let inTime = group.wait(timeout: .now() + 600) == .success
    isOver.withLock { $0 = true }
    group.wait()
    #expect(inTime)
    for listener in 0..<4 {
      let done = try records[0].standing(session: sessions[listener]).done
      #expect(done.count == Set(done).count)
      #expect(Set(done.map(\.number)) == saved.withLock { $0[listener] } && done.count == 400)
    }
    let overview = try records[1].overview()
    #expect(overview.responses == 1600 && overview.joined == 4)
    #expect(records.allSatisfy { $0.alarm() == nil })
  }

  @Test("records move from SQLite to PostgreSQL and back, row for row; given numbers stay given")
  func moved() throws {
    let (first, second, third) = (try Kept(.sqlite), try Kept(.postgres), try Kept(.sqlite))
    var records = try first.open()
    try CountsTests().fill(records, registering: true)
    _ = try RecordsTests.wait { records.purge(session: 7, by: "", then: $0) }
    records.close()
    for (from, to) in [(first, second), (second, third)] {
      let (source, target) = (try from.storage(), try to.storage())
      let counts = try RecordsCopy.copy(source, to: target)
      #expect(counts.first { $0.table == "session" }?.rows == 6)
      #expect(throws: (any Error).self) { try RecordsCopy.copy(source, to: target) }
      source.close()
      target.close()
      try CountsTests().check(to, "moved")
    }
    let (before, after) = (try first.open(), try third.open())
    #expect(try before.overview().checks == after.overview().checks)
    before.close()
    after.close()
    for kept in [second, third] {
      records = try kept.open()
      #expect(try RecordsTests.join(records, "new").participant == 8)
      records.close()
    }
  }

  @Test("prepared statements may vanish, as behind a pooler, and idle transactions are ended")
  func pool() throws {
    let storage = try PostgresStorage(try PostgresServer.shared.get().database(), server: 1)
    defer { storage.close() }
    try storage.transaction { _ = try $0.run("DEALLOCATE ALL", []) }
    for value in ["one", "two"] {
      try storage.transaction { try $0.insert([[.text(value), .bytes(Data())]], into: .setting) }
      try storage.transaction { db in
        let changed = try db.run("UPDATE setting SET value = ?2 WHERE name = ?1", [.text(value), .bytes(Data([1]))])
        #expect(changed == 1)
      }
    }
    let names = try (0..<2).map { turn in
      if turn > 0 { try storage.snapshot { _ = try $0.rows("DEALLOCATE ALL", []) } }
      return try storage.snapshot { try $0.rows("SELECT name FROM setting ORDER BY name", []).count }
    }
    #expect(names == [2, 2])
    try storage.transaction { db in
      let row = try db.rows("SELECT current_setting('idle_in_transaction_session_timeout') AS value", []).first
      let value: String? = try row?["value"]
      #expect(value == "10s")
    }
  }

  @Test("saving is planned once, by the indexes, although the tables were empty then")
  func plans() throws {
    let storage = try PostgresStorage(try PostgresServer.shared.get().database(), server: 1)
    let records = Records(storage)
    defer { records.close() }
    try register(records)
    let session = try RecordsTests.join(records, "a").id
    for step in [Step.volume, .instructions] { _ = try RecordsTests.save(records, session, step, .nothing) }
    try storage.transaction { db in
      let kept = try db.rows(
        "SELECT name, statement, custom_plans FROM pg_prepared_statements WHERE statement ~ 'ANY\\(CAST|^UPDATE session'",
        [])
      #expect(kept.count == 3)
      for row in kept {
        let (name, statement, custom): (String, String, Int) = try (row["name"], row["statement"], row["custom_plans"])
        #expect(custom == 0)
        let values = statement.hasPrefix("UPDATE") ? Array(repeating: "'{}'", count: 11) : ["'{1}'"]
        let plan = try db.rows("EXPLAIN EXECUTE \(name)(\(values.joined(separator: ", ")))", [])
        let steps = try plan.map { try $0["QUERY PLAN"] as String }
        let scans = steps.filter { $0.contains("Scan") && !$0.contains("Function Scan") }
        let conditions = steps.filter { $0.contains("Index Cond") }
        #expect(!scans.isEmpty && !steps.contains { $0.contains("Seq Scan") || $0.contains("Join") }, "\(steps)")
        // A bitmap is read from an index, then the rows from the table.
        #expect(scans.count { !$0.contains("Bitmap Heap Scan") } == conditions.count, "\(steps)")
      }
    }
  }

  @Test("an answer changes a session without touching the table's indexes, until ten minutes later")
  func hot() throws {
    let kept = try Kept(.postgres)
    let records = try kept.open()
    try register(records)
    let id = try RecordsTests.join(records, "a").id
    records.close()
    let storage = try kept.storage()
    defer { storage.close() }
    for (seen, touching) in [
      ("2026-01-01T10:00:00.000Z", 1), ("2026-01-01T10:09:59.999Z", 0), ("2026-01-01T10:10:00.000Z", 1),
    ] {
      try storage.transaction { db in
        func updates() throws -> (all: Int, hot: Int) {
          let row = try db.rows(
            "SELECT n_tup_upd AS all, n_tup_hot_upd AS hot FROM pg_stat_xact_user_tables WHERE relname = 'session'", []
          ).first
          return try (row?["all"] ?? 0, row?["hot"] ?? 0)
        }
        let before = try updates()
        try db.update([[id.stored, seen.stored]], of: .session, ["seen_at"])
        let after = try updates()
        #expect(after.all - before.all == 1 && after.hot - before.hot == 1 - touching, "\(seen)")
      }
    }
  }

  @Test("a statement whose table gets another column is prepared again")
  func anotherColumn() throws {
    let kept = try Kept(.postgres)
    let (reading, changing) = (try kept.storage(), try kept.storage())
    defer { for storage in [reading, changing] { storage.close() } }
    func names() throws -> [[String]] {
      var written: [String] = []
      try reading.transaction { written = try $0.rows("SELECT * FROM setting", []).first?.columns.names ?? [] }
      return [written, try reading.snapshot { try $0.rows("SELECT * FROM setting", []).first?.columns.names ?? [] }]
    }
    try changing.transaction { try $0.insert([[.text("a"), .bytes(Data())]], into: .setting) }
    #expect(try names() == [["name", "value"], ["name", "value"]])
    try changing.transaction { _ = try $0.run("ALTER TABLE setting ADD COLUMN more text", []) }
    #expect(try names() == [["name", "value", "more"], ["name", "value", "more"]])
  }

  @Test("tables of version 2 are brought up to date, and their sessions are counted")
  func secondVersion() throws {
    let kept = try Kept(.postgres)
    let clock = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
    func open() throws -> Records { try kept.open { clock.withLock { $0 } } }
    var records = try open()
    try register(records)
    for key in ["a", "b", "c"] {
      _ = try RecordsTests.join(records, key)
      clock.withLock { $0 += 400 }
    }
    records.close()
    let storage = try kept.storage()
    for statement in [
      "ALTER TABLE session DROP COLUMN seen_about, RESET (fillfactor)",
      "CREATE INDEX session_under_way ON session (seen_at) WHERE finished_at IS NULL AND outcome IS NULL",
      "UPDATE earshot_schema SET version = 2",
    ] { try storage.transaction { _ = try $0.run(statement, []) } }
    storage.close()
    records = try open()
    defer { records.close() }
    #expect(try records.overview().active == 1)
    _ = try RecordsTests.save(records, 1, .volume)
    #expect(try records.overview().active == 2)
  }

  @Test("a text that a database cannot store is stored as closely as possible, and loses nothing else")
  func texts() throws {
    let kept = try Kept(.postgres)
    let records = try kept.open()
    defer { records.close() }
    try register(records)
    let session = try RecordsTests.join(records, "a").id
    let odd = ["a\0b", "quote \" and \\ back", "{curly,NULL}", "'; DROP TABLE session; --", "$1 ?1 😀", ""]
    let saved = try RecordsTests.save(records, session, .questionnaire, .questionnaire([(question: "q", values: odd)]))
    #expect(saved.isNew)
    let read = try kept.rows("SELECT value FROM answer ORDER BY ordinal").map { try $0["value"] as String }
    #expect(read == ["a\u{FFFD}b"] + odd.dropFirst())
  }

  @Test(
    "an unsafe, newer or unreachable database is refused, and no password is shown"
  )
  func refused() throws {
    let server = try PostgresServer()
    let address = try server.database()
    let storage = try PostgresStorage(address, server: 1)
    storage.close()
    try server.run(sql: "UPDATE earshot_schema SET version = 99", in: "records_1")
    #expect(throws: (any Error).self) { try PostgresStorage(address, server: 1) }
    try server.run(sql: "ALTER SYSTEM SET fsync = off")
    try server.run(sql: "SELECT pg_reload_conf()")
    try server.stop("fast")
    try server.start()
    #expect { try PostgresStorage(server.address("postgres"), server: 1) } throws: { "\($0)".contains("fsync is off") }
    try server.stop()
    #expect { try PostgresStorage(address + " password=sesame", server: 1) } throws: {
      "\($0)".contains("cannot be opened") && !"\($0)".contains("sesame")
    }
    #expect(
      PostgresStorage.shown("postgresql://ada:sesame@db.example.org/study") == "postgresql://ada@db.example.org/study")
  }

  @Test("the doctor finds what is wrong with a database, and changes nothing")
  func doctor() throws {
    let server = try PostgresServer()
    let address = try server.database()
    func problems() -> [String] { PostgresCheckup.full(address).flatMap(\.problems).map(\.description) }
    #expect(problems().isEmpty && PostgresCheckup.full(address).map(\.what) == ["reached, but no records yet"])
    let records = Records(try PostgresStorage(address, server: 1))
    try CountsTests().fill(records, registering: true)
    records.close()
    #expect(PostgresCheckup.full(address).count == 5 && problems().isEmpty, "\(problems())")
    for (damage, told) in [
      (
        "DELETE FROM response WHERE id = (SELECT min(response) FROM judgement)",
        "rows of 'judgement' refer to rows of 'response' that do not exist"
      ),
      ("UPDATE tally SET events = events + 1", "the count of 'events' is"),
      ("SELECT setval('response_numbers', 1)", "the next number of 'response' is 2"),
      ("ALTER SYSTEM SET full_page_writes = off", "full_page_writes is off"),
      ("UPDATE earshot_schema SET version = 0", "an older Earshot"),
    ] {
      try server.run(sql: damage, in: damage.contains("SYSTEM") ? "postgres" : "records_1")
      if damage.contains("SYSTEM") {
        try server.stop("fast")
        try server.start()
      }
      #expect(problems().contains { $0.contains(told) }, "\(damage): \(problems())")
    }
    try server.stop()
    #expect(problems().count == 1 && problems()[0].contains("cannot be read"))
  }
}
