import Foundation
import GRDB
import Records
import RecordsSQLite
import Study
import TestSupport
import Testing
import Trials

/// The dashboard reads stored counts, which must always equal those of the rows.
@Suite("Stored counts")
struct CountsTests {
  /// Queries that count every figure of the overview from the rows themselves.
  static let anew: [(name: String, sql: String)] = [
    ("joined", "SELECT count(*) FROM session"),
    ("finished", "SELECT count(*) FROM session WHERE finished_at IS NOT NULL"),
    ("ended", "SELECT count(*) FROM session WHERE finished_at IS NULL AND outcome IS NOT NULL"),
    ("flagged", "SELECT count(*) FROM session WHERE finished_at IS NOT NULL AND flags IS NOT NULL"),
    ("excluded", "SELECT count(*) FROM session WHERE excluded IS NOT NULL"),
    (
      "untouched",
      """
      SELECT count(*) FROM session WHERE finished_at IS NULL AND outcome IS NULL
        AND NOT EXISTS (SELECT 1 FROM response WHERE response.session = session.id AND step = 'trial')
      """
    ),
    ("headphones", "SELECT count(headphones_passed) FROM session"),
    ("headphones_passed", "SELECT count(CASE WHEN headphones_passed THEN 1 END) FROM session"),
    ("further", "SELECT count(*) FROM sitting WHERE sitting > 1"),
    ("spoilt", "SELECT count(*) FROM participant WHERE link_notes IS NOT NULL"),
    ("responses", "SELECT count(*) FROM response"),
    ("ratings", "SELECT count(*) FROM judgement"),
    ("events", "SELECT count(*) FROM event"),
    ("catches", "SELECT count(is_passed) FROM trial"),
    ("catches_passed", "SELECT count(CASE WHEN is_passed THEN 1 END) FROM trial"),
  ]

  func check(_ kept: Kept, _ when: Comment) throws {
    let storage = try kept.storage(server: 3)
    defer { storage.close() }
    try storage.snapshot { db in
      for (name, sql) in Self.anew {
        let tally: Double = try db.rows("SELECT coalesce(sum(\(name)), 0) AS n FROM tally", [])[0]["n"]
        let counted: Double = try db.rows("SELECT (\(sql)) AS n", [])[0]["n"]
        #expect(tally == counted, "\(when): \(name)")
      }
      let covered = try db.rows(
        """
        SELECT query, condition, sum(pages) AS pages, sum(ratings) AS ratings FROM covered
        GROUP BY query, condition HAVING sum(pages) > 0 ORDER BY query, condition
        """, [])
      let counted = try db.rows(
        """
        SELECT query, condition, count(*) AS pages,
          sum((SELECT count(*) FROM judgement WHERE judgement.response = trial.response)) AS ratings
        FROM trial WHERE NOT is_training AND NOT is_catch AND NOT is_repeat
        GROUP BY query, condition ORDER BY query, condition
        """, [])
      func pages(_ rows: [StoredRow]) throws -> [String] {
        try rows.map {
          "\(try $0["query"] as String) \(try $0["condition"] as String) \(try $0["pages"] as Int) \(try $0["ratings"] as Int)"
        }
      }
      #expect(try pages(covered) == pages(counted), when)
    }
  }

