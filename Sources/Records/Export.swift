import Basics
import Foundation
import Study
import Trials

/// Writes everything that was recorded as tables that any program can read, with a Frictionless data package that explains
/// them.
///
/// The tables stream from one snapshot of the records, so an export may be made while listeners take part. The same
/// records and the same study give the same bytes.
public struct Export: Sendable {
  /// The study as it is now, for what does not come from participants: questions, stimuli and rankings.
  public struct Study: Sendable {
    /// The name of its folder.
    public var name: String
    /// In the study's first language.
    public var title: String
    /// The version as it was read; in the records it may have the name of an earlier version of the same design.
    public var version: String
    /// SHA-256 of its design. As soon as there are sessions of another one, no table refers to stimuli.csv by a key.
    public var designVersion: String
    /// The questions of all its questionnaires, in the order of study.yaml.
    public var questionnaire: [StudyDefinition.Question]
    /// How the pages of its block of ratings, or else of its first block, are filled; for `candidate_pools` in datapackage.json.
    public var pool: StudyDefinition.Pool
    /// The tables in which the answers of its trial types are exported.
    public var tables: [TrialTable]
    /// Whether its listeners are in groups.
    public var hasGroups: Bool
    /// Whether its tables name the block of a row, since several blocks have the same type.
    public var namesBlocks: Bool
    /// Which parameters of listeners' links it keeps.
    public var kept: [String]
    /// stimuli.csv as the preparation wrote it.
    public var stimuli: Data
    /// The study's rankings, if it has any.
    public var rankings: URL?

    /// What an export says of a study, from its design.
    /// - Parameter name: of its folder.
    public init(name: String, design: StudyDesign, stimuli: Data, rankings: URL?) {
      self.name = name
      title = design.definition.title
      version = design.version
      designVersion = design.designVersion
      questionnaire = design.definition.questions
      pool = design.definition.runs[design.ratingBlock ?? 0].pool
      tables = design.definition.runs.compactMap { TrialTypes.named($0.type)?.table }.reduce(into: []) {
        tables, table in
        if !tables.contains(where: { $0.name == table.name }) { tables.append(table) }
      }
      if design.definition.runs.contains(where: \.takesComments) { tables.append(TrialTable.comments) }
      hasGroups = !design.definition.groups.isEmpty
      namesBlocks = Set(design.definition.runs.map(\.type)).count < design.definition.runs.count
      if namesBlocks { tables = tables.map(\.naming) }
      kept = design.definition.joining.keep
      self.stimuli = stimuli
      self.rankings = rankings
    }
  }

  /// How the tables are laid out for the programs that will open them.
  public struct Form: Sendable {
    /// Which texts are protected from being read as formulas by a spreadsheet (`FormulaGuard`).
    public enum Guarded: String, Sendable, CaseIterable {
      case none
      /// Texts from listeners and their links: anybody may have written them.
      case listeners
      /// The study's own names as well.
      case all
    }

    /// What `earshot export --guard` says; the lab's own downloads guard listeners' texts.
    public var guarded: Guarded
    /// Tables begin with a byte-order mark.
    public var isMarked: Bool

    /// By default, listeners' texts are guarded, and there is no byte-order mark (docs/records.md says why).
    public init(guarded: Guarded = .listeners, isMarked: Bool = false) {
      self.guarded = guarded
      self.isMarked = isMarked
    }
  }

  /// The tables, without `.csv`, in the order in which `earshot export` lists them. Which ones depends on the study.
  public var tableNames: [String] {
    ["participants"] + study.tables.map(\.name) + ["events", "stimuli"] + (study.rankings == nil ? [] : ["rankings"])
      + ["refused"]
  }

  /// Every file that `write` makes: the tables and datapackage.json.
  public var fileNames: [String] { tableNames.map { "\($0).csv" } + ["datapackage.json"] }

  private let records: Records
  private var study: Study
  private let form: Form

  /// The tables are those of the study's types, and of types that were answered under an older version.
  public init(_ records: Records, of study: Study, form: Form = Form()) {
    self.records = records
    self.study = study
    if let known = try? records.read({ try Records.version($0, ofDesign: study.designVersion) }) {
      self.study.version = known
    }
    let answered = (try? records.read { try $0.column("SELECT DISTINCT type FROM trial") as [String] }) ?? []
    for type in answered.sorted() {
      guard let table = TrialTypes.named(type)?.table, !study.tables.contains(where: { $0.name == table.name })
      else { continue }
      self.study.tables.append(study.namesBlocks ? table.naming : table)
    }
    self.form = form
  }

