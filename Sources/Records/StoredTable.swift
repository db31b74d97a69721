/// A table of the records: its columns in order. The first one is its key or part of it.
public struct StoredTable: Sendable {
  /// What a column holds.
  public enum Kind: Sendable { case integer, real, text, truth, bytes }

  /// A column: its name and what it holds.
  public struct Column: Sendable {
    /// Its name in SQL.
    public var name: String
    /// How databases store it differs: `truth` is a number in SQLite, a boolean in PostgreSQL.
    public var kind: Kind

    public init(name: String, kind: Kind) { (self.name, self.kind) = (name, kind) }
  }

  /// Its name in SQL and in messages.
  public var name: String
  /// In the order in which `Transaction.insert` expects values.
  public var columns: [Column]
  /// How many of the columns, from the first on, are its key.
  private let keys: Int

  /// The columns whose values together are unique.
  public var key: [String] { columns.prefix(keys).map(\.name) }

  init(_ name: String, keys: Int = 1, _ columns: KeyValuePairs<String, Kind>) {
    (self.name, self.keys) = (name, keys)
    self.columns = columns.map { Column(name: $0.key, kind: $0.value) }
  }

  /// What a column holds; nil if the table has no column of that name.
  public func kind(_ column: String) -> Kind? { columns.first { $0.name == column }?.kind }
}

extension StoredTable {
  /// By name: keys, whether newcomers are turned away and what they are told, and the texts that servers share.
  public static let setting = StoredTable("setting", ["name": .text, "value": .bytes])
  /// Versions under which sessions began, each with its scale and its design.
  public static let studyVersion = StoredTable(
    "study_version",
    [
      "version": .text, "study": .text, "scale_min": .integer, "scale_max": .integer, "first_used_at": .text,
      "design": .text,
    ])
  /// Listeners: number, version and seed, where they came from, and who they are.
  public static let participant = StoredTable(
    "participant",
    [
      "number": .integer, "study_version": .text, "seed": .integer, "recruited_from": .text, "external_id": .text,
      "identity": .text, "link_notes": .text, "listener_group": .text, "place": .integer, "alike": .text,
    ])
  /// What else listeners' links said.
  public static let linkValue = StoredTable(
    "link_value", keys: 2, ["participant": .integer, "name": .text, "value": .text])
  /// Sittings: language, times, how they ended, flags, and how much was stored of each.
  public static let session = StoredTable(
    "session",
    [
      "id": .integer, "participant": .integer, "key_hash": .text, "token_hash": .text, "language": .text,
      "user_agent_family": .text, "started_at": .text, "seen_at": .text, "finished_at": .text,
      "headphones_passed": .truth, "texts_version": .text, "ended_at": .text, "outcome": .text, "flags": .text,
      "events": .integer, "events_dropped": .integer, "trials": .integer, "excluded": .text,
    ])
  /// Further tokens that open a session: its listener came again, by id or by code.
  public static let furtherBrowser = StoredTable(
    "further_browser", ["key_hash": .text, "token_hash": .text, "session": .integer, "joined_at": .text])
  /// Answered steps. Answers to trials and questions refer to their row here.
  public static let response = StoredTable(
    "response",
    [
      "id": .integer, "session": .integer, "key": .text, "step": .text, "trial": .integer, "response_ms": .integer,
      "saved_at": .text,
    ])
  /// Answers to questionnaires and rounds of the headphone check, and the device that was reported with the volume.
  public static let answer = StoredTable(
    "answer", keys: 3, ["response": .integer, "question": .text, "ordinal": .integer, "value": .text])
  /// What an answered trial was, and how much was said in it.
  public static let trial = StoredTable(
    "trial",
    [
      "response": .integer, "type": .text, "block": .integer, "query": .text, "condition": .text, "is_catch": .truth,
      "is_repeat": .truth, "is_training": .truth, "is_passed": .truth, "block_name": .text, "said": .integer,
      "again_pairs": .integer, "again_difference": .real, "chance": .real,
    ])
  /// The positions of an answered trial: which stimulus was there, and how it was heard.
  public static let slot = StoredTable(
    "slot", keys: 2,
    [
      "response": .integer, "position": .integer, "stimulus": .text, "is_reference": .truth, "is_anchor": .truth,
      "plays": .integer, "listened_ms": .integer, "system": .text,
    ])
  /// Judgements: of a position or, at position 0, of the whole trial.
  public static let judgement = StoredTable(
    "judgement", keys: 3, ["response": .integer, "position": .integer, "scale": .text, "number": .real, "text": .text])
  /// What was sent and refused, as it was sent.
  public static let refused = StoredTable(
    "refused",
    [
      "id": .integer, "session": .integer, "key": .text, "step": .text, "trial": .integer, "status": .integer,
      "code": .text, "body": .text, "saved_at": .text,
    ])
  /// Batches of events, by their key, so that each is stored once.
  public static let eventBatch = StoredTable("event_batch", ["id": .integer, "session": .integer, "key": .text])
  /// What happened on the pages, as browsers reported it.
  public static let event = StoredTable(
    "event", keys: 2,
    [
      "batch": .integer, "ordinal": .integer, "trial": .integer, "at_ms": .integer, "kind": .text, "stimulus": .text,
      "value": .text,
    ])
  /// Each decision to exclude a session from analyses, or to include it again.
  public static let exclusion = StoredTable(
    "exclusion",
    [
      "id": .integer, "session": .integer, "is_excluded": .truth, "reason": .text, "decided_at": .text, "who": .text,
    ])
  /// What was done in the lab and must stay on record (`Act`).
  public static let act = StoredTable(
    "act", ["id": .integer, "done_at": .text, "who": .text, "what": .text, "about": .text])
  /// Analysis plans that the study had while it was served, by their SHA-256.
  public static let analysisPlan = StoredTable("analysis_plan", ["sha256": .text, "first_seen_at": .text])
  /// Who is signed in to the lab (`LabSession`).
  public static let labSession = StoredTable(
    "lab_session", ["hash": .text, "name": .text, "proof": .text, "began_at": .text, "expires": .real])

  /// All of them, each after those that it refers to. Counts (`Tally`) are not included.
  public static let all = [
    setting, studyVersion, participant, linkValue, session, furtherBrowser, response, answer, trial, slot, judgement,
    refused, eventBatch, event, exclusion, act, analysisPlan, labSession,
  ]

  /// The tables whose rows have a number as their first column, by which other tables refer to them.
  public static let numbered = [participant, session, response, eventBatch, refused, exclusion, act]
}
