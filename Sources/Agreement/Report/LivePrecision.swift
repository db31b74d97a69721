import Basics
import Foundation
import Ratings
import Reporting

/// How precise a running study is so far: half the width of its widest interval, beside the goal that the plan states.
/// It reveals no estimate and names no system, so whoever runs the study may look as often as they like.
public struct LivePrecision: Sendable, Equatable {
  /// The precision of one kind of answers.
  public struct Kind: Sendable, Equatable {
    /// A trial type with its scale, or one of `agreement`, `choices` and `abx`.
    public var name: String
    /// Half the width of the widest interval, over all conditions together; nil if any interval is still undefined.
    public var halfWidth: Double?
    /// The goal for the half-width that the plan states.
    public var goal: Double?
    /// The number of intervals that were considered, and of listeners behind them.
    public var intervals: Int, listeners: Int
    var digits: Int

    /// Whether the widest interval is no wider than the goal. False without a goal.
    public var isReached: Bool { halfWidth.flatMap { width in goal.map { width <= $0 } } ?? false }
  }

  /// Agreement, choices and each scale, as far as there are answers.
  public let kinds: [Kind]
  /// The confidence level of the intervals.
  public let confidence: Double
  /// The state of the study by its stopping rule; nil if its plan has none.
  public let stopping: StoppingRule?

  /// - Parameter findings: the findings from the tables so far.
  init(_ findings: Findings) {
    let plan = findings.plan
    confidence = plan.confidence
    stopping = StoppingRule(findings)
    var kinds: [Kind] = []
    func add(_ name: String, _ goal: Double?, _ table: ResultTable, _ rows: [Int]) {
      guard let first = rows.first else { return }
      let told = table.columns.contains { $0.key == "condition" }
      let own = told ? rows.filter { table.text($0, "condition") == table.text(first, "condition") } : rows
      let widths = own.map { row in
        table.number(row, "low").flatMap { low in table.number(row, "high").map { ($0 - low) / 2 } }
      }
      kinds.append(
        Kind(
          name: name, halfWidth: widths.contains(nil) ? nil : widths.compactMap(\.self).max(), goal: goal,
          intervals: own.count, listeners: own.compactMap { table.number($0, "listeners") }.max().map(Int.init) ?? 0,
          digits: table.columns[table.column("low")].digits))
    }
    if let table = findings["verdicts"] { add("agreement", plan.goals["agreement"], table, Array(table.rows.indices)) }
    // For several systems, their differences; for a single one, its mean.
    for name in ["system_differences", "systems"] {
      guard let table = findings[name] else { continue }
      let all = table.rows.indices.filter { name != "systems" || table.text($0, "role") == "contender" }
      var seen: [ScoreTable.Kind] = []
      for row in all {
        let kind = ScoreTable.Kind(type: table.text(row, "trial_type"), scale: table.text(row, "scale"))
        let title = kind.title.isEmpty ? "scores" : kind.title
        if seen.contains(kind) || kinds.contains(where: { $0.name == title }) { continue }
        seen.append(kind)
        add(
          title, plan.goals[kind.scale] ?? plan.goals[kind.type] ?? plan.goals[""], table,
          all.filter { table.text($0, "trial_type") == kind.type && table.text($0, "scale") == kind.scale })
      }
    }
    if let table = findings["preferences"] {
      add("choices", plan.goals["choices"] ?? plan.goals["ab"], table, Array(table.rows.indices))
    }
    if let table = findings["choice_differences"] ?? findings["choice_agreement"] {
      let rows = table.rows(where: ["answers_to": ChoiceTable.Kind.triplets.rawValue])
      add("triplets", plan.goals["triplets"] ?? plan.goals["triplet"], table, rows)
    }
    if let table = findings["discriminations"] {
      for test in ["abx", "odd-one-out"] { add(test, plan.goals[test], table, table.rows(where: ["test": test])) }
    }
    self.kinds = kinds
  }

  /// One line per kind of answers, and one for the stopping rule.
  public var text: String {
    if kinds.isEmpty { return "There is no interval yet." }
    let lines = kinds.map { kind in
      let level = display(confidence * 100, digits: 0)
      let goal = kind.goal.map { goal in
        "; the goal is ±\(display(goal, digits: kind.digits))\(kind.isReached ? ", which is reached" : "")"
      }
      guard let width = kind.halfWidth else {
        let few = kind.listeners == 1 ? "listener is" : "listeners are"
        return "\(kind.name): \(kind.listeners) \(few) too few for an interval\(goal ?? "")."
      }
      let which = kind.intervals == 1 ? "" : "widest of \(kind.intervals) "
      return "\(kind.name): the \(which)\(level) % interval\(kind.intervals == 1 ? "" : "s") is "
        + "±\(display(width, digits: kind.digits)), of \(kind.listeners, "listener")\(goal ?? "")."
    }
    return (lines + [stopping?.text].compactMap(\.self)).joined(separator: "\n")
  }
}

extension Analysis {
  /// Reads the tables of a study that may still be running, with fewer resamples and without models.
  /// - Throws: the same errors as `read`.
  public static func precision(of tables: AnalysisTables, version: String) throws -> LivePrecision {
    LivePrecision(try read(tables, version: version, isQuick: true))
  }
}
