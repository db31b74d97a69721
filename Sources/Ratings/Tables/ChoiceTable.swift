import Basics
import Foundation

/// Answers to "which of these two?": paired choices, or triplets, which ask which of two sounds is more like a third.
public struct ChoiceTable: Sendable {
  /// Which of the two tables it is.
  public enum Kind: String, Sendable { case choices, triplets }

  /// Which of the two was chosen.
  public enum Choice: Sendable, Equatable { case first, second, tie }

  /// A listener's answer. Everything that has a name is stored by its number.
  public struct Answer: Sendable, Equatable {
    /// Its number in `listeners`.
    public var listener: Int
    /// What the two were compared with; for a triplet, its anchor.
    public var query: Int
    /// Its number in `conditions`.
    public var condition: Int
    /// The number in `candidates` of what the column `first` names.
    public var first: Int
    /// The number in `candidates` of what the column `second` names.
    public var second: Int
    /// Which of the two was chosen.
    public var choice: Choice
    /// The weight in a mean over all pages: the inverse of the probability with which its page was presented.
    public var weight = 1.0

    /// The chosen one, and the other; nil for a tie.
    package var decided: (chosen: Int, other: Int)? {
      switch choice {
      case .first: (first, second)
      case .second: (second, first)
      case .tie: nil
      }
    }
  }

  /// The columns that are used if present, beside those that every table of answers has. The table needs `first`,
  /// `second` and `choice`, or else `winner` and `loser`; for triplets it also needs `anchor`.
  public static let columns = [
    "anchor", "first", "second", "first_system", "second_system", "choice", "winner", "loser", "probability",
  ]

  /// Whether these are paired choices or triplets.
  public let kind: Kind
  /// The table's name in errors and in the report.
  public let file: String
  /// In the order in which they first appear.
  public private(set) var listeners = Names()
  /// The queries; a single empty name if the table has none.
  public private(set) var queries = Names()
  /// The conditions; a single empty name if the table has none.
  public private(set) var conditions = Names()
  /// What was compared and, for triplets, the anchors.
  public private(set) var candidates = Names()
  /// The answers that count, in the order of the rows.
  public private(set) var answers: [Answer] = []
  /// The number of answers for which the table does not give the probability of their page.
  package private(set) var withoutChance = 0
  /// The number of answers to repeats, which count as further answers of the same listener.
  package private(set) var repeats = 0
  /// The number of rows without an answer.
  public private(set) var missing = 0
  /// The number of rows of training and attention checks, which do not count.
  public private(set) var aside = 0
  /// Who failed too many attention checks, and is left out.
  package let checks: FailedChecks
  /// Whether the table says what the two were compared with.
  public private(set) var hasQueries = false
  /// In the order in which they first appear.
  public private(set) var studyVersions = Names()
  /// The number of rows of each study version, in the order of `studyVersions`.
  public private(set) var studyVersionRows: [Int] = []
  /// The name of the study, nil if the rows disagree; and the time of the first answer.
  package let study: String?, firstAt: String?

  /// Reads a table of choices or triplets row by row.
  ///
  /// `probability`, if a row has it, is the probability with which a listener is asked this page. Other pages are
  /// assumed to be presented to every listener, or all equally often.
  ///
  /// `choice` is `first`, `second` or `tie` (`neither`), or the name of the chosen candidate. If `first_system` and
  /// `second_system` name the makers of the two, as in the choices of `ab`, systems are compared over all items, not
  /// versions.
  /// - Parameters:
  ///   - plan: maps the columns' names.
  ///   - notes: records how the table was read.
  /// - Throws: a `Problem` or `Problems`: up to twenty errors, each with its file, row, column and fix.
  public static func read(
    _ url: URL, _ kind: Kind = .choices, plan: AnalysisPlan = AnalysisPlan(), name: String? = nil,
    notes: TableNotes = TableNotes()
  ) throws -> ChoiceTable {
    func isByWinner(_ has: (String) -> Bool) -> Bool { has("winner") && has("loser") && !has("choice") }
    let about = kind == .triplets ? "anchor" : "query"
    var reader = try AnswerReader(url, of: kind.rawValue, name: name, query: about, plan: plan, notes: notes) { has in
      (kind == .triplets ? [["anchor"]] : []) + (isByWinner(has) ? [] : [["first"], ["second"], ["choice"]])
    }
    let here = reader, byWinner = isByWinner(here.has), hasQueries = here.has(about)
    let ofSystems = kind == .choices && here.has("first_system") && here.has("second_system")
    let sides = (byWinner ? ["winner", "loser"] : ["first", "second"]).map { here.column($0) }
    let probability = here.has("probability") ? here.column("probability") : nil
    let answers = try reader.answers { row -> Said? in
      let first = try row.name(sides[0]), second = try row.name(sides[1])
      // If the versions are by two systems, the answer is about the systems.
      let compared = ofSystems ? (try row.name("first_system"), try row.name("second_system")) : (first, second)
      guard first != second, compared.0 != compared.1 else {
        throw Problem(
          "'\(first)' is compared with itself", at: row.place(sides[1]), mend: "Name two different ones.")
      }
      let query = hasQueries ? try row.name(here.column(about)) : ""
      if kind == .triplets, query == first || query == second {
        throw Problem(
          "the anchor '\(query)' is compared with itself", at: row.place(here.column(about)), mend: "Remove the row.")
      }
      let chance = try probability.flatMap { try row.number($0) }
      if let chance, !(1e-9...1).contains(chance) {
        throw Problem(
          "the probability is \(chance)", at: row.place(probability ?? ""),
          mend: "It must be above 0 (1e-9 or more) and at most 1.")
      }
      let weight = chance.map { 1 / $0 }
      if byWinner { return (compared.0, compared.1, .first, weight) }
      guard let text = row.name(ifAny: here.column("choice")) else { return nil }
      let choice: Choice? =
        switch text.lowercased() {
        case "first": .first
        case "second": .second
        case "tie", "neither": .tie
        default: text == first ? .first : text == second ? .second : nil
        }
      guard let choice else {
        throw Problem(
          "the choice is '\(text)'", at: row.place(here.column("choice")),
          mend: "Write first, second or tie, or the name of the one that was chosen (here \(first) or \(second)).")
      }
      return (compared.0, compared.1, choice, weight)
    }
    return ChoiceTable(kind, reader, answers, hasQueries: hasQueries)
  }

  private typealias Said = (first: String, second: String, choice: Choice, weight: Double?)

  private init(
    _ kind: Kind, _ reader: AnswerReader, _ said: [(place: AnswerReader.Place, said: Said)], hasQueries: Bool
  ) {
    (self.kind, file, self.hasQueries) = (kind, reader.file, hasQueries)
    (listeners, queries, conditions) = (reader.listeners, reader.queries, reader.conditions)
    (missing, aside, study, firstAt) = (reader.missing, reader.aside, reader.study, reader.firstAt)
    checks = reader.checks
    (studyVersions, studyVersionRows) = (reader.studyVersions, reader.studyVersionRows)
    for (place, said) in said {
      answers.append(
        Answer(
          listener: place.listener, query: place.query, condition: place.condition,
          first: Int(candidates.number(said.first)), second: Int(candidates.number(said.second)), choice: said.choice,
          weight: said.weight ?? 1))
      if said.weight == nil { withoutChance += 1 }
      if place.flags.contains(.repeated) { repeats += 1 }
      if kind == .triplets { _ = candidates.number(queries.all[place.query]) }
    }
  }
}
