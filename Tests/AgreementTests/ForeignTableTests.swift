import Agreement
import Basics
import Foundation
import Testing

/// Tables of other programs are read without changes.
@Suite struct ForeignTableTests {
  /// Six listeners, four items, the reference, two anchors and two systems, in the rows that webMUSHRA appends.
  private static let webMushra: String = {
    var text =
      "session_test_id,session_uuid,email,age,trial_id,rating_stimulus,rating_score,rating_time,rating_comment\n"
    let levels = [("reference", 98), ("anchor35", 20), ("anchor70", 45), ("opus", 80), ("aac", 65)]
    var random = SeededRandom(seed: 1, "webmushra")
    for listener in 1...6 {
      for item in 1...4 {
        for (name, level) in levels {
          let score = min(100, max(0, level + Int(4 * random.normal())))
          text += "my_test,uuid-\(listener),,30,trial\(item),\(name),\(score),20311,\n"
        }
      }
    }
    return text
  }()

  private func findings(_ text: String, plan: String? = nil) throws -> Findings {
    try inFolder { folder in
      let ratings = folder.appending(path: "mushra.csv"), planURL = folder.appending(path: "analysis.yaml")
      try Data(text.utf8).write(to: ratings)
      try Data((plan ?? "intervals: {resamples: 200}\npermutations: 100\n").utf8).write(to: planURL)
      return try Analysis.read(.init(ratings: ratings, plan: planURL), version: "test")
    }
  }

  @Test func webMushraWithoutAPlan() throws {
    let found = try findings(Self.webMushra)
    let remark = try #require(found.remarks.first { $0.code == "foreign_table" })
    #expect(remark.what.text.contains("webMUSHRA") && remark.meaning.contains("session_uuid is the participant"))
    #expect(found.answers[0].text.hasPrefix("opus is scored best"))
    #expect(!found.remarks.contains { $0.code == "no_rankings" })
    // The same as with a plan that states all of it.
    let said = """
      columns: {participant: session_uuid, query: trial_id, candidate: rating_stimulus, rating: rating_score}
      scale: [0, 100]
      reference: [reference]
      anchor: [anchor35, anchor70]
      intervals: {resamples: 200}
      permutations: 100

      """
    let other = try findings(Self.webMushra, plan: said)
    #expect(!other.remarks.contains { $0.code == "foreign_table" })
    let tables = { (findings: Findings) in
      findings.tables.map { table in [table.name] + table.rows.map { "\($0)" } }
    }
    #expect(tables(found) == tables(other) && !found.tables.isEmpty)
  }

  @Test func othersAreLeftAlone() throws {
    let renamed = Self.webMushra.replacing("rating_score", with: "score")
    #expect(throws: (any Error).self) { try findings(renamed) }
  }
}
