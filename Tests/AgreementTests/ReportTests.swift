import Agreement
import Basics
import Foundation
import Reporting
import Testing

@Suite struct ReportTests {
  private func html(_ findings: Findings) throws -> String {
    try inFolder { folder in
      try findings.write(to: folder)
      return try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
    }
  }

  /// The page that a reader sees, without scripts and styles.
  private func page(_ html: String) -> String {
    html.replacing(/(?s)<script.*?<\/script>/, with: "").replacing(/(?s)<style.*?<\/style>/, with: "")
  }

  @Test func everyNumberIsInTheResults() throws {
    let findings = try GeneratedStudy(listeners: 8, queries: 6, pages: 4).analysis().findings()
    let page = page(try html(findings))
    var known = Set<Double>()
    for match in findings.json.matches(of: /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/) {
      Double(match.output).map { _ = known.insert($0) }
    }
    var count = 0
    for match in page.matches(of: /<data value="([^"]*)">/) {
      let value = try #require(Double(match.output.1))
      #expect(known.contains(value), "\(value) is not in results.json")
      count += 1
    }
    #expect(count > 300)
  }

  /// Seeds have 64 bits; a seed in the upper half of their range once crashed the program.
  @Test func everySeedIsReported() throws {
    let findings = try GeneratedStudy(listeners: 6, queries: 4, pages: 4).analysis(quickPlan { $0.seed = .max })
      .findings()
    let page = page(try html(findings))
    #expect(findings.json.contains(/"seed": ?18446744073709551615/))
    #expect(page.contains("seed 18446744073709551615"))
  }

  @Test func namesFromTablesCannotBecomeMarkup() throws {
    let evil = "<script>alert('1')</script>&\"c"
    let findings = try GeneratedStudy(
      listeners: 6, queries: 4, pages: 4, systems: [("<img src=x onerror=alert(1)>", 0.2), ("random", nil)],
      nameOf: { "\"\(evil.replacing("\"", with: "\"\""))\($0)\"" }
    ).analysis(quickPlan { $0.title = "</title><script>alert(2)</script>" }).findings()
    let html = try html(findings)
    let hasImage = html.contains("<img src=x"), hasScript = html.contains("<script>alert")
    #expect(!hasImage && !hasScript)
    // The only scripts are ours: the results and, where the chart library is installed, the library and the charts.
    let scripts = html.matches(of: /<script/).count
    #expect(scripts == 1 || scripts == 4)
  }

  @Test func theFileStandsAlone() throws {
    let findings = try GeneratedStudy(listeners: 6, queries: 4, pages: 4).analysis().findings()
    let html = try html(findings)
    // Quotation marks are escaped in attributes; browsers unescape them.
    let forbidsTheRest = html.contains("default-src &#39;none&#39;")
    #expect(forbidsTheRest)
    let visible = page(html)
    let addresses = visible.matches(of: /(?:src|href)=|https?:/).map { String($0.output) }
    #expect(addresses.isEmpty)
  }

  @Test func everyTableIsAFileWithItsKeys() throws {
    let findings = try GeneratedStudy(listeners: 6, queries: 4, pages: 4).analysis().findings()
    try inFolder { folder in
      let files = try findings.write(to: folder)
      #expect(files.count == findings.tables.count + 2)
      for table in findings.tables {
        let rows = try TableReader.rows(folder.appending(path: "\(table.name).csv"))
        #expect(rows.count == table.rows.count)
      }
      let results = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: "results.json")))
      let tables = (results as? [String: Any])?["tables"] as? [String: Any]
      #expect(tables?.count == findings.tables.count)
    }
  }

  @Test func numbersAreWrittenToBeRead() {
    #expect(display(-0.456, digits: 2) == "−0.46" && display(-0.001, digits: 2) == "0.00")
    #expect(display(1234567, digits: 0) == "1\u{202f}234\u{202f}567" && display(2025, digits: 0) == "2025")
    #expect(display(.nan, digits: 2) == "–")
  }
}
