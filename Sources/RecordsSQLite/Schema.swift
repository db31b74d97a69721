import Basics
import GRDB
import Records

/// The tables, as migrations. A migration that has been released never changes; a new one follows it.
enum Schema {
  /// All migrations in their order.
  ///
  /// In one piece: a history, to be read from top to bottom.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 sessions, responses, events") { db in
      try db.execute(
        sql: """
          CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

          CREATE TABLE study_version (
            version TEXT PRIMARY KEY,
            study TEXT NOT NULL,
            scale_min INTEGER NOT NULL,
            scale_max INTEGER NOT NULL,
            first_used_at TEXT NOT NULL
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE participant (
            number INTEGER PRIMARY KEY CHECK (number > 0),
            study_version TEXT NOT NULL REFERENCES study_version (version),
            seed INTEGER NOT NULL,
            recruited_from TEXT,
            external_id TEXT
          ) STRICT;

          CREATE TABLE session (
            id INTEGER PRIMARY KEY,
            participant INTEGER NOT NULL REFERENCES participant (number),
            key_hash TEXT NOT NULL UNIQUE,
            token_hash TEXT NOT NULL UNIQUE,
            language TEXT NOT NULL,
            user_agent_family TEXT NOT NULL,
            started_at TEXT NOT NULL,
            seen_at TEXT NOT NULL,
            finished_at TEXT,
            headphones_passed INTEGER
          ) STRICT;
          CREATE INDEX session_of_participant ON session (participant);

          CREATE TABLE response (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES session (id),
            key TEXT NOT NULL,
            step TEXT NOT NULL,
            trial INTEGER NOT NULL,
            response_ms INTEGER,
            saved_at TEXT NOT NULL,
            UNIQUE (session, key),
            UNIQUE (session, step, trial)
          ) STRICT;

          CREATE TABLE trial (
            response INTEGER PRIMARY KEY REFERENCES response (id),
            type TEXT NOT NULL,
            block INTEGER NOT NULL,
            query TEXT NOT NULL,
            condition TEXT NOT NULL,
            is_catch INTEGER NOT NULL,
            is_repeat INTEGER NOT NULL,
            is_training INTEGER NOT NULL
          ) STRICT;

          CREATE TABLE rating (
            response INTEGER NOT NULL REFERENCES trial (response),
            position INTEGER NOT NULL,
            candidate TEXT NOT NULL,
            is_reference INTEGER NOT NULL,
            is_anchor INTEGER NOT NULL,
            rating INTEGER NOT NULL,
            plays INTEGER NOT NULL,
            listened_ms INTEGER NOT NULL,
            PRIMARY KEY (response, position)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE answer (
            response INTEGER NOT NULL REFERENCES response (id),
            question TEXT NOT NULL,
            ordinal INTEGER NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (response, question, ordinal)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE event_batch (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES session (id),
            key TEXT NOT NULL,
            UNIQUE (session, key)
          ) STRICT;

          CREATE TABLE event (
            batch INTEGER NOT NULL REFERENCES event_batch (id),
            ordinal INTEGER NOT NULL,
            trial INTEGER,
            at_ms INTEGER NOT NULL,
            kind TEXT NOT NULL,
            stimulus TEXT,
            value TEXT,
            PRIMARY KEY (batch, ordinal)
          ) STRICT, WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("2 analysis plans") { db in
      try db.execute(
        sql: """
          CREATE TABLE analysis_plan (sha256 TEXT PRIMARY KEY, first_seen_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("3 refused answers") { db in
      try db.execute(
        sql: """
          CREATE TABLE refused (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES session (id),
            key TEXT NOT NULL,
            step TEXT NOT NULL,
            trial INTEGER NOT NULL,
            status INTEGER NOT NULL,
            code TEXT NOT NULL,
            body TEXT NOT NULL,
            saved_at TEXT NOT NULL,
            UNIQUE (session, key)
          ) STRICT;
          """)
    }
    migrator.registerMigration("4 one person, one link") { db in
      try db.execute(
        sql: """
          ALTER TABLE participant ADD COLUMN identity TEXT;
          ALTER TABLE participant ADD COLUMN link_notes TEXT;
          CREATE INDEX participant_of_identity ON participant (identity);
          CREATE INDEX participant_of_external_id ON participant (external_id COLLATE NOCASE);

          CREATE TABLE link_value (
            participant INTEGER NOT NULL REFERENCES participant (number),
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (participant, name)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE further_browser (
            key_hash TEXT PRIMARY KEY,
            token_hash TEXT NOT NULL UNIQUE,
            session INTEGER NOT NULL REFERENCES session (id),
            joined_at TEXT NOT NULL
          ) STRICT, WITHOUT ROWID;
          CREATE INDEX further_browser_of_session ON further_browser (session);

          CREATE VIEW sitting AS
          SELECT session.id AS session, row_number() OVER ofPerson AS sitting,
            first_value(participant) OVER ofPerson AS first_participant
          FROM session JOIN participant ON participant.number = session.participant
          WINDOW ofPerson AS (
            PARTITION BY coalesce(identity, 'participant ' || participant) ORDER BY session.id);
          """)
      let known = try Row.fetchAll(db, sql: "SELECT number, external_id FROM participant WHERE external_id IS NOT NULL")
      for row in known {
        try db.execute(
          sql: "UPDATE participant SET identity = ? WHERE number = ?",
          arguments: [Newcomer.identity(of: row["external_id"]), row["number"] as Int])
      }
    }
    registerTrialTypes(&migrator)
    migrator.registerMigration("6 systems of renderings") { db in
      try db.execute(sql: "ALTER TABLE slot ADD COLUMN system TEXT")
    }
    migrator.registerMigration("7 numbers are never used again") { db in
      try db.execute(
        sql: "CREATE TABLE last_used (name TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;")
      for (table, column) in numbered {
        try db.execute(
          sql: """
            CREATE TRIGGER \(table)_was_used AFTER DELETE ON \(table) BEGIN
              INSERT INTO last_used VALUES ('\(table)', old.\(column))
              ON CONFLICT (name) DO UPDATE SET id = max(id, excluded.id);
            END;
            """)
      }
    }
    migrator.registerMigration("8 groups and names of blocks") { db in
      try db.execute(
        sql: """
          ALTER TABLE participant ADD COLUMN listener_group TEXT;
          ALTER TABLE participant ADD COLUMN place INTEGER;
          CREATE INDEX participant_of_group ON participant (study_version, listener_group);
          ALTER TABLE trial ADD COLUMN block_name TEXT;
          """)
    }
    migrator.registerMigration("9 designs and texts") { db in
      // Until now every letter made another version, so a session's texts are those of its version.
      try db.execute(
        sql: """
          ALTER TABLE study_version ADD COLUMN design TEXT;
          CREATE INDEX study_version_of_design ON study_version (design);
          ALTER TABLE session ADD COLUMN texts_version TEXT;
          ALTER TABLE session ADD COLUMN ended_at TEXT;
          ALTER TABLE session ADD COLUMN outcome TEXT;
          UPDATE session SET texts_version =
            (SELECT study_version FROM participant WHERE participant.number = session.participant);
          """)
    }
    migrator.registerMigration("10 flags, places and events of a session") { db in
      try db.execute(
        sql: """
          ALTER TABLE session ADD COLUMN flags TEXT;
          ALTER TABLE session ADD COLUMN events INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE session ADD COLUMN events_dropped INTEGER NOT NULL DEFAULT 0;
          UPDATE session SET events = (
            SELECT count(*) FROM event_batch JOIN event ON event.batch = event_batch.id
            WHERE event_batch.session = session.id);
          CREATE INDEX session_under_way ON session (seen_at) WHERE finished_at IS NULL AND outcome IS NULL;
          CREATE INDEX session_passed ON session (participant) WHERE finished_at IS NOT NULL AND flags IS NULL;
          """)
    }
    migrator.registerMigration("11 counts and exclusions", migrate: Counts.migrate)
    migrator.registerMigration("12 sittings and acts of the lab") { db in
      try db.execute(
        sql: """
          CREATE TABLE lab_session (
            hash TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            proof TEXT NOT NULL,
            began_at TEXT NOT NULL,
            expires REAL NOT NULL
          ) STRICT, WITHOUT ROWID;
          CREATE TABLE act (
            id INTEGER PRIMARY KEY,
            done_at TEXT NOT NULL,
            who TEXT NOT NULL,
            what TEXT NOT NULL,
            about TEXT NOT NULL
          ) STRICT;
          ALTER TABLE exclusion ADD COLUMN who TEXT NOT NULL DEFAULT '';
          """)
    }
    migrator.registerMigration("13 what is alike; trials counted by who writes them") { db in
      try db.execute(
        sql: """
          ALTER TABLE participant ADD COLUMN alike TEXT;
          CREATE INDEX participant_of_alike ON participant (alike);
          DROP INDEX participant_of_external_id;
          """)
      let known = try Row.fetchAll(db, sql: "SELECT number, external_id FROM participant WHERE external_id IS NOT NULL")
      for row in known {
        try db.execute(
          sql: "UPDATE participant SET alike = ? WHERE number = ?",
          arguments: [Name.alike(row["external_id"]), row["number"] as Int])
      }
      try Counts.leaveTrialsToWriter(db)
    }
    migrator.registerMigration("14 chances of pages") { db in
      try db.execute(sql: "ALTER TABLE trial ADD COLUMN chance REAL")
    }
    return migrator
  }

  /// The tables whose rows have a number, by which others outside name them, and its column: a trigger keeps what was used.
  /// Nobody outside names an exclusion or an act, so theirs may come again when the last of them is deleted.
  static let numbered = [
    ("participant", "number"), ("session", "id"), ("response", "id"), ("event_batch", "id"), ("refused", "id"),
  ]

  /// SQL of the number of the next row of a table. It is above all that were ever used, also by rows that were deleted
  /// since: whoever still holds the old number must not come upon somebody else's row.
  static func next(_ table: String, _ column: String = "id") -> String {
    """
    (SELECT max(coalesce((SELECT max(\(column)) FROM \(table)), 0),
      coalesce((SELECT id FROM last_used WHERE name = '\(table)'), 0)) + 1)
    """
  }

  /// A trial has slots, each a sound as it was heard, and judgements, each one thing said of a slot or, at position 0, of
  /// the whole trial. What was a rating is a slot and a judgement; whether a check was passed is decided when it is saved.
  private static func registerTrialTypes(_ migrator: inout DatabaseMigrator) {
    migrator.registerMigration("5 trial types") { db in
      try db.execute(
        sql: """
          ALTER TABLE trial ADD COLUMN is_passed INTEGER;

          CREATE TABLE slot (
            response INTEGER NOT NULL REFERENCES trial (response),
            position INTEGER NOT NULL,
            stimulus TEXT NOT NULL,
            is_reference INTEGER NOT NULL,
            is_anchor INTEGER NOT NULL,
            plays INTEGER NOT NULL,
            listened_ms INTEGER NOT NULL,
            PRIMARY KEY (response, position)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE judgement (
            response INTEGER NOT NULL REFERENCES trial (response),
            position INTEGER NOT NULL,
            scale TEXT NOT NULL,
            number REAL,
            text TEXT,
            PRIMARY KEY (response, position, scale)
          ) STRICT, WITHOUT ROWID;

          INSERT INTO slot
            SELECT response, position, candidate, is_reference, is_anchor, plays, listened_ms FROM rating;
          INSERT INTO judgement SELECT response, position, 'similarity', rating, NULL FROM rating;
          UPDATE trial SET is_passed = (
            SELECT max(CASE WHEN is_reference THEN rating END) > max(CASE WHEN NOT is_reference THEN rating END)
            FROM rating WHERE rating.response = trial.response)
            WHERE is_catch AND NOT is_training;
          DROP TABLE rating;
          """)
    }
  }
}
