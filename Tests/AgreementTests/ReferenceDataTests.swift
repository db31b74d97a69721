import Agreement
import Basics
import Foundation
import Testing

private let codec: URL = {
  let folder =
    ProcessInfo.processInfo.environment["EARSHOT_REFERENCE"].map { URL(filePath: $0, directoryHint: .isDirectory) }
    ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/reference").standardized
  return folder.appending(path: "mushra_codec/ratings.csv")
}()

/// Published data that are read from beside the repository and never committed. `EARSHOT_REFERENCE` names their folder.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: codec.path)))
struct ReferenceDataTests {
  private var plan: AnalysisPlan {
    quickPlan {
      $0.columns.names = ["query": "signal", "candidate": "condition"]
      $0.scale = 0...100
      $0.reference = ["Reference"]
      $0.anchor = ["Anchor"]
    }
  }

  /// The authors left out listeners 6 and 17 by the rule of BS.1534-3. Interval alpha of all data is .539268 before and
  /// .545579 after.
  @Test func theCodecStudyIsScreenedAsItsAuthorsDid() throws {
    func alpha(_ rules: [AnalysisPlan.Rule]) throws -> (Double?, Findings) {
      var plan = plan
      plan.screening.apply = rules
      let findings = try Analysis(ratings: RatingTable.read(codec, plan: plan), rankings: [], plan: plan)
        .findings()
      let key = ["figure": "krippendorff_alpha_interval", "candidates": "with reference and anchor"]
      return (findings.number("reliability", "value", where: key), findings)
    }
    let (before, _) = try alpha([])
    let (after, findings) = try alpha([.reference])
    #expect(abs((before ?? 0) - 0.539268) < 5e-7)
    #expect(abs((after ?? 0) - 0.545579) < 5e-7)
    let rules = try #require(findings["screening"])
    let found = rules.text(rules.rows(where: ["rule": "reference"])[0], "listeners").split(separator: ", ")
    #expect(Set(found) == ["6", "17"])
  }
}
