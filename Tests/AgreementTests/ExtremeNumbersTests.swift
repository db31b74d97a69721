import Agreement
import Basics
import Foundation
import Testing
import PowerAnalysis

/// The largest and smallest values of integers and floats, in the tables of an analysis.
@Suite("Extreme numbers in an analysis give findings or a problem, never a crash") struct ExtremeNumbersTests {
  static let numbers = ["-1", "9223372036854775807", "1e12", "1.7e308", "-1.7e308", "4.9e-324", "NaN"]

  private func ratings(_ change: (String, Int) -> String?) -> String {
    let columns = [
      "participant", "query", "candidate", "rating", "session", "trial", "scale_min", "scale_max", "plays",
      "response_ms",
      "submitted_at",
    ]
    var text = columns.joined(separator: ",") + "\n"
    var row = 0
    for listener in ["a", "b", "c"] {
      for (t, query) in ["q", "r"].enumerated() {
        for (i, candidate) in ["w", "x", "y", "z"].enumerated() {
          row += 1
          let usual = [
            listener, query, candidate, "\(90 - 20 * i + (row * 7) % 11)", "1", "\(t + 1)", "0", "100", "2", "9000",
            "2026-01-01T00:00:0\(i).000Z",
          ]
          text += zip(columns, usual).map { change($0, row) ?? $1 }.joined(separator: ",") + "\n"
        }
      }
    }
    return text
  }

  private static let rankings = ["q", "r"].map { query in
    ["w", "x", "y", "z"].enumerated().map { "\(query),model,\($1),\($0 + 1)\n" }.joined()
  }.joined()

  private func analyse(_ ratings: String, _ rankings: String = rankings) throws {
    let plan = quickPlan {
      $0.resamples = 100
      $0.permutations = 100
      ($0.linearModels, $0.ordinalModels) = (.never, .never)
    }
    do {
      let findings = try Analysis(
        ratings: table(ratings), rankings: rankingsTable("query,system,candidate,rank\n" + rankings), plan: plan
      ).findings()
      _ = try inFolder { try findings.write(to: $0) }
    } catch let error where error is Problem || error is Problems {}
    do { _ = try PowerPilot(try table(ratings), plan: plan) } catch let error
      where error is Problem || error is Problems
    {}
  }

  @Test("in one cell of the ratings, and in a whole column", arguments: numbers)
  func cells(number: String) throws {
    for column in ["rating", "scale_max", "response_ms"] {
      try analyse(ratings { $0 == column && $1 == 6 ? number : nil })
      try analyse(ratings { name, _ in name == column ? number : nil })
    }
    try analyse(ratings { name, _ in name == "scale_max" ? number : name == "scale_min" ? "-\(number)" : nil })
  }

  @Test("in the ranks", arguments: numbers)
  func ranks(number: String) throws {
    try analyse(ratings { _, _ in nil }, Self.rankings.replacing("w,1\n", with: "w,\(number)\n"))
  }

  @Test("in a file of power results")
  func power() throws {
    for number in ["-1", "0", "9223372036854775807", "9223372036854775806", "99999999999999999999", "x", ""] {
      for place in 1...5 {
        var cells = ["h", "10", "10", "0", "20", "5"]
        cells[place] = number
        let text = "settings,listeners,queries,block,replicates,claims\n" + cells.joined(separator: ",") + "\n"
        try inFile(text) { url in
          do {
            let known = try PowerStore(url, hash: "h").known
            #expect(known.allSatisfy { $0.claims <= $0.replicates && $0.replicates <= 1_000_000 })
          } catch let error where error is Problem || error is Problems {}
        }
      }
    }
  }
}
