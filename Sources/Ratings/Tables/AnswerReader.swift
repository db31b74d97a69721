import Basics
import Foundation

/// Reads what all tables of answers have in common: who answered, about what, on which page, and whether the answer
/// counts.
package struct AnswerReader {
  /// What an answer belongs to, by the numbers of names.
  package struct Place: Sendable, Hashable {
    package var listener: Int, query: Int, condition: Int
    /// The page; a single one for all answers if the table does not identify pages.
    package var page: Int
    /// Whether the page is a repeat or an attention check.
    package var flags: RatingTable.Flags
  }

  package let file: String
  /// The names in the table. There is one empty query if the table has none, and likewise for conditions and pages. The
  /// queries of triplets are their anchors.
  package private(set) var listeners = Names(), queries = Names(), conditions = Names(), pages = Names()
  /// The number of rows without an answer, and of rows that do not count: training and attention checks, conditions that the
  /// plan leaves out, and listeners whom it excludes.
  package private(set) var missing = 0, aside = 0
  /// Who failed too many attention checks.
  package let checks: FailedChecks
  private(set) var studies = Names()
  package private(set) var studyVersions = Names()
  /// The number of rows of each study version, in the order of `studyVersions`.
  package private(set) var studyVersionRows: [Int] = []
  /// The earliest `submitted_at`, if the table has it.
  package private(set) var firstAt: String?
  private var reader: TableReader
  private let columns: AnalysisPlan.Columns
  /// The conditions to analyse, as far as the table has them; empty for all.
  private let asked: [String]
  private let query: String

  /// The columns that every table of answers may have.
  package static let columns = [
    "participant", "query", "condition", "session", "trial", "is_catch", "is_passed", "is_repeat", "is_training",
    "study_version", "submitted_at", "study",
  ]

  /// - Parameters:
  ///   - what: what the table is about, as errors call it.
  ///   - name: the table's name in errors; nil for the file's name.
  ///   - query: the column that says what an answer is about.
  ///   - verdict: whether an attention check is passed, if the table does not say so.
  ///   - needed: the columns that the table must have in addition to `participant`: at least one of each group. Its
  ///     argument says whether the table has one of Earshot's columns.
  /// - Throws: `Problems` with the header.
  package init(
    _ url: URL, of what: String, name: String? = nil, query: String = "query", plan: AnalysisPlan, notes: TableNotes,
    verdict: FailedChecks.Verdict? = nil, needed: (_ has: (String) -> Bool) -> [[String]]
  ) throws {
    var reader = try ForeignTable.reader(url, name: name, notes: notes)
    try ExcludedSessions(beside: url).apply(to: &reader, plan: plan)
    if let block = plan.block { reader.keepOnly(block, in: StudyBlocks.column) }
    (self.reader, columns, file, self.query) = (reader, plan.columns, reader.file, query)
    asked = plan.conditions
    let groups = needed { reader.has(plan.columns($0)) && !plan.columns.isTaken($0) }
    var checked = try ForeignTable.reader(url, name: name)
    try ExcludedSessions(beside: url).apply(to: &checked, plan: plan)
    if let block = plan.block { checked.keepOnly(block, in: StudyBlocks.column) }
    checks = try FailedChecks(checked, plan: plan, verdict: verdict)
    let lacking = ([["participant"]] + groups).filter { !$0.contains { reader.has(plan.columns($0)) } }
    guard lacking.isEmpty else {
      throw Problems(
        lacking.map { group in
          Problem(
            "the table of \(what) has no column \(group.map { "'\(plan.columns($0))'" }.joined(separator: " or "))",
            at: Basics.Place(file: reader.file, line: 1),
            mend: (Suggestion.nearest(plan.columns(group[0]), among: reader.columns).map {
              "If '\($0)' is the one, write in the plan: columns: {\(group[0]): \($0)}. "
            } ?? "Map the right one in the plan, as in columns: {\(group[0]): its_name}. ")
              + "It has \(reader.columns.joined(separator: ", ")).")
        })
    }
  }

  package func has(_ ours: String) -> Bool { reader.has(columns(ours)) && !columns.isTaken(ours) }

  /// The table's name for a column of Earshot.
  package func column(_ ours: String) -> String { columns(ours) }

  /// The text in a column; nil if the table or the row has none.
  package func text(_ row: TableRow, _ ours: String) -> String? { has(ours) ? row.name(ifAny: column(ours)) : nil }

  /// The name of the study; nil if the rows disagree.
  package var study: String? { studies.count == 1 ? studies.all[0] : nil }

  /// Reads all rows. Those of listeners who failed too many attention checks are left out.
  /// - Parameters:
  ///   - keepsCatches: whether to return attention checks too, marked by their flag, and everybody's answers.
  ///   - said: reads the answer of a row; nil if it has none.
  /// - Throws: `Problems`: up to twenty errors, each with its file, row, column and fix.
  package mutating func answers<Said>(keepsCatches: Bool = false, _ said: (TableRow) throws -> Said?) throws
    -> [(place: Place, said: Said)]
  {
    let asides = ((keepsCatches ? [] : ["is_catch"]) + ["is_training"]).filter(has).map { column($0) }
    let marks = [("is_catch", RatingTable.Flags.catchTrial), ("is_repeat", .repeated)].filter { has($0.0) }
    let excluded = keepsCatches ? [] : Set(checks.listeners)
    var problems: [Problem] = [], found: [(place: Place, said: Said)] = []
    while problems.count < RatingTable.problemLimit, let row = try reader.next() {
      do {
        if try asides.contains(where: { try row.flag($0) == true }) {
          aside += 1
          continue
        }
        let listener = try row.name(column("participant"))
        if excluded.contains(listener) {
          aside += 1
          continue
        }
        guard let answer = try said(row) else {
          missing += 1
          continue
        }
        if let version = text(row, "study_version") {
          let number = Int(studyVersions.number(version))
          if number == studyVersionRows.count { studyVersionRows.append(0) }
          studyVersionRows[number] += 1
        }
        if let study = text(row, "study") { _ = studies.number(study) }
        if let at = text(row, "submitted_at"), at < firstAt ?? "~" { firstAt = at }
        var flags: RatingTable.Flags = []
        for (name, mark) in marks where try row.flag(column(name)) == true { flags.insert(mark) }
        let page = ["session", "trial"].map { text(row, $0) ?? "" }.joined(separator: "\u{1f}")
        found.append(
          (
            Place(
              listener: Int(listeners.number(listener)), query: Int(queries.number(text(row, query) ?? "")),
              condition: Int(conditions.number(text(row, "condition") ?? "")), page: Int(pages.number(page)),
              flags: flags),
            answer
          ))
      } catch let problem as Problem { problems.append(problem) }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    guard !found.isEmpty else {
      throw Problem(
        "the table holds no answer", at: Basics.Place(file: file, line: 1),
        mend: excluded.isEmpty
          ? "It needs a row for each answer."
          : "The screening rule 'catches' excludes \(excluded.count, "listener"); check 'screening' in the plan.")
    }
    return ofConditions(found)
  }

  /// The answers of the conditions that the plan asks for, if there are any; names that nothing else has are dropped.
  private mutating func ofConditions<Said>(_ found: [(place: Place, said: Said)]) -> [(place: Place, said: Said)] {
    let wanted = Set(asked.compactMap { conditions.find($0).map { Int($0) } })
    guard !wanted.isEmpty, wanted.count < conditions.count else { return found }
    let (people, about, kinds, all) = (listeners, queries, conditions, pages)
    (listeners, queries, conditions, pages) = (Names(), Names(), Names(), Names())
    let kept = found.filter { wanted.contains($0.place.condition) }
    aside += found.count - kept.count
    return kept.map { place, said in
      (
        Place(
          listener: Int(listeners.number(people.all[place.listener])),
          query: Int(queries.number(about.all[place.query])),
          condition: Int(conditions.number(kinds.all[place.condition])), page: Int(pages.number(all.all[place.page])),
          flags: place.flags), said
      )
    }
  }
}
