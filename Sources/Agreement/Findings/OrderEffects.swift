import Basics
import Foundation
import Ratings
import Reporting
import Statistics

/// Whether answers change with their position: from the first trial to the last, and down a page; and whether they
/// become quicker. This check runs for every table that records the position of its answers.
///
/// From each answer, the mean of the other answers on the same thing (a candidate's rating, whether a pair was told
/// apart) is subtracted, and from its position the mean of theirs, since others drift as well. A line is fitted to each
/// listener's answers by least squares. The change is the mean of the listeners' slopes, times the distance from the first trial (or position) of any listener to the last, with
/// Student's interval over listeners. Constant differences between listeners, and what was asked first, do not affect
/// it. If all listeners had the same order, nothing can be estimated, since position and thing are confounded.
struct OrderEffects {
  private struct Source { var url: URL, name: String, value: String?, of: [String] }

  /// One answer: the listener, what it was about, and its value.
  private struct Answer {
    var listener: Int, thing: Int, page: [Double], position: Double?, value: Double?, ms: Double?
  }

  /// Larger tables, in bytes, are left out of the check, which reads each table a second time.
  private static let largestFile = 50_000_000
  private static let fewestListeners = 3
  /// The unit of changes in right answers.
  static let shareUnit = "share of right answers"
  private let sources: [Source]
  private let plan: AnalysisPlan

  init(_ tables: AnalysisTables, plan: AnalysisPlan) {
    self.plan = plan
    let all: [(URL?, String, String?, [String])] = [
      (tables.ratings, "ratings", "rating", ["query", "condition", "candidate"]),
      (tables.scores, "scores", "score", ["query", "condition", "system"]),
      (tables.comparisons, "comparisons", nil, ["query"]),
      (tables.discriminations, "discriminations", "is_right", ["query", "condition", "first_system", "second_system"]),
      (
        tables.oddities, "oddities", "is_right",
        ["query", "condition", "first_system", "second_system", "third_system"]
      ),
      (tables.pairs, "pairs", "rating", ["first", "second"]), (tables.choices, "choices", nil, ["query"]),
      (tables.triplets, "triplets", nil, ["anchor"]), (tables.orders, "orders", nil, ["query"]),
    ]
    sources = all.compactMap { url, name, value, of in url.map { Source(url: $0, name: name, value: value, of: of) } }
  }

  func add(to findings: inout Findings) {
    var table = ResultTable(
      "order_effects", "Change of answers over trials and positions",
      [
        .init("answers_to", "Answers"), .init("effect", "Effect"), .init("change", "Change, first to last", digits: 3),
        .init("low", "Low", digits: 3), .init("high", "High", digits: 3), .init("p", "p", digits: 4),
        .init("p_corrected", "p, corrected", digits: 4), .init("correction", "Correction"),
        .init("listeners", "Listeners", digits: 0), .init("answers", "Answers", digits: 0), .init("unit", "Unit"),
      ])
    var rows: [(name: String, effect: String, unit: String, found: Found)] = []
    for source in sources {
      for (name, answers) in read(source).sorted(by: { $0.key < $1.key }) {
        let unit = source.value == "is_right" ? Self.shareUnit : "points"
        let index = indices(answers)
        for (effect, found) in [
          ("trial", change(answers, at: { index[$0] }) { $0.value }),
          ("position", change(answers, at: { answers[$0].position }) { $0.value }),
        ] { if let found { rows.append((name, effect, unit, found)) } }
        // Times are recorded once per page.
        var seen = Set<[Double]>()
        let pages = answers.enumerated().filter { seen.insert([Double($1.listener)] + $1.page).inserted }
        let times = pages.map(\.element)
        if let found = change(times, at: { index[pages[$0].offset] }, { $0.ms.flatMap { $0 > 0 ? log($0) : nil } }) {
          rows.append((name, "time", "log of the time", found))
        }
      }
    }
    let corrected = adjusted(rows.map(\.found.p), Correction(rawValue: plan.correction.rawValue) ?? .holm)
    for (row, p) in zip(rows, corrected) {
      let found = row.found
      table.add(
        .text(row.name), .text(row.effect), .number(found.mean), .number(found.low), .number(found.high),
        .number(found.p), Cell(p), .text(plan.correction.rawValue), .count(found.listeners), .count(found.answers),
        .text(row.unit))
      if row.effect != "time", (p ?? 1) < 1 - plan.confidence {
        findings.remarks.append(remark(row.name, row.effect, row.unit, found))
      }
    }
    guard !table.rows.isEmpty else { return }
    findings.tables.append(table)
    findings.remarks = Integrity.sorted(findings.remarks)
    findings.methods.insert(
      "The change of answers (and of log response times) from a listener's first trial to the last, and of answers from the top of a page to its end, is the mean of the listeners' own least-squares slopes, after subtracting the mean of the other answers about the same item, and the mean of their positions, with Student's t interval over listeners; p-values are corrected for multiple comparisons by \(plan.correction.words).",
      at: max(0, findings.methods.count - 1))
  }

  private func remark(_ name: String, _ effect: String, _ unit: String, _ found: Found) -> Remark {
    let isShare = unit == Self.shareUnit, scale = isShare ? 100.0 : 1
    let what: Prose =
      "\(name): \(isShare ? "right answers" : "answers") \(found.mean > 0 ? "rise" : "fall") by \(abs(scale * found.mean))\(isShare ? " percentage points" : "") from the \(effect == "trial" ? "first trial to the last" : "top of a page to its end") [\(scale * found.low), \(scale * found.high)]."
    return .init(
      code: effect == "trial" ? "trial_effect" : "position_effect", weight: .caution, what: what,
      meaning:
        "Listeners may learn, tire, or shift their use of the scale. If each item came early as often as late, means "
        + "remain unbiased, but are noisier; see table order_effects.", count: found.listeners)
  }

