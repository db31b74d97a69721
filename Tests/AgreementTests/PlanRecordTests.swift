import Agreement
import Basics
import Foundation
import Testing

/// The report says whether the plan was recorded before the first rating.
@Suite struct PlanRecordTests {
  /// - Parameter package: makes the text of datapackage.json from the plan's hash; nil for no file.
  private func findings(_ package: ((String) -> String)?) throws -> Findings {
    try inFolder { folder in
      let study = GeneratedStudy(listeners: 5, queries: 3, pages: 3)
      let lines = study.ratings.split(separator: "\n").enumerated().map { i, line in
        i == 0 ? "\(line),submitted_at" : "\(line),2026-05-01T12:00:\(10 + i % 50).250Z"
      }
      let ratings = folder.appending(path: "ratings.csv"), rankings = folder.appending(path: "rankings.csv")
      let plan = folder.appending(path: "analysis.yaml")
      try Data(lines.joined(separator: "\n").utf8).write(to: ratings)
      try Data(study.rankings.utf8).write(to: rankings)
      try Data("intervals: {resamples: 200}\npermutations: 100\n".utf8).write(to: plan)
      let hash = try ContentHash.ofFile(plan)
      if let package { try Data(package(hash).utf8).write(to: folder.appending(path: "datapackage.json")) }
      let findings = try Analysis.read(
        .init(ratings: ratings, rankings: rankings, plan: plan), version: "test")
      #expect(findings.inputs.planHash == hash)
      return findings
    }
  }

  private func package(_ hash: String, _ time: String) -> String {
    "{\"analysis_plans\": [{\"sha256\": \"\(hash)\", \"first_seen_at\": \"\(time)\"}]}"
  }

  private func says(_ findings: Findings, _ words: String) -> Bool {
    findings.methods.map(\.text).joined().contains(words)
  }

  @Test func before() throws {
    let findings = try findings { package($0, "2026-05-01T12:00:10.249Z") }
    #expect(findings.inputs.planWasFixedBefore == true)
    #expect(findings.json.contains("\"fixed_before_first_rating\": true"))
    #expect(says(findings, "show that it was fixed before the first rating"))
  }

  @Test func after() throws {
    // The plan was first seen with the first rating, or never.
    for package in [{ package($0, "2026-05-01T12:00:10.250Z") }, { _ in package("0", "2026-04-01T00:00:00.000Z") }] {
      let findings = try findings(package)
      #expect(findings.inputs.planWasFixedBefore == false)
      #expect(says(findings, "do not show that this plan was fixed before the first rating"))
    }
  }

  @Test func unknown() throws {
    for package in [nil, { _ in "{\"analysis_plans\": []}" }, { _ in "{\"name\": \"x\"}" }, { _ in "broken" }]
      as [((String) -> String)?]
    {
      let findings = try findings(package)
      #expect(findings.inputs.planWasFixedBefore == nil)
      #expect(says(findings, "There is no record of whether"))
    }
  }
}
