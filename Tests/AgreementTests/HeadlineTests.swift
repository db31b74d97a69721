import Agreement
import Basics
import Foundation
import Testing

/// The first sentences of a report are true, and state what a reader must know before the rest.
@Suite struct HeadlineTests {
  /// The findings and the report of a study with a participants table; `mark` is the column that says where each
  /// listener came from.
  private func findings(simulated: (Int) -> Bool, mark: String = "recruited_from") throws -> (Findings, String) {
    let study = GeneratedStudy(listeners: 6, queries: 4, pages: 4)
    return try inFolder { folder in
      try Data(study.ratings.utf8).write(to: folder.appending(path: "ratings.csv"))
      try Data(study.rankings.utf8).write(to: folder.appending(path: "rankings.csv"))
      let rows = (0..<6).map { "l\($0),\(simulated($0) ? "simulation" : "mail")" }
      try Data(("participant,\(mark)\n" + rows.joined(separator: "\n")).utf8)
        .write(to: folder.appending(path: "participants.csv"))
      try Data("intervals: {resamples: 200}\npermutations: 100".utf8)
        .write(to: folder.appending(path: "analysis.yaml"))
      let findings = try Analysis.read(
        .init(
          ratings: folder.appending(path: "ratings.csv"), rankings: folder.appending(path: "rankings.csv"),
          plan: folder.appending(path: "analysis.yaml")), version: "test")
      try findings.write(to: folder)
      return (findings, try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8))
    }
  }

  @Test(arguments: ["recruited_from", "user_agent_family"]) func simulatedListenersAreToldFirst(_ mark: String) throws {
    let (found, page) = try findings(simulated: { _ in true }, mark: mark)
    #expect(found.summary.hasPrefix("Simulated listeners: no person took part."))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(found.json.utf8)) as? [String: Any])
    #expect((json["notice"] as? String)?.hasPrefix("Simulated listeners") == true)
    let inputs = try #require(json["inputs"] as? [String: Any])
    #expect(inputs["listeners"] as? Int == 6 && inputs["simulated_listeners"] as? Int == 6)
    let notes = try #require(json["figure_notes"] as? [String: String])
    #expect(!notes.isEmpty && notes.values.allSatisfy { $0.contains("simulated listeners") })
    let header = try #require(page.firstMatch(of: /(?s)<header>(.*?)<\/header>/)).output.1
    #expect(header.contains("Simulated listeners: no person took part."))
    let captions = page.matches(of: /(?s)<figcaption>(.*?)<\/figcaption>/).map(\.output.1)
    #expect(captions.count > 4 && captions.allSatisfy { $0.hasPrefix("Simulated listeners.") })
  }

  @Test func someSimulatedListenersAreCountedAndPeopleAreNotMentioned() throws {
    let (some, _) = try findings(simulated: { $0 < 2 })
    #expect(some.summary.hasPrefix("2 of 6 listeners are simulated"))
    let (none, page) = try findings(simulated: { _ in false })
    #expect(none.notice == nil && !none.summary.contains("imulated") && !page.contains("Simulated"))
  }

  /// The report once said "Whether it is worse is open" below an interval from −0.50 to −0.04.
  @Test func anIntervalBelowZeroIsWorse() throws {
    let study = GeneratedStudy(listeners: 30, queries: 12, systems: [("far", 2)])
    func run(_ margin: Double) throws -> Findings { try study.analysis(quickPlan { $0.margin = margin }).findings() }
    let first = try run(0.1)
    let low = first.number("verdicts", "low", where: ["system": "far"]) ?? .nan
    let high = first.number("verdicts", "high", where: ["system": "far"]) ?? .nan
    try #require(low < high && high < 0)
    let found = try run(-(low + high) / 2)
    #expect(found["verdicts"]?.text(0, "verdict") == "inconclusive")
    let text = found.answers[0].text
    #expect(text.contains("less well than another listener does; whether by more than the margin is not settled"))
  }

  @Test func theModelIsHeldAgainstTheBaseline() throws {
    let found = try GeneratedStudy().analysis(
      quickPlan {
        $0.baseline = "random"
        $0.topK = 2
      }
    ).findings()
    let text = found.answers[1].text
    #expect(text.hasPrefix("Listeners rate the first 2 samples of near higher than those of random"))
    let key = ["system": "near", "baseline": "random"]
    let difference = found.number("rating_differences", "difference", where: key) ?? .nan
    let bySystem = { (system: String) in found.number("ratings_by_system", "mean", where: ["system": system]) ?? .nan }
    // Every page shows the first two candidates of both systems, so the difference of page means equals that of the
    // ratings' means.
    #expect(abs(difference - (bySystem("near") - bySystem("random"))) < 1e-9)
    #expect((found.number("rating_differences", "low", where: key) ?? 0) > 0)
    #expect(found.answers.count { $0.text.contains("samples of") } == 1)
  }

  @Test func pagesThatSayNothingOfAnOrderAreTold() throws {
    let study = GeneratedStudy(listeners: 8, queries: 5, candidates: 3, pages: 5)
    let whole = try study.analysis().findings()
    #expect(!whole.remarks.contains { $0.code == "pages_left_out" })
    #expect(whole.remarks.contains { $0.code == "top_k_is_all" })
    let few = try study.analysis(quickPlan { $0.minimumCandidates = 4 }).findings()
    let remark = try #require(few.remarks.first { $0.code == "pages_left_out" })
    #expect(remark.count == 40 && remark.weight == .caution)
  }

  @Test func aReferenceThatIsNotRankedHasNoPlace() throws {
    let study = GeneratedStudy(listeners: 6, queries: 4, pages: 4)
    var rows = study.ratings.split(separator: "\n").map(String.init)
    for listener in 0..<6 {
      for query in 0..<4 { rows.append("l\(listener),\(query),q\(query),kick,true,90,0,100,true,false") }
    }
    let analysis = try Analysis(
      ratings: table(rows.joined(separator: "\n")), rankings: rankingsTable(study.rankings), plan: quickPlan())
    #expect(try analysis.findings()["reference_found"] == nil)
  }

  @Test func whatWasNotDoneHasNeitherHeadingNorMethod() throws {
    let study = GeneratedStudy(listeners: 6, queries: 4, pages: 4)
    let found = try Analysis(ratings: table(study.ratings), rankings: [], plan: quickPlan()).findings()
    let methods = found.methods.map(\.text).joined()
    for word in ["NDCG", "verdict", "alternative annotator", "permutations"] {
      #expect(!methods.contains(word), "\(word)")
    }
    #expect(!found.citations.contains { $0.contains("Schuirmann") || $0.contains("Cumulated") })
    let page = try inFolder { folder in
      try found.write(to: folder)
      return try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
    }
    let headings = page.matches(of: /<h2 id="([a-z]+)">/).map { String($0.output.1) }
    #expect(!headings.contains("forest") && !headings.contains("classes") && headings.contains("listeners"))
  }
}
