import Basics
import Records

/// The tables on PostgreSQL, as migrations. A migration that has been released never changes; a new one follows it.
enum PostgresSchema {
  /// - Throws: `Problem` where what is acknowledged would not outlast a power cut.
  static func check(_ connection: PostgresConnection) throws {
    for (setting, mend) in [
      ("fsync", "Set fsync = on in postgresql.conf."),
      ("full_page_writes", "Set full_page_writes = on, or use a file system that never tears pages."),
    ] {
      // Other engines have no such setting, and write in their own way.
      let row = try connection.ask("SELECT current_setting('\(setting)', true) AS value").rows.first
      guard let value: String = try row?["value"], value == "off" else { continue }
      throw Problem("the database could lose acknowledged answers: \(setting) is off", mend: mend)
    }
    connection.later(PostgresStatement(sql: "BEGIN"))
    connection.later(PostgresStatement(sql: "SET LOCAL synchronous_commit = on"))
    let row = try connection.ask("SELECT current_setting('synchronous_commit', true) AS value").rows.first
    _ = try connection.ask("COMMIT")
    if let value: String = try row?["value"], value == "off" {
      throw Problem(
        "the database could lose acknowledged answers: synchronous_commit is off",
        mend: "Allow the role to set synchronous_commit.")
    }
  }

  /// Brings the tables up to date; one server at a time.
  /// - Throws: `Problem` where they are of a newer Earshot.
  static func migrate(_ connection: PostgresConnection) throws {
    if let version = try version(connection), try isCurrent(version) { return }
    // Of two that begin together one fails, in one of several ways (the table, its type or its index is there already);
    // it finds the table when it asks again.
    for attempt in 1...5 {
      do {
        _ = try connection.ask(
          "CREATE TABLE IF NOT EXISTS earshot_schema (only_row boolean PRIMARY KEY, version bigint NOT NULL)")
        break
      } catch let error as PostgresError {
        guard attempt < 5 else { throw error }
      }
    }
    connection.later(PostgresStatement.begin)
    do {
      // Rather than keep all others waiting behind a long export, it fails.
      connection.later(PostgresStatement(sql: "SET LOCAL lock_timeout = '4s'"))
      _ = try connection.ask("INSERT INTO earshot_schema VALUES (true, 0) ON CONFLICT DO NOTHING")
      let row = try connection.ask("SELECT version FROM earshot_schema FOR UPDATE").rows.first
      let version: Int = try row?["version"] ?? 0
      if try !isCurrent(version) {
        for statement in migrations[version...].flatMap({ $0 }) { _ = try connection.ask(statement) }
        _ = try connection.ask("UPDATE earshot_schema SET version = \(last)")
      }
      _ = try connection.ask("COMMIT")
    } catch {
      connection.forgetPending()
      _ = try? connection.ask("ROLLBACK")
      guard (error as? PostgresError)?.state == "55P03" else { throw error }
      throw Problem(
        "the tables cannot be brought up to date while others use them",
        mend: "Start again in a moment. A long export from another server may be reading them.")
    }
  }

  /// Of the tables that are there; nil where there are none.
  static func version(_ connection: PostgresConnection) throws -> Int? {
    do { return try connection.ask("SELECT version FROM earshot_schema").rows.first?["version"] } catch let error
      as PostgresError where error.state == "42P01"
    { return nil }
  }

  /// - Throws: `Problem` where they are of a newer Earshot.
  static func isCurrent(_ version: Int) throws -> Bool {
    guard version <= migrations.count else {
      throw Problem(
        "the records were written by a newer Earshot",
        mend: "Use that version or a later one. This one has not changed them.")
    }
    return version == migrations.count
  }

  /// Of this Earshot's tables.
  static var last: Int { migrations.count }

  /// Sorts as bytes, as SQLite does, whatever the database's language is.
  private static let text = "text COLLATE \"C\""

