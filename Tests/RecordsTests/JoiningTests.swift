import Basics
import Foundation
import GRDB
import Records
import RecordsSQLite
import Study
import Testing
import TestSupport

@Suite("Returning listeners and older records")
struct JoiningTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func newcomer(_ name: String, _ external: String?, version: String = "v") -> Newcomer {
    Newcomer(
      keyHash: "key \(name)", tokenHash: "token \(name)", studyVersion: version, seed: 1, language: "en",
      externalID: external)
  }

  private func join(_ records: Records, _ newcomer: Newcomer, repeats: Bool = false) throws -> (
    session: Session, isNew: Bool
  ) {
    try RecordsTests.wait { records.join(newcomer, repeats: repeats, then: $0) }
  }

  private func finish(_ records: Records, _ session: Int) throws {
    _ = try RecordsTests.wait {
      records.save(
        Answered(session: session, key: UUID().uuidString, step: .volume), after: nil, finishes: true, then: $0)
    }
  }

  @Test("names that look the same are one person; other capitals make another")
  func identities() {
    let one = Newcomer.identity(of: "Zoë 1")
    for same in [" Zoë 1", "Zoë\u{a0}1\u{200b}", "Zoe\u{308}  1", "\u{feff}Zoë 1\n"] {
      #expect(Newcomer.identity(of: same) == one, "\(same.debugDescription)")
    }
    for other in ["zoë 1", "Zoe 1", "Zoë1", "Zoë 2"] { #expect(Newcomer.identity(of: other) != one) }
    for nothing in ["", " ", "\u{200b}\u{a0}", "\n"] { #expect(Newcomer.identity(of: nothing) == nil) }
  }

  @Test("many browsers with the same id at once begin one session", arguments: Store.allCases)
  func atOnce(_ store: Store) throws {
    let kept = try Kept(store)
    let records = try kept.open()
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100)
    defer { records.close() }
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for i in 0..<10 { _ = try? join(records, newcomer("\(worker)-\(i)", "p\(i)")) }
    }
    let overview = try records.overview()
    #expect(overview.joined == 10 && overview.furtherSittings == 0)
    for worker in 0..<8 {
      for i in 0..<10 {
        let session = try #require(try records.session(tokenHash: "token \(worker)-\(i)"))
        #expect(session.externalID == "p\(i)")
      }
    }
  }

  @Test("an older schema's database opens, keeps all numbers, and marks people who are in it twice")
  func migration() throws {
    let file = folder.url.appending(path: "records.sqlite")
    let old = try DatabaseQueue(path: file.path)
    try old.write { db in try db.execute(sql: Self.before) }
    try old.close()
    let records = try Records(file)
    defer { records.close() }
    // Tokens still open their sessions.
    #expect(try records.session(tokenHash: "t2")?.participant == 2)
    #expect(try records.standing(session: 1).done == [.volume, .trial(1)])
    // p1 has finished. p2 continues their latest session, however the name is written.
    #expect(throws: RecordsError.alreadyFinished) { try join(records, newcomer("a", " p1")) }
    #expect(try join(records, newcomer("b", "p2")).session.id == 3)
    #expect(try join(records, newcomer("c", nil)).session.participant == 5)

    let rankings = folder.url.appending(path: "rankings.csv")
    let stimuli = Data("stimulus,role,condition,file,sha256\n".utf8)
    try Data("query,condition,system,rank,candidate\nq,kick,s,1,x\n".utf8).write(to: rankings)
    var definition = StudyDefinition()
    definition.title = "T"
    let design = StudyDesign(definition: definition, version: "v", items: [], stimuli: [])
    let out = folder.url.appending(path: "out")
    try Export(records, of: .init(name: "s", design: design, stimuli: stimuli, rankings: rankings)).write(to: out)
    func lines(_ table: String) throws -> [String] {
      try String(contentsOf: out.appending(path: "\(table).csv"), encoding: .utf8).split(whereSeparator: \.isNewline)
        .map(String.init)
    }
    // Like the older export, with new columns at the end.
    let people = try lines("participants")
    #expect(
      people[0]
        == "participant,session,recruited_from,external_id,started_at,finished_at,state,language,user_agent_family,"
        + "headphone_check,sitting,answer_state,link_sitting,first_participant,further_browsers,link_notes,panel_study,"
        + "panel_session,texts_version,outcome,headphone_attempts,device_rate_hz,"
        + "device_channels,device_latency_ms,flags,events_dropped,excluded,exclusion_reason,plan")
    #expect(
      people[1]
        == "1,1,flyer,p1,2026-01-01T10:00:00.000Z,2026-01-01T10:20:00.000Z,finished,en,firefox,,,,1,1,0,,,,v,completed,,,,,,0,false,,1"
    )
    #expect(people[2] == "2,2,,p2,2026-01-01T11:00:00.000Z,,unfinished,en,chrome,passed,9,,1,2,0,,,,v,,,,,,,0,false,,2")
    #expect(people[3] == "3,3,,p2 ,2026-01-01T12:00:00.000Z,,unfinished,en,chrome,,,,2,2,1,,,,v,,,,,,,0,false,,3")
    #expect(people[4] == "4,4,,,2026-01-01T13:00:00.000Z,,unfinished,en,chrome,,,,1,4,0,,,,v,,,,,,,0,false,,4")
    let ratings = try lines("ratings")
    #expect(ratings[0].hasSuffix(",response_ms,submitted_at,sitting"))
    #expect(
      ratings[1] == "s,v,1,1,1,1,similarity,1,q,kick,x,1,50,0,100,false,false,false,,false,false,2,1.5,900,"
        + "2026-01-01T10:20:00.000Z,1")
    #expect(try lines("events") == ["session,trial,at_ms,kind,stimulus,value,sitting", "1,1,5,play,x,,1"])
  }

  /// A database of the second migration, with a question named like a later column.
  static let before = """
    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
    INSERT INTO grdb_migrations VALUES ('1 sessions, responses, events'), ('2 analysis plans');
    CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE study_version (version TEXT PRIMARY KEY, study TEXT NOT NULL, scale_min INTEGER NOT NULL,
      scale_max INTEGER NOT NULL, first_used_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE participant (number INTEGER PRIMARY KEY CHECK (number > 0),
      study_version TEXT NOT NULL REFERENCES study_version (version), seed INTEGER NOT NULL, recruited_from TEXT,
      external_id TEXT) STRICT;
    CREATE TABLE session (id INTEGER PRIMARY KEY, participant INTEGER NOT NULL REFERENCES participant (number),
      key_hash TEXT NOT NULL UNIQUE, token_hash TEXT NOT NULL UNIQUE, language TEXT NOT NULL,
      user_agent_family TEXT NOT NULL, started_at TEXT NOT NULL, seen_at TEXT NOT NULL, finished_at TEXT,
      headphones_passed INTEGER) STRICT;
    CREATE INDEX session_of_participant ON session (participant);
    CREATE TABLE response (id INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES session (id), key TEXT NOT NULL,
      step TEXT NOT NULL, trial INTEGER NOT NULL, response_ms INTEGER, saved_at TEXT NOT NULL, UNIQUE (session, key),
      UNIQUE (session, step, trial)) STRICT;
    CREATE TABLE trial (response INTEGER PRIMARY KEY REFERENCES response (id), type TEXT NOT NULL, block INTEGER NOT NULL,
      query TEXT NOT NULL, condition TEXT NOT NULL, is_catch INTEGER NOT NULL, is_repeat INTEGER NOT NULL,
      is_training INTEGER NOT NULL) STRICT;
    CREATE TABLE rating (response INTEGER NOT NULL REFERENCES trial (response), position INTEGER NOT NULL,
      candidate TEXT NOT NULL, is_reference INTEGER NOT NULL, is_anchor INTEGER NOT NULL, rating INTEGER NOT NULL,
      plays INTEGER NOT NULL, listened_ms INTEGER NOT NULL, PRIMARY KEY (response, position)) STRICT, WITHOUT ROWID;
    CREATE TABLE answer (response INTEGER NOT NULL REFERENCES response (id), question TEXT NOT NULL,
      ordinal INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (response, question, ordinal)) STRICT, WITHOUT ROWID;
    CREATE TABLE event_batch (id INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES session (id),
      key TEXT NOT NULL, UNIQUE (session, key)) STRICT;
    CREATE TABLE event (batch INTEGER NOT NULL REFERENCES event_batch (id), ordinal INTEGER NOT NULL, trial INTEGER,
      at_ms INTEGER NOT NULL, kind TEXT NOT NULL, stimulus TEXT, value TEXT, PRIMARY KEY (batch, ordinal)) STRICT,
      WITHOUT ROWID;
    CREATE TABLE analysis_plan (sha256 TEXT PRIMARY KEY, first_seen_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO study_version VALUES ('v', 's', 0, 100, '2026-01-01T09:00:00.000Z');
    INSERT INTO participant VALUES (1, 'v', 1, 'flyer', 'p1'), (2, 'v', 1, NULL, 'p2'), (3, 'v', 1, NULL, 'p2 '),
      (4, 'v', 1, NULL, NULL);
    INSERT INTO session VALUES
      (1, 1, 'k1', 't1', 'en', 'firefox', '2026-01-01T10:00:00.000Z', '2026-01-01T10:20:00.000Z',
        '2026-01-01T10:20:00.000Z', NULL),
      (2, 2, 'k2', 't2', 'en', 'chrome', '2026-01-01T11:00:00.000Z', '2026-01-01T11:00:00.000Z', NULL, 1),
      (3, 3, 'k3', 't3', 'en', 'chrome', '2026-01-01T12:00:00.000Z', '2026-01-01T12:00:00.000Z', NULL, NULL),
      (4, 4, 'k4', 't4', 'en', 'chrome', '2026-01-01T13:00:00.000Z', '2026-01-01T13:00:00.000Z', NULL, NULL);
    INSERT INTO response VALUES (1, 1, 'r1', 'volume', 0, NULL, '2026-01-01T10:10:00.000Z'),
      (2, 1, 'r2', 'trial', 1, 900, '2026-01-01T10:20:00.000Z'),
      (3, 2, 'r3', 'questionnaire', 0, NULL, '2026-01-01T11:10:00.000Z');
    INSERT INTO trial VALUES (2, 'similarity', 1, 'q', 'kick', 0, 0, 0);
    INSERT INTO rating VALUES (2, 1, 'x', 0, 0, 50, 2, 1500);
    INSERT INTO answer VALUES (3, 'sitting', 1, '9'), (3, 'state', 1, '');
    INSERT INTO event_batch VALUES (1, 1, 'e1');
    INSERT INTO event VALUES (1, 1, 1, 5, 'play', 'x', NULL);
    """
}
