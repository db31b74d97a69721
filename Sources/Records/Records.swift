import Basics
import Foundation
import GRDB
import Study
import Trials

/// All that a study has gathered, in one SQLite file.
///
/// Whatever is written here is durably on the disk (write-ahead log, `synchronous=FULL`) when `then` is called, and
/// not before. `docs/records.md` tells what is stored and how sessions, numbers and study versions go together.
public final class Records: Sendable {
  let pool: DatabasePool
  let writer: GroupCommit
  let watch: DatabaseWatch
  /// The clock.
  public let now: @Sendable () -> Date

  /// Opens the file, which is made if it is not there, and brings its tables up to date. Only its owner can read it and
  /// its log afterwards.
  /// - Parameters:
  ///   - isServed: answers will be saved: the file is marked, so that a copy from before is told from it.
  ///   - maximumSize: bytes that the file may grow to; beyond them, saving fails as on a full disk.
  ///   - now: the clock.
  /// - Throws: `Problem`: what `Checkup.quick` finds; where it cannot be opened.
  public init(
    _ file: URL, isServed: Bool = false, maximumSize: Int? = nil, now: @escaping @Sendable () -> Date = { Date() }
  ) throws {
    try Checkup.quick(file)
    try Records.close(file)
    var configuration = Configuration()
    configuration.label = "records"
    configuration.maximumReaderCount = 3
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA cache_size = -1024")
      // What is deleted is overwritten.
      try db.execute(sql: "PRAGMA secure_delete = ON")
      db.add(function: Records.alike)
      if let maximumSize {
        let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
        try db.execute(sql: "PRAGMA max_page_count = \(maximumSize / pageSize)")
      }
    }
    do {
      pool = try DatabasePool(path: file.path, configuration: configuration)
      try pool.writeWithoutTransaction { try Durability.demand($0) }
      try Schema.migrator.migrate(pool)
      // Read back at the very end: whatever else has set up this connection, it has to be so when answers come.
      watch = try pool.writeWithoutTransaction { db in
        try Durability.check(db, file)
        try Durability.sync(db, file)
        return try DatabaseWatch(db, file, isMarked: isServed)
      }
    } catch let error as DatabaseError {
      throw Problem(
        "the records cannot be opened: \(error.message ?? "\(error.resultCode)")", at: Place(file: file.path),
        mend: "Check that the folder is yours and the disk has room; is it written by a newer Earshot?")
    }
    writer = GroupCommit(pool, watch)
    self.now = now
  }

  /// Commits what waits and closes the file. Unless somebody else reads just then, all of it is in the one file
  /// afterwards and the log beside it is empty.
  ///
  /// Where the files are not those that were opened, nothing is written any more, into whatever stands there now: the
  /// connections stay open until the process ends, and the log stays for who puts things right.
  public func close() {
    writer.close()
    guard alarm() == nil else {
      _ = Unmanaged.passRetained(pool)
      return
    }
    _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    try? pool.close()
  }

  /// Lets nobody but the owner read the database and what lies beside it. A database that is not there is made, since
  /// SQLite gives its log the database's own permissions.
  private static func close(_ file: URL) throws {
    if !FileManager.default.fileExists(atPath: file.path) {
      let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      if descriptor >= 0 { Foundation.close(descriptor) }
    }
    for path in [file.path, file.path + "-wal", file.path + "-shm"] { chmod(path, 0o600) }
  }

  /// Why nothing is saved just now: what has happened to the files; nil where they are as they were opened.
  public func alarm() -> String? {
    if let moved = watch.moved() { return moved }
    do { return try pool.unsafeRead { watch.trouble($0) } } catch { return "the database cannot be read: \(error)" }
  }

  // MARK: Settings

  /// 32 random bytes that stay the same for this file, made at the first call.
  public func key(_ name: String) throws -> Data {
    try pool.write { db in
      if let known = try Data.fetchOne(db, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name]) {
        return known
      }
      let made = Secret.random(32)
      try db.execute(sql: "INSERT INTO setting VALUES (?, ?)", arguments: [name, made])
      return made
    }
  }

  /// Whether newcomers are turned away for now.
  public func isPaused() throws -> Bool {
    try pool.read { try Bool.fetchOne($0, sql: "SELECT 1 FROM setting WHERE name = 'paused'") ?? false }
  }

  public func setPaused(_ paused: Bool, then: @escaping @Sendable (Result<Void, any Error>) -> Void) {
    writer.submit(
      { db in
        try db.execute(
          sql: paused
            ? "INSERT OR IGNORE INTO setting VALUES ('paused', x'01')" : "DELETE FROM setting WHERE name = 'paused'")
      }, then: then)
  }

  /// What those are told who are turned away; nil where nothing but why.
  public func message() throws -> String? {
    try pool.read { try Data.fetchOne($0, sql: "SELECT value FROM setting WHERE name = 'message'") }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// - Parameter message: nothing where it is empty.
  public func setMessage(_ message: String, then: @escaping @Sendable (Result<Void, any Error>) -> Void) {
    writer.submit(
      { db in
        try db.execute(sql: "DELETE FROM setting WHERE name = 'message'")
        guard !message.isEmpty else { return }
        try db.execute(sql: "INSERT INTO setting VALUES ('message', ?)", arguments: [Data(message.utf8)])
      }, then: then)
  }

  // MARK: Studies and sessions

  /// Makes a study version known, so that sessions may begin under it.
  /// - Parameters:
  ///   - version: of all that the study says and plays.
  ///   - design: of its design alone; nil where that is all of it.
  /// - Returns: the version under which it goes on. That is the first one of the same design, so that a change of words
  ///   ends no session and parts no data. Versions of an Earshot that told no design are known by their own name.
  @discardableResult
  public func register(version: String, design: String? = nil, study: String, scaleMin: Int, scaleMax: Int) throws
    -> String
  {
    let at = Records.time(now())
    let design = design ?? version
    return try pool.write { db in
      try db.execute(
        sql: "UPDATE study_version SET design = ? WHERE version = ? AND design IS NOT ?",
        arguments: [design, version, design])
      if let known = try Records.version(db, ofDesign: design) { return known }
      try db.execute(
        sql: """
          INSERT INTO study_version (version, study, scale_min, scale_max, first_used_at, design)
          VALUES (?, ?, ?, ?, ?, ?)
          """, arguments: [version, study, scaleMin, scaleMax, at, design])
      return version
    }
  }

  /// The version under which a design goes on; nil where it is not known.
  static func version(_ db: Database, ofDesign design: String) throws -> String? {
    try String.fetchOne(
      db, sql: "SELECT version FROM study_version WHERE design = ? ORDER BY first_used_at, version LIMIT 1",
      arguments: [design])
  }

  /// All versions of a design: sessions that began under one of them go on.
  public func versions(ofDesign design: String) throws -> Set<String> {
    try read {
      try Set(String.fetchAll($0, sql: "SELECT version FROM study_version WHERE design = ?", arguments: [design]))
    }
  }

  /// Sessions that can neither go on nor have come to an end, since they began under another design: all of them, and
  /// those that were heard of in the last ten minutes.
  public func stranded(otherThan design: String) throws -> (all: Int, active: Int) {
    let recently = Records.time(now().addingTimeInterval(-600))
    return try read { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT count(*) AS n, coalesce(sum(seen_at >= ?), 0) AS active
          FROM session JOIN participant ON participant.number = session.participant
          JOIN study_version ON study_version.version = participant.study_version
          WHERE finished_at IS NULL AND outcome IS NULL AND design IS NOT ?
          """, arguments: [recently, design])
      return (row?["n"] ?? 0, row?["active"] ?? 0)
    }
  }

  /// Notes that a session has come to an end before its last step, and how. The first end counts, but for a change of the
  /// study, after which it may have gone on. Of one that is finished, nothing is noted.
  public func end(
    session: Int, as outcome: Outcome, then: @escaping @Sendable (Result<Standing, any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      { db in
        try Records.end(db, session, as: outcome, at: at)
        return try Records.standing(db, session: session)
      }, then: then)
  }

  static func end(_ db: Database, _ session: Int, as outcome: Outcome, at: String) throws {
    try db.cachedStatement(
      sql: """
        UPDATE session SET ended_at = ?, outcome = ?, seen_at = ?
        WHERE id = ? AND finished_at IS NULL AND (outcome IS NULL OR outcome = 'study_changed')
        """
    ).execute(arguments: [at, outcome.rawValue, at, session])
  }

  /// Notes the analysis plan that the study has now, by its file's SHA-256, so that it can be told later whether a plan
  /// was there before the first rating. The first time that a plan is seen counts.
  public func register(plan sha256: String) throws {
    let at = Records.time(now())
    try pool.write { db in
      try db.execute(sql: "INSERT OR IGNORE INTO analysis_plan VALUES (?, ?)", arguments: [sha256, at])
    }
  }

  /// Lets a newcomer in.
  ///
  /// With a key that is known, the session that it opened is given back. One whose identity has a session that is not
  /// finished goes on with that, under this newcomer's token as well as under those that open it already. Everybody else
  /// gets the next participant number and a session of their own.
  /// - Parameters:
  ///   - repeats: whether one who has finished may take part again.
  ///   - isOpen: whether newcomers are let in at this hour.
  ///   - places: how many there are for sessions of the newcomer's design.
  ///   - then: the session, and whether it was begun now; or `RecordsError`: `alreadyFinished`, or, of one who is new,
  ///     `closed` where newcomers are turned away, `taken` or `full` where there is no place.
  public func join(
    _ newcomer: Newcomer, repeats: Bool = false, isOpen: Bool = true, places: Places? = nil,
    then: @escaping @Sendable (Result<(session: Session, isNew: Bool), any Error>) -> Void
  ) {
    let now = now
    let at = Records.time(now())
    writer.submit(
      { db in
        if let known = try Records.session(db, keyHash: newcomer.keyHash) { return (known, false) }
        if let begun = try Records.unfinished(db, newcomer, repeats: repeats) {
          try Records.addToken(db, begun.id, keyHash: newcomer.keyHash, tokenHash: newcomer.tokenHash, at: at)
          return (begun, false)
        }
        guard isOpen, try Int.fetchOne(db, sql: "SELECT 1 FROM setting WHERE name = 'paused'") == nil else {
          throw RecordsError.closed
        }
        if let places {
          let standing = try places.standing(db, version: newcomer.studyVersion, now: now())
          if let why = standing.closed { throw why == .full ? RecordsError.full : .taken }
        }
        let since = Records.time(now().addingTimeInterval(-(places?.lease ?? Records.patience)))
        let seat = try Records.seat(db, newcomer, heardSince: since, refills: places != nil)
        try Records.begin(db, newcomer, seat, at: at)
        guard let begun = try Records.session(db, keyHash: newcomer.keyHash) else {
          throw RecordsError.unavailable("the new session is not there")
        }
        return (begun, true)
      }, then: then)
  }

  /// Opens a session by one more token.
  /// - Parameter then: `RecordsError`: `gone` where there is no such session.
  public func reopen(
    session id: Int, keyHash: String, tokenHash: String, then: @escaping @Sendable (Result<Void, any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      { db in
        guard try Session.fetch(db, where: "session.id = ?", [id]) != nil else { throw RecordsError.gone }
        if let known = try Records.session(db, keyHash: keyHash) {
          guard known.id == id else { throw RecordsError.gone }
          return
        }
        try Records.addToken(db, id, keyHash: keyHash, tokenHash: tokenHash, at: at)
      }, then: then)
  }

  private static func addToken(_ db: Database, _ session: Int, keyHash: String, tokenHash: String, at: String) throws {
    try db.cachedStatement(sql: "INSERT INTO further_browser VALUES (?, ?, ?, ?)")
      .execute(arguments: [keyHash, tokenHash, session, at])
  }

  private static func session(_ db: Database, keyHash: String) throws -> Session? {
    try Session.fetch(db, where: "key_hash = ?", [keyHash])
      ?? Session.fetch(db, where: "session.id = (SELECT session FROM further_browser WHERE key_hash = ?)", [keyHash])
  }

  /// The session with which one who is known goes on: the latest of the present design, unless the person has finished
  /// one after it. What was begun under another design cannot go on.
  private static func unfinished(_ db: Database, _ newcomer: Newcomer, repeats: Bool) throws -> Session? {
    guard let identity = newcomer.identity else { return nil }
    let finished = try Int.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT max(session.id) FROM session JOIN participant ON participant.number = session.participant
          WHERE identity = ? AND (finished_at IS NOT NULL OR outcome = 'withdrawn')
          """), arguments: [identity])
    let begun = try Session.fetch(
      db,
      where: """
        identity = ?1 AND finished_at IS NULL AND outcome IS NOT 'withdrawn' AND session.id > ?3 AND study_version IN (
          SELECT ?2 UNION SELECT alike.version FROM study_version AS present
          JOIN study_version AS alike USING (design) WHERE present.version = ?2)
        ORDER BY session.id DESC LIMIT 1
        """, [identity, newcomer.studyVersion, finished ?? 0])
    if begun == nil, finished != nil, !repeats { throw RecordsError.alreadyFinished }
    return begun
  }

  /// `alike(name)` in SQL: the same for names that a person may take for one another.
  private static let alike = DatabaseFunction("alike", argumentCount: 1, pure: true) { values in
    String.fromDatabaseValue(values[0]).map { Name.alike($0) }
  }

  /// For so long, in seconds, one who is not heard of still counts as taking part.
  private static let patience = 3600.0

  /// A group, and a listener's number in it.
  private struct Seat {
    var group: String?
    var place: Int?
  }

  /// The group that fewest have passed or are at, of those that are open to a newcomer; the first of several. Its
  /// listeners are counted on, so that a group's plans are as balanced as a whole study's.
  ///
  /// Where a study says how many it wants, the plan of one who is gone is given to the next: so those who pass have plans
  /// that follow one another, whoever dropped out between them.
  /// - Parameter refills: whether it does.
  /// - Throws: `RecordsError.full` where all are full.
  private static func seat(_ db: Database, _ newcomer: Newcomer, heardSince: String, refills: Bool) throws -> Seat {
    guard !newcomer.groups.isEmpty else {
      return refills ? Seat(place: try place(db, newcomer, group: nil, heardSince: heardSince)) : Seat()
    }
    var best: (seat: Seat, counted: Int, all: Int)?
    for group in newcomer.groups {
      let (last, all, counted) = try counts(
        db, ofGroup: group, version: newcomer.studyVersion, heardSince: heardSince)
      if let most = newcomer.perGroup, counted >= most { continue }
      if let best, (best.counted, best.all) <= (counted, all) { continue }
      best = (Seat(group: group, place: last + 1), counted, all)
    }
    guard var seat = best?.seat else { throw RecordsError.full }
    if refills || newcomer.perGroup != nil {
      seat.place = try place(db, newcomer, group: seat.group, heardSince: heardSince)
    }
    return seat
  }

  /// The last place that was given in a group, how many have begun in it, and how many of them hold their place.
  private static func counts(
    _ db: Database, ofGroup group: String, version: String, heardSince: String
  ) throws -> (last: Int, all: Int, counted: Int) {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT coalesce(max(place), 0) AS last, count(*) AS "all", count(CASE WHEN \(isHeld) THEN 1 END) AS counted
          FROM participant JOIN session ON session.participant = participant.number
          WHERE study_version = ?2 AND listener_group = ?3
          """), arguments: [heardSince, version, group])
    return (row?["last"] ?? 0, row?["all"] ?? 0, row?["counted"] ?? 0)
  }

  /// Whether each of these groups has as many listeners as it may have.
  /// - Parameter lease: for so long, in seconds, one who is not heard of counts; nil: as where no number is wanted.
  public func areFull(_ groups: [String], perGroup: Int?, version: String, lease: Double? = nil) throws -> Bool {
    guard let perGroup, !groups.isEmpty else { return false }
    let since = Records.time(now().addingTimeInterval(-(lease ?? Records.patience)))
    return try read { db in
      try groups.allSatisfy {
        try Records.counts(db, ofGroup: $0, version: version, heardSince: since).counted >= perGroup
      }
    }
  }

  /// Of a session, whether its place is its own: it has passed, or is under way and was heard of since `?1`.
  private static let isHeld = """
    (finished_at IS NOT NULL AND flags IS NULL AND excluded IS NULL
      OR finished_at IS NULL AND outcome IS NULL AND seen_at > ?1)
    """

  /// The lowest place that nobody holds.
  private static func place(_ db: Database, _ newcomer: Newcomer, group: String?, heardSince: String) throws -> Int {
    let held = try Int.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT DISTINCT coalesce(place, participant.number) AS held
          FROM participant JOIN session ON session.participant = participant.number
          WHERE study_version = ?2 AND listener_group IS ?3 AND \(isHeld) ORDER BY held
          """), arguments: [heardSince, newcomer.studyVersion, group])
    var lowest = 1
    for place in held where place == lowest { lowest += 1 }
    return lowest
  }

  private static func begin(_ db: Database, _ newcomer: Newcomer, _ seat: Seat, at: String) throws {
    guard let number = try Int.fetchOne(db, sql: "SELECT \(Schema.next("participant", "number"))") else {
      throw RecordsError.unavailable("no number")
    }
    var notes = newcomer.linkNotes
    if let external = newcomer.externalID, let identity = newcomer.identity,
      let other = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT number, external_id FROM participant
            WHERE identity <> ? AND external_id <> ? AND alike(external_id) = ? ORDER BY number
            """), arguments: [identity, external, Name.alike(external)])
    {
      let difference = Name.difference(external, other["external_id"])
      notes.append("external_id differs from that of participant \(other["number"] as Int) in \(difference) only")
    }
    try db.cachedStatement(
      sql: """
        INSERT INTO participant
          (number, study_version, seed, recruited_from, external_id, identity, link_notes, listener_group, place)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        number, newcomer.studyVersion, Int64(bitPattern: newcomer.seed), newcomer.recruitedFrom, newcomer.externalID,
        newcomer.identity, notes.isEmpty ? nil : notes.joined(separator: "; "), seat.group, seat.place,
      ])
    let values = try db.cachedStatement(sql: "INSERT INTO link_value VALUES (?, ?, ?)")
    for (name, value) in newcomer.link.sorted(by: { $0.key < $1.key }) {
      try values.execute(arguments: [number, name, value])
    }
    try db.cachedStatement(
      sql: """
        INSERT INTO session (
          id, participant, key_hash, token_hash, language, user_agent_family, started_at, seen_at, texts_version)
        VALUES (\(Schema.next("session")), ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        number, newcomer.keyHash, newcomer.tokenHash, newcomer.language, newcomer.userAgentFamily, at, at,
        newcomer.textsVersion,
      ])
  }

  /// The session that a token opens, by the token's SHA-256.
  public func session(tokenHash: String) throws -> Session? {
    try read { db in
      try Session.fetch(db, where: "token_hash = ?", [tokenHash])
        ?? Session.fetch(
          db, where: "session.id = (SELECT session FROM further_browser WHERE token_hash = ?)", [tokenHash])
    }
  }

  public func standing(session: Int) throws -> Standing {
    try read { try Records.standing($0, session: session) }
  }

  /// - Parameter last: how far the session was after the response with this id; nil for now.
  static func standing(_ db: Database, session: Int, last: Int64? = nil) throws -> Standing {
    func steps(_ sql: String) throws -> [Step] {
      try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [session, last ?? .max]).compactMap {
        Step(name: $0["step"], number: $0["trial"])
      }
    }
    var done = try steps("SELECT step, trial FROM response WHERE session = ?1 AND id <= ?2 ORDER BY id")
    let passedOver = try steps(
      """
      SELECT step, trial FROM refused WHERE session = ?1
        AND saved_at <= coalesce((SELECT saved_at FROM response WHERE id = ?2), saved_at) ORDER BY id
      """)
    for step in passedOver where !done.contains(step) { done.append(step) }
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT finished_at IS NOT NULL AS finished, headphones_passed, outcome FROM session WHERE id = ?"),
      arguments: [session])
    guard let row else { throw RecordsError.gone }
    return Standing(
      done: done, isFinished: row["finished"], headphonesPassed: row["headphones_passed"],
      outcome: (row["outcome"] as String?).flatMap(Outcome.init))
  }

  // MARK: Responses and events

  /// Stores an answer. With a key that is known, nothing is stored and what was answered then is given back.
  /// - Parameters:
  ///   - after: the step that must have been answered, or refused, before.
  ///   - finishes: this is the session's last step.
  ///   - ends: how the session ends with this answer, where it does before its last step.
  ///   - flags: the rules by which a session that is finished now is flagged.
  ///   - then: how far the session was after this answer; or `RecordsError`.
  public func save(
    _ answered: Answered, after: Step?, finishes: Bool, ends: Outcome? = nil, flags: StudyDefinition.Flags = .init(),
    then: @escaping @Sendable (Result<(standing: Standing, isNew: Bool), any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      { db in
        let known = try Int64.fetchOne(
          db.cachedStatement(sql: "SELECT id FROM response WHERE session = ? AND key = ?"),
          arguments: [answered.session, answered.key])
        if let known {
          return (try Records.standing(db, session: answered.session, last: known), false)
        }
        try Records.see(db, answered.session, at: at, finishes: finishes)
        let isDone = try db.cachedStatement(
          sql: "SELECT 1 FROM response WHERE session = ? AND step = ? AND trial = ?")
        let step = answered.step
        if try Int.fetchOne(isDone, arguments: [answered.session, step.kind.rawValue, step.number]) != nil {
          throw RecordsError.alreadyAnswered
        }
        if let step = after,
          try Int.fetchOne(isDone, arguments: [answered.session, step.kind.rawValue, step.number]) == nil,
          try Int.fetchOne(
            db.cachedStatement(sql: "SELECT 1 FROM refused WHERE session = ? AND step = ? AND trial = ?"),
            arguments: [answered.session, step.kind.rawValue, step.number]) == nil
        {
          throw RecordsError.outOfOrder
        }
        try Records.insert(db, answered, at: at)
        if let ends { try Records.end(db, answered.session, as: ends, at: at) }
        if finishes { try flags.note(db, session: answered.session) }
        return (try Records.standing(db, session: answered.session), true)
      }, then: then)
  }

  /// Notes that a session was heard of, before anything of it is stored.
  /// - Throws: `RecordsError`: `gone` where it was deleted, `withdrawn` where nothing more of it is taken.
  static func see(_ db: Database, _ session: Int, at: String, finishes: Bool) throws {
    try db.cachedStatement(
      sql: """
        UPDATE session SET seen_at = ?, finished_at = coalesce(finished_at, ?)
        WHERE id = ? AND outcome IS NOT 'withdrawn'
        """
    ).execute(arguments: [at, finishes ? at : nil, session])
    guard db.changesCount == 0 else { return }
    let isThere = try Int.fetchOne(db, sql: "SELECT 1 FROM session WHERE id = ?", arguments: [session]) != nil
    throw isThere ? RecordsError.withdrawn : .gone
  }

  private static func insert(_ db: Database, _ answered: Answered, at: String) throws {
    let step = answered.step
    try db.cachedStatement(
      sql: """
        INSERT INTO response (id, session, key, step, trial, response_ms, saved_at)
        VALUES (\(Schema.next("response")), ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      answered.session, answered.key, step.kind.rawValue, step.number, answered.responseMs, at,
    ])
    let response = db.lastInsertedRowID
    switch answered.content {
    case .nothing: break
    case .questionnaire(let answers):
      let statement = try db.cachedStatement(sql: "INSERT INTO answer VALUES (?, ?, ?, ?)")
      for answer in answers {
        for (i, value) in answer.values.enumerated() {
          try statement.execute(arguments: [response, answer.question, i + 1, value])
        }
      }
    case .volume(let device):
      let statement = try db.cachedStatement(sql: "INSERT INTO answer VALUES (?, ?, ?, ?)")
      for fact in device?.facts ?? [] {
        try statement.execute(arguments: [response, fact.name, 1, String(fact.value)])
      }
    case .headphones(let chosen, let right, let passed):
      let statement = try db.cachedStatement(sql: "INSERT INTO answer VALUES (?, ?, ?, ?)")
      for (i, interval) in chosen.enumerated() {
        try statement.execute(arguments: [response, "headphones", i + 1, String(interval)])
      }
      try statement.execute(arguments: [response, "headphones_right", 1, String(right)])
      try db.cachedStatement(sql: "UPDATE session SET headphones_passed = ? WHERE id = ?")
        .execute(arguments: [passed, answered.session])
    case .trial(let trial, let block, let name, let judged): try insert(db, response, trial, block, name, judged)
    }
  }

  private static func insert(
    _ db: Database, _ response: Int64, _ trial: Trial, _ block: Int, _ name: String, _ judged: Judged
  ) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO trial
          (response, type, block, query, condition, is_catch, is_repeat, is_training, is_passed, block_name,
          said)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        response, trial.type, block, trial.query, trial.condition, trial.isCatch, trial.isRepeat, trial.isTraining,
        judged.isPassed, name, judged.judgements.count,
      ])
    let slot = try db.cachedStatement(sql: "INSERT INTO slot VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    for heard in judged.heard {
      let candidate = trial.candidates[heard.position - 1]
      try slot.execute(
        arguments: [
          response, heard.position, candidate.candidate, candidate.isReference, candidate.isAnchor, heard.plays,
          heard.listenedMs, candidate.system,
        ])
    }
    let judgement = try db.cachedStatement(sql: "INSERT INTO judgement VALUES (?, ?, ?, ?, ?)")
    for said in judged.judgements {
      try judgement.execute(arguments: [response, said.position, said.scale, said.number, said.text])
    }
    guard trial.isRepeat else { return }
    try db.cachedStatement(sql: "\(Counts.compareAgain) AND response = ?").execute(arguments: [response])
  }

  /// Stores a batch of events, as far as there is room in its session. A batch whose key is known is not stored again; `then` tells whether it was new.
  public func log(
    _ events: [Event], session: Int, key: String, then: @escaping @Sendable (Result<Bool, any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      { db in
        let known = try Int.fetchOne(
          db.cachedStatement(sql: "SELECT 1 FROM event_batch WHERE session = ? AND key = ?"), arguments: [session, key])
        guard known == nil else { return false }
        try Records.see(db, session, at: at, finishes: false)
        let kept = try Int.fetchOne(
          db.cachedStatement(sql: "SELECT events FROM session WHERE id = ?"), arguments: [session])
        let taken = events.prefix(max(0, Event.mostOfSession - (kept ?? 0)))
        try db.cachedStatement(
          sql: "UPDATE session SET events = events + ?, events_dropped = events_dropped + ? WHERE id = ?"
        ).execute(arguments: [taken.count, events.count - taken.count, session])
        guard events.isEmpty || !taken.isEmpty else { return true }
        try db.cachedStatement(
          sql: "INSERT INTO event_batch (id, session, key) VALUES (\(Schema.next("event_batch")), ?, ?)"
        ).execute(arguments: [session, key])
        let batch = db.lastInsertedRowID
        let statement = try db.cachedStatement(sql: "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)")
        for (i, event) in taken.enumerated() {
          try statement.execute(
            arguments: [batch, i + 1, event.trial, event.atMs, event.kind, event.stimulus, event.value])
        }
        return true
      }, then: then)
  }

  // MARK: Helpers

  /// Reads; errors of the storage are `RecordsError.unavailable`.
  func read<T>(_ body: (Database) throws -> T) throws -> T {
    do { return try pool.read(body) } catch { throw RecordsError.ofStorage(error) ?? error }
  }

  /// ISO 8601, UTC, with milliseconds: sorts as text.
  static func time(_ date: Date) -> String {
    date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
  }
}
