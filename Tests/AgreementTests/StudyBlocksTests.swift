import Agreement
import Basics
import Foundation
import Ratings
import TestSupport
import Testing

@Suite("Studies with several blocks")
struct StudyBlocksTests {
  /// Scores of two blocks in one table: the best system of the one is the worst of the other. With `others`, the second
  /// block has other listeners.
  private static func table(_ names: [String], others: Bool = false, seed: UInt64 = 1) -> String {
    var studies = [ScoredStudy(seed: seed), ScoredStudy(seed: seed + 1)]
    studies[1].systems = [("good", 45), ("fair", 60), ("poor", 75)]
    var text = ScoredStudy.header.dropLast() + ",block_name\n"
    for (block, study) in studies.enumerated() {
      for one in study.scores {
        let listener = one.listener + (others ? block * study.listeners : 0)
        let row = ScoredStudy.row(listener, one.item, "mushra", "item\(one.item)", one.system, one.score)
        text += row.dropLast() + ",\(names[block])\n"
      }
    }
    return String(text)
  }

  private static let plan = "intervals: {resamples: 400}\nmodels: {linear: never}\n"

  private func inTables<R>(_ texts: [String: String], _ body: (AnalysisTables) throws -> R) throws -> R {
    let folder = try TemporaryFolder()
    func file(_ name: String) throws -> URL? {
      guard let text = texts[name] else { return nil }
      let url = folder.url.appending(path: "\(name).csv")
      try Data(text.utf8).write(to: url)
      return url
    }
    let plan = folder.url.appending(path: "analysis.yaml")
    try Data(Self.plan.utf8).write(to: plan)
    return try body(
      .init(
        ratings: file("ratings"), rankings: file("rankings"), choices: file("choices"), scores: file("scores"),
        discriminations: file("discriminations"), sortings: file("sortings"), plan: plan))
  }

  private func best(_ block: String?, names: [String] = ["first", "second"]) throws -> String? {
    try inTables(["scores": Self.table(names)]) { tables in
      var own = tables
      own.block = block
      let findings = try Analysis.read(own, version: "test"), systems = ["good", "fair", "poor"]
      return systems.max {
        findings.number("systems", "mean", where: ["system": $0]) ?? 0
          < findings.number("systems", "mean", where: ["system": $1]) ?? 0
      }
    }
  }

  @Test("blocks are analysed one at a time, and never merged silently")
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

  private func found(_ tables: AnalysisTables) throws -> BlockFindings {
    try Analysis.blocks(tables.blocks(), of: tables, version: "test")
  }

