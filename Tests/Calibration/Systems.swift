import Agreement
import Basics
import Foundation
import Ratings
import Reporting

/// How often findings of systems are right: MUSHRA studies of four systems with known means, two of which are equal.
struct SystemsCalibration {
  struct Design: Sendable {
    var listeners: Int, items: Int
    /// The share of the items that a listener scores.
    var share = 1.0
    /// Whether the first listener scores all items instead.
    var oneScoresAll = false
  }

  let studies: Int, resamples: Int
  /// Whether mixed models are fitted and reported.
  let withModels: Bool
  static let margin = 5.0
  /// `a` is one margin above `b`, and `b` and `c` are equal.
  static let means = ["a": 65.0, "b": 60, "c": 60, "d": 40]

  /// A score is the system's mean plus normal effects: of the listener and of the item on all systems (standard
  /// deviation 5 each) and on each system (5 each), and noise (8). Scores are unbounded, so that the true means are
  /// known.
  static func scores(_ design: Design, _ number: Int) -> [Findings.Score] {
    var random = SeededRandom(seed: 5, "systems", "\(design)", "\(number)")
    let names = means.keys.sorted()
    func normals(_ count: Int) -> [Double] { (0..<count).map { _ in 5 * random.normal() } }
    let byListener = normals(design.listeners), byItem = normals(design.items)
    let listenerSystem = normals(design.listeners * 4), itemSystem = normals(design.items * 4)
    return (0..<design.listeners).flatMap { l -> [Findings.Score] in
      let count = design.oneScoresAll && l == 0 ? design.items : Int((design.share * Double(design.items)).rounded())
      return random.shuffled(Array(0..<design.items)).prefix(count).flatMap { i in
        names.enumerated().map { s, name in
          let effects = byListener[l] + byItem[i] + listenerSystem[4 * l + s] + itemSystem[4 * i + s]
          return Findings.Score(
            listener: "\(l)", item: "\(i)", system: name, value: (means[name] ?? 0) + effects + 8 * random.normal())
        }
      }
    }
  }

  private struct Outcome: Sendable {
    /// How many intervals contain the true value: of the four systems' means and of their six differences.
    var means = 0, differences = 0, modelMeans = 0, modelDifferences = 0
    /// Whether the two equal systems are told apart: by the interval, by the model (both uncorrected), and after
    /// correction.
    var told = false, toldByModel = false, toldCorrected = false
    /// Whether the two systems that differ by the margin are falsely found equivalent, or one of them better; and
    /// whether the two equal systems are found equivalent.
    var isEquivalent = false, isBetter = false, foundEquivalent = false
  }

  private func outcome(_ design: Design, _ number: Int) throws -> Outcome {
    var plan = AnalysisPlan()
    (plan.resamples, plan.seed, plan.scoreMargins) = (resamples, UInt64(number), ["": Self.margin])
    if !withModels { plan.linearModels = .never }
    let tables = try Findings.comparing(
      Self.scores(design, number), scale: -100...200, plan: plan, isCompared: !withModels)
    func table(_ name: String) -> ResultTable? { tables.first { $0.name == name } }
    var outcome = Outcome()
    func holds(_ table: ResultTable, _ row: Int, _ truth: Double) -> Bool {
      guard let low = table.number(row, "low"), let high = table.number(row, "high") else { return false }
      return low <= truth && truth <= high
    }
    func mean(_ name: String) -> Double { Self.means[name] ?? .nan }
    for (name, isModel) in [("systems", false), ("system_means", true)] {
      guard let table = table(name) else { continue }
      let held = table.rows.indices.count { holds(table, $0, mean(table.text($0, "system"))) }
      if isModel { outcome.modelMeans = held } else { outcome.means = held }
    }
    for (name, isModel) in [("system_differences", false), ("system_contrasts", true)] {
      guard let table = table(name) else { continue }
      var held = 0
      for row in table.rows.indices {
        let pair = [table.text(row, "system"), table.text(row, "baseline")]
        held += holds(table, row, mean(pair[0]) - mean(pair[1])) ? 1 : 0
        if Set(pair) == ["b", "c"] {
          let isTold = (table.number(row, "p") ?? 1) < 0.05
          if isModel { outcome.toldByModel = isTold } else { outcome.told = isTold }
          if !isModel {
            outcome.toldCorrected = (table.number(row, "p_corrected") ?? 1) < 0.05
            outcome.foundEquivalent = table.text(row, "verdict") == "equivalent"
          }
        }
        if Set(pair) == ["a", "b"], !isModel {
          outcome.isEquivalent = table.text(row, "verdict") == "equivalent"
          outcome.isBetter = table.text(row, "verdict") == (pair[0] == "a" ? "better" : "worse")
        }
      }
      if isModel { outcome.modelDifferences = held } else { outcome.differences = held }
    }
    return outcome
  }

  private static let designs = [
    Design(listeners: 10, items: 8), Design(listeners: 20, items: 12), Design(listeners: 20, items: 4),
    Design(listeners: 50, items: 10), Design(listeners: 24, items: 12, share: 0.5),
    Design(listeners: 10, items: 12, share: 0.1, oneScoresAll: true),
  ]

  /// The outcomes of all studies of a design.
  private struct Found {
    var outcomes: [Outcome], studies: Int

    func all(_ part: (Outcome) -> Int, _ each: Int) -> String {
      share(outcomes.reduce(0) { $0 + part($1) }, of: each * studies)
    }
    func one(_ part: (Outcome) -> Bool) -> String { share(outcomes.count(where: part), of: studies) }
  }

  private func rows(_ cells: (Found) -> [String]) throws {
    for design in Self.designs {
      let found = Found(outcomes: try parallelMap(Array(0..<studies)) { try outcome(design, $0) }, studies: studies)
      Swift.print(
        "| \(design.listeners) × \(design.items) | \(percent(design.share)) %\(design.oneScoresAll ? ", one all" : "") | \(cells(found).joined(separator: " | ")) |"
      )
    }
  }

  func print() throws {
    guard withModels else {
      Swift.print(
        """

        # Scores of systems
        \(studies) simulated MUSHRA studies per row, of four systems, \(resamples) resamples each. Each listener scores the \
        stated share of the items. Listeners and items differ in their level and in their effect on each system. Coverage of \
        95 % intervals of the four means and of their six differences; how often two equal systems are found different, also \
        after Holm's correction (at most 5 is right for each); for two systems that are exactly the margin of \
        \(number(Self.margin, 0)) apart, how often they are called equivalent, and how often one is called better by more than \
        the margin (at most 5 is right for each); and how often equal systems are found equivalent. "One all": the first listener \
        scores all items instead, and the report remarks on that (`uneven_listeners`).

        | listeners × items | each scores | means | differences | found different | corrected | falsely equivalent | falsely better | equivalent |
        |---|--:|--:|--:|--:|--:|--:|--:|--:|
        """)
      return try rows { found in
        [
          found.all(\.means, 4), found.all(\.differences, 6), found.one(\.told), found.one(\.toldCorrected),
          found.one(\.isEquivalent), found.one(\.isBetter), found.one(\.foundEquivalent),
        ]
      }
    }
    Swift.print(
      """

      ## The mixed model of the same scores
      \(studies) simulated studies per row. Coverage of its 95 % intervals, and how often two equal systems are found different \
      (at most 5 is right).

      | listeners × items | each scores | means | differences | found different |
      |---|--:|--:|--:|--:|
      """)
    try rows { found in
      [found.all(\.modelMeans, 4), found.all(\.modelDifferences, 6), found.one(\.toldByModel)]
    }
  }
}
