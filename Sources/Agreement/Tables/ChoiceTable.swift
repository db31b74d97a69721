import Basics
import Foundation

/// Answers to "which of these two?": paired choices, or triplets, whose question is which of two is more like a third.
public struct ChoiceTable: Sendable {
  public enum Kind: String, Sendable { case choices, triplets }

  public enum Choice: Sendable, Equatable { case first, second, tie }

  public struct Answer: Sendable, Equatable {
    public var listener: Int
    /// What the two were compared with; of a triplet, its anchor.
    public var query: Int
    public var condition: Int
    public var first: Int
    public var second: Int
    public var choice: Choice

    /// The one that was chosen, and the other; nil for a tie.
    var decided: (chosen: Int, other: Int)? {
      switch choice {
      case .first: (first, second)
      case .second: (second, first)
      case .tie: nil
      }
    }
  }

  /// All columns that are used where a table has them. `participant`, `first`, `second` and `choice` must be there, or
  /// `winner` and `loser` in place of the last three; for triplets `anchor` too.
  public static let columns = [
    "participant", "query", "condition", "anchor", "first", "second", "first_system", "second_system", "choice",
    "winner",
    "loser", "is_catch", "is_training", "study_version",
  ]

  public let kind: Kind
  /// How errors and the report call the table.
  public let file: String
  public private(set) var listeners = Names()
  /// One empty name where the table has no queries.
  public private(set) var queries = Names()
  /// Likewise.
  public private(set) var conditions = Names()
  /// What was compared and, for triplets, the anchors.
  public private(set) var candidates = Names()
  public private(set) var answers: [Answer] = []
  /// Rows without an answer.
  public private(set) var missing = 0
  /// Rows of training and catch trials, which do not count.
  public private(set) var aside = 0
  public private(set) var hasQueries = false
  public private(set) var studyVersions = Names()
  /// By version: how many rows are of it.
  public private(set) var studyVersionRows: [Int] = []

  /// Reads a table of choices, or of triplets, row by row.
  ///
  /// `choice` is `first`, `second` or `tie` (`neither`), or the name of the one that was chosen. Where `first_system` and
  /// `second_system` say who made the two, as in the choices of `ab`, systems are compared over all items, not versions.
  /// - Parameters:
  ///   - plan: maps the columns' names.
  ///   - notes: is told how the table was read.
  /// - Throws: `Problem` or `Problems`: up to twenty that are wrong, each with file, row, column and mend.
  public static func read(
    _ url: URL, _ kind: Kind = .choices, plan: AnalysisPlan = AnalysisPlan(), name: String? = nil,
    notes: TableNotes = TableNotes()
  ) throws -> ChoiceTable {
    var reader = try ForeignTable.reader(url, name: name, notes: notes)
    ExcludedSessions(beside: url).apply(to: &reader, plan: plan)
    if let block = plan.block { reader.keepOnly(block, in: StudyBlocks.column) }
    let column = plan.columns
    func has(_ ours: String) -> Bool { reader.has(column(ours)) && !column.isTaken(ours) }
    let ofSystems = kind == .choices && has("first_system") && has("second_system")
    let byWinner = has("winner") && has("loser") && !has("choice")
    let needed =
      ["participant"] + (kind == .triplets ? ["anchor"] : []) + (byWinner ? [] : ["first", "second", "choice"])
    let header = needed.filter { !reader.has(column($0)) }.map { ours in
      Problem(
        "the table of \(kind.rawValue) has no column '\(column(ours))'", at: Place(file: reader.file, line: 1),
        mend: (Suggestion.nearest(column(ours), among: reader.columns).map {
          "Say in the plan: columns: {\(ours): \($0)}, if that is the one. "
        } ?? "Map the right one in the plan, as in columns: {\(ours): its_name}. ")
          + "It has \(reader.columns.joined(separator: ", ")).")
    }
    guard header.isEmpty else { throw Problems(header) }
    var table = ChoiceTable(kind: kind, file: reader.file)
    let queryColumn = column(kind == .triplets ? "anchor" : "query")
    table.hasQueries = has(kind == .triplets ? "anchor" : "query")
    let hasCondition = has("condition")
    let hasVersion = has("study_version")
    let asides = ["is_catch", "is_training"].filter(has).map { column($0) }
    var problems: [Problem] = []
    while problems.count < RatingTable.problemLimit, let row = try reader.next() {
      do {
        if try asides.contains(where: { try row.flag($0) == true }) {
          table.aside += 1
          continue
        }
        let first = try row.name(column(byWinner ? "winner" : "first"))
        let second = try row.name(column(byWinner ? "loser" : "second"))
        // Two versions by two systems: the answer is about these.
        let compared = ofSystems ? (try row.name("first_system"), try row.name("second_system")) : (first, second)
        guard first != second, compared.0 != compared.1 else {
          throw Problem(
            "'\(first)' is compared with itself", at: row.place(column(byWinner ? "loser" : "second")),
            mend: "Name two different ones.")
        }
        let query = table.hasQueries ? try row.name(queryColumn) : ""
        if kind == .triplets, query == first || query == second {
          throw Problem(
            "the anchor '\(query)' is compared with itself", at: row.place(queryColumn), mend: "Drop the row.")
        }
        let choice: Choice
        if byWinner {
          choice = .first
        } else {
          guard let text = row.name(ifAny: column("choice")) else {
            table.missing += 1
            continue
          }
          switch text.lowercased() {
          case "first": choice = .first
          case "second": choice = .second
          case "tie", "neither": choice = .tie
          case _ where text == first: choice = .first
          case _ where text == second: choice = .second
          default:
            throw Problem(
              "the choice is '\(text)'", at: row.place(column("choice")),
              mend: "Write first, second or tie, or the name of the one that was chosen (here \(first) or \(second)).")
          }
        }
        if hasVersion, let version = row.name(ifAny: column("study_version")) {
          let number = Int(table.studyVersions.number(version))
          if number == table.studyVersionRows.count { table.studyVersionRows.append(0) }
          table.studyVersionRows[number] += 1
        }
        table.answers.append(
          Answer(
            listener: Int(table.listeners.number(try row.name(column("participant")))),
            query: Int(table.queries.number(query)),
            condition: Int(table.conditions.number(hasCondition ? row.name(ifAny: column("condition")) ?? "" : "")),
            first: Int(table.candidates.number(compared.0)), second: Int(table.candidates.number(compared.1)),
            choice: choice))
        if kind == .triplets { _ = table.candidates.number(query) }
      } catch let problem as Problem { problems.append(problem) }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    guard !table.answers.isEmpty else {
      throw Problem(
        "the table holds no answer", at: Place(file: table.file, line: 1), mend: "It needs a row for each answer.")
    }
    return table
  }

  private init(kind: Kind, file: String) { (self.kind, self.file) = (kind, file) }
}