  /// Rows of a page and of events refer to their response and batch without a check a row: they are only ever written
  /// together with it.
  private static let migrations: [[String]] = [
    [
      "CREATE TABLE setting (name \(text) PRIMARY KEY, value bytea NOT NULL)",
      """
      CREATE TABLE study_version (
        version \(text) PRIMARY KEY, study \(text) NOT NULL, scale_min bigint NOT NULL, scale_max bigint NOT NULL,
        first_used_at \(text) NOT NULL, design \(text))
      """,
      "CREATE INDEX study_version_of_design ON study_version (design)",
      """
      CREATE TABLE participant (
        number bigint PRIMARY KEY CHECK (number > 0), study_version \(text) NOT NULL REFERENCES study_version (version),
        seed bigint NOT NULL, recruited_from \(text), external_id \(text), identity \(text), link_notes \(text),
        listener_group \(text), place bigint, alike \(text))
      """,
      "CREATE INDEX participant_of_identity ON participant (identity)",
      "CREATE INDEX participant_of_alike ON participant (alike)",
      "CREATE INDEX participant_of_group ON participant (study_version, listener_group)",
      """
      CREATE TABLE link_value (
        participant bigint NOT NULL REFERENCES participant (number), name \(text) NOT NULL, value \(text) NOT NULL,
        PRIMARY KEY (participant, name))
      """,
      """
      CREATE TABLE session (
        id bigint PRIMARY KEY, participant bigint NOT NULL REFERENCES participant (number),
        key_hash \(text) NOT NULL UNIQUE, token_hash \(text) NOT NULL UNIQUE, language \(text) NOT NULL,
        user_agent_family \(text) NOT NULL, started_at \(text) NOT NULL, seen_at \(text) NOT NULL, finished_at \(text),
        headphones_passed boolean, texts_version \(text), ended_at \(text), outcome \(text), flags \(text),
        events bigint NOT NULL DEFAULT 0, events_dropped bigint NOT NULL DEFAULT 0, trials bigint NOT NULL DEFAULT 0,
        excluded \(text))
      """,
      "CREATE INDEX session_of_participant ON session (participant)",
      """
      CREATE FUNCTION days(\(text.replacing(" COLLATE \"C\"", with: ""))) RETURNS double precision
        LANGUAGE SQL IMMUTABLE AS $$ SELECT CAST(extract(epoch FROM CAST($1 AS timestamptz)) AS double precision) / 86400 $$
      """,
      """
      CREATE INDEX session_took ON session ((days(finished_at) - days(started_at))) WHERE finished_at IS NOT NULL
      """,
      "CREATE INDEX session_under_way ON session (seen_at) WHERE finished_at IS NULL AND outcome IS NULL",
      """
      CREATE TABLE further_browser (
        key_hash \(text) PRIMARY KEY, token_hash \(text) NOT NULL UNIQUE, session bigint NOT NULL REFERENCES session (id),
        joined_at \(text) NOT NULL)
      """,
      "CREATE INDEX further_browser_of_session ON further_browser (session)",
      """
      CREATE TABLE response (
        id bigint PRIMARY KEY, session bigint NOT NULL REFERENCES session (id), key \(text) NOT NULL,
        step \(text) NOT NULL, trial bigint NOT NULL, response_ms bigint, saved_at \(text) NOT NULL,
        UNIQUE (session, key), UNIQUE (session, step, trial))
      """,
      """
      CREATE TABLE answer (
        response bigint NOT NULL, question \(text) NOT NULL, ordinal bigint NOT NULL, value \(text) NOT NULL,
        PRIMARY KEY (response, question, ordinal))
      """,
      """
      CREATE TABLE trial (
        response bigint PRIMARY KEY, type \(text) NOT NULL, block bigint NOT NULL, query \(text) NOT NULL,
        condition \(text) NOT NULL, is_catch boolean NOT NULL, is_repeat boolean NOT NULL, is_training boolean NOT NULL,
        is_passed boolean, block_name \(text), said bigint NOT NULL DEFAULT 0, again_pairs bigint,
        again_difference double precision)
      """,
      """
      CREATE TABLE slot (
        response bigint NOT NULL, position bigint NOT NULL, stimulus \(text) NOT NULL, is_reference boolean NOT NULL,
        is_anchor boolean NOT NULL, plays bigint NOT NULL, listened_ms bigint NOT NULL, system \(text),
        PRIMARY KEY (response, position))
      """,
      """
      CREATE TABLE judgement (
        response bigint NOT NULL, position bigint NOT NULL, scale \(text) NOT NULL, number double precision,
        text \(text), PRIMARY KEY (response, position, scale))
      """,
      """
      CREATE TABLE refused (
        id bigint PRIMARY KEY, session bigint NOT NULL REFERENCES session (id), key \(text) NOT NULL,
        step \(text) NOT NULL, trial bigint NOT NULL, status bigint NOT NULL, code \(text) NOT NULL,
        body \(text) NOT NULL, saved_at \(text) NOT NULL, UNIQUE (session, key))
      """,
      """
      CREATE TABLE event_batch (
        id bigint PRIMARY KEY, session bigint NOT NULL REFERENCES session (id), key \(text) NOT NULL,
        UNIQUE (session, key))
      """,
      """
      CREATE TABLE event (
        batch bigint NOT NULL, ordinal bigint NOT NULL, trial bigint, at_ms bigint NOT NULL, kind \(text) NOT NULL,
        stimulus \(text), value \(text), PRIMARY KEY (batch, ordinal))
      """,
      """
      CREATE TABLE exclusion (
        id bigint PRIMARY KEY, session bigint NOT NULL REFERENCES session (id), is_excluded boolean NOT NULL,
        reason \(text) NOT NULL, decided_at \(text) NOT NULL, who \(text) NOT NULL DEFAULT '')
      """,
      "CREATE INDEX exclusion_of_session ON exclusion (session)",
      """
      CREATE TABLE act (
        id bigint PRIMARY KEY, done_at \(text) NOT NULL, who \(text) NOT NULL, what \(text) NOT NULL,
        about \(text) NOT NULL)
      """,
      "CREATE TABLE analysis_plan (sha256 \(text) PRIMARY KEY, first_seen_at \(text) NOT NULL)",
      """
      CREATE TABLE lab_session (
        hash \(text) PRIMARY KEY, name \(text) NOT NULL, proof \(text) NOT NULL, began_at \(text) NOT NULL,
        expires double precision NOT NULL)
      """,
      """
      CREATE TABLE tally (
        part bigint PRIMARY KEY, joined double precision NOT NULL DEFAULT 0, finished double precision NOT NULL DEFAULT 0,
        ended double precision NOT NULL DEFAULT 0, flagged double precision NOT NULL DEFAULT 0,
        excluded double precision NOT NULL DEFAULT 0, untouched double precision NOT NULL DEFAULT 0,
        headphones double precision NOT NULL DEFAULT 0, headphones_passed double precision NOT NULL DEFAULT 0,
        further double precision NOT NULL DEFAULT 0, spoilt double precision NOT NULL DEFAULT 0,
        responses double precision NOT NULL DEFAULT 0, ratings double precision NOT NULL DEFAULT 0,
        events double precision NOT NULL DEFAULT 0, catches double precision NOT NULL DEFAULT 0,
        catches_passed double precision NOT NULL DEFAULT 0, repeats double precision NOT NULL DEFAULT 0,
        repeat_pairs double precision NOT NULL DEFAULT 0, repeat_difference double precision NOT NULL DEFAULT 0)
      """,
      """
      CREATE TABLE covered (
        part bigint NOT NULL, query \(text) NOT NULL, condition \(text) NOT NULL, pages bigint NOT NULL,
        ratings bigint NOT NULL, PRIMARY KEY (part, query, condition))
      """,
      """
      CREATE VIEW sitting AS
      SELECT session.id AS session, row_number() OVER ofPerson AS sitting,
        first_value(participant) OVER ofPerson AS first_participant
      FROM session JOIN participant ON participant.number = session.participant
      WINDOW ofPerson AS (
        PARTITION BY coalesce(identity, 'participant ' || CAST(participant AS text)) ORDER BY session.id)
      """,
    ] + StoredTable.numbered.map { "CREATE SEQUENCE \($0.name)_numbers" },
    ["ALTER TABLE trial ADD COLUMN chance double precision"],
    // Every answer changes `seen_at`. As long as no indexed column changes, PostgreSQL leaves the indexes alone, if there is
    // room beside the row; so ten minutes of activity share one value of `seen_about`. The storage fills it: a column that the
    // database computes would have it write the whole table anew, and servers that are reading would find it empty.
    [
      "ALTER TABLE session SET (fillfactor = 70)",
      "ALTER TABLE session ADD COLUMN seen_about \(text)",
      "UPDATE session SET seen_about = left(seen_at, 15) WHERE finished_at IS NULL AND outcome IS NULL",
      "DROP INDEX session_under_way",
      "CREATE INDEX session_active ON session (seen_about) WHERE finished_at IS NULL AND outcome IS NULL",
    ],
  ]
}