  /// The answers by kind. A table that lacks a needed column, or is reported as broken elsewhere, has none.
  private func read(_ source: Source) -> [String: [Answer]] {
    let size = (try? source.url.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0
    guard size <= Self.largestFile,
      var reader = try? AnswerReader(
        source.url, of: source.name, plan: plan, notes: TableNotes(), needed: { _ in [["trial"]] })
    else { return [:] }
    let here = reader, value = source.value.flatMap { here.has($0) ? $0 : nil }
    let things = source.of.filter(here.has), hasPosition = here.has("position"), hasTime = here.has("response_ms")
    struct Said { var kind: String, thing: [String], page: [Double], position: Double?, value: Double?, ms: Double? }
    let answers = try? reader.answers { row -> Said? in
      func number(_ column: String) -> Double? { (try? row.number(here.column(column))) ?? nil }
      guard let trial = number("trial") else { return nil }
      var said: Double?
      if let value {
        said = value == "is_right" ? ((try? row.flag(here.column(value))) ?? nil).map { $0 ? 1 : 0 } : number(value)
      }
      let kind = ["trial_type", "scale"].compactMap { source.name == "scores" ? here.text(row, $0) : nil }
      // Either sound of a pair may have been presented first.
      let names = things.map { here.text(row, $0) ?? "" }
      return Said(
        kind: kind.isEmpty ? source.name : kind.joined(separator: " "), thing: names.sorted(),
        page: [here.has("session") ? number("session") ?? 0 : 0, trial],
        position: hasPosition ? number("position") : nil, value: said, ms: hasTime ? number("response_ms") : nil)
    }
    var numbers: [[String]: Int] = [:], found: [String: [Answer]] = [:]
    for (place, said) in answers ?? [] where place.flags.isEmpty {
      let thing = numbers[said.thing] ?? numbers.count
      numbers[said.thing] = thing
      found[said.kind, default: []].append(
        Answer(
          listener: place.listener, thing: thing, page: said.page, position: said.position, value: said.value,
          ms: said.ms))
    }
    return found
  }

  /// The position of each answer's trial among the listener's trials, from 1, ordered by sitting and trial.
  private func indices(_ answers: [Answer]) -> [Double] {
    var pages: [Int: Set<[Double]>] = [:]
    for answer in answers { pages[answer.listener, default: []].insert(answer.page) }
    let places = pages.mapValues { pages in
      let sorted = pages.sorted { $0.lexicographicallyPrecedes($1) }
      return Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, Double($0 + 1)) })
    }
    return answers.map { places[$0.listener]?[$0.page] ?? .nan }
  }

  private struct Found { var mean: Double, low: Double, high: Double, p: Double, listeners: Int, answers: Int }

  /// The mean of the listeners' slopes, times the range of positions over all listeners; nil if it cannot be estimated.
  private func change(_ answers: [Answer], at place: (Int) -> Double?, _ value: (Answer) -> Double?) -> Found? {
    struct Point { var listener: Int, thing: Int, x: Double, y: Double }
    let points = answers.indices.compactMap { i -> Point? in
      guard let x = place(i), let y = value(answers[i]), x.isFinite, y.isFinite,
        abs(x) < RatingTable.largestFigure, abs(y) < RatingTable.largestFigure
      else { return nil }
      return Point(listener: answers[i].listener, thing: answers[i].thing, x: x, y: y)
    }
    guard let first = points.map(\.x).min(), let last = points.map(\.x).max(), first < last else { return nil }
    var things: [Int: (count: Double, x: Double, xx: Double, y: Double)] = [:]
    for point in points {
      let known = things[point.thing] ?? (0, 0, 0, 0), x = (point.x - first) / (last - first)
      things[point.thing] = (known.count + 1, known.x + x, known.xx + x * x, known.y + point.y)
    }
    // Position and thing must not be confounded.
    let shared = things.values.filter { $0.count > 1 }
    let spread = shared.reduce(0) { $0 + $1.xx - $1.x * $1.x / $1.count }
    guard let all = shared.isEmpty ? nil : shared.reduce(0, { $0 + $1.count }), spread / all > 0.01 else { return nil }
    var own: [Int: [(x: Double, y: Double)]] = [:], count = 0
    for point in points {
      guard let thing = things[point.thing], thing.count > 1 else { continue }
      // Others heard it at other positions: in a balanced design, late if this listener heard it early.
      let others = thing.count - 1, x = (point.x - first) / (last - first)
      own[point.listener, default: []].append(
        (point.x - (last - first) * (thing.x - x) / others, point.y - (thing.y - point.y) / others))
      count += 1
    }
    let slopes = own.sorted { $0.key < $1.key }.compactMap { _, points -> Double? in
      guard points.count > 2, let x = mean(points.map(\.x)), let y = mean(points.map(\.y)) else { return nil }
      let squares = points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
      guard squares > 1e-9 else { return nil }
      return points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / squares * (last - first)
    }
    guard slopes.count >= Self.fewestListeners, let middle = mean(slopes), let variance = variance(slopes),
      variance > 1e-18
    else { return nil }
    let error = (variance / Double(slopes.count)).squareRoot(), student = StudentT(Double(slopes.count - 1))
    guard let t = student.quantile((1 + plan.confidence) / 2) else { return nil }
    return Found(
      mean: middle, low: middle - t * error, high: middle + t * error, p: 2 * student.upper(abs(middle) / error),
      listeners: slopes.count, answers: count)
  }
}
