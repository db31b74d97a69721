import Agreement
import Foundation
import Ratings
import Testing

/// The plan's multiplicity correction is applied to the paired differences.
@Suite struct ComparisonTests {
  /// The expected corrected value of the two smaller p-values, by correction.
  static let expected: [(AnalysisPlan.Correction, Double)] = [
    (.holm, 0.1875), (.hochberg, 0.125), (.bh, 0.09375), (.by, 0.171875),
  ]

  /// One listener rates four candidates of five queries w > x > y > z. `up` and `also` rank them in this order, `base`
  /// and `same` in the reverse order. A difference of 2 in all five queries is as far from 0 as 2 of the 2⁵ patterns of
  /// signs (p = 2/32); a difference of 0 has p = 1. Corrected, the p-values 1/16, 1/16, 1 become:
  ///
  ///     Holm        3/16            max(3/16, 2/16) = 3/16              1
  ///     Hochberg    min(3, 2)/16    2/16                                1
  ///     BH          min(3, 3/2)/16  3/2 · 1/16 = 3/32                   1
  ///     BY          the same times 1 + 1/2 + 1/3 = 11/6: 33/192         1
  @Test(arguments: Self.expected)
  func correctionsComputedByHand(_ correction: AnalysisPlan.Correction, _ expected: Double) throws {
    var ratings = "participant,query,candidate,rating\n", rankings = "query,system,candidate,rank\n"
    for query in 0..<5 {
      for (place, candidate) in ["w", "x", "y", "z"].enumerated() {
        ratings += "l,q\(query),\(candidate),\(90 - 20 * place)\n"
        for system in ["up", "also"] { rankings += "q\(query),\(system),\(candidate),\(place + 1)\n" }
        for system in ["base", "same"] { rankings += "q\(query),\(system),\(candidate),\(4 - place)\n" }
      }
    }
    let findings = try Analysis(
      ratings: table(ratings), rankings: rankingsTable(rankings),
      plan: quickPlan {
        $0.baseline = "base"
        $0.correction = correction
      }
    ).findings()
    let rows: [(String, Double, Double, Double)] = [
      ("up", 2, 0.0625, expected), ("also", 2, 0.0625, expected), ("same", 0, 1, 1),
    ]
    for (system, difference, p, corrected) in rows {
      let key = ["system": system, "baseline": "base", "condition": "all"]
      func number(_ column: String) -> Double { findings.number("differences", column, where: key) ?? .nan }
      #expect(abs(number("difference") - difference) < 1e-12)
      #expect(abs(number("p") - p) < 1e-15)
      #expect(abs(number("p_corrected") - corrected) < 1e-14)
    }
    let table = try #require(findings["differences"])
    #expect(table.rows.indices.allSatisfy { table.text($0, "correction") == correction.rawValue })
  }
}
