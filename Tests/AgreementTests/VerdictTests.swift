import Agreement
import Foundation
import Ratings
import Testing

@Suite struct VerdictTests {
  /// The p-values, the interval and the verdict of a row agree, whatever the method.
  @Test(arguments: AnalysisPlan.Interval.allCases)
  func wordIntervalAndPValuesAgree(_ method: AnalysisPlan.Interval) throws {
    // Include few queries, where all resamples may lie on one side.
    let tables = try [(12, 9, 1), (12, 4, 2), (5, 4, 3)].map { listeners, queries, seed in
      try GeneratedStudy(listeners: listeners, queries: queries, pages: queries, seed: UInt64(seed)).analysis(
        quickPlan {
          $0.verdictInterval = method
          $0.margin = 0.15
        }
      ).findings()["verdicts"]
    }.compactMap(\.self)
    #expect(tables.count == 3)
    for (table, row) in tables.flatMap({ table in table.rows.indices.map { (table, $0) } }) {
      let alpha = 0.05, margin = 0.15
      let low = try #require(table.number(row, "low")), high = try #require(table.number(row, "high"))
      let notBelow = try #require(table.number(row, "p_not_below"))
      let notAbove = try #require(table.number(row, "p_not_above"))
      #expect(table.text(row, "verdict") == Verdict(.init(low: low, high: high), margin: margin).rawValue)
      #expect((low > -margin) == (notBelow < alpha))
      #expect((high < margin) == (notAbove < alpha))
    }
  }

  /// The interval that decides is the one that is shown, with a coverage near its level on both sides. A plan that
  /// names another interval keeps it.
  @Test func defaultsAreThoseOfTheCalibration() throws {
    #expect(AnalysisPlan().interval == .dual && AnalysisPlan().verdictInterval == .dual)
    let careful = try AnalysisPlan.parse("verdict: {method: expanded_bca}", name: "p.yaml")
    #expect(careful.verdictInterval == .expandedBCa)
    let study = GeneratedStudy(listeners: 10, queries: 6, pages: 6)
    func width(_ method: AnalysisPlan.Interval) throws -> Double {
      let findings = try study.analysis(quickPlan { $0.verdictInterval = method }).findings()
      let key = ["system": "near", "condition": "kick"]
      return (findings.number("verdicts", "high", where: key) ?? .nan)
        - (findings.number("verdicts", "low", where: key) ?? .nan)
    }
    #expect(try width(.expandedBCa) > width(.bca))
    let methods = try study.analysis().findings().methods.map(\.text).joined()
    let saysDual = methods.contains("dual-factor"), saysExpanded = methods.contains("expanded for few")
    #expect(saysDual && !saysExpanded)
  }

  /// With fewer than four queries or listeners there is an estimate, no claim, and the reason.
  @Test(arguments: [(24, 1), (24, 3), (3, 8), (2, 8)])
  func tooFewToClaimAnything(_ listeners: Int, _ queries: Int) throws {
    let findings = try GeneratedStudy(listeners: listeners, queries: queries, pages: queries).analysis().findings()
    let table = try #require(findings["verdicts"])
    for row in table.rows.indices {
      #expect(table.text(row, "verdict") == "too_few")
      #expect(table.number(row, "difference") != nil && table.number(row, "low") == nil)
      #expect(table.number(row, "p_not_below") == nil && table.number(row, "p_not_above") == nil)
      let missing = queries < 4 ? "\(queries) of the 4 queries" : "\(listeners) of the 4 listeners"
      let saysWhy = table.text(row, "reason").hasPrefix(missing)
      #expect(saysWhy)
    }
    let says = findings.answers[0].text.contains("No conclusion can be drawn: ")
    #expect(says)
    let four = try GeneratedStudy(listeners: 4, queries: 4, pages: 4).analysis().findings()
    #expect(try #require(four["verdicts"]).text(0, "verdict") != "too_few")
  }
}
