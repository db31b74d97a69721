import Basics
import Foundation

/// How a study is going, for the experimenter.
public struct Overview: Sendable, Encodable {
  /// A session as the dashboard lists it.
  public struct Participant: Sendable, Encodable {
    /// The listener's number, from 1.
    public var participant: Int
    /// `finished`, `ended` (finally, before its last step), `active` (in the last ten minutes) or `away`.
    public var state: String
    /// Trials of all kinds that were answered, practice included.
    public var trialsDone: Int
    /// ISO 8601 in UTC, like all times here.
    public var startedAt: String
    /// When something of the session was last stored: an answer, events, a refusal or its end.
    public var lastSeenAt: String
    /// When the last step was done; nil until then.
    public var finishedAt: String?
    /// `passed`, `failed` or nil.
    public var headphoneCheck: String?
    /// BCP 47 code of the language in which the study is shown.
    public var language: String
    /// Where the listener came from, according to the link, such as `prolific`; nil if it does not say.
    public var recruitedFrom: String?
    /// What was wrong with the link that the listener used.
    public var linkNotes: String?
    /// Which sitting of this person it is: above 1, the same listener came again.
    public var sitting: Int
    /// The version under which the session began. It may be one of another design.
    public var studyVersion: String
    /// How it ended, if it has: an `Outcome`.
    public var outcome: String?
    /// The flags by the study's rules, separated by semicolons.
    public var flags: String?
    /// The session's number, as in all tables.
    public var session: Int
    /// Why the session is excluded from analyses; nil if it is not.
    public var excluded: String?
    /// The listener's name in another system, according to the link; nil if it does not say.
    public var externalId: String?
    /// The listener's group; nil if the study has no groups.
    public var group: String?
  }

  /// All sessions that have begun and were not deleted.
  public var joined: Int
  /// In progress, with something stored in the last ten minutes.
  public var active: Int
  /// All steps are done, or were skipped.
  public var finished: Int
  /// Finally ended before the last step.
  public var ended: Int
  /// Those who finished and are flagged by a rule of the study.
  public var flagged: Int
  /// Excluded from analyses by the study team.
  public var excluded: Int
  /// In progress, with nothing stored in the last ten minutes.
  public var away: Int
  /// Those who are away and answered no trial.
  public var awayBeforeTrials: Int
  /// The median time that those who finished and are not excluded needed, in minutes.
  public var medianMinutes: Double?
  /// Answered steps of all kinds.
  public var responses: Int
  /// Everything that was said in trials.
  public var ratings: Int
  /// Events that are stored; those that were dropped (`Event.mostOfSession`) are not counted.
  public var events: Int
  /// Answers, and batches of events, that were refused and not accepted later.
  public var answersRefused: Int
  /// Of what was refused, the batches of events.
  public var eventsRefused: Int
  /// Sessions that began by a wrong link.
  public var spoiltLinks: Int
  /// Sessions of people who had taken part before.
  public var furtherSittings: Int
  /// Whether the experimenter turns newcomers away for now.
  public var isPaused: Bool
  /// Without excluded sessions.
  public var coverage: [Coverage]
  /// Without excluded sessions.
  public var checks: QualityChecks
  /// Their sessions, the newest first, and not more of them than were asked for.
  public var participants: [Participant]
}

extension Records {
  /// The newest participants first, at most `limit` of them; the counts are of all.
  public func overview(limit: Int = 200) throws -> Overview {
    let recently = Records.time(now().addingTimeInterval(-600))
    return try read { db in
      let participants = try Records.participants(db, since: recently, limit: limit)
      // Of all that grows with the study only its counts are read.
      let tally = try Tally.read(db)
      let (joined, finished, ended) = (tally.whole(.joined), tally.whole(.finished), tally.whole(.ended))
      let excluded = try tally.whole(.excluded) > 0 ? Records.excluded(db) : Tally()
      var kept = tally
      kept.add(excluded, times: -1)
      let underWay = try db.row(
        """
        SELECT count(*) AS active, count(CASE WHEN trials = 0 THEN 1 END) AS begun FROM session
        WHERE finished_at IS NULL AND outcome IS NULL AND \(db.dialect.isSeenSince("?1"))
        """, recently)
      let (active, begun): (Int, Int) = try (underWay?["active"] ?? 0, underWay?["begun"] ?? 0)
      let refused = try db.row(
        """
        SELECT count(CASE WHEN step <> 'events' THEN 1 END) AS answers, count(CASE WHEN step = 'events' THEN 1 END) AS events
        FROM \(Refused.open)
        """)
      return Overview(
        joined: joined, active: active, finished: finished, ended: ended, flagged: tally.whole(.flagged),
        excluded: tally.whole(.excluded), away: joined - finished - active - ended,
        awayBeforeTrials: tally.whole(.untouched) - begun,
        medianMinutes: try medianMinutes(db, of: kept.whole(.finished)),
        responses: tally.whole(.responses), ratings: tally.whole(.ratings), events: tally.whole(.events),
        answersRefused: try refused?["answers"] ?? 0, eventsRefused: try refused?["events"] ?? 0,
        spoiltLinks: tally.whole(.spoilt), furtherSittings: tally.whole(.further),
        isPaused: try Records.isPaused(db), coverage: try Coverage.read(db, without: excluded),
        checks: QualityChecks(kept), participants: participants)
    }
  }