  /// Adds sessions of every kind, numbered from 1 to 7.
  func fill(_ records: Records, registering: Bool = false) throws {
    if registering { try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100) }
    for name in ["a", "b", "c", "d", "e"] { _ = try RecordsTests.join(records, name) }
    for name in ["f", "g"] {
      var again = RecordsTests.newcomer(name)
      (again.externalID, again.identity, again.linkNotes) = ("x", Newcomer.identity(of: "x"), ["odd"])
      _ = try RecordsTests.wait { records.join(again, repeats: true, then: $0) }
      let last = Answered(session: name == "f" ? 6 : 7, key: "last", step: .volume)
      _ = try RecordsTests.wait {
        records.save(last, after: nil, finishes: true, flags: Self.strict, then: $0)
      }
    }
    let trials = [
      OverviewTests.trial(1, "p", training: true), OverviewTests.trial(2), OverviewTests.trial(3, "r", isCatch: true),
      OverviewTests.trial(4, "q", again: true), OverviewTests.trial(5, "r", again: true),
    ]
    for session in 1...3 {
      for trial in trials.prefix(session == 3 ? 2 : 5) {
        let judged = try RecordsTests.rated(trial, [10 * session, 20])
        _ = try RecordsTests.save(records, session, .trial(trial.index), .trial(trial, block: 1, name: "", judged))
      }
      let event = Event(trial: nil, atMs: 1, kind: "focus", stimulus: nil, value: nil)
      for key in ["1", "2", "2"] {
        _ = try RecordsTests.wait { records.log([event, event], session: session, key: key, then: $0) }
      }
    }
    for (session, passed) in [(1, true), (2, false)] {
      _ = try RecordsTests.save(records, session, .headphones, .headphones(chosen: [1], right: 1, passed: passed))
    }
    _ = try RecordsTests.wait { records.end(session: 2, as: .withdrawn, then: $0) }
    for (session, isExcluded) in [(1, true), (3, true), (3, false)] {
      try RecordsTests.wait { records.exclude(session: session, isExcluded, reason: "why", then: $0) }
    }
  }

  static var strict: StudyDefinition.Flags {
    var flags = StudyDefinition.Flags()
    flags.minutes = 3
    return flags
  }

  @Test(
    "counts equal those of the rows: while saving, after deletions, and after deletions by hand",
    arguments: Store.allCases)
  func kept(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try kept.open()
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100)
    try check(kept, "nothing")
    try fill(records)
    let overview = try records.overview()
    #expect(overview.joined == 7 && overview.finished == 2 && overview.flagged == 2 && overview.excluded == 1)
    #expect(overview.furtherSittings == 1 && overview.spoiltLinks == 2 && overview.ended == 1)
    #expect(overview.checks.repeats == 1 && overview.checks.repeatDifference != nil)
    try check(kept, "all")
    _ = try RecordsTests.wait { records.withdraw(session: 3, deleting: true, then: $0) }
    try check(kept, "3 withdrawn")
    for session in [2, 6] {
      #expect(try RecordsTests.wait { records.purge(session: session, by: "ada", then: $0) } == session)
      try check(kept, "\(session) purged")
    }
    #expect(try records.acts(.purged).map { "\($0.who) \($0.about)" } == ["ada 2", "ada 6"])
    #expect(throws: RecordsError.gone) { try RecordsTests.wait { records.purge(session: 2, by: "", then: $0) } }
    records.close()
    // Deletes as docs/records.md tells those who run a study to do when a participant withdraws their data.
    guard store == .sqlite else { return }
    let db = try DatabaseQueue(path: kept.file.path)
    for session in [1, 7] {
      try db.write { db in
        for table in ["judgement", "slot", "trial", "answer"] {
          try db.execute(
            sql: "DELETE FROM \(table) WHERE response IN (SELECT id FROM response WHERE session = ?)",
            arguments: [session])
        }
        try db.execute(
          sql: "DELETE FROM event WHERE batch IN (SELECT id FROM event_batch WHERE session = ?)", arguments: [session])
        for table in ["exclusion", "event_batch", "response"] {
          try db.execute(sql: "DELETE FROM \(table) WHERE session = ?", arguments: [session])
        }
        let participant = try Int.fetchOne(
          db, sql: "SELECT participant FROM session WHERE id = ?", arguments: [session])
        try db.execute(sql: "DELETE FROM session WHERE id = ?", arguments: [session])
        try db.execute(sql: "DELETE FROM participant WHERE number = ?", arguments: [participant])
      }
      try check(kept, "without \(session)")
    }
  }

  @Test("deleted data of a person are no longer in the file")
  func overwritten() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "records.sqlite")
    let records = try Records(file)
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100)
    let names = (1...30).map { "name-\(1_000_000 + $0)-of-a-person" }
    for name in names {
      var newcomer = RecordsTests.newcomer(name)
      (newcomer.externalID, newcomer.identity) = (name, Newcomer.identity(of: name))
      _ = try RecordsTests.wait { records.join(newcomer, then: $0) }
    }
    for session in 1...30 where session != 7 {
      _ = try RecordsTests.wait { records.purge(session: session, by: "", then: $0) }
    }
    records.close()
    let bytes = try Data(contentsOf: file)
    #expect(names.filter { bytes.range(of: Data($0.utf8)) != nil } == [names[6]])
  }

  @Test(
    "every exclusion is kept with its reason, and an unknown session cannot be excluded", arguments: Store.allCases)
  func exclusions(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try kept.open()
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100)
    let session = try RecordsTests.join(records, "a").id
    for (isExcluded, reason) in [(true, "asleep"), (true, "a bot"), (false, "no bot after all")] {
      try RecordsTests.wait { records.exclude(session: session, isExcluded, reason: reason, then: $0) }
      #expect(try records.overview().participants[0].excluded == (isExcluded ? reason : nil))
    }
    #expect(throws: RecordsError.gone) {
      try RecordsTests.wait { records.exclude(session: 99, true, reason: "nobody", then: $0) }
    }
    records.close()
    let acts = try kept.rows("SELECT * FROM exclusion ORDER BY id").map {
      "\(try $0["is_excluded"] as Int) \(try $0["reason"] as String)"
    }
    #expect(acts == ["1 asleep", "1 a bot", "0 no bot after all"])
  }
}
