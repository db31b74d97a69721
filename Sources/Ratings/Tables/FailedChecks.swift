import Basics
import Foundation
import Reporting

/// The listeners of a table of answers who failed more of their attention checks than the plan allows. The table says whether
/// a check was passed: in `is_passed`, by the rule of the trial type, or in `is_right`.
package struct FailedChecks: Sendable, Equatable {
  /// The listeners, in the order of their first check.
  package private(set) var listeners: [String] = []
  /// The number of listeners with checks that can be judged.
  package private(set) var judged = 0
  /// The number of checks of which the table does not say whether they were passed.
  package private(set) var unknown = 0
  /// The share of checks above which a listener is excluded.
  private let limit: Double

  /// Whether an answer in a check passes it, by texts in columns of Earshot's; nil if they do not say.
  package typealias Verdict = (_ text: (String) -> String?) -> Bool?

  /// - Parameters:
  ///   - given: reads the table from its beginning. Cells that are not truth values are reported by whoever reads the answers.
  ///   - verdict: judges a check of which the table does not say whether it was passed.
  /// - Throws: a `Problem` with its place.
  init(_ given: TableReader, plan: AnalysisPlan, verdict: Verdict? = nil) throws {
    limit = plan.screening.catchesFailed
    var reader = given
    func column(_ ours: String) -> String? { reader.has(plan.columns(ours)) ? plan.columns(ours) : nil }
    guard plan.screening.apply.contains(.catches), let isCatch = column("is_catch") else { return }
    let isTraining = column("is_training"), person = plan.columns("participant")
    let verdicts = ["is_passed", "is_right"].compactMap(column), page = ["session", "trial"].compactMap(column)
    var order: [String] = [], checks: [String: (failed: Int, all: Int)] = [:], seen: Set<[String]> = []
    while let row = try reader.next() {
      func flag(_ column: String?) -> Bool? { column.flatMap { (try? row.flag($0)) ?? nil } }
      guard flag(isCatch) == true, flag(isTraining) != true, let listener = row.name(ifAny: person)
      else { continue }
      // Several rows may be about one page. Without pages, each row is a check.
      if page.contains(plan.columns("trial")),
        !seen.insert([listener] + page.map { row.name(ifAny: $0) ?? "" }).inserted
      {
        continue
      }
      let told = verdicts.lazy.compactMap { flag($0) }.first
      guard let isPassed = told ?? verdict?({ column($0).flatMap(row.name(ifAny:)) }) else {
        unknown += 1
        continue
      }
      if checks[listener] == nil { order.append(listener) }
      checks[listener, default: (0, 0)].all += 1
      if !isPassed { checks[listener, default: (0, 0)].failed += 1 }
    }
    judged = order.count
    listeners = order.filter { listener in
      checks[listener].map { Double($0.failed) / Double($0.all) > limit + 1e-9 } ?? false
    }
  }

  /// What this means for a table, and which rules of the plan do not apply to it.
  /// - Parameter isScored: whether its answers are analysed as scores or ratings too, to which all rules apply.
  package func remarks(of table: String, plan: AnalysisPlan, isScored: Bool = false) -> [Remark] {
    var remarks: [Remark] = []
    if !listeners.isEmpty {
      remarks.append(
        Remark(
          code: "screened_answers", weight: .note,
          what:
            "\(listeners.count) of \(judged, "listener") with attention checks in \(table) failed more than \(limit * 100, digits: 0) % of them and \(OneAndMany.words(listeners.count, "is", "are")) excluded from its figures: \(listeners.prefix(20).joined(separator: ", "))\(listeners.count > 20 ? " …" : "").",
          meaning: "This is the plan's screening rule 'catches'. Without it ('apply: []'), their answers count.",
          count: listeners.count))
    }
    if unknown > 0 {
      remarks.append(
        Remark(
          code: "unjudged_checks", weight: .caution,
          what: "\(table) does not say whether \(unknown, "attention check was", "attention checks were") passed.",
          meaning:
            "Nobody can be excluded because of them. Export the study again: the tables now have a column is_passed.",
          count: unknown))
    }
    let others = plan.screening.apply.filter { $0 != .catches }.map(\.rawValue)
    if !others.isEmpty, !isScored {
      remarks.append(
        Remark(
          code: "rules_without_effect", weight: .caution,
          what:
            "Of the plan's screening rules, \(others.joined(separator: ", ")) \(OneAndMany.words(others.count, "does", "do")) not apply to \(table).",
          meaning: "They look at ratings and scores. Only 'catches' applies to other answers.", count: others.count))
    }
    return remarks
  }
}
