import Agreement
import Basics
import Foundation
import Ratings
import Reporting
import Statistics

/// How often findings of category ratings, preferences and ABX are right when the truth is known.
struct AnswersCalibration {
  struct Design: Sendable { var listeners: Int, items: Int }

  let studies: Int, resamples: Int
  private static let designs = [(10, 8), (20, 12), (20, 4), (50, 10)].map { Design(listeners: $0, items: $1) }

  private func seed(_ what: String, _ design: Design, _ number: Int) -> SeededRandom {
    SeededRandom(seed: 6, what, "\(design)", "\(number)")
  }

  private func plan(_ number: Int) -> AnalysisPlan {
    var plan = AnalysisPlan()
    (plan.resamples, plan.seed, plan.linearModels) = (resamples, UInt64(number), .never)
    return plan
  }

  /// Prints a row for each design, with the share of studies in which each of several outcomes occurred.
  private func rows(
    _ what: String, _ outcome: @Sendable (Design, inout SeededRandom, AnalysisPlan) throws -> [(held: Int, of: Int)]
  ) throws {
    for design in Self.designs {
      let found = try parallelMap(Array(0..<studies)) { number in
        var random = seed(what, design, number)
        return try outcome(design, &random, plan(number))
      }
      let cells = found[0].indices.map { i in
        share(found.reduce(0) { $0 + $1[i].held }, of: found.reduce(0) { $0 + $1[i].of })
      }
      Swift.print("| \(design.listeners) × \(design.items) | \(cells.joined(separator: " | ")) |")
    }
  }

  private static func holds(_ table: ResultTable, _ row: Int, _ truth: Double) -> Bool {
    guard let low = table.number(row, "low"), let high = table.number(row, "high") else { return false }
    return low <= truth && truth <= high
  }

  // MARK: Category ratings

  /// Standard deviations of the latent rating: of listeners, of items, of each with the system, and of single ratings.
  private static let spreads = [0.4, 0.4, 0.3, 0.3, 0.7]
  private static let categoryMargin = 0.25

  /// The mean category, from 1 to 5, for a latent mean; each latent rating is rounded to its category.
  private static func meanCategory(_ latent: Double) -> Double {
    let whole = spreads.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return 1 + [1.5, 2.5, 3.5, 4.5].reduce(0) { $0 + Normal().upper(($1 - latent) / whole) }
  }

