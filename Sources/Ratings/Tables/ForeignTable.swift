import Basics
import Foundation

/// A table of ratings written by another program, recognised by its columns.
package struct ForeignTable {
  private let program: String
  private let names: [String: String]
  /// The scale; nil to take it from the ratings.
  private let scale: ClosedRange<Double>?
  private let reference: [String]
  private let anchor: [String]

  /// mushra.csv of webMUSHRA.
  private static let webMushra = ForeignTable(
    program: "webMUSHRA",
    names: [
      "participant": "session_uuid", "query": "trial_id", "candidate": "rating_stimulus", "rating": "rating_score",
    ], scale: 0...100, reference: ["reference"], anchor: ["anchor35", "anchor70"])

  /// lms.csv and lss.csv of webMUSHRA, with several sounds on a page or one.
  private static let webMushraLikert = ForeignTable(
    program: "webMUSHRA",
    names: ["participant": "session_uuid", "query": "trial_id", "candidate": "stimuli", "rating": "stimuli_rating"],
    scale: nil, reference: [], anchor: [])

  private static let all = [webMushra, webMushraLikert]

  /// The plan adapted to such a table; nil if the table is not one, or if the plan itself names the table's columns.
  package static func plan(_ plan: AnalysisPlan, for table: URL) throws -> (plan: AnalysisPlan, remark: Remark)? {
    guard plan.columns == AnalysisPlan.Columns() else { return nil }
    let columns = try TableReader(table).columns
    guard let form = all.first(where: { $0.names.values.allSatisfy(columns.contains) }),
      !form.names.keys.allSatisfy(columns.contains)
    else { return nil }
    var fitted = plan
    fitted.columns.names = form.names
    if let scale = form.scale, plan.scale == nil { fitted.scale = scale }
    if plan.reference.isEmpty { fitted.reference = form.reference }
    if plan.anchor.isEmpty { fitted.anchor = form.anchor }
    let said = form.names.sorted { $0.key < $1.key }.map { "\($0.value) is the \($0.key)" }.joined(separator: ", ")
    return (
      fitted,
      Remark(
        code: "foreign_table", weight: .note, what: "The ratings are read as \(form.program) writes them.",
        meaning: said
          + (form.scale.map { "; ratings go from \($0.lowerBound.cellText) to \($0.upperBound.cellText)" } ?? "")
          + ". To read them differently, set 'columns' in the plan.", count: 1)
    )
  }
}

/// Tables of another program that hold in one row what Earshot's hold in two, or that use other words. They are
/// converted while being read.
extension ForeignTable {
  /// A reader for a table, whichever program wrote it.
  /// - Throws: a `Problem` with its place.
  package static func reader(_ url: URL, name: String? = nil, notes: TableNotes = TableNotes()) throws -> TableReader {
    let table = try TableReader(url, name: name)
    let person = ["session_uuid", "participant"].first(where: table.has)
    if let person, ["trial_id", "rating_non_reference", "rating_non_reference_score"].allSatisfy(table.has) {
      // All versions of an item have one trial_id, but each its own grade of the reference: a row is a trial.
      return try own(
        table, notes, "bs1116.csv", ["participant", "query", "system", "score", "is_reference", "trial_type", "trial"]
      ) { row in
        let item = try [row.name(person), row.name("trial_id")]
        let versions = [
          ("rating_reference", "rating_reference_score"), ("rating_non_reference", "rating_non_reference_score"),
        ]
        return try versions.enumerated().map { i, columns in
          let score = try row.number(columns.1)?.cellText ?? ""
          return item + [try row.name(columns.0), score, i == 0 ? "true" : "false", "bs1116", "row \(row.line)"]
        }
      }
    }
    if let person, ["trial_id", "choice_reference", "choice_non_reference", "choice_answer"].allSatisfy(table.has) {
      // Choosing the reference is the correct answer.
      let words = ["correct": "first", "incorrect": "second", "undecided": "tie", "unknown": ""]
      return try own(table, notes, "paired_comparison.csv", ["participant", "query", "first", "second", "choice"]) {
        row in
        let answer = try row.text("choice_answer")
        guard let choice = words[answer.lowercased()] else {
          throw Problem(
            "the answer is '\(answer)'", at: row.place("choice_answer"),
            mend: "webMUSHRA writes \(words.keys.sorted().joined(separator: ", ")).")
        }
        let named = ["trial_id", "choice_reference", "choice_non_reference"]
        return [try [row.name(person)] + named.map { try row.name($0) } + [choice]]
      }
    }
    return try TableReader(url, name: name, notes: notes)
  }

  /// The table with Earshot's columns.
  private static func own(
    _ table: TableReader, _ notes: TableNotes, _ form: String, _ columns: [String],
    _ rows: (TableRow) throws -> [[String]]
  ) throws -> TableReader {
    var reader = table
    var text = Data()
    var writer = try TableWriter(columns: columns) { text += $0 }
    try reader.forEach { row in try rows(row).forEach { try writer.row($0) } }
    try writer.flush()
    notes.add(.dialect, at: Place(file: table.file, line: 1), detail: "as \(form) of webMUSHRA")
    return try TableReader(text, name: table.file, notes: notes)
  }
}
