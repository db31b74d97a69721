import Basics
import Foundation
import Ratings
import Statistics

/// Answers to "is X A or B?", or to "which of three is the odd one?" where two are the same sound: whether each was
/// right.
struct DiscriminationTable: Sendable {
  enum Test: String, Sendable {
    case abx
    case triangle = "odd-one-out"

    /// The share of right answers that guessing gives.
    var chance: Double { self == .abx ? 0.5 : TriangleRule.chance }

    /// The name of the test in sentences.
    var title: String { self == .abx ? "ABX" : "triangle tests" }
  }

  /// The columns that are used if present, beside those that every table of answers has. The table needs `is_right`, or
  /// both `x` and `choice`: each a name of one of the two, or `first` or `second`, or `a` or `b`.
  static let columns = ["first_system", "second_system", "first", "second", "x", "choice", "is_right"]

  struct Answer: Sendable {
    var listener: Int, query: Int, condition: Int, pair: Int
    var isRight: Bool
  }

  /// An answer with names in place of numbers.
  struct Said: Sendable {
    var listener: String, query: String, condition: String, pair: String
    var isRight: Bool
  }

  let test: Test
  let file: String
  private(set) var listeners = Names(), queries = Names(), conditions = Names()
  /// The pairs of sounds to tell apart; one empty name if the table does not say.
  private(set) var pairs = Names()
  private(set) var answers: [Answer] = []
  /// The number of rows without an answer, and of rows that do not count: training, attention checks and repeats.
  private(set) var missing = 0, aside = 0
  /// Who failed too many attention checks, and is left out; nil if another table reports that.
  private(set) var checks: FailedChecks?
  private(set) var study: String?
  private(set) var studyVersions = Names()
  private(set) var studyVersionRows: [Int] = []
  private(set) var firstAt: String?

  var rows: Int { answers.count + missing + aside }

  /// Reads a table as `abx` is exported, or one from elsewhere.
  /// - Throws: a `Problem` or `Problems`: up to twenty errors, each with its file, row, column and fix.
  static func read(_ url: URL, plan: AnalysisPlan, notes: TableNotes) throws -> DiscriminationTable {
    func names(_ text: (String) -> String?) -> [[String]] {
      ["first", "second"].map { side in ["\(side)_system", side].compactMap(text) }
    }
    let verdict: FailedChecks.Verdict = { text in
      var words = XWords()
      guard let x = text("x"), let choice = text("choice") else { return nil }
      return words.isRight(x, choice, names: names(text))
    }
    var reader = try AnswerReader(url, of: "discriminations", plan: plan, notes: notes, verdict: verdict) { _ in
      [["is_right", "x"], ["is_right", "choice"]]
    }
    let here = reader
    let sides =
      ["first_system", "second_system"].allSatisfy(here.has) ? ["first_system", "second_system"] : ["first", "second"]
    let hasSides = sides.allSatisfy(here.has), saysRight = here.has("is_right")
    var words = XWords()
    let said = try reader.answers { row -> (pair: String, isRight: Bool)? in
      var isRight: Bool?
      if saysRight {
        isRight = try row.flag(here.column("is_right"))
      } else if let x = here.text(row, "x"), let choice = here.text(row, "choice") {
        isRight = words.isRight(x, choice, names: names { here.text(row, $0) })
      }
      // Either of the two may have been presented first.
      let names = hasSides ? sides.compactMap { here.text(row, $0) }.sorted() : []
      return isRight.map { (names.count == 2 ? names.joined(separator: " / ") : "", $0) }
    }
    if let (x, choice) = words.unlike {
      throw Problem(
        "no choice is ever what X was: 'x' has words like '\(x)', and 'choice' has words like '\(choice)'",
        at: Place(file: reader.file, line: 1),
        mend:
          "Write both as first or second, or as names; with names, add the columns first and second, which say what the two were."
      )
    }
    var table = DiscriminationTable(
      .abx, file: reader.file,
      said.filter { $0.place.flags.isEmpty }.map { place, said in
        Said(
          listener: reader.listeners.all[place.listener], query: reader.queries.all[place.query],
          condition: reader.conditions.all[place.condition], pair: said.pair, isRight: said.isRight)
      })
    guard !table.answers.isEmpty else {
      throw Problem(
        "the table holds only answers to repeats", at: Place(file: reader.file, line: 1),
        mend: "It needs a row for each answer.")
    }
    (table.missing, table.aside) = (reader.missing, reader.aside + said.count - table.answers.count)
    table.checks = reader.checks
    (table.study, table.firstAt) = (reader.study, reader.firstAt)
    (table.studyVersions, table.studyVersionRows) = (reader.studyVersions, reader.studyVersionRows)
    return table
  }

  init(_ test: Test, file: String, _ said: [Said]) {
    (self.test, self.file) = (test, file)
    for one in said {
      answers.append(
        Answer(
          listener: Int(listeners.number(one.listener)), query: Int(queries.number(one.query)),
          condition: Int(conditions.number(one.condition)), pair: Int(pairs.number(one.pair)), isRight: one.isRight))
    }
  }

  /// Each answer as a share of right answers for its pair: 1 if right, else 0.
  var shares: [ShareAnswer] {
    answers.map { answer in
      ShareAnswer(
        listener: listeners.all[answer.listener], query: queries.all[answer.query],
        condition: conditions.all[answer.condition], of: pairs.all[answer.pair], value: answer.isRight ? 1 : 0)
    }
  }
}

/// What `x` and `choice` say, which may use different words for the same side: names, `first` and `second`, `a` and `b`.
private struct XWords {
  private var xs: Set<String> = [], choices: Set<String> = []
  private var isMixed = false

  /// - Parameter names: what the first and the second of the two may be called.
  mutating func isRight(_ x: String, _ choice: String, names: [[String]]) -> Bool {
    let (x, choice) = (x.lowercased(), choice.lowercased())
    if x == choice {
      xs.insert(x)
      choices.insert(choice)
      return true
    }
    let known = names.map { $0.map { $0.lowercased() } }
    func side(_ word: String) -> Int? {
      let named = known.indices.filter { known[$0].contains(word) }
      if named.count == 1 { return named[0] }
      return [["first", "a"], ["second", "b"]].firstIndex { $0.contains(word) }
    }
    if let a = side(x), let b = side(choice) { return a == b }
    xs.insert(x)
    choices.insert(choice)
    isMixed = true
    return false
  }

  /// Words of both columns, if these have none in common, so that no answer could be right; else nil.
  var unlike: (x: String, choice: String)? {
    guard isMixed, xs.isDisjoint(with: choices), let x = xs.min(), let choice = choices.min() else { return nil }
    return (x, choice)
  }
}
