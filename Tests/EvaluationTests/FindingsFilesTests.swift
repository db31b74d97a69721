import Basics
import Evaluation
import Foundation
import Reporting
import Testing

@Suite("Files of an evaluation")
struct FindingsFilesTests {
  let world: PlantedWorld
  let out = FileManager.default.temporaryDirectory.appending(path: "earshot-evaluated-\(UUID().uuidString)")

  init() throws { world = try PlantedWorld().make() }

  private func findings() throws -> EvaluationFindings {
    try world.evaluate([
      Planted.perfect(world, name: "model-s1"), Planted.random(4, name: "model-s2"), Planted.random(5, name: "hand"),
    ])
  }

  @Test("every table and key is documented, and is the same in all files")
  func documented() throws {
    let findings = try findings()
    let docs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/evaluation.md")
    let text = try String(contentsOf: docs.standardized, encoding: .utf8)
    var rows: [String: String] = [:]
    for line in text.split(separator: "\n") {
      if let name = line.firstMatch(of: /^\| `([\w.]+)` \|/) { rows[String(name.output.1)] = String(line) }
    }
    for table in findings.tables {
      let row = try #require(rows[table.name], "docs/evaluation.md lacks \(table.name)")
      for column in table.columns {
        let isNamed = row.contains("`\(column.key)`")
        #expect(isNamed, "docs/evaluation.md lacks \(table.name).\(column.key)")
      }
    }
    let files = try findings.write(to: out)
    #expect(files.map(\.lastPathComponent).prefix(2) == ["evaluation.html", "evaluation.json"])
    let results = try #require(
      JSONSerialization.jsonObject(with: try Data(contentsOf: files[1])) as? [String: Any])
    for key in results.keys { #expect(rows[key] != nil, "docs/evaluation.md lacks \(key)") }
    let tables = try #require(results["tables"] as? [String: [String: Any]])
    for table in findings.tables {
      #expect((tables[table.name]?["rows"] as? [Any])?.count == table.rows.count)
      #expect(try TableReader.rows(out.appending(path: "\(table.name).csv")).count == table.rows.count)
    }
    let targets = try TableReader.rows(out.appending(path: "targets.csv"))
    #expect(targets.count == 3 * 36)
    for column in try TableReader(out.appending(path: "targets.csv")).columns {
      #expect(try #require(rows["targets.csv"]).contains("`\(column)`"), "docs/evaluation.md lacks \(column)")
    }
    #expect(
      targets.filter { $0["run"] == "model-s1" }.allSatisfy { $0["rank"] == "1" && $0["first"] == $0["reference"] })
  }

  @Test("tables of an earlier run are not mistaken for those of this run")
  func earlier() throws {
    try findings().write(to: out)
    try Data("mine".utf8).write(to: out.appending(path: "notes.csv"))
    #expect(FileManager.default.fileExists(atPath: out.appending(path: "seeds.csv").path))
    try world.evaluate([Planted.random(1)]).write(to: out)
    let left = Set(try FileManager.default.contentsOfDirectory(atPath: out.path))
    #expect(!left.contains("seeds.csv") && !left.contains("bars.csv") && !left.contains("differences.csv"))
    #expect(left.isSuperset(of: ["scores.csv", "notes.csv", "targets.csv"]))
  }

  @Test("the page has every figure, and no text from a table can run in it")
  func page() throws {
    let html = try String(contentsOf: try findings().write(to: out)[0], encoding: .utf8)
    #expect(html.contains("model ranks the one-shot that plays") && html.contains("Content-Security-Policy"))
    #expect(html.contains("data-chart=\"scores\"") || html.contains("Vega is not installed"))
    #expect(!html.contains("https://"))
  }

  @Test("the page of examples shows the best and worst cases, and includes their sounds")
  func examples() throws {
    let findings = try findings()
    let examples = try Examples(findings, systems: ["model-s2", "model-s1"], seed: 3)
    #expect(examples.cases.map(\.kind) == [.best, .middle, .worst, .lot, .lot])
    #expect(Set(examples.cases.map(\.mix)).count == 5)
    let run = examples.runs[0]
    func score(_ mix: Int) -> Double {
      let test = findings.evaluation.test
      return test.targets.indices.filter { test.targets[$0].mix == mix }.reduce(0) { sum, t in
        let asked = test.conditions.firstIndex(of: test.targets[t].condition) ?? 0
        return sum + run.findings[t][asked].reciprocalRank
      }
    }
    let scores = (0..<12).map(score)
    #expect(score(examples.cases[0].mix) == scores.max() && score(examples.cases[2].mix) == scores.min())
    #expect(try Examples(findings, systems: ["model-s2"], seed: 3).cases.map(\.mix) == examples.cases.map(\.mix))

    // Existing files stay, except for the sounds of an earlier page.
    for file in ["sounds/mine.flac", "example-sounds/mine.flac", "example-sounds/0123456789abcdef.flac"] {
      let url = out.appending(path: file)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: url)
    }
    let page = try examples.write(to: out)
    func isThere(_ file: String) -> Bool { FileManager.default.fileExists(atPath: out.appending(path: file).path) }
    #expect(isThere("sounds/mine.flac") && isThere("example-sounds/mine.flac"))
    #expect(!isThere("example-sounds/0123456789abcdef.flac"))
    let html = try String(contentsOf: page, encoding: .utf8)
    let sounds = Set(html.matches(of: /href="(example-sounds\/[0-9a-f]+\.flac)"/).map { String($0.output.1) })
    #expect(!sounds.isEmpty)
    for sound in sounds { #expect(FileManager.default.isReadableFile(atPath: out.appending(path: sound).path)) }
    #expect(html.contains("plays in the mix") && html.contains("made &amp; planted") && html.contains("CC0"))
    // Of instruments with two one-shots, only one is shown, and the page says so.
    let apart = try Examples(findings, systems: ["model-s2"], seed: 3, onePerGroup: true)
    let grouped = try String(contentsOf: apart.write(to: out), encoding: .utf8)
    #expect(!html.contains("like it") && grouped.contains("with only the nearest of each instrument"))
    for ranking in grouped.matches(of: /(?s)<ol>(.*?)<\/ol>/).map({ String($0.output.1) }) {
      let kits = ranking.matches(of: /\d\. ([a-z]+)-(\d)/).map { "\($0.output.1) \((Int($0.output.2) ?? 0) / 2)" }
      #expect(kits.count == Examples.depth && Set(kits).count == kits.count)
    }
    #expect {
      try Examples(findings, systems: ["modle"])
    } throws: {
      "\($0)".contains("Did you mean 'model'?")
    }
    #expect {
      try Examples.check(["model-s2", "modle"], among: [Entrant(Planted.random(1, name: "model-s2"))])
    } throws: {
      "\($0)".contains("'modle'") && "\($0)".contains("Did you mean 'model'?")
    }
  }
}
