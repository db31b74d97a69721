import Agreement
import Basics
import Foundation
import Ratings
import Testing

private let codec: URL = {
  let folder =
    ProcessInfo.processInfo.environment["EARSHOT_REFERENCE"].map { URL(filePath: $0, directoryHint: .isDirectory) }
    ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/reference").standardized
  return folder.appending(path: "mushra_codec/ratings.csv")
}()

/// Published data that lie outside the repository and are never committed. `EARSHOT_REFERENCE` names their folder.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: codec.path), "needs EARSHOT_REFERENCE"))
struct ReferenceDataTests {
  private var plan: AnalysisPlan {
    quickPlan {
      $0.columns.names = ["query": "signal", "candidate": "condition"]
      $0.scale = 0...100
      $0.reference = ["Reference"]
      $0.anchor = ["Anchor"]
    }
  }

  /// The authors left out listeners 6 and 17 by the rule of BS.1534-3. Interval alpha of all data is .539268 before
  /// that and .545579 after it.
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

  /// The same nine codecs are rated for each of sixteen signals, so their rating profiles make a map. The reference and
  /// the anchor lie on opposite sides of it.
  @Test func theCodecsAreMappedByTheirProfiles() throws {
    let findings = try Analysis(ratings: RatingTable.read(codec, plan: plan), rankings: [], plan: plan).findings()
    #expect(findings.number("map_quality", "sounds", where: ["map": "profiles", "method": "nonmetric"]) == 9)
    let points = try #require(findings["map_points"])
    func x(_ sound: String) -> Double {
      points.number(points.rows(where: ["method": "classical", "sound": sound])[0], "x") ?? .nan
    }
    #expect(x("Reference") * x("Anchor") < 0)
    #expect(findings.remarks.allSatisfy { $0.code != "no_perceptual_map" })
  }

  /// The strengths of twelve sounds, from a foreign table of winners and losers, equal those of R's logistic regression
  /// on the same published choices (`analysis/oracles/choices.R`).
  @Test func thePublishedChoicesOfSoundsHaveTheStrengthsOfALogisticRegression() throws {
    let table = codec.deletingLastPathComponent().appending(path: "../paired_comparisons/human_sounds_46x30.csv")
    let oracle = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../analysis/oracles/fixtures/choices_reference.json")
    struct Fixture: Decodable {
      struct Case: Decodable { var bradley_terry: Fit }
      struct Fit: Decodable { var strengths: [Double], deviance: Double }
      var cases: [Case]
    }
    let expected = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: oracle)).cases[0].bradley_terry
    let findings = try inFile("columns: {participant: assessor, winner: top_item, loser: bottom_item}") { plan in
      try Analysis.read(.init(choices: table.standardized, plan: plan), version: "test")
    }
    for (i, strength) in expected.strengths.enumerated() {
      let key = ["law": "bradley_terry", "candidate": "\(i + 1)"]
      #expect(abs((findings.number("strengths", "strength", where: key) ?? .nan) - strength) < 1e-8)
    }
    let deviance = findings.number("choice_models", "deviance", where: ["law": "bradley_terry"]) ?? .nan
    #expect(abs(deviance - expected.deviance) < 1e-8)
    #expect(findings.answers[0].text.contains("1380 answers from 46 listeners, 66 pairs"))
  }
}
