import Agreement
import Foundation
import Testing

@Suite struct VerdictTests {
  /// The p-values, the interval and the word that stand in a row say the same, whatever the method.
  @Test(arguments: AnalysisPlan.Interval.allCases)
  func wordIntervalAndPValuesAgree(_ method: AnalysisPlan.Interval) throws {
    let findings = try GeneratedStudy(listeners: 12, queries: 9, pages: 9).analysis(
      quickPlan {
        $0.verdictInterval = method
        $0.margin = 0.15
      }
    ).findings()
    let table = try #require(findings["verdicts"])
    for row in table.rows.indices {
      let alpha = 0.05, margin = 0.15
      let low = try #require(table.number(row, "low")), high = try #require(table.number(row, "high"))
      let notBelow = try #require(table.number(row, "p_not_below"))
      let notAbove = try #require(table.number(row, "p_not_above"))
      #expect(table.text(row, "verdict") == Verdict(.init(low: low, high: high), margin: margin).rawValue)
      // An end of an interval is interpolated between two resamples, a p-value counts them.
      if abs(low + margin) > 0.01 { #expect((low > -margin) == (notBelow < alpha)) }
      if abs(high - margin) > 0.01 { #expect((high < margin) == (notAbove < alpha)) }
    }
  }

  /// The verdict's default interval is the careful one and the shown intervals' default the one that keeps its promise.
  @Test func defaultsAreThoseOfTheCalibration() throws {
    #expect(AnalysisPlan().interval == .dual && AnalysisPlan().verdictInterval == .expandedBCa)
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
    #expect(saysDual && saysExpanded)
  }
}
