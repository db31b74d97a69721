import Agreement
import Basics
import Foundation
import Ratings
import Reporting
import Statistics

/// How often differences between two blocks are right when the truth is known.
struct BlocksCalibration {
  struct Design: Sendable {
    var listeners: Int, others: Int, items: Int
    /// Whether the second block has the same listeners, and the same items.
    var sameListeners: Bool, sameItems: Bool
  }

  let studies: Int, resamples: Int
  private static let designs = [
    Design(listeners: 12, others: 12, items: 8, sameListeners: true, sameItems: true),
    Design(listeners: 12, others: 12, items: 8, sameListeners: false, sameItems: true),
    Design(listeners: 30, others: 10, items: 12, sameListeners: false, sameItems: true),
    Design(listeners: 20, others: 20, items: 10, sameListeners: true, sameItems: false),
    Design(listeners: 20, others: 20, items: 10, sameListeners: false, sameItems: false),
  ]
  /// Mean scores of two systems, 12 apart in the first block and 6 in the second, where both are lower.
  private static let means = [["a": 70.0, "b": 58.0], ["a": 60.0, "b": 54.0]]
  /// Standard deviations: of listeners, of items, of each with the block, with the system and with both, and of single
  /// scores.
  private static let spreads = [8.0, 8.0, 4.0, 4.0, 5.0, 5.0, 3.0, 3.0, 8.0]

  func print() throws {
    Swift.print(
      """

      # Blocks
      \(studies) simulated MUSHRA studies per row, of two blocks, \(resamples) resamples each (`Calibration \(studies) \(resamples) \
      blocks`). Coverage of the 95 % interval of a system's mean in the first block minus its mean in the second, and of \
      the change in the difference between two systems; and how often a system with the same mean in both blocks is found \
      different (at most 5 is right).

      | listeners | items | the same listeners | the same items | difference | change of a difference | found different |
      |---|--:|---|---|--:|--:|--:|
      """)
    for design in Self.designs {
      let found = try parallelMap(Array(0..<studies)) { try study(design, $0) }
      let cells = (0..<3).map { i in share(found.count { $0[i] }, of: studies) }
      Swift.print(
        "| \(design.listeners) and \(design.others) | \(design.items) | \(design.sameListeners ? "yes" : "no") | \(design.sameItems ? "yes" : "no") | \(cells.joined(separator: " | ")) |"
      )
    }
  }

  private func study(_ design: Design, _ number: Int) throws -> [Bool] {
    var random = SeededRandom(seed: 7, "blocks", "\(design)", "\(number)"), effects: [String: Double] = [:]
    func effect(_ kind: Int, _ name: String) -> Double {
      let key = "\(kind) \(name)"
      if let known = effects[key] { return known }
      let drawn = Self.spreads[kind] * random.normal()
      effects[key] = drawn
      return drawn
    }
    let blocks = [design.listeners, design.others].enumerated().map { b, count in
      (0..<count).flatMap { l in
        (0..<design.items).flatMap { i in
          ["a", "b", "c"].map { system -> Findings.Score in
            let listener = design.sameListeners ? "\(l)" : "\(b) \(l)", item = design.sameItems ? "\(i)" : "\(b) \(i)"
            // The third system has the same mean in both blocks.
            let mean = Self.means[b][system] ?? 50
            let value =
              mean + effect(0, listener) + effect(1, item) + effect(2, "\(listener) \(b)") + effect(3, "\(item) \(b)")
              + effect(4, listener + system) + effect(5, item + system) + effect(6, "\(listener)\(system)\(b)")
              + effect(7, "\(item)\(system)\(b)") + Self.spreads[8] * random.normal()
            return .init(listener: listener, item: item, system: system, value: value)
          }
        }
      }
    }
    var plan = AnalysisPlan()
    (plan.resamples, plan.seed) = (resamples, UInt64(number))
    let table = try Findings.comparing(blocks: blocks[0], blocks[1], scale: -200...300, plan: plan)
    func holds(_ system: String, _ baseline: String, _ truth: Double) -> Bool {
      table.rows(where: ["system": system, "baseline": baseline]).contains { row in
        (table.number(row, "low") ?? .infinity) <= truth && truth <= (table.number(row, "high") ?? -.infinity)
      }
    }
    return [holds("a", "", 10), holds("a", "b", 6) || holds("b", "a", -6), !holds("c", "", 0)]
  }
}
