import Foundation
import GRDB

/// How a study is going, for the experimenter.
public struct Overview: Sendable, Encodable {
  public struct Participant: Sendable, Encodable {
    public var participant: Int
    /// `finished`, `ended` (before its last step, and for good), `active` (heard of in the last ten minutes) or `away`.
    public var state: String
    public var trialsDone: Int
    public var startedAt: String
    public var lastSeenAt: String
    public var finishedAt: String?
    /// `passed`, `failed` or nil.
    public var headphoneCheck: String?
    public var language: String
    public var recruitedFrom: String?
    /// What was not right about the link by which the listener came.
    public var linkNotes: String?
    /// Counts the sittings of one person: above 1, it is the same listener again.
    public var sitting: Int
    public var studyVersion: String
    /// Of one that has ended: an `Outcome`.
    public var outcome: String?
    /// What the study's rules have found, separated by semicolons.
    public var flags: String?
  }

  public var joined: Int
  public var active: Int
  public var finished: Int
  /// Before the last step, and for good.
  public var ended: Int
  /// Of those who finished, they whom a rule of the study flags.
  public var flagged: Int
  public var away: Int
  /// Of those who are away, they who answered no trial.
  public var awayBeforeTrials: Int
  /// Median of what those who finished needed, in minutes.
  public var medianMinutes: Double?
  public var responses: Int
  /// Everything that was said in trials.
  public var ratings: Int
  public var events: Int
  /// Answers, and batches of events, that were refused and not taken later.
  public var answersRefused: Int
  public var eventsRefused: Int
  /// Sessions by a link that was not right.
  public var spoiltLinks: Int
  /// Sessions by somebody who had taken part before.
  public var furtherSittings: Int
  public var isPaused: Bool
  public var coverage: [Coverage]
  public var checks: QualityChecks
  public var participants: [Participant]
}

extension Records {
  /// The newest participants first, at most `limit` of them; the counts are of all.
  public func overview(limit: Int = 500) throws -> Overview {
    let recently = Records.time(now().addingTimeInterval(-600))
    return try read { db in
      func count(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
        try Int.fetchOne(db, sql: sql, arguments: arguments) ?? 0
      }
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT participant.*, session.*, sitting,
            (SELECT count(*) FROM response WHERE response.session = session.id AND step = 'trial') AS trials_done
          FROM session JOIN participant ON participant.number = session.participant
          JOIN sitting ON sitting.session = session.id ORDER BY session.id DESC LIMIT ?
          """, arguments: [limit])
      let participants = rows.map { row in
        let finished: String? = row["finished_at"]
        let seen: String = row["seen_at"]
        let passed: Bool? = row["headphones_passed"]
        let outcome: String? = row["outcome"]
        return Overview.Participant(
          participant: row["participant"],
          state: finished != nil ? "finished" : outcome != nil ? "ended" : seen >= recently ? "active" : "away",
          trialsDone: row["trials_done"], startedAt: row["started_at"], lastSeenAt: seen, finishedAt: finished,
          headphoneCheck: passed.map { $0 ? "passed" : "failed" }, language: row["language"],
          recruitedFrom: row["recruited_from"], linkNotes: row["link_notes"], sitting: row["sitting"],
          studyVersion: row["study_version"], outcome: finished == nil ? outcome : nil, flags: row["flags"])
      }
      let joined = try count("SELECT count(*) FROM session")
      let finished = try count("SELECT count(*) FROM session WHERE finished_at IS NOT NULL")
      let active = try count(
        "SELECT count(*) FROM session WHERE finished_at IS NULL AND outcome IS NULL AND seen_at >= ?", [recently])
      let ended = try count("SELECT count(*) FROM session WHERE finished_at IS NULL AND outcome IS NOT NULL")
      let early = try count(
        """
        SELECT count(*) FROM session WHERE finished_at IS NULL AND outcome IS NULL AND seen_at < ?
          AND NOT EXISTS (SELECT 1 FROM response WHERE response.session = session.id AND step = 'trial')
        """, [recently])
      return Overview(
        joined: joined, active: active, finished: finished, ended: ended,
        flagged: try count("SELECT count(*) FROM session WHERE finished_at IS NOT NULL AND flags IS NOT NULL"),
        away: joined - finished - active - ended, awayBeforeTrials: early,
        medianMinutes: try Records.medianMinutes(db),
        responses: try count("SELECT count(*) FROM response"), ratings: try count("SELECT count(*) FROM judgement"),
        events: try count("SELECT count(*) FROM event"),
        answersRefused: try count("SELECT count(*) FROM \(Refused.open) AND step <> 'events'"),
        eventsRefused: try count("SELECT count(*) FROM \(Refused.open) AND step = 'events'"),
        spoiltLinks: try count("SELECT count(*) FROM participant WHERE link_notes IS NOT NULL"),
        furtherSittings: try count("SELECT count(*) FROM sitting WHERE sitting > 1"),
        isPaused: try count("SELECT count(*) FROM setting WHERE name = 'paused'") > 0, coverage: try Coverage.read(db),
        checks: try QualityChecks.read(db), participants: participants)
    }
  }

  /// Sessions by how they stand: `finished`, `ended` and `open`.
  public func sessionCounts() throws -> [(state: String, count: Int)] {
    try read { db in
      let finished = try Int.fetchOne(db, sql: "SELECT count(*) FROM session WHERE finished_at IS NOT NULL") ?? 0
      let open = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM session WHERE finished_at IS NULL AND outcome IS NULL")
      let all = try Int.fetchOne(db, sql: "SELECT count(*) FROM session") ?? 0
      return [("finished", finished), ("ended", all - finished - (open ?? 0)), ("open", open ?? 0)]
    }
  }

  /// Changes that wait to be committed.
  public var waiting: Int { writer.waiting }

  /// Transactions since the start, and the seconds that they took, with their syncs.
  public var commits: (count: Int, seconds: Double) {
    let commits = writer.commits
    return (commits.count, commits.seconds)
  }

  private static func medianMinutes(_ db: Database) throws -> Double? {
    try Double.fetchOne(
      db,
      sql: """
        WITH needed AS (
          SELECT (julianday(finished_at) - julianday(started_at)) * 1440 AS minutes, row_number() OVER byTime AS place,
            count(*) OVER () AS count
          FROM session WHERE finished_at IS NOT NULL
          WINDOW byTime AS (ORDER BY julianday(finished_at) - julianday(started_at)))
        SELECT avg(minutes) FROM needed WHERE place IN ((count + 1) / 2, count / 2 + 1)
        """)
  }
}
