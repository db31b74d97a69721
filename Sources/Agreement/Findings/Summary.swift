import Basics
import Foundation
import Ratings
import Reporting

/// Text in columns for a terminal, with texts aligned left and numbers right.
public struct TextTable: Sendable, CustomStringConvertible {
  private var rows: [[String]] = []
  private let numeric: [Bool]

  /// - Parameter numeric: by column, whether it is aligned right.
  public init(_ header: [String], numeric: [Bool]) {
    precondition(header.count == numeric.count)
    rows = [header]
    self.numeric = numeric
  }

  /// Adds a row, with one cell per column.
  public mutating func add(_ cells: [String]) {
    precondition(cells.count == numeric.count)
    rows.append(cells)
  }

  public var description: String {
    let widths = numeric.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let blank = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ") + (numeric[column] ? blank + cell : cell + blank)
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}

extension Findings {
  /// The summary for a terminal: the answer in a sentence, what to know about the data, then the main figures.
  public var summary: String {
    var parts = [notice?.text ?? "", answers.map(\.text).joined(separator: "\n"), screened]
    let serious = remarks.filter { $0.weight != .note }
    if !serious.isEmpty {
      parts.append(serious.map { "\($0.weight.rawValue): \($0.what.text) \($0.meaning)" }.joined(separator: "\n"))
    }
    if let table = mainTable { parts.append(table) }
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// Whom the plan's screening excluded; empty if nobody.
  private var screened: String {
    var kept: Set<String> = [], excluded: Set<String> = []
    for table in ["listeners", "score_listeners"].compactMap({ self[$0] }) {
      let column = table.column("kept")
      for row in table.rows.indices {
        let name = table.text(row, "listener")
        if table.rows[row][column] == .flag(false) { excluded.insert(name) } else { kept.insert(name) }
      }
    }
    if excluded.isEmpty { return "" }
    let names = excluded.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    let rules = plan.screening.apply.map(\.rawValue).joined(separator: ", ")
    return "Screening (\(rules)) excluded \(excluded.count) of \(kept.union(excluded).count, "listener"): "
      + names.prefix(6).joined(separator: ", ") + (names.count > 6 ? " and \(names.count - 6) more." : ".")
  }

  /// By condition and system: the mean rating of the first k, the primary figure and tau-b with intervals, and hits.
  private var mainTable: String? {
    guard let agreement = self["agreement"], let ratings = self["ratings_by_system"] else { return nil }
    let found = self["reference_found"]
    let second: AnalysisPlan.Metric = plan.metric == .kendallTauB ? .spearman : .kendallTauB
    func interval(_ table: ResultTable, _ row: Int?, _ value: String, _ low: String, _ high: String, _ digits: Int)
      -> String
    {
      guard let row, let middle = table.number(row, value) else { return "–" }
      guard let low = table.number(row, low), let high = table.number(row, high) else {
        return display(middle, digits: digits)
      }
      return
        "\(display(middle, digits: digits)) [\(display(low, digits: digits)), \(display(high, digits: digits))]"
    }
    let digits = ratings.columns[ratings.column("mean")].digits
    var text = TextTable(
      [
        "condition", "system", "mean rating of top \(plan.topK)", plan.metric.title, second.title, "consensus",
        "reference in top \(plan.topK)", "listeners × queries",
      ], numeric: [false, false, true, true, true, true, true, true])
    for row in agreement.rows(where: ["level": "individual", "metric": plan.metric.rawValue]) {
      let condition = agreement.text(row, "condition"), system = agreement.text(row, "system")
      let key = ["condition": condition, "system": system]
      let tau = agreement.rows(
        where: key.merging(["level": "individual", "metric": second.rawValue]) { $1 }
      ).first
      let consensus = agreement.rows(
        where: key.merging(["level": "consensus", "metric": plan.metric.rawValue]) { $1 }
      ).first
      text.add([
        condition, system, interval(ratings, ratings.rows(where: key).first, "mean", "low", "high", digits),
        interval(agreement, row, "value", "low", "high", 2), interval(agreement, tau, "value", "low", "high", 2),
        interval(agreement, consensus, "value", "low", "high", 2),
        found.map { interval($0, $0.rows(where: key).first, "hit_rate", "hit_low", "hit_high", 2) } ?? "–",
        "\(display(agreement.number(row, "listeners") ?? 0, digits: 0)) × "
          + display(agreement.number(row, "queries") ?? 0, digits: 0),
      ])
    }
    return text.description
  }
}
