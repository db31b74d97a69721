import Agreement
import Foundation
import Ratings
import Testing

/// What the documentation promises holds.
@Suite struct DocumentationTests {
  private let top = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

  @Test func everyTableAndKeyIsDocumented() throws {
    let text = try String(contentsOf: top.appending(path: "docs/results.md"), encoding: .utf8)
    var rows: [String: String] = [:]
    for line in text.split(separator: "\n") {
      if let name = line.firstMatch(of: /^\| `(\w+)` \|/) { rows[String(name.output.1)] = String(line) }
    }
    let findings = try GeneratedStudy(listeners: 6, queries: 4, pages: 4).analysis().findings()
    let choices = try inFolder { folder in
      func file(_ name: String, _ header: String, _ rows: [String]) throws -> URL {
        let url = folder.appending(path: name)
        try Data(([header] + rows).joined(separator: "\n").utf8).write(to: url)
        return url
      }
      let names = ["a", "b", "c", "d", "e"]
      let pairs = names.flatMap { x in names.filter { $0 != x }.map { (x, $0) } }
      return try Analysis.read(
        .init(
          rankings: file(
            "r.csv", "query,system,candidate,distance",
            pairs.map { x, y in "\(x),s,\(y),\(abs((names.firstIndex(of: x) ?? 0) - (names.firstIndex(of: y) ?? 0)))" }),
          choices: file(
            "c.csv", "participant,query,first,second,choice",
            pairs.flatMap { x, y in ["l,c,\(x),\(y),first", "m,c,\(x),\(y),second"] }),
          triplets: file(
            "t.csv", "participant,anchor,first,second,choice",
            pairs.flatMap { x, y in names.filter { $0 != x && $0 != y }.map { "l,\(x),\(y),\($0),first" } })),
        version: "test")
    }
    #expect(choices.tables.count == 9)
    let scores = try ScoredStudy(type: "bs1116").findings()
    #expect(scores.tables.count == 16)
    let abx = try inFile("participant,is_right\na,true\na,false\nb,true\nb,true\n") {
      try Analysis.read(.init(discriminations: $0), version: "test")
    }
    #expect(abx.tables.count == 3)
    let others = try inFolder { folder in
      func file(_ name: String, _ header: String, _ row: (Int, String, String) -> [String]) throws -> URL {
        let url = folder.appending(path: name), names = ["a", "b", "c", "d"]
        let rows = (1...4).flatMap { l in names.flatMap { x in names.filter { $0 > x }.flatMap { row(l, x, $0) } } }
        try Data(([header] + rows).joined(separator: "\n").utf8).write(to: url)
        return url
      }
      return try Analysis.read(
        .init(
          orders: file("o.csv", "participant,trial,candidate,rank") { l, x, y in
            ["\(l),\(x)\(y),\(x),1", "\(l),\(x)\(y),\(y),\(l)"]
          },
          pairs: file("p.csv", "participant,trial,first,second,rating") { l, x, y in
            ["\(l),\(l * (x == "a" ? 3 : 2) + (y == "d" ? 7 : 0)),\(x),\(y),\(l)"]
          },
          sortings: file("s.csv", "participant,trial,candidate,group") { l, x, y in
            x == "a" && y == "b" ? ["a", "b", "c", "d"].map { "\(l),1,\($0),\($0 < "c" ? 1 : l)" } : []
          }), version: "test")
    }
    let told = Set(others.tables.map(\.name))
    #expect(
      told.isSuperset(of: ["likeness", "likeness_agreement", "clusters", "sortings_by_listener"]))
    let blocks = try inFile("participant,query,is_right,block_name\na,i,true,x\na,i,false,y\n") { url in
      try Analysis.blocks(["x", "y"], of: .init(discriminations: url), version: "test")
    }
    #expect(blocks.overview.tables.map(\.name) == ["blocks", "block_differences"])
    for table in findings.tables + choices.tables + scores.tables + abx.tables + others.tables + blocks.overview.tables
    {
      let told = rows[table.name] ?? rows[table.name.replacing("score_", with: "")].map { $0 + "`trial_type` `scale`" }
      let row = try #require(told, "docs/results.md lacks \(table.name)")
      for column in table.columns {
        let isNamed = row.contains("`\(column.key)`")
        #expect(isNamed, "docs/results.md lacks \(table.name).\(column.key)")
      }
    }
  }

  @Test func plansOfTheReadyStudiesAreRead() throws {
    let plan = try AnalysisPlan.read(top.appending(path: "studies/demo/analysis.yaml"))
    #expect(plan.topK == 2 && plan.systems.count == 3 && plan.screening.apply == [.catches, .straight])
    let likert = try AnalysisPlan.read(top.appending(path: "studies/likert/analysis.yaml"))
    #expect(likert.metric == .kendallTauB && likert.ordinalModels == .never && likert.minimumCandidates == 2)
  }

  /// Figures that SciPy computes from the same study: `analysis/read.py` on the tables of the default generated study,
  /// as the mean of `spearmanr` over pages for each system.
  @Test func scipyFindsTheSame() throws {
    let study = GeneratedStudy()
    if let folder = ProcessInfo.processInfo.environment["EARSHOT_WRITE_STUDY"] {
      try Data(study.ratings.utf8).write(to: URL(filePath: folder).appending(path: "ratings.csv"))
      try Data(study.rankings.utf8).write(to: URL(filePath: folder).appending(path: "rankings.csv"))
    }
    let findings = try study.analysis().findings()
    for (system, expected) in scipy {
      let key = ["level": "individual", "metric": "spearman", "system": system]
      #expect(abs((findings.number("agreement", "value", where: key) ?? .nan) - expected) < 1e-12)
    }
  }
}

private let scipy = ["near": 0.7064016399849937, "far": 0.2958273553808545, "random": 0.05485220972992403]
