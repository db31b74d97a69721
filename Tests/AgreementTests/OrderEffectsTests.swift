import Agreement
import Basics
import Foundation
import Testing

@Suite("Whether answers depend on trial number or position")
struct OrderEffectsTests {
  /// Scores that fall by `falling` points from the first to the last of twelve trials, and rise by `rising` points from
  /// the first to the last position on a page.
  private func scores(falling: Double = 0, rising: Double = 0, sameOrder: Bool = false) -> String {
    var text = ScoredStudy.header, random = SeededRandom(seed: 6, "order effects")
    for listener in 1...14 {
      let items = sameOrder ? Array(1...12) : random.shuffled(Array(1...12))
      for (place, item) in items.enumerated() {
        let ms = 9000 * exp(-0.4 * Double(place) / 11 + 0.1 * random.normal())
        for (position, system) in random.shuffled([0, 1, 2]).enumerated() {
          let score =
            50 + 10 * Double(system) + Double(item) - falling * Double(place) / 11 + rising * Double(position) / 2
            + 4 * random.normal()
          text +=
            "study,v1,\(listener),\(listener),\(place + 1),\(place + 1),mushra,1,item\(item),,item\(item)-s\(system),s\(system),"
            + "\(position + 1),\(score),false,false,false,false,false,1,2000,\(ms.rounded()),2026-01-02T03:04:05Z,1,quality\n"
        }
      }
    }
    return text
  }

  @Test func whatIsPlantedIsFound() throws {
    let found = try scoreFindings(scores(falling: 9, rising: 5), "intervals: {resamples: 200}")
    for (effect, truth) in [("trial", -9.0), ("position", 5), ("time", -0.4)] {
      let row = try #require(found["order_effects"]?.rows(where: ["effect": effect]).first)
      let table = try #require(found["order_effects"])
      let low = try #require(table.number(row, "low")), high = try #require(table.number(row, "high"))
      #expect(low < truth && truth < high && (table.number(row, "p_corrected") ?? 1) < 0.01, "\(effect)")
      #expect(table.number(row, "listeners") == 14)
    }
    #expect(found.remarks.contains { $0.code == "trial_effect" && $0.what.text.contains("fall by") })
    #expect(found.remarks.contains { $0.code == "position_effect" })
  }

  @Test func aBalancedDesignDoesNotMakeItLarger() throws {
    // A Williams square of four: everybody hears each item once, and each item is at each position once.
    let square = [[0, 1, 3, 2], [1, 2, 0, 3], [2, 3, 1, 0], [3, 0, 2, 1]]
    var text = ScoredStudy.header, random = SeededRandom(seed: 8)
    for listener in 1...12 {
      for (place, item) in square[listener % 4].enumerated() {
        for (k, system) in ["x", "y"].enumerated() {
          let score = 40 + 5 * Double(item) + 3 * Double(k) + 10 * Double(place) / 3 + 0.05 * random.normal()
          text +=
            "study,v1,\(listener),\(listener),\(place + 1),\(place + 1),mushra,1,item\(item),,item\(item)-\(system),\(system),"
            + "\(k + 1),\(score),false,false,false,false,false,1,2000,9000,2026-01-02T03:04:05Z,1,quality\n"
        }
      }
    }
    let found = try scoreFindings(text, "intervals: {resamples: 200}")
    let change = try #require(found.number("order_effects", "change", where: ["effect": "trial"]))
    #expect(abs(change - 10) < 0.2, "\(change)")
  }

  @Test func whatIsNotThereIsNot() throws {
    let found = try scoreFindings(scores(), "intervals: {resamples: 200}")
    #expect(found["order_effects"]?.rows.count == 3)
    #expect(!found.remarks.contains { $0.code.hasSuffix("_effect") })
    // With one order for all listeners, the trial number cannot be told apart from the item.
    let same = try scoreFindings(scores(falling: 9, sameOrder: true), "intervals: {resamples: 200}")
    #expect(same["order_effects"]?.rows(where: ["effect": "trial"]).isEmpty != false)
  }
}
