import Agreement
import Basics
import Foundation
import TestSupport
import Testing

@Suite("Blocks of one type in a study")
struct StudyBlocksTests {
  /// Scores of two blocks in one table: what is best in the one is worst in the other.
  private static func table(_ names: [String]) -> String {
    var studies = [ScoredStudy(), ScoredStudy()]
    studies[1].systems = [("good", 45), ("fair", 60), ("poor", 75)]
    let rows = zip(studies, names).flatMap { study, name in
      study.text.split(separator: "\n").dropFirst().map { "\($0),\(name)\n" }
    }
    return ScoredStudy.header.dropLast() + ",block_name\n" + rows.joined()
  }

  private func best(_ block: String?, names: [String] = ["first", "second"]) throws -> String? {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "scores.csv")
    try Data(Self.table(names).utf8).write(to: url)
    let plan = folder.url.appending(path: "analysis.yaml")
    try Data("intervals: {resamples: 200}\nmodels: {linear: never}\n".utf8).write(to: plan)
    let findings = try Analysis.read(.init(scores: url, plan: plan, block: block), version: "test")
    let systems = ["good", "fair", "poor"]
    return systems.max {
      findings.number("systems", "mean", where: ["system": $0]) ?? 0
        < findings.number("systems", "mean", where: ["system": $1]) ?? 0
    }
  }

  @Test("are analysed one at a time, and never put together in silence")
  func oneAtATime() throws {
    #expect(try best("first") == "good")
    #expect(try best("second") == "poor")
    #expect(try best(nil, names: ["one", "one"]) != nil)
    do {
      _ = try best(nil)
      Issue.record("two blocks were put together")
    } catch let problem as Problem { #expect(problem.description.contains("first, second")) }
    do {
      _ = try best("secnd")
      Issue.record("there is no such block")
    } catch let problem as Problem { #expect(problem.description.contains("Did you mean 'second'?")) }
  }
}
