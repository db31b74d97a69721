import Basics
import Foundation
import GRDB
import Records
import RecordsSQLite
import Study
import Synchronization
import Testing
import Trials
import TestSupport

@Suite("Records")
struct RecordsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func open(_ name: String = "records.sqlite") throws -> Records {
    let records = try Records(folder.url.appending(path: name))
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100)
    return records
  }

  static func open(_ kept: Kept) throws -> Records {
    let records = try kept.open()
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100)
    return records
  }

  static func newcomer(_ name: String) -> Newcomer {
    Newcomer(keyHash: "key \(name)", tokenHash: "token \(name)", studyVersion: "v", seed: .max, language: "en")
  }

  /// Waits for a result that another thread delivers.
  static func wait<T: Sendable>(_ start: (@escaping @Sendable (Result<T, any Error>) -> Void) -> Void) throws -> T {
    let box = Mutex<Result<T, any Error>?>(nil)
    let came = DispatchSemaphore(value: 0)
    start { result in
      box.withLock { $0 = result }
      came.signal()
    }
    came.wait()
    let result = box.withLock { $0 }
    return try #require(result).get()
  }

  static func join(_ records: Records, _ name: String) throws -> Session {
    try wait { records.join(newcomer(name), then: $0) }.session
  }

  static func save(
    _ records: Records, _ session: Int, _ step: Step, key: String = UUID().uuidString, after: Step? = nil,
    _ content: Answered.Content = .nothing
  ) throws -> (standing: Standing, isNew: Bool) {
    try wait {
      records.save(
        Answered(session: session, key: key, step: step, content: content), after: after, finishes: false, then: $0)
    }
  }

  /// Ratings from 0 to 100, one per position, as a trial's answer.
  static func rated(_ trial: Trial, _ ratings: [Int]) throws -> Judged {
    let answer = ratings.enumerated().map {
      RatingsAnswer.Rating(
        position: Position.letter($0 + 1), rating: $1, plays: Measured(1), listenedMs: Measured(900))
    }
    return try Similarity().judged(RatingsAnswer(ratings: answer), to: trial, in: StudyDefinition().runs[0])
  }

  @Test("numbers count up without gaps, a key is one session, and a seed keeps its 64 bits", arguments: Store.allCases)
  func join(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try Self.open(kept)
    defer { records.close() }
    #expect(try Self.join(records, "a").participant == 1)
    #expect(try Self.join(records, "b").participant == 2)
    #expect(try Self.join(records, "a").participant == 1)
    let session = try #require(try records.session(tokenHash: "token b"))
    #expect(session.participant == 2)
    #expect(session.seed == .max)
    #expect(try records.session(tokenHash: "token c") == nil)
  }

  @Test("the probability with which a page is asked is stored with its answer", arguments: Store.allCases)
  func chances(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try Self.open(kept)
    defer { records.close() }
    let session = try Self.join(records, "a").id
    for (index, chance) in [0.2, nil, 1.0 / 3].enumerated() {
      var trial = Trial(
        index: index + 1, query: "q", condition: "", candidates: [PlannedCandidate("x"), PlannedCandidate("y")])
      trial.chance = chance
      _ = try Self.save(
        records, session, .trial(index + 1), after: index == 0 ? nil : .trial(index),
        .trial(trial, block: 1, name: "b", Self.rated(trial, [1, 2])))
    }
    let rows = try kept.rows("SELECT chance FROM trial ORDER BY response")
    #expect(try rows.map { try $0["chance"] as Double? } == [0.2, nil, 1.0 / 3])
  }

  @Test(
    "a step is stored once: the same key gets the first reply, another key is refused", arguments: Store.allCases)
  func steps(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try Self.open(kept)
    defer { records.close() }
    let session = try Self.join(records, "a").id
    let first = try Self.save(records, session, .volume, key: "k1")
    #expect(first.isNew && first.standing.done == [.volume])
    _ = try Self.save(records, session, .instructions, key: "k2", after: .volume)
    let again = try Self.save(records, session, .volume, key: "k1")
    #expect(!again.isNew && again.standing.done == [.volume])
    #expect(throws: RecordsError.alreadyAnswered) { try Self.save(records, session, .volume, key: "k3") }
    #expect(throws: RecordsError.outOfOrder) { try Self.save(records, session, .trial(2), after: .trial(1)) }
    #expect(try records.standing(session: session).done == [.volume, .instructions])
  }

  @Test(
    "concurrent requests each get their own number, and one that fails affects no other",
    arguments: Store.allCases)
  func concurrent(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try Self.open(kept)
    defer { records.close() }
    let outcomes = Mutex<[Bool]>([])
    let numbers = Mutex<Set<Int>>([])
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for i in 0..<25 {
        guard let session = try? Self.join(records, "\(worker)-\(i)") else { continue }
        _ = numbers.withLock { $0.insert(session.participant) }
        let good = try? Self.save(records, session.id, .volume)
        // A session that does not exist violates a foreign key.
        let bad = try? Self.save(records, 1_000_000 + i, .volume)
        outcomes.withLock { $0.append(good?.isNew == true && bad == nil) }
      }
    }
    #expect(numbers.withLock(\.self) == Set(1...200))
    #expect(outcomes.withLock(\.self).count == 200 && outcomes.withLock(\.self).allSatisfy(\.self))
    #expect(try records.overview().responses == 200)
  }

  @Test("what was acknowledged is there when the file is opened again", arguments: Store.allCases)
  func reopen(_ store: Store) throws {
    let kept = try Kept(store)
    var records = try Self.open(kept)
    let session = try Self.join(records, "a").id
    let trial = Trial(index: 1, query: "q", condition: "kick", candidates: [.init("x"), .init("y", isReference: true)])
    _ = try Self.save(records, session, .trial(1), .trial(trial, block: 1, name: "", Self.rated(trial, [51, 52])))
    records.close()
    records = try Self.open(kept)
    defer { records.close() }
    #expect(try records.overview().ratings == 2)
    #expect(try records.standing(session: session).done == [.trial(1)])
  }

  @Test("a full disk is reported as such; nothing is half stored, and earlier data stay")
  func full() throws {
    let file = folder.url.appending(path: "small.sqlite")
    // Stands for a disk that has room for no more than this.
    let records = try Records(file, maximumSize: 200_000)
    defer { records.close() }
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100)
    let session = try Self.join(records, "a").id
    let long = String(repeating: "x", count: 300_000)
    do {
      _ = try Self.save(records, session, .questionnaire, .questionnaire([(question: "q", values: ["short", long])]))
      Issue.record("it was saved without room")
    } catch RecordsError.unavailable(let outage) { #expect(outage.kind == .full) }
    #expect(try records.overview().responses == 0)
    let less = try Self.save(records, session, .questionnaire, .questionnaire([(question: "q", values: ["short"])]))
    #expect(less.isNew)
  }

  @Test("a locked file is reported as such, and saving continues once the lock is released")
  func locked() throws {
    let records = try open()
    defer { records.close() }
    let session = try Self.join(records, "a").id
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(
      path: folder.url.appending(path: "records.sqlite").path, configuration: configuration)
    try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    do {
      _ = try Self.save(records, session, .volume, key: "k")
      Issue.record("it was saved through a lock")
    } catch RecordsError.unavailable {}
    try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    #expect(try Self.save(records, session, .volume, key: "k").isNew)
  }

  @Test("closed records accept nothing and lose nothing", arguments: Store.allCases)
  func closed(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try Self.open(kept)
    let session = try Self.join(records, "a").id
    records.close()
    #expect(throws: RecordsError.self) { try Self.save(records, session, .volume) }
  }

  @Test("closed records are complete in one file")
  func checkpoint() throws {
    let records = try open()
    for i in 0..<50 { _ = try Self.join(records, "\(i)") }
    let log = folder.url.appending(path: "records.sqlite-wal").path
    func size() -> Int? { (try? FileManager.default.attributesOfItem(atPath: log)[.size]) as? Int }
    #expect(size() ?? 0 > 0)
    records.close()
    #expect(size() ?? 0 == 0)
    let again = try open()
    defer { again.close() }
    #expect(try again.overview().joined == 50)
  }

  @Test("a file that is not a database is refused by name")
  func notADatabase() throws {
    try Data(String(repeating: "no database ", count: 1000).utf8).write(to: folder.url.appending(path: "bad.sqlite"))
    do {
      _ = try open("bad.sqlite")
      Issue.record("it was opened")
    } catch { #expect("\(error)".contains("bad.sqlite")) }
  }

  @Test("a key is generated once and differs from other keys", arguments: Store.allCases)
  func keys(_ store: Store) throws {
    let kept = try Kept(store)
    var records = try Self.open(kept)
    let key = try records.key("tokens")
    #expect(key.count == 32)
    #expect(try records.key("other") != key)
    records.close()
    records = try Self.open(kept)
    defer { records.close() }
    #expect(try records.key("tokens") == key)
  }
}

@Suite("Groups of listeners")
struct ListenerGroupsTests {
  @Test("an hour of silence frees a listener's place; having finished does not", arguments: Store.allCases)
  func silence(_ store: Store) throws {
    let kept = try Kept(store)
    let clock = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
    let records = try kept.open(now: { clock.withLock { $0 } })
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100)
    func join(_ name: String) throws -> Session {
      var newcomer = RecordsTests.newcomer(name)
      (newcomer.groups, newcomer.perGroup) = (["a", "b"], 1)
      return try RecordsTests.wait { records.join(newcomer, then: $0) }.session
    }
    let (first, second) = (try join("1"), try join("2"))
    #expect([first.group, second.group] == ["a", "b"])
    #expect(throws: RecordsError.full) { try join("3") }
    _ = try RecordsTests.wait {
      records.save(Answered(session: first.id, key: "k", step: .volume), after: nil, finishes: true, then: $0)
    }
    clock.withLock { $0 += 3601 }
    let third = try join("3")
    #expect(third.group == "b" && third.place == 1)  // With the plan of the session that was freed.
    #expect(throws: RecordsError.full) { try join("4") }
    #expect(try join("3").id == third.id)  // A retry does not count as a newcomer.
  }
}