  @Test("blocks are reported separately, and compared where they share systems", arguments: [false, true])
  func sideBySide(others: Bool) throws {
    try inTables(["scores": Self.table(["first", "second"], others: others)]) { tables in
      let found = try found(tables), overview = found.overview
      #expect(found.blocks.map(\.name) == ["first", "second"] && overview.title == "study")
      for (system, planted) in [("good", 30.0), ("fair", 0), ("poor", -30)] {
        let key = ["system": system, "baseline": "", "block": "first", "other_block": "second"]
        func number(_ column: String) -> Double { overview.number("block_differences", column, where: key) ?? .nan }
        for (block, column) in zip(found.blocks, ["value", "other"]) {
          let own = try #require(block.findings.number("systems", "mean", where: ["system": system]))
          #expect(abs(own - number(column)) < 1e-9)
        }
        #expect(abs(number("difference") - (number("value") - number("other"))) < 1e-9)
        #expect(number("low") < planted && planted < number("high"))
        #expect((number("p_corrected") < 0.05) == (planted != 0))
        #expect(number("listeners") == 12 && number("shared_listeners") == (others ? 0 : 12))
        #expect(number("shared_items") == 8)
      }
      // The difference between the two systems is reversed from block to block.
      let turned = ["system": "good", "baseline": "poor"]
      #expect(abs((overview.number("block_differences", "difference", where: turned) ?? 0) - 60) < 15)
      let told = overview.answers.map(\.text)
      #expect(told[0].hasPrefix("first: good is scored best") && told[1].hasPrefix("second: poor is scored best"))
      #expect(
        told[2].hasPrefix("first and second (mushra): good ")
          && told[2].hasSuffix("no significant difference for fair."))
      #expect(told[3].contains("differences between two systems change: good − "))
      let target = try TemporaryFolder(), files = try found.write(to: target.url)
      let html = try String(contentsOf: files[0], encoding: .utf8)
      #expect(html.contains("<a href=\"blocks/first/report.html\">first</a>"))
      #expect(FileManager.default.fileExists(atPath: target.url.appending(path: "blocks/second/results.json").path))
      let rows = overview.inputs.scores?.rows
      #expect(rows == 2 * 12 * 8 * 5)
    }
  }

  /// Rows of answers from two blocks; `isFirst` has a probability of 0.9 in the first block and 0.4 in the second.
  private static func answers(_ header: String, _ rows: (_ listener: Int, _ item: Int, _ isFirst: Bool) -> [String])
    -> String
  {
    var random = SeededRandom(seed: 5, "blocks"), text = header + ",block_name\n"
    for (block, share) in [("near", 0.9), ("far", 0.4)] {
      for listener in 1...10 {
        for item in 1...6 {
          text += rows(listener, item, random.unit() < share).map { "\($0),\(block)\n" }.joined()
        }
      }
    }
    return text
  }

  @Test("blocks are compared by shares of choices, shares of right answers and agreement")
  func otherKinds() throws {
    let choices = Self.answers("participant,query,first,second,choice") {
      ["\($0),i\($1),a,b,\($2 ? "first" : "second")"]
    }
    let abx = Self.answers("participant,query,is_right") { ["\($0),i\($1),\($2)"] }
    let ratings = Self.answers("participant,query,candidate,rating") { listener, item, isFirst in
      (isFirst ? [5, 4, 2, 1] : [1, 4, 2, 5]).enumerated().map { "\(listener),i\(item),c\($0),\($1)" }
    }
    let rankings =
      "query,system,candidate,rank\n"
      + (1...6).flatMap { item in (0..<4).map { "i\(item),s,c\($0),\($0 + 1)\n" } }.joined()
    let tables = ["choices": choices, "discriminations": abx, "ratings": ratings, "rankings": rankings]
    try inTables(tables) { tables in
      let found = try found(tables), own = found.blocks.map(\.findings), overview = found.overview
      #expect(overview["blocks"]?.rows.count == 2)
      let figures = [
        ("choices", "preferences", "share", ["system": "a"]), ("abx", "discriminations", "share", [:]),
        ("agreement", "agreement", "value", ["level": "individual", "metric": "spearman"]),
      ]
      for (type, table, column, wanted) in figures {
        let key = ["trial_type": type]
        for (findings, side) in zip(own, ["value", "other"]) {
          // A share is reported for the system that is preferred.
          let known =
            findings.number(table, column, where: wanted)
            ?? findings.number(table, column, where: ["system": "b"]).map { 1 - $0 }
          let value = try #require(known), told = overview.number("block_differences", side, where: key) ?? .nan
          #expect(abs(value - told) < 1e-9, "\(type)")
        }
        let low = overview.number("block_differences", "low", where: key) ?? .nan
        #expect(low > 0 && low < 1, "\(type)")
      }
    }
  }

  @Test("blocks with nothing in common are not compared, and a block that cannot be analysed does not stop the others")
  func apart() throws {
    let sorted = (1...4).flatMap { l in
      ["a", "b", "c", "d"].map { "\(l),1,\($0),\($0 < "c" ? 1 : 2),groups\n" }
    }.joined()
    let scores = Self.table(["first", "second"])
    let training = ScoredStudy.row(1, 99, "mushra", "item1", "good", 50)
      .replacing(",false,false,false,", with: ",false,false,true,")
    try inTables([
      "scores": scores + training.dropLast() + ",third\n",
      "sortings": "participant,trial,candidate,group,block_name\n" + sorted,
    ]) { tables in
      let found = try found(tables), overview = found.overview
      #expect(found.blocks.map(\.name) == ["first", "second", "groups"])
      let failed = overview.remarks.first { $0.code == "block_failed" }
      #expect(failed?.what.text.contains("third") == true && failed?.meaning.isEmpty == false)
      let apart = overview.remarks.first { $0.code == "blocks_not_compared" }
      #expect(apart?.what.text == "Not compared: first with groups and second with groups.")
    }
    // If a table does not name its blocks, its rows cannot be assigned.
    try inTables(["scores": scores, "sortings": "participant,trial,candidate,group\n1,1,a,1\n"]) { tables in
      _ = #expect(throws: Problem.self) { try tables.blocks() }
    }
  }
}
