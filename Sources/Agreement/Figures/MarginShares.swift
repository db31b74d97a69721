import Basics
import Reporting
import Statistics

/// How surely a difference lies above, within and below ±margin, by what its interval stands on: the level of the interval
/// that ends at a limit. With a flat prior these are posterior shares, the one within being that of the region of practical
/// equivalence (Kruschke 2018).
struct MarginShares: Sendable {
  let above: Double, within: Double, below: Double

  /// Nil where there is no interval.
  /// - Parameter level: how surely the difference is a limit or less.
  init?(margin: Double, _ level: (Double) -> Double?) {
    guard let low = level(-margin), let high = level(margin) else { return nil }
    (below, within, above) = (low, max(0, high - low), 1 - high)
  }

  /// The p of the claim that is nearest to being made: above, below, or within, which needs both ends (two one-sided tests).
  /// Over all looks, where the plan has a stopping rule, and held to the side of alpha on which the verdict is.
  func p(isDecided: Bool, plan: AnalysisPlan) -> Double {
    let p = plan.overAllLooks(min(1 - above, 1 - below, max(above, below)))
    return isDecided ? min(p, plan.alpha.nextDown) : max(p, plan.alpha)
  }
}

extension ResultTable {
  static let marginColumns: [Column] = [
    .init("share_above", "Above the margin"), .init("share_within", "Within it"), .init("share_below", "Below it"),
    .init("p_verdict", "p of the verdict", digits: 4),
    .init("p_verdict_corrected", "p of the verdict, corrected", digits: 4),
    .init("verdict_corrected", "Verdict, corrected"),
  ]

  /// Adds to each row of a table of verdicts the shares, and what the verdict is where all of the table are one family: one
  /// whose corrected p reaches alpha is inconclusive.
  /// - Parameter shares: by row.
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

  /// Said where many verdicts are given at once and some would not be if all were to hold together.
  func manyVerdicts(_ name: String, plan: AnalysisPlan) -> Remark? {
    let given = rows.indices.filter { number($0, "p_verdict").map { $0 < plan.alpha } ?? false }
    let lost = given.filter { text($0, "verdict_corrected") != text($0, "verdict") }
    guard !lost.isEmpty else { return nil }
    return .init(
      code: "verdicts_many", weight: .caution,
      what:
        "\(name)\(lost.count) of \(given.count, "verdict") would be inconclusive if all of them were to hold at once.",
      meaning:
        "Each verdict keeps its own error of \(plan.alpha.cellText). With their p-values corrected by \(plan.correction.words) "
        + "over systems and conditions, those in the column verdict_corrected are left.", count: lost.count)
  }
}

/// Each two systems under each condition, as one family: what a matrix of differences shows.
struct AllPairs {
  struct Row {
    var condition: String, system: String, baseline: String
    var difference: Double?, interval: Interval?, p: Double?
  }

  /// More pairs than this are not told of.
  static let most = 300

  /// - Parameter figure: what the differences are of.
  static func table(_ figure: String, _ rows: [Row], digits: Int, correction: AnalysisPlan.Correction) -> ResultTable {
    var table = ResultTable(
      "all_pairs", "Each two systems",
      [
        .init("figure", "Figure"), .init("condition", "Condition"), .init("system", "System"),
        .init("baseline", "Less"), .init("difference", "Difference", digits: digits),
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
