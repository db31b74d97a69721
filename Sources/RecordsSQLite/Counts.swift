import GRDB

/// Counts of a study, kept in the transactions that change what is counted (the tables `tally` and `covered`, by triggers),
/// so that how a study is going is told in the same time however large it grows.
enum Counts {
  /// Each of `tally`, and how it is counted anew.
  static let counted: [(name: String, sql: String)] = [
    ("joined", "SELECT count(*) FROM session"),
    ("finished", "SELECT count(*) FROM session WHERE finished_at IS NOT NULL"),
    ("ended", "SELECT count(*) FROM session WHERE finished_at IS NULL AND outcome IS NOT NULL"),
    ("flagged", "SELECT count(*) FROM session WHERE finished_at IS NOT NULL AND flags IS NOT NULL"),
    ("excluded", "SELECT count(*) FROM session WHERE excluded IS NOT NULL"),
    (
      "untouched",
      "SELECT count(*) FROM session WHERE finished_at IS NULL AND outcome IS NULL AND trials = 0"
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
    ("repeats", "SELECT count(again_pairs) FROM trial"),
    ("repeat_pairs", "SELECT coalesce(sum(again_pairs), 0) FROM trial"),
    ("repeat_difference", "SELECT coalesce(sum(again_difference), 0) FROM trial"),
  ]

  /// SQL that compares the second showing of what is the `response` of `trial` with its first one: of how many ratings both
  /// are there, and the sum of their differences, as shares of the scale. Nulls where the first one was not answered.
  static let compareAgain = """
    UPDATE trial SET (again_pairs, again_difference) = (
      SELECT count(late_said.number - early_said.number),
        coalesce(sum(abs(late_said.number - early_said.number) / (scale_max - scale_min)), 0)
      FROM response AS late
        JOIN session ON session.id = late.session
        JOIN participant ON participant.number = session.participant
        JOIN study_version ON study_version.version = participant.study_version
        JOIN response AS early ON early.session = late.session AND early.step = 'trial'
        JOIN trial AS before ON before.response = early.id
          AND before.type = trial.type AND before.query = trial.query AND before.condition = trial.condition
          AND NOT before.is_training AND NOT before.is_catch AND NOT before.is_repeat
        JOIN slot AS second ON second.response = trial.response
        JOIN slot AS first ON first.response = before.response AND first.stimulus = second.stimulus
        JOIN judgement AS late_said ON late_said.response = second.response AND late_said.position = second.position
        JOIN judgement AS early_said ON early_said.response = first.response AND early_said.position = first.position
          AND early_said.scale = late_said.scale
      WHERE late.id = trial.response HAVING count(*) > 0)
    WHERE is_repeat AND NOT is_training AND NOT is_catch
    """

  /// Makes the tables and the triggers, and counts what is there.
  static func migrate(_ db: Database) throws {
    try db.execute(
      sql: """
        ALTER TABLE session ADD COLUMN trials INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE session ADD COLUMN excluded TEXT;
        ALTER TABLE trial ADD COLUMN said INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE trial ADD COLUMN again_pairs INTEGER;
        ALTER TABLE trial ADD COLUMN again_difference REAL;
        UPDATE session SET trials = (
          SELECT count(*) FROM response JOIN trial ON trial.response = response.id WHERE response.session = session.id);
        UPDATE trial SET said = (SELECT count(*) FROM judgement WHERE judgement.response = trial.response);
        \(compareAgain);
        CREATE INDEX session_took ON session (julianday(finished_at) - julianday(started_at))
          WHERE finished_at IS NOT NULL;

        CREATE TABLE exclusion (
          id INTEGER PRIMARY KEY,
          session INTEGER NOT NULL REFERENCES session (id),
          is_excluded INTEGER NOT NULL,
          reason TEXT NOT NULL,
          decided_at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX exclusion_of_session ON exclusion (session);

        CREATE TABLE tally (\(counted.map { "\($0.name) REAL NOT NULL" }.joined(separator: ", "))) STRICT;
        INSERT INTO tally VALUES (\(counted.map { "(\($0.sql))" }.joined(separator: ", ")));
        CREATE TABLE covered (
          query TEXT NOT NULL,
          condition TEXT NOT NULL,
          pages INTEGER NOT NULL,
          ratings INTEGER NOT NULL,
          PRIMARY KEY (query, condition)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO covered SELECT query, condition, count(*), sum(said) FROM trial
          WHERE NOT is_training AND NOT is_catch AND NOT is_repeat GROUP BY query, condition;
        """)
    try db.execute(sql: triggers)
  }

  /// How much a session counts, as it is in `row`: the new or the old one.
  private static func session(_ row: String) -> [(name: String, sql: String)] {
    [
      ("finished", "(\(row).finished_at IS NOT NULL)"),
      ("ended", "(\(row).finished_at IS NULL AND \(row).outcome IS NOT NULL)"),
      ("flagged", "(\(row).finished_at IS NOT NULL AND \(row).flags IS NOT NULL)"),
      ("excluded", "(\(row).excluded IS NOT NULL)"),
      ("untouched", "(\(row).finished_at IS NULL AND \(row).outcome IS NULL AND \(row).trials = 0)"),
      ("headphones", "(\(row).headphones_passed IS NOT NULL)"),
      ("headphones_passed", "coalesce(\(row).headphones_passed, 0)"),
      ("events", "\(row).events"),
    ]
  }

  private static func trial(_ row: String) -> [(name: String, sql: String)] {
    [
      ("ratings", "\(row).said"), ("catches", "(\(row).is_passed IS NOT NULL)"),
      ("catches_passed", "coalesce(\(row).is_passed, 0)"), ("repeats", "(\(row).again_pairs IS NOT NULL)"),
      ("repeat_pairs", "coalesce(\(row).again_pairs, 0)"),
      ("repeat_difference", "coalesce(\(row).again_difference, 0)"),
    ]
  }

  private static func add(_ parts: [(name: String, sql: String)], less: [(name: String, sql: String)] = []) -> String {
    let less = Dictionary(uniqueKeysWithValues: less.map { ($0.name, " - \($0.sql)") })
    return "UPDATE tally SET "
      + parts.map { "\($0.name) = \($0.name) + \($0.sql)\(less[$0.name] ?? "")" }.joined(separator: ", ") + ";"
  }

  private static func take(_ parts: [(name: String, sql: String)]) -> String {
    "UPDATE tally SET " + parts.map { "\($0.name) = \($0.name) - \($0.sql)" }.joined(separator: ", ") + ";"
  }

  /// Of which queries a page counts: those of main trials.
  private static func isMain(_ row: String) -> String {
    "NOT \(row).is_training AND NOT \(row).is_catch AND NOT \(row).is_repeat"
  }

  /// Whether the person of a session has another one.
  private static func isFurther(_ row: String) -> String {
    """
    EXISTS (SELECT 1 FROM participant AS own
      JOIN participant AS other ON other.identity = own.identity AND other.number <> own.number
      JOIN session AS theirs ON theirs.participant = other.number WHERE own.number = \(row).participant)
    """
  }

  /// - Parameter also: more that is done for each new trial.
  private static func trialCounts(_ also: String = "") -> String {
    """
    CREATE TRIGGER trial_counts AFTER INSERT ON trial BEGIN
      \(add(trial("new")))
      \(also)
      INSERT INTO covered SELECT new.query, new.condition, 1, new.said WHERE \(isMain("new"))
        ON CONFLICT (query, condition) DO UPDATE SET pages = pages + 1, ratings = ratings + excluded.ratings;
    END;
    """
  }

  /// From here on, whoever writes a session writes how many trials it has.
  static func leaveTrialsToWriter(_ db: Database) throws {
    try db.execute(sql: "DROP TRIGGER trial_counts; \(trialCounts())")
  }

  private static var triggers: String {
    let isChanged = ["finished_at", "outcome", "flags", "excluded", "headphones_passed", "trials", "events"]
      .map { "old.\($0) IS NOT new.\($0)" }.joined(separator: " OR ")
    return """
      CREATE TRIGGER session_counts AFTER INSERT ON session BEGIN
        \(add([("joined", "1"), ("further", isFurther("new"))] + session("new")))
      END;
      CREATE TRIGGER session_counts_anew
        AFTER UPDATE OF finished_at, outcome, flags, excluded, headphones_passed, trials, events ON session
        WHEN \(isChanged)
      BEGIN
        \(add(session("new"), less: session("old")))
      END;
      CREATE TRIGGER session_counts_no_more AFTER DELETE ON session BEGIN
        \(take([("joined", "1"), ("further", isFurther("old"))] + session("old")))
      END;
      CREATE TRIGGER link_counts AFTER INSERT ON participant WHEN new.link_notes IS NOT NULL BEGIN
        UPDATE tally SET spoilt = spoilt + 1;
      END;
      CREATE TRIGGER link_counts_no_more AFTER DELETE ON participant WHEN old.link_notes IS NOT NULL BEGIN
        UPDATE tally SET spoilt = spoilt - 1;
      END;
      CREATE TRIGGER response_counts AFTER INSERT ON response BEGIN
        UPDATE tally SET responses = responses + 1;
      END;
      CREATE TRIGGER response_counts_no_more AFTER DELETE ON response BEGIN
        UPDATE tally SET responses = responses - 1;
      END;
      CREATE TRIGGER event_counts_no_more AFTER DELETE ON event BEGIN
        UPDATE session SET events = events - 1 WHERE id = (SELECT session FROM event_batch WHERE id = old.batch);
      END;
      \(trialCounts("UPDATE session SET trials = trials + 1 WHERE id = (SELECT session FROM response WHERE id = new.response);"))
      CREATE TRIGGER trial_counts_anew AFTER UPDATE OF again_pairs, again_difference ON trial BEGIN
        \(add(trial("new"), less: trial("old")))
      END;
      CREATE TRIGGER trial_counts_no_more AFTER DELETE ON trial BEGIN
        \(take(trial("old")))
        UPDATE session SET trials = trials - 1 WHERE id = (SELECT session FROM response WHERE id = old.response);
        UPDATE covered SET pages = pages - 1, ratings = ratings - old.said
          WHERE query = old.query AND condition = old.condition AND \(isMain("old"));
        DELETE FROM covered WHERE query = old.query AND condition = old.condition AND pages = 0;
      END;
      """
  }
}
