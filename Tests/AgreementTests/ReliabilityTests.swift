import Agreement
import Foundation
import Testing

@Suite struct ReliabilityTests {
  /// Planted: candidates of deviation 18, listeners of deviation 6, noise of deviation 0.8 · 18, and nothing by query.
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
    #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
  }

  /// Three listeners rank three candidates alike: W = 1 and Friedman's statistic m (n - 1) W = 6 with 2 degrees of
  /// freedom, p = exp(-3) = 0.0498 < 0.05. Pairs agree fully. With the ratings 1 2 4, 2 4 8 and 1 2 4 of one query.
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
    // Ratio differences ((c - k)/(c + k))². Observed: in each unit two pairs of three are of values 1 : 2, δ = 1/9, so
    // D_o = 3 units · 2 · 2 · (1/9) / (3 - 1) = 2/3; D_e the same over all ordered pairs of values, divided by 9 - 1.
    let values: [Double] = [1, 2, 4, 2, 4, 8, 1, 2, 4]
    var expected = 0.0
    for (i, a) in values.enumerated() {
      for (j, b) in values.enumerated() where i != j { expected += ((a - b) / (a + b)) * ((a - b) / (a + b)) }
    }
    let alpha = 1 - (2.0 / 3) / (expected / 8)
    #expect(abs((value("krippendorff_alpha_ratio") ?? .nan) - alpha) < 1e-12)
  }
}