  private func categories() throws {
    // `a` is one margin above `b`, and `b` and `c` are equal.
    let base = 3.2
    var low = base, high = base + 2
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if Self.meanCategory(middle) - Self.meanCategory(base) < Self.categoryMargin {
        low = middle
      } else {
        high = middle
      }
    }
    let latent = ["a": low, "b": base, "c": base, "d": 2.0], names = latent.keys.sorted()
    let truths = latent.mapValues(Self.meanCategory)
    Swift.print(
      """

      # Category ratings
      \(studies) simulated ACR studies per row, \(resamples) resamples each, of four systems. The five categories are rounded \
      normal numbers. Coverage of 95 % intervals of the four means and of their six differences; how often two equal systems \
      are found different (at most 5 is right); and for two systems that are exactly the margin of \
      \(number(Self.categoryMargin, 2)) apart, how often they are called equivalent, and how often one is called better by more \
      than the margin (at most 5 is right for each).

      | listeners × items | means | differences | found different | falsely equivalent | falsely better |
      |---|--:|--:|--:|--:|--:|
      """)
    try rows("categories") { design, random, plan in
      let counts = [1, 1, 4, 4].enumerated().map { i, n in (i % 2 == 0 ? design.listeners : design.items) * n }
      let effects = zip(counts, Self.spreads).map { count, spread in (0..<count).map { _ in spread * random.normal() } }
      var scores: [Findings.Score] = []
      for l in 0..<design.listeners {
        for i in 0..<design.items {
          for (s, name) in names.enumerated() {
            let sum = effects[0][l] + effects[1][i] + effects[2][4 * l + s] + effects[3][4 * i + s]
            let value = (latent[name] ?? 0) + sum + Self.spreads[4] * random.normal()
            scores.append(
              .init(listener: "\(l)", item: "\(i)", system: name, value: max(1, min(5, value.rounded()))))
          }
        }
      }
      var plan = plan
      plan.scoreMargins = ["": Self.categoryMargin]
      let tables = try Findings.comparing(scores, scale: 1...5, plan: plan)
      guard let means = tables.first(where: { $0.name == "systems" }),
        let differences = tables.first(where: { $0.name == "system_differences" })
      else { return [] }
      func truth(_ name: String) -> Double { truths[name] ?? .nan }
      func row(_ a: String, _ b: String) -> (row: Int, verdict: String)? {
        differences.rows.indices.lazy.filter {
          Set([differences.text($0, "system"), differences.text($0, "baseline")]) == [a, b]
        }.map { ($0, differences.text($0, "verdict")) }.first
      }
      let equal = row("b", "c"), apart = row("a", "b")
      let better = apart.map { differences.text($0.row, "system") == "a" ? "better" : "worse" }
      return [
        (means.rows.indices.count { Self.holds(means, $0, truth(means.text($0, "system"))) }, 4),
        (
          differences.rows.indices.count {
            Self.holds(
              differences, $0, truth(differences.text($0, "system")) - truth(differences.text($0, "baseline")))
          }, 6
        ),
        (equal.map { (differences.number($0.row, "p") ?? 1) < 0.05 } == true ? 1 : 0, 1),
        (apart?.verdict == "equivalent" ? 1 : 0, 1), (apart != nil && apart?.verdict == better ? 1 : 0, 1),
      ]
    }
  }

  // MARK: Preferences

  private func preferences() throws {
    // The spread of listeners' and items' own preferences, in units of the noise of a single answer.
    let listenerSpread = 0.5, itemSpread = 0.5, whole = (1 + 0.5).squareRoot()
    let shares = ["even": 0.5, "won": 0.65, "clear": 0.8], names = shares.keys.sorted()
    let latent = shares.mapValues { (Normal().quantile($0) ?? 0) * whole }
    Swift.print(
      """

      # Preferences
      \(studies) simulated AB studies per row, \(resamples) resamples each, of three pairs of systems. The first of a pair is \
      preferred in 50, 65 and 80 % of answers in the population. On each item, each listener chooses once per pair; listeners \
      and items differ in their effect on a pair. Coverage of the 95 % interval of the share. At 50 %, 100 minus \
      the coverage is how often the even pair is falsely found to differ from one half.

      | listeners × items | 50 % | 65 % | 80 % |
      |---|--:|--:|--:|
      """)
    try rows("preferences") { design, random, plan in
      var scores: [Findings.Score] = []
      for name in names {
        let byListener = (0..<design.listeners).map { _ in listenerSpread * random.normal() }
        let byItem = (0..<design.items).map { _ in itemSpread * random.normal() }
        for l in 0..<design.listeners {
          for i in 0..<design.items {
            let value = (latent[name] ?? 0) + byListener[l] + byItem[i] + random.normal()
            scores.append(.init(listener: "\(l)", item: "\(i)", system: name, value: value > 0 ? 1 : 0))
          }
        }
      }
      // Shares of right answers have the same intervals as shares of preferences.
      let table = try Findings.discriminating(scores, plan: plan)
      func held(_ name: String) -> Int {
        table.rows.indices.contains {
          table.text($0, "pair") == name && Self.holds(table, $0, shares[name] ?? .nan)
        } ? 1 : 0
      }
      return [(held("even"), 1), (held("won"), 1), (held("clear"), 1)]
    }
  }

  // MARK: ABX

  private func discriminations() throws {
    let margin = 0.1, answers = 2
    Swift.print(
      """

      # ABX
      \(studies) simulated ABX studies per row, \(resamples) resamples each, \(answers) answers per listener and item. Coverage \
      of the 95 % interval of a share of 75 % right answers, around which listeners (±15 points) and items (±10 points) vary; \
      how often a difference that nobody hears is called heard (at most 5 is right). Then, with a margin of \
      \(number(margin, 1)), how often a difference is falsely called not heard if 60 % of answers are right, which is just at \
      the margin (listeners ±10 points, items ±5 points; at most 5 is right), and how often one that nobody hears is rightly \
      called not heard.

      | listeners × items | 75 % | falsely heard | falsely not heard | rightly not heard |
      |---|--:|--:|--:|--:|
      """)
    try rows("abx") { design, random, plan in
      var scores: [Findings.Score] = []
      for (name, share, people, things) in [
        ("guess", 0.5, 0.0, 0.0), ("margin", 0.5 + margin, 0.1, 0.05), ("clear", 0.75, 0.15, 0.1),
      ] {
        let byListener = (0..<design.listeners).map { _ in people * (2 * random.unit() - 1) }
        let byItem = (0..<design.items).map { _ in things * (2 * random.unit() - 1) }
        for l in 0..<design.listeners {
          for i in 0..<design.items {
            for _ in 0..<answers {
              let isRight = random.unit() < share + byListener[l] + byItem[i]
              scores.append(.init(listener: "\(l)", item: "\(i)", system: name, value: isRight ? 1 : 0))
            }
          }
        }
      }
      var plan = plan
      plan.scoreMargins = ["abx": margin]
      let table = try Findings.discriminating(scores, plan: plan)
      func row(_ name: String) -> Int? { table.rows.indices.first { table.text($0, "pair").hasPrefix(name) } }
      func verdict(_ name: String) -> String { row(name).map { table.text($0, "verdict") } ?? "" }
      return [
        (row("clear").map { Self.holds(table, $0, 0.75) } == true ? 1 : 0, 1),
        (verdict("guess") == "heard" ? 1 : 0, 1), (verdict("margin") == "not_heard" ? 1 : 0, 1),
        (verdict("guess") == "not_heard" ? 1 : 0, 1),
      ]
    }
  }

  func print() throws {
    try categories()
    try preferences()
    try discriminations()
  }
}
