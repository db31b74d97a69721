import Agreement
import Basics
import Foundation
import Ratings
import Reporting
import Statistics

/// How often findings are false if a study is looked at repeatedly and ends as soon as its verdicts are reached: with
/// its stopping rule and without one.
struct StoppingCalibration {
  struct Design: Sendable {
    var items: Int, atMost = 48
    /// The standard deviation of item-system effects, in points; all looks share these effects.
    var ofItems: Double
  }

  let studies: Int, resamples: Int
  private static let designs = [Design(items: 12, ofItems: 5), Design(items: 24, ofItems: 1)]
  private static let looks = Array(stride(from: 8, through: 48, by: 4))
  private static let margin = 5.0
  /// `a` is one margin above `b`, `b` and `c` are equal, and `d` is far below.
  private static let means = ["a": 65.0, "b": 60, "c": 60, "d": 48]

  private struct Outcome: Sendable {
    /// Whether, at any look, the equal systems were told apart; whether the two that differ by the margin were falsely
    /// found equivalent, or one of them better.
    var isTold = false, isEquivalent = false, isBetter = false
    /// When `d` was found worse than `b`, or else at the end of the study: the number of listeners, and how many of the
    /// six intervals contained the true value.
    var listeners = 0, held = 0
  }

  /// Outcomes without a stopping rule and with it.
  private func outcomes(_ design: Design, _ number: Int) throws -> [Outcome] {
    var random = SeededRandom(seed: 7, "stopping", "\(design)", "\(number)")
    let names = Self.means.keys.sorted()
    func normals(_ count: Int, _ spread: Double) -> [Double] { (0..<count).map { _ in spread * random.normal() } }
    let byItem = normals(design.items, 5), itemSystem = normals(design.items * 4, design.ofItems)
    let byListener = (0..<design.atMost).map { l -> [Findings.Score] in
      let own = 5 * random.normal(), ofSystems = normals(4, 6)
      return (0..<design.items).flatMap { i in
        names.enumerated().map { s, name in
          let effects = own + byItem[i] + ofSystems[s] + itemSystem[4 * i + s]
          return Findings.Score(
            listener: "\(l)", item: "\(i)", system: name, value: (Self.means[name] ?? 0) + effects + 8 * random.normal()
          )
        }
      }
    }
    var outcomes = [Outcome(), Outcome()], isOver = [false, false]
    for look in Self.looks {
      let scores = byListener.prefix(look).flatMap(\.self)
      for k in 0...1 {
        var plan = AnalysisPlan()
        (plan.resamples, plan.seed, plan.scoreMargins) = (resamples, UInt64(number), ["": Self.margin])
        plan.linearModels = .never
        plan.look = k == 0 ? nil : RepeatedLook(look, of: design.atMost)
        let tables = try Findings.comparing(scores, scale: -100...200, plan: plan)
        guard let table = tables.first(where: { $0.name == "system_differences" }) else { continue }
        var held = 0, isFarTold = false
        for row in table.rows.indices {
          let pair = [table.text(row, "system"), table.text(row, "baseline")], verdict = table.text(row, "verdict")
          let truth = (Self.means[pair[0]] ?? 0) - (Self.means[pair[1]] ?? 0)
          if let low = table.number(row, "low"), let high = table.number(row, "high") {
            held += low <= truth && truth <= high ? 1 : 0
          }
          switch Set(pair) {
          case ["b", "c"]: if (table.number(row, "p") ?? 1) < 0.05 { outcomes[k].isTold = true }
          case ["a", "b"]:
            if verdict == "equivalent" { outcomes[k].isEquivalent = true }
            if verdict == (pair[0] == "a" ? "better" : "worse") { outcomes[k].isBetter = true }
          case ["b", "d"]: isFarTold = verdict == (pair[0] == "b" ? "better" : "worse")
          default: break
          }
        }
        if !isOver[k] { (outcomes[k].listeners, outcomes[k].held) = (look, held) }
        isOver[k] = isOver[k] || isFarTold
      }
    }
    return outcomes
  }

  func print() throws {
    Swift.print(
      """

      # Stopping early
      \(studies) simulated MUSHRA studies per row, \(resamples) resamples each, looked at with \(Self.looks[0]), \(Self.looks[1]) … 48 \
      listeners, with the plan's `stopping: {listeners: 48}` and without a rule (`Calibration \(studies) \(resamples) stopping`). \
      How often, at any of these looks, two equal systems are found different, two that are the margin of \
      \(number(Self.margin, 0)) apart are called equivalent, and one of these two is called better by more than the margin (at \
      most 5 is right for each). Then, if a study ends as soon as a system that is 12 below another is called worse: the mean \
      number of listeners at the end, and the coverage of the 95 % intervals of all six differences at that time.

      | items | items differ by | rule | found different | falsely equivalent | falsely better | listeners at the end | coverage |
      |--:|--:|---|--:|--:|--:|--:|--:|
      """)
    for design in Self.designs {
      let found = try parallelMap(Array(0..<studies)) { try outcomes(design, $0) }
      for (k, rule) in ["none", "stopping"].enumerated() {
        func one(_ part: (Outcome) -> Bool) -> String { share(found.count { part($0[k]) }, of: studies) }
        let listeners = Double(found.reduce(0) { $0 + $1[k].listeners }) / Double(studies)
        Swift.print(
          "| \(design.items) | \(number(design.ofItems, 0)) | \(rule) | \(one(\.isTold)) | \(one(\.isEquivalent)) | \(one(\.isBetter)) | \(number(listeners, 1)) | \(share(found.reduce(0) { $0 + $1[k].held }, of: 6 * studies)) |"
        )
      }
    }
  }
}
