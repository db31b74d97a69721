import Agreement
import Foundation
import Testing

@Suite struct ReliabilityTests {
  /// Planted standard deviations: 18 for candidates, 6 for listeners, 0.8 · 18 for noise, and 0 for queries.
  @Test func varianceComesFromWhereItWasPlanted() throws {
    let findings = try GeneratedStudy(listeners: 60, queries: 30, pages: 20).analysis().findings()
    func variance(_ facet: String) -> Double {
      findings.number("variance", "variance", where: ["facet": facet]) ?? .nan
    }
    #expect((240...400).contains(variance("candidate")))
    #expect((15...65).contains(variance("listener")))
    #expect((170...270).contains(variance("residual")))
    #expect(variance("query") < 60)
    let shares = ["listener", "query", "candidate", "residual"].map {
      findings.number("variance", "share", where: ["facet": $0]) ?? .nan
    }
    let sum = shares.reduce(0, +)
    #expect(abs(sum - 1) < 1e-12)
  }

  /// Three listeners rank three candidates of one query in the same order, with the ratings 1 2 4, 2 4 8 and 1 2 4: W =
  /// 1 and Friedman's statistic m (n - 1) W = 6 with 2 degrees of freedom, p = exp(-3) = 0.0498 < 0.05. Pairs of
  /// listeners agree fully.
  @Test func friedmanAndPairs() throws {
    let text = """
      participant,query,candidate,rating
      a,q,x,1
      a,q,y,2
      a,q,z,4
      b,q,x,2
      b,q,y,4
      b,q,z,8
      c,q,x,1
      c,q,y,2
      c,q,z,4

      """
    let findings = try Analysis(ratings: table(text), rankings: [], plan: quickPlan()).findings()
    func value(_ figure: String) -> Double? { findings.number("reliability", "value", where: ["figure": figure]) }
    #expect(value("kendall_w") == 1 && value("friedman_share") == 1)
    #expect(value("listeners_spearman") == 1 && value("listeners_kendall_tau_b") == 1)
    let item = ["query": "q"]
    #expect(abs((findings.number("concordance", "chi_squared", where: item) ?? .nan) - 6) < 1e-12)
    #expect(abs((findings.number("concordance", "p", where: item) ?? .nan) - exp(-3)) < 1e-12)
    #expect(
      findings.number("concordance", "p_corrected", where: item) == findings.number("concordance", "p", where: item))
    #expect(findings.number("concordance", "listeners", where: item) == 3)
    // Ratio differences are ((c - k)/(c + k))². Observed: in each unit, two of the three pairs have values in the ratio
    // 1 : 2, with δ = 1/9, so D_o = 3 units · 2 · 2 · (1/9) / (3 - 1) = 2/3. D_e is the same over all ordered pairs of
    // values, divided by 9 - 1.
    let values: [Double] = [1, 2, 4, 2, 4, 8, 1, 2, 4]
    var expected = 0.0
    for (i, a) in values.enumerated() {
      for (j, b) in values.enumerated() where i != j { expected += ((a - b) / (a + b)) * ((a - b) / (a + b)) }
    }
    let alpha = 1 - (2.0 / 3) / (expected / 8)
    #expect(abs((value("krippendorff_alpha_ratio") ?? .nan) - alpha) < 1e-12)
  }

  /// The lower end of Wilson's 95 % interval of a share of n in n cases: n / (n + z²).
  private func wilson(_ n: Double) -> Double { n / (n + 1.959963984540054 * 1.959963984540054) }

  @Test func everyFigureHasAnInterval() throws {
    let findings = try GeneratedStudy(listeners: 16, queries: 10, pages: 10).analysis().findings()
    let table = try #require(findings["reliability"])
    for row in table.rows.indices {
      let figure = table.text(row, "figure"), value = try #require(table.number(row, "value"), "\(figure)")
      let low = try #require(table.number(row, "low"), "\(figure)")
      let high = try #require(table.number(row, "high"), "\(figure)")
      #expect(low <= value && value <= high && low < high, "\(figure): \(value) in \(low) to \(high)")
    }
    // Ten queries; in nearly all of them listeners tell the candidates apart. Wilson's interval by its textbook
    // formula.
    let share = ["figure": "friedman_share"], z = 1.959963984540054
    let p = try #require(findings.number("reliability", "value", where: share))
    let root = (p * (1 - p) / 10 + z * z / 400).squareRoot()
    let low = (p + z * z / 20 - z * root) / (1 + z * z / 10)
    #expect(p >= 0.8 && abs((findings.number("reliability", "low", where: share) ?? .nan) - low) < 1e-9)
    #expect(findings["concordance"]?.rows.count == 10)
    let rows = try #require(findings["concordance"])
    let mean = rows.rows.indices.reduce(0) { $0 + (rows.number($1, "kendall_w") ?? .nan) } / 10
    #expect(abs((findings.number("reliability", "value", where: ["figure": "kendall_w"]) ?? .nan) - mean) < 1e-12)
  }

  @Test func aShareOfOneHasAnInterval() throws {
    var ratings = "participant,query,candidate,rating,is_reference,scale_min,scale_max\n"
    var rankings = "query,system,candidate,rank\n"
    for query in 0..<6 {
      for candidate in 0..<5 { rankings += "q\(query),s,c\(candidate),\(candidate + 1)\n" }
      for listener in 0..<9 {
        for candidate in 0..<5 {
          let rating = 80 - 10 * candidate + (listener * 7 + candidate * query * 3) % 13
          ratings += "l\(listener),q\(query),c\(candidate),\(rating),\(candidate == 0),0,100\n"
        }
      }
    }
    let findings = try Analysis(
      ratings: table(ratings), rankings: rankingsTable(rankings), plan: quickPlan()
    ).findings()
    let key = ["system": "s"]
    for (value, low) in [("hit_rate", "hit_low"), ("mrr", "mrr_low")] {
      #expect(findings.number("reference_found", value, where: key) == 1)
      #expect(abs((findings.number("reference_found", low, where: key) ?? .nan) - wilson(6)) < 1e-9)
    }
    #expect(findings.number("reference_found", "hit_high", where: key) == 1)
  }
}
