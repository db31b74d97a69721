import Foundation
import GRDB
import Records
import Study
import TestSupport
import Testing
import Trials

/// How a study is going is told from counts that are kept; they must always be what counting anew gives.
@Suite("Counts that are kept")
struct CountsTests {
  /// Of all that the overview tells, counted from the rows themselves.
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
    ("headphones_passed", "SELECT coalesce(sum(headphones_passed), 0) FROM session"),
    ("further", "SELECT count(*) FROM sitting WHERE sitting > 1"),
    ("spoilt", "SELECT count(*) FROM participant WHERE link_notes IS NOT NULL"),
    ("responses", "SELECT count(*) FROM response"),
    ("ratings", "SELECT count(*) FROM judgement"),
    ("events", "SELECT count(*) FROM event"),
    ("catches", "SELECT count(is_passed) FROM trial"),
    ("catches_passed", "SELECT coalesce(sum(is_passed), 0) FROM trial"),
  ]

  private func check(_ file: URL, _ when: Comment) throws {
    let db = try DatabaseQueue(path: file.path)
    try db.read { db in
      let kept = try #require(try Row.fetchOne(db, sql: "SELECT * FROM tally"))
      for (name, sql) in Self.anew {
        #expect(kept[name] as Int? == (try Int.fetchOne(db, sql: sql)), "\(when): \(name)")
      }
      let covered = try Row.fetchAll(db, sql: "SELECT * FROM covered ORDER BY query, condition")
      let counted = try Row.fetchAll(
        db,
        sql: """
          SELECT query, condition, count(*) AS pages,
            sum((SELECT count(*) FROM judgement WHERE judgement.response = trial.response)) AS ratings
          FROM trial WHERE NOT is_training AND NOT is_catch AND NOT is_repeat
          GROUP BY query, condition ORDER BY query, condition
          """)
      #expect(covered == counted, when)
    }
  }

  /// Sessions of each kind, whose numbers are 1 to 7.
  private func fill(_ records: Records) throws {
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

  @Test("are those of the rows, as they come and when they are deleted by hand")
  func kept() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "records.sqlite")
    let records = try Records(file)
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100)
    try check(file, "nothing")
    try fill(records)
    let overview = try records.overview()
    #expect(overview.joined == 7 && overview.finished == 2 && overview.flagged == 2 && overview.excluded == 1)
    #expect(overview.furtherSittings == 1 && overview.spoiltLinks == 2 && overview.ended == 1)
    #expect(overview.checks.repeats == 2 && overview.checks.repeatDifference != nil)
    try check(file, "all")
    for session in [2, 6] {
      #expect(try RecordsTests.wait { records.purge(session: session, by: "ada", then: $0) } == session)
      try check(file, "\(session) purged")
    }
    #expect(try records.acts(.purged).map { "\($0.who) \($0.about)" } == ["ada 2", "ada 6"])
    #expect(throws: RecordsError.gone) { try RecordsTests.wait { records.purge(session: 2, by: "", then: $0) } }
    records.close()
    // As docs/records.md has whoever runs a study delete what a participant takes back.
    let db = try DatabaseQueue(path: file.path)
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
      try check(file, "without \(session)")
    }
  }

  @Test("what is deleted of a person is in the file no more")
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

  @Test("an exclusion is kept with its reason, each time, and only of a session that is there")
  func exclusions() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "records.sqlite")
    let records = try Records(file)
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
    let acts = try DatabaseQueue(path: file.path).read {
      try Row.fetchAll($0, sql: "SELECT * FROM exclusion ORDER BY id").map {
        "\($0["is_excluded"] as Int) \($0["reason"] as String)"
      }
    }
    #expect(acts == ["1 asleep", "1 a bot", "0 no bot after all"])
  }
}