  /// Writes the files into `folder`, which is created if it is missing. Each file appears under its name when it is complete.
  /// Two exports into one folder write one after the other, so that all files there come from the same export.
  /// - Returns: rows by table.
  /// - Throws: a `Problem` if one of the names belongs to something other than a file.
  @discardableResult
  public func write(to folder: URL) throws -> [String: Int] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let lock = try FolderLock(waitingFor: folder)
    defer { withExtendedLifetime(lock) {} }
    for name in fileNames { _ = try OutputFile.file(folder.appending(path: name)) }
    var counts: [String: Int] = [:]
    if let table = study.rankings {
      let rankings = try Ranking.read(table)
      try Ranking.write(
        rankings, to: folder.appending(path: "rankings.csv"), isMarked: form.isMarked,
        guardsFormulas: form.guarded == .all)
      counts["rankings"] = rankings.reduce(0) { $0 + $1.entries.count }
    }
    counts["stimuli"] = try copyStimuli(to: folder.appending(path: "stimuli.csv"))
    var questions: [String] = []
    var kept: [String] = []
    var versions: [String] = []
    var alike: Set<String> = [study.version]
    var plans: [DataPackage.Plan] = []
    try records.read { db in
      versions = try db.column("SELECT DISTINCT study_version FROM participant ORDER BY study_version")
      alike.formUnion(
        try db.column("SELECT version FROM study_version WHERE design = ?1", study.designVersion) as [String])
      plans = try db.rows("SELECT sha256, first_seen_at FROM analysis_plan ORDER BY first_seen_at, sha256").map {
        try DataPackage.Plan(sha256: $0["sha256"], firstSeenAt: $0["first_seen_at"])
      }
      questions = try self.questions(db)
      kept = try self.kept(db)
      counts["participants"] = try participants(db, questions, kept, folder.appending(path: "participants.csv"))
      for table in study.tables {
        counts[table.name] = try answers(db, table, folder.appending(path: "\(table.name).csv"))
      }
      counts["events"] = try events(db, folder.appending(path: "events.csv"))
      counts["refused"] = try refused(db, folder.appending(path: "refused.csv"))
    }
    try DataPackage(
      study: study, versions: versions, plans: plans, questions: questions, kept: kept,
      isOneDesign: alike.isSuperset(of: versions), isGuarded: form.guarded != .none
    ).write(to: folder)
    return counts
  }

  private func table(_ url: URL, _ columns: [String], _ body: (inout TableWriter) throws -> Void) throws {
    try TableWriter.write(
      url, columns: columns, isMarked: form.isMarked, guardsFormulas: form.guarded == .all, body)
  }

  /// A text that came from a listener.
  private func said(_ text: String?) -> String? { form.guarded == .listeners ? text.map(FormulaGuard.guarded) : text }

  private func copyStimuli(to url: URL) throws -> Int {
    var count = 0
    var reader = try TableReader(study.stimuli, name: "stimuli.csv")
    try table(url, reader.columns) { table in
      while let row = try reader.next() {
        try table.row(reader.columns.map { row[$0] })
        count += 1
      }
    }
    return count
  }

  /// The study's questions in order, then those that only older versions asked.
  private func questions(_ db: any Snapshot) throws -> [String] {
    let asked = study.questionnaire.map(\.id)
    let answered: [String] = try db.column(
      """
      SELECT DISTINCT question FROM answer JOIN response ON response.id = answer.response
      WHERE step = 'questionnaire' ORDER BY question
      """)
    return asked + answered.filter { !asked.contains($0) }
  }

  /// The link parameters that the study keeps, then those that only older versions kept.
  private func kept(_ db: any Snapshot) throws -> [String] {
    let seen: [String] = try db.column("SELECT DISTINCT name FROM link_value ORDER BY name")
    let known = (study.hasGroups ? [ParticipantRow.groupColumn] : []) + study.kept
    return known + seen.filter { !(known + ParticipantRow.panelColumns).contains($0) }
  }

  private func participants(_ db: any Snapshot, _ questions: [String], _ kept: [String], _ url: URL) throws -> Int {
    let sessions = try db.cursor(
      """
      SELECT session.*,
        (SELECT nullif(count(*), 0) FROM response WHERE response.session = session.id AND step = 'headphones') AS checks,
        participant.recruited_from, participant.external_id, link_notes, listener_group, place, sitting,
        first_participant,
        (SELECT count(*) FROM further_browser WHERE further_browser.session = session.id) AS further_browsers
      FROM session JOIN participant ON participant.number = session.participant
      JOIN sitting ON sitting.session = session.id ORDER BY session.id
      """, [])
    let links = "SELECT name, value FROM link_value WHERE participant = ?1"
    let answers = """
      SELECT question, value FROM answer JOIN response ON response.id = answer.response
      WHERE session = ?1 AND step = 'questionnaire' ORDER BY question, ordinal
      """
    let facts = """
      SELECT question, value FROM answer JOIN response ON response.id = answer.response
      WHERE session = ?1 AND step = 'volume'
      """
    var count = 0
    // What is chosen is the study's own wording.
    let chosen = Set(study.questionnaire.filter { $0.kind == .choice || $0.kind == .choices }.map(\.id))
    try table(url, DataPackage.participantColumns(questions, kept)) { table in
      while let row = try sessions.next() {
        var participant = try self.participant(row, try db.rows(links, row["participant"] as Int))
        participant.device = PlayingDevice(
          facts: Dictionary(
            try db.rows(facts, participant.session).map { try ($0["question"], Int($0["value"] as String) ?? 0) },
            uniquingKeysWith: { _, last in last }))
        var given: [String: [String]] = [:]
        for answer in try db.rows(answers, participant.session) {
          given[try answer["question"], default: []].append(try answer["value"])
        }
        var cells = ParticipantRow.columns.map { $0.cell(participant) }
        cells +=
          questions.map { question in
            let answer = given[question]?.joined(separator: ";")
            return chosen.contains(question) ? answer : said(answer)
          } as [any CellValue]
        cells += ParticipantRow.laterColumns.map { $0.cell(participant) }
        cells += kept.map { participant.link[$0] } as [any CellValue]
        cells += ParticipantRow.lastColumns.map { $0.cell(participant) }
        try table.row(cells)
        count += 1
      }
    }
    return count
  }

  private func participant(_ row: StoredRow, _ links: [StoredRow]) throws -> ParticipantRow {
    var link = try links.map { try ($0["name"] as String, said($0["value"] as String) ?? "") }
    if study.hasGroups { link.insert((ParticipantRow.groupColumn, try row["listener_group"] ?? ""), at: 0) }
    return try ParticipantRow(
      participant: row["participant"], session: row["id"], recruitedFrom: said(row["recruited_from"]),
      externalID: said(row["external_id"]), startedAt: row["started_at"], finishedAt: row["finished_at"],
      language: row["language"], userAgentFamily: row["user_agent_family"], headphonesPassed: row["headphones_passed"],
      sitting: row["sitting"], firstParticipant: row["first_participant"], furtherBrowsers: row["further_browsers"],
      linkNotes: row["link_notes"], link: Dictionary(link, uniquingKeysWith: { first, _ in first }),
      textsVersion: row["texts_version"], headphoneAttempts: row["checks"],
      outcome: row["finished_at"] as String? == nil ? row["outcome"] as String? : Outcome.completed.rawValue,
      flags: row["flags"], eventsDropped: row["events_dropped"],
      exclusionReason: row["excluded"],
      plan: row["place"] ?? row["participant"])
  }

  /// The answers to the trials of a type.
  private func answers(_ db: any Snapshot, _ answered: TrialTable, _ url: URL) throws -> Int {
    var count = 0
    try table(url, answered.columns.map(\.field.name)) { table in
      try AnsweredTrial.forEach(db, ofTypes: answered.types) { trial in
        var trial = trial
        // Words in a judgement are the listener's own: a comment, the name of a group.
        for i in trial.judgements.indices { trial.judgements[i].text = said(trial.judgements[i].text) }
        for row in answered.rows(trial) {
          try table.row(answered.columns.map { $0.cell(row) })
          count += 1
        }
      }
    }
    return count
  }

  private func events(_ db: any Snapshot, _ url: URL) throws -> Int {
    let rows = try db.cursor(
      """
      SELECT event_batch.session, trial, at_ms, kind, stimulus, value, sitting
      FROM event JOIN event_batch ON event_batch.id = event.batch
      JOIN sitting ON sitting.session = event_batch.session ORDER BY event_batch.session, batch, ordinal
      """, [])
    var count = 0
    try table(url, DataPackage.events.map(\.name)) { table in
      while let row = try rows.next() {
        var cells: [any CellValue] = [try row["session"] as Int, try row["trial"] as Int?, try row["at_ms"] as Int]
        cells += [try row["kind"] as String, try row["stimulus"] as String?, said(try row["value"])] as [any CellValue]
        cells += [try row["sitting"] as Int]
        try table.row(cells)
        count += 1
      }
    }
    return count
  }

  private func refused(_ db: any Snapshot, _ url: URL) throws -> Int {
    let rows = try db.cursor(
      """
      SELECT session, saved_at, step, trial, status, code, body,
        (SELECT sitting FROM sitting WHERE sitting.session = refused.session) AS sitting
      FROM \(Refused.open) ORDER BY session, id
      """, [])
    var count = 0
    try table(url, DataPackage.refused.map(\.name)) { table in
      while let row = try rows.next() {
        let trial: Int = try row["trial"]
        var cells: [any CellValue] = [
          try row["session"] as Int, try row["saved_at"] as String, try row["step"] as String,
        ]
        cells += [trial == 0 ? nil : trial, try row["status"] as Int] as [any CellValue]
        cells += [said(try row["code"]), said(try row["body"]), try row["sitting"] as Int] as [any CellValue]
        try table.row(cells)
        count += 1
      }
    }
    return count
  }
}
