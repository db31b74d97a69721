import Basics
import Foundation
import Ratings
import Statistics

/// Orders of samples, versions or sounds, as `rank` is exported, or from elsewhere. A row is one place in an order.
///
/// An order is also a set of ratings: of n sounds on a page, the first has a place score of 100 and the last 0, with
/// equal steps in between; ties share the mean of their places. So the agreement of orders with systems' rankings, and
/// the comparison of systems, work as for ratings.
struct OrderTable: Sendable {
  /// The columns that are used if present, beside those that every table of answers has. The table needs `rank`, and
  /// `candidate`, `stimulus` or `system`.
  static let columns = ["candidate", "stimulus", "system", "rank", "is_reference", "is_anchor", "response_ms"]

  /// An order that counts: the candidates by number, the first place first. Candidates that share a place are together.
  struct Order: Sendable {
    var listener: Int, query: Int, condition: Int
    var places: [[Int]]
  }

  let file: String
  let rows: Int
  let missing: Int, aside: Int
  /// Who failed too many attention checks. Their orders do not count; place scores are screened as ratings are.
  let checks: FailedChecks
  let listeners: [String], queries: [String], conditions: [String]
  private(set) var candidates = Names()
  private(set) var orders: [Order] = []
  let study: String?
  let studyVersions: Names, studyVersionRows: [Int]
  let firstAt: String?
  /// Whether the candidates are systems, each of which made a version of every item.
  let isOfSystems: Bool
  /// The place scores, including those of repeats and attention checks.
  private(set) var ratings: RatingTable

  /// - Throws: a `Problem` or `Problems`: up to twenty errors, each with its file, row, column and fix.
  static func read(_ url: URL, plan: AnalysisPlan, notes: TableNotes) throws -> OrderTable {
    try OrderTable(
      AnswerReader(
        url, of: "orders", plan: plan, notes: notes, needed: { _ in [["rank"], ["candidate", "stimulus", "system"]] }))
  }

  /// What a row says about one place in an order.
  private struct Said {
    var candidate: String, system: String?, rank: Double, flags: RatingTable.Flags, ms: Double?, line: Int

    static func read(_ reader: inout AnswerReader) throws -> [(place: AnswerReader.Place, said: Said)] {
      let name = ["candidate", "stimulus"].first(where: reader.has)
      let here = reader
      return try reader.answers(keepsCatches: true) { row -> Said? in
        let system = here.text(row, "system")
        guard let candidate = try name.map({ try row.name(here.column($0)) }) ?? system,
          let rank = try row.number(here.column("rank"))
        else { return nil }
        var flags: RatingTable.Flags = []
        if here.has("is_reference"), try row.flag(here.column("is_reference")) == true { flags.insert(.reference) }
        if here.has("is_anchor"), try row.flag(here.column("is_anchor")) == true { flags.insert(.anchor) }
        let ms = here.has("response_ms") ? try row.number(here.column("response_ms")) : nil
        return Said(candidate: candidate, system: system, rank: rank, flags: flags, ms: ms, line: row.line)
      }
    }
  }

  private init(_ given: AnswerReader) throws {
    var reader = given
    let answers = try Said.read(&reader)
    file = reader.file
    (missing, aside, rows) = (reader.missing, reader.aside, answers.count + reader.missing + reader.aside)
    checks = reader.checks
    (listeners, queries, conditions) = (reader.listeners.all, reader.queries.all, reader.conditions.all)
    (study, firstAt) = (reader.study, reader.firstAt)
    (studyVersions, studyVersionRows) = (reader.studyVersions, reader.studyVersionRows)
    isOfSystems = answers.allSatisfy { $0.said.system != nil }
    ratings = RatingTable(file: file)
    ratings.scale = 0...100
    ratings.firstRatingAt = firstAt
    (ratings.studyVersions, ratings.studyVersionRows) = (studyVersions, studyVersionRows)
    ratings.missing = missing
    ratings.present = ["participant", "query", "candidate", "rating", "condition", "trial", "is_repeat", "is_catch"]
    var byPage: [AnswerReader.Place: Int] = [:], pages: [(place: AnswerReader.Place, said: [Said])] = []
    for (place, said) in answers {
      if byPage[place] == nil {
        byPage[place] = pages.count
        pages.append((place, []))
      }
      pages[byPage[place] ?? 0].said.append(said)
    }
    var problems: [Problem] = []
    for (place, page) in pages {
      problems += twice(page, place).prefix(RatingTable.problemLimit - problems.count)
      // A single place is not an order.
      if page.count > 1 { add(page, place, page: reader.pages.all[place.page]) }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    guard !orders.isEmpty else {
      throw Problem(
        "the table holds no order of two or more", at: Basics.Place(file: file, line: 1),
        mend: "It needs a row for each place; rows of one order share listener, query, condition, session and trial.")
    }
  }

  private func name(_ said: Said) -> String { isOfSystems ? said.system ?? "" : said.candidate }

  private func twice(_ page: [Said], _ place: AnswerReader.Place) -> [Problem] {
    var seen = Set<String>()
    return page.filter { !seen.insert(name($0)).inserted }.map { one in
      Problem(
        "'\(name(one))' appears twice in an order by listener '\(listeners[place.listener])'",
        at: Basics.Place(file: file, line: one.line),
        mend: "Give each order a 'trial' (and 'session') of its own, or remove one of the rows.")
    }
  }

  /// Adds an order and its place scores.
  private mutating func add(_ page: [Said], _ place: AnswerReader.Place, page trial: String) {
    let sorted = page.sorted { ($0.rank, name($0)) < ($1.rank, name($1)) }
    var places: [[Said]] = []
    for one in sorted {
      if places.last?[0].rank == one.rank { places[places.count - 1].append(one) } else { places.append([one]) }
    }
    var before = 0
    for shared in places {
      let middle = Double(before) + Double(shared.count - 1) / 2
      for one in shared {
        ratings.add(
          .init(
            participant: listeners[place.listener], query: queries[place.query],
            condition: conditions[place.condition], candidate: name(one), trial: trial,
            rating: 100 * (1 - middle / Double(page.count - 1)),
            flags: one.flags.union(place.flags), responseTime: Float(one.ms ?? .nan),
            line: Int32(clamping: one.line)))
      }
      before += shared.count
    }
    guard place.flags.isEmpty, !checks.listeners.contains(listeners[place.listener]) else { return }
    orders.append(
      Order(
        listener: place.listener, query: place.query, condition: place.condition,
        places: places.map { $0.map { Int(candidates.number(name($0))) } }))
  }

  /// Whether the same candidates occur in more than half of the queries; if so, they are compared over all queries.
  var recurs: Bool {
    var asked: [Int: Set<[Int]>] = [:], all = Set<[Int]>()
    for order in orders {
      all.insert([order.query, order.condition])
      for candidate in order.places.joined() { asked[candidate, default: []].insert([order.query, order.condition]) }
    }
    return asked.values.allSatisfy { 2 * $0.count > all.count }
  }

  /// The place scores, as scores of systems.
  var scores: ScoreTable { ScoreTable(orders: ratings, study: study, rows: rows) }
}