  /// What excluded sessions contribute to the counts of checks and pages, and how many of them are finished.
  private static func excluded(_ db: any Snapshot) throws -> Tally {
    var tally = try Tally.said(db, in: "SELECT id FROM session WHERE excluded IS NOT NULL")
    let row = try db.row(
      """
      SELECT count(finished_at) AS finished, count(headphones_passed) AS headphones,
        count(CASE WHEN headphones_passed THEN 1 END) AS headphones_passed FROM session WHERE excluded IS NOT NULL
      """)
    for counter in [Tally.Counter.finished, .headphones, .headphonesPassed] {
      tally.add(counter, try row?[counter.rawValue] ?? 0)
    }
    return tally
  }

  /// Sessions for which a condition is true, newest first.
  func participants(
    where condition: String, _ values: [any Storable], limit: Int
  ) throws -> [Overview.Participant] {
    let recently = Records.time(now().addingTimeInterval(-600))
    return try read {
      try Records.participants($0, where: condition, values.map(\.stored), since: recently, limit: limit)
    }
  }

  /// Sessions of those whose external id, group or origin contains a text, or whose number equals it, newest first.
  public func participants(whoHold text: String, limit: Int = 200) throws -> [Overview.Participant] {
    let holds = ["external_id", "listener_group", "recruited_from"]
      .map { "lower(coalesce(\($0), '')) LIKE lower(?1) ESCAPE '!'" }.joined(separator: " OR ")
    func pattern(_ text: String) -> String {
      "%\(text.replacing("!", with: "!!").replacing("%", with: "!%").replacing("_", with: "!_"))%"
    }
    // The database's own 'lower' may know the letters of English alone.
    return try participants(
      where: "participant.number = ?2 OR \(holds) OR alike LIKE ?3 ESCAPE '!'",
      [pattern(text), text.hasPrefix("+") ? 0 : Int(text) ?? 0, pattern(Name.alike(text))], limit: limit)
  }

  private static func participants(
    _ db: any Snapshot, where condition: String = "true", _ values: [StoredValue] = [],
    since recently: String, limit: Int
  ) throws -> [Overview.Participant] {
    let rows = try db.rows(
      """
      SELECT participant.*, session.*, CASE WHEN identity IS NULL THEN 1 ELSE (
        SELECT count(*) FROM participant AS own JOIN session AS theirs ON theirs.participant = own.number
        WHERE own.identity = participant.identity AND theirs.id <= session.id) END AS sitting
      FROM session JOIN participant ON participant.number = session.participant
      WHERE \(condition) ORDER BY session.id DESC LIMIT \(limit)
      """, values)
    return try rows.map { row in
      let finished: String? = try row["finished_at"]
      let seen: String = try row["seen_at"]
      let passed: Bool? = try row["headphones_passed"]
      let outcome: String? = try row["outcome"]
      return try Overview.Participant(
        participant: row["participant"],
        state: finished != nil ? "finished" : outcome != nil ? "ended" : seen >= recently ? "active" : "away",
        trialsDone: row["trials"], startedAt: row["started_at"], lastSeenAt: seen, finishedAt: finished,
        headphoneCheck: passed.map { $0 ? "passed" : "failed" }, language: row["language"],
        recruitedFrom: row["recruited_from"], linkNotes: row["link_notes"], sitting: row["sitting"],
        studyVersion: row["study_version"], outcome: finished == nil ? outcome : nil, flags: row["flags"],
        session: row["id"], excluded: row["excluded"], externalId: row["external_id"], group: row["listener_group"])
    }
  }

  /// Sessions by state: `finished`, `ended` and `open`.
  public func sessionCounts() throws -> [(state: String, count: Int)] {
    try read { db in
      let tally = try Tally.read(db)
      let (joined, finished, ended) = (tally.whole(.joined), tally.whole(.finished), tally.whole(.ended))
      return [("finished", finished), ("ended", ended), ("open", joined - finished - ended)]
    }
  }

  /// Changes that are waiting to be committed.
  public var waiting: Int { writer.waiting }

  /// Transactions since the start, and the seconds that they took, including their syncs.
  public var commits: (count: Int, seconds: Double) {
    let commits = writer.commits
    return (commits.count, commits.seconds)
  }

  /// Reads the middle one or two durations by the index on what sessions took. The search takes longer the more sessions
  /// have finished, so from a thousand on it is repeated only when their number has changed by a two-hundredth.
  private func medianMinutes(_ db: any Snapshot, of finished: Int) throws -> Double? {
    guard finished > 0 else { return nil }
    let known = median.withLock { $0 }
    if finished >= 1000, abs(finished - known.finished) < finished / 200 { return known.minutes }
    let minutes = try Records.middle(db, of: finished)
    median.withLock { $0 = (finished, minutes) }
    return minutes
  }

  private static func middle(_ db: any Snapshot, of finished: Int) throws -> Double? {
    let took = "\(db.dialect.days("finished_at")) - \(db.dialect.days("started_at"))"
    return try db.value(
      """
      SELECT avg(days) * 1440 FROM (
        SELECT \(took) AS days FROM session WHERE finished_at IS NOT NULL AND excluded IS NULL
        ORDER BY \(took) LIMIT ?1 OFFSET ?2) AS middle
      """, 2 - finished % 2, (finished - 1) / 2)
  }
}
