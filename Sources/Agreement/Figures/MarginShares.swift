import Basics
import Ratings
import Reporting
import Statistics

/// How surely a difference lies above, within and below ±margin, based on its interval: the level of the one-sided
/// interval that ends at each limit. With a flat prior these are posterior shares; the middle one is that of the region
/// of practical equivalence (Kruschke 2018).
struct MarginShares: Sendable {
  let above: Double, within: Double, below: Double

  /// Nil if there is no interval.
  /// - Parameter level: returns how surely the difference is at or below a limit.
  init?(margin: Double, _ level: (Double) -> Double?) {
    guard let low = level(-margin), let high = level(margin) else { return nil }
    (below, within, above) = (low, max(0, high - low), 1 - high)
  }

  /// The p-value of the claim that is closest to being made: above, below, or within (for which both one-sided tests
  /// must reject). If the plan has a stopping rule, it holds over all looks. It is kept on the side of alpha that
  /// agrees with the verdict.
  func p(isDecided: Bool, plan: AnalysisPlan) -> Double {
    let p = plan.overAllLooks(min(1 - above, 1 - below, max(above, below)))
    return isDecided ? min(p, plan.alpha.nextDown) : max(p, plan.alpha)
  }
}

extension ResultTable {
  static let marginColumns: [Column] = [
    .init("share_above", "Share above margin"), .init("share_within", "Share within"),
    .init("share_below", "Share below"),
    .init("p_verdict", "p of the verdict", digits: 4),
    .init("p_verdict_corrected", "p of the verdict, corrected", digits: 4),
    .init("verdict_corrected", "Verdict, corrected"),
  ]

  /// Adds the shares to each row of a table of verdicts, and the verdict if all of the table are one family:
  /// inconclusive if the corrected p is alpha or more.
  /// - Parameter shares: the shares of each row.
  mutating func add(_ shares: [MarginShares?], plan: AnalysisPlan) {
    let open = Verdict.open
    let p = rows.indices.map { row in
      shares[row].map { $0.p(isDecided: !open.contains(text(row, "verdict")), plan: plan) }
    }
    let corrected = adjusted(p, Correction(rawValue: plan.correction.rawValue) ?? .holm)
    let verdicts = rows.indices.map { text($0, "verdict") }
    columns += Self.marginColumns
    for row in rows.indices {
      let holds = open.contains(verdicts[row]) || (corrected[row] ?? 1) < plan.alpha
      rows[row] += [
        Cell(shares[row]?.above), Cell(shares[row]?.within), Cell(shares[row]?.below), Cell(p[row]),
        Cell(corrected[row]), .text(holds ? verdicts[row] : Verdict.inconclusive.rawValue),
      ]
    }
  }

  /// A remark if many verdicts are given at once and some would not hold when corrected as one family.
  func manyVerdicts(_ name: String, plan: AnalysisPlan) -> Remark? {
    let given = rows.indices.filter { number($0, "p_verdict").map { $0 < plan.alpha } ?? false }
    let lost = given.filter { text($0, "verdict_corrected") != text($0, "verdict") }
    guard !lost.isEmpty else { return nil }
    return .init(
      code: "verdicts_many", weight: .caution,
      what:
        "\(name)\(lost.count) of \(given.count, "verdict") would be inconclusive after correction for multiple comparisons.",
      meaning:
        "Each verdict controls its own error of \(plan.alpha.cellText). Column verdict_corrected shows what remains with p-values "
        + "corrected by \(plan.correction.words) over systems and conditions.", count: lost.count)
  }
}

/// Each two systems under each condition, as one family: the data of the matrix of differences.
struct AllPairs {
  struct Row {
    var condition: String, system: String, baseline: String
    var difference: Double?, interval: Interval?, p: Double?
  }

  /// With more pairs than this, none is reported.
  static let most = 300

  /// - Parameter figure: the name of the figure that is compared.
  static func table(_ figure: String, _ rows: [Row], digits: Int, correction: AnalysisPlan.Correction) -> ResultTable {
    var table = ResultTable(
      "all_pairs", "All pairs of systems",
      [
        .init("figure", "Figure"), .init("condition", "Condition"), .init("system", "System"),
        .init("baseline", "Minus"), .init("difference", "Difference", digits: digits),
        .init("low", "Low", digits: digits), .init("high", "High", digits: digits), .init("p", "p", digits: 4),
        .init("p_corrected", "p, corrected", digits: 4), .init("correction", "Correction"),
      ])
    let corrected = adjusted(rows.map(\.p), Correction(rawValue: correction.rawValue) ?? .holm)
    for (row, p) in zip(rows, corrected) where row.difference?.isFinite == true {
      table.add(
        .text(figure), .text(row.condition), .text(row.system), .text(row.baseline), Cell(row.difference),
        Cell(row.interval?.low), Cell(row.interval?.high), Cell(row.p), Cell(p), .text(correction.rawValue))
    }
    return table
  }
}
