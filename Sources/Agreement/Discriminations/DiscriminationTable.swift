import Basics
import Foundation

/// Answers to "is X A or B?": whether each was right, as `abx` is exported, or from elsewhere.
struct DiscriminationTable: Sendable {
  /// Columns that are used where a table has them. `participant` must be there, and `is_right` or `x` and `choice`.
  static let columns = [
    "participant", "query", "condition", "first_system", "second_system", "first", "second", "x", "choice", "is_right",
    "is_catch", "is_repeat", "is_training", "study_version", "submitted_at", "study",
  ]

  struct Answer: Sendable {
    var listener: Int, query: Int, condition: Int, pair: Int
    var isRight: Bool
  }

  let file: String
  private(set) var listeners = Names(), queries = Names(), conditions = Names()
  /// What was to be told apart; one empty name where the table doesn't say.
  private(set) var pairs = Names()
  private(set) var answers: [Answer] = []
  /// Rows without an answer, and rows of training, attention checks and repeats, which do not count.
  private(set) var missing = 0, aside = 0
  private(set) var studies = Names(), studyVersions = Names()
  private(set) var studyVersionRows: [Int] = []
  private(set) var firstAt: String?

  /// The name of the study, where all rows tell the same.
  var study: String? { studies.count == 1 ? studies.all[0] : nil }

  var rows: Int { answers.count + missing + aside }

  /// - Throws: `Problem` or `Problems`: up to twenty that are wrong, each with file, row, column and mend.
  static func read(_ url: URL, plan: AnalysisPlan, notes: TableNotes) throws -> DiscriminationTable {
    var reader = try TableReader(url, notes: notes)
    ExcludedSessions(beside: url).apply(to: &reader, plan: plan)
    if let block = plan.block { reader.keepOnly(block, in: StudyBlocks.column) }
    let column = plan.columns
    func has(_ ours: String) -> Bool { reader.has(column(ours)) }
    let saysRight = has("is_right")
    let header = (["participant"] + (saysRight || has("x") && has("choice") ? [] : ["is_right"])).filter { !has($0) }
      .map {
        Problem(
          "the table of discriminations has no column '\(column($0))'", at: Place(file: reader.file, line: 1),
          mend:
            "It needs participant, and is_right or both x and choice; map others in the plan, as in columns: {\($0): "
            + "its_name}. It has \(reader.columns.joined(separator: ", ")).")
      }
    guard header.isEmpty else { throw Problems(header) }
    var table = DiscriminationTable(file: reader.file)
    let asides = ["is_catch", "is_repeat", "is_training"].filter(has).map { column($0) }
    let sides = has("first_system") && has("second_system") ? ["first_system", "second_system"] : ["first", "second"]
    let hasSides = sides.allSatisfy(has)
    func text(_ row: TableRow, _ ours: String) -> String? { has(ours) ? row.name(ifAny: column(ours)) : nil }
    var problems: [Problem] = []
    while problems.count < RatingTable.problemLimit, let row = try reader.next() {
      do {
        if try asides.contains(where: { try row.flag($0) == true }) {
          table.aside += 1
          continue
        }
        let listener = try row.name(column("participant"))
        var isRight: Bool?
        if saysRight {
          isRight = try row.flag(column("is_right"))
        } else if let x = text(row, "x"), let choice = text(row, "choice") {
          isRight = x.lowercased() == choice.lowercased()
        }
        guard let isRight else {
          table.missing += 1
          continue
        }
        if let version = text(row, "study_version") {
          let number = Int(table.studyVersions.number(version))
          if number == table.studyVersionRows.count { table.studyVersionRows.append(0) }
          table.studyVersionRows[number] += 1
        }
        if let study = text(row, "study") { _ = table.studies.number(study) }
        if let at = text(row, "submitted_at"), at < table.firstAt ?? "~" { table.firstAt = at }
        // Either may have been first.
        let names = hasSides ? sides.compactMap { text(row, $0) }.sorted() : []
        table.answers.append(
          Answer(
            listener: Int(table.listeners.number(listener)), query: Int(table.queries.number(text(row, "query") ?? "")),
            condition: Int(table.conditions.number(text(row, "condition") ?? "")),
            pair: Int(table.pairs.number(names.count == 2 ? names.joined(separator: " / ") : "")), isRight: isRight))
      } catch let problem as Problem { problems.append(problem) }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    guard !table.answers.isEmpty else {
      throw Problem(
        "the table holds no answer", at: Place(file: table.file, line: 1), mend: "It needs a row for each answer.")
    }
    return table
  }

  private init(file: String) { self.file = file }

  /// As shares of right answers, of each pair.
  var shares: [ShareAnswer] {
    answers.map { answer in
      ShareAnswer(
        listener: listeners.all[answer.listener], query: queries.all[answer.query],
        condition: conditions.all[answer.condition], of: pairs.all[answer.pair], value: answer.isRight ? 1 : 0)
    }
  }
}
