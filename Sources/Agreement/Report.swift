import Basics
import Foundation

/// The findings as one HTML file that opens offline and prints well: the answer first, then what shows it, each chart
/// with its table behind it, then how it was computed.
///
/// The file holds results.json, from which its script draws the charts; without a script the tables still tell
/// everything. Its content security policy names the scripts by hash and forbids everything from outside.
struct Report {
  let findings: Findings
  let library: ChartLibrary?

  init(_ findings: Findings, library: ChartLibrary? = ChartLibrary()) {
    (self.findings, self.library) = (findings, library)
  }

  var html: String {
    var scripts: [String] = []
    if let library { scripts = [library.script, Self.text(PackageResources.report_js)] }
    let hashes = scripts.map { "'sha256-\(Self.digest($0))'" }.joined(separator: " ")
    let policy =
      "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; script-src \(hashes.isEmpty ? "'none'" : hashes)"
    let page: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="generator" content="Earshot \(findings.inputs.version)">
      <title>\(findings.title): agreement with listeners</title>
      <style>\(Markup(trusted: Self.text(PackageResources.report_css)))</style>
      </head>
      <body>
      \(head)
      \(answers)
      \(remarks)
      \(charts)
      \(methods)
      \(allTables)
      <footer>Made by Earshot \(findings.inputs.version). Every number here is in <code>results.json</code>, and every table in a CSV file of its name.</footer>
      \(data)
      \(Markup(trusted: scripts.map { "<script>\($0)</script>" }.joined(separator: "\n")))
      </body>
      </html>

      """
    return page.html
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// The base 64 of a script's SHA-256, as content security policies name it.
  private static func digest(_ script: String) -> String {
    let hex = Array(ContentHash.of(script))
    let bytes = stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(String(hex[$0...($0 + 1)]), radix: 16) }
    return Data(bytes).base64EncodedString()
  }

  private var head: Markup {
    """
    <header>
    <p class="eyebrow">Agreement with listeners</p>
    <h1>\(findings.title)</h1>
    </header>
    """
  }

  private var answers: Markup {
    let verdicts = findings["verdicts"]
    let perCondition = verdicts?.rows.indices.filter { verdicts?.text($0, "condition") != "all" } ?? []
    let details: Markup =
      perCondition.isEmpty || verdicts == nil
      ? ""
      : """
      <details open><summary>By class</summary>
      <ul>
      \(Markup(perCondition.map { "<li>\(badge($0)) \(Markup(verdicts?.verdictSentence($0, metric: findings.plan.metric) ?? ""))</li>" }))
      </ul></details>
      """
    return """
      <section class="answers" aria-label="The answer">
      \(Markup(findings.answers.map { "<p>\(Markup($0))</p>" }))
      \(details)
      </section>
      """
  }

  private func badge(_ row: Int) -> Markup {
    let verdict = findings["verdicts"]?.text(row, "verdict") ?? ""
    return "<span class=\"badge \(verdict)\">\(verdict)</span>"
  }

  private var remarks: Markup {
    if findings.remarks.isEmpty { return "" }
    return """
      <section aria-labelledby="remarks">
      <h2 id="remarks">What to know about the data</h2>
      <ul class="remarks">
      \(Markup(findings.remarks.map { "<li class=\"\($0.weight.rawValue)\"><strong>\(Markup($0.what))</strong> \($0.meaning)</li>" }))
      </ul>
      </section>
      """
  }

  /// A chart, its words and the tables behind it. It appears when there is something to show.
  private struct Chart {
    var name: String, title: String, words: String, tables: [String]
  }

  private var charts: Markup {
    let plan = findings.plan
    let all = [
      Chart(
        name: "forest", title: "Agreement between chance and the ceilings",
        words:
          "Each point is a system's \(plan.metric.title) with single listeners, with its \(display(plan.confidence * 100, digits: 0)) % interval over listeners and queries. The blue line is what another listener reaches, the grey band what the crowd of the others reaches.",
        tables: ["agreement", "ceilings"]),
      Chart(
        name: "ranks", title: "Ratings by system and rank",
        words: "Mean rating of the candidates that each system puts first, second and so on, with intervals.",
        tables: ["ratings_by_rank", "ratings_by_system"]),
    ]
    let noLibrary: Markup =
      library == nil
      ? """
      <p class="notice">The charts are missing because Vega is not installed on the machine that made this report. Install it (<code>sudo apt-get install libjs-vega</code>) and run <code>earshot analyze</code> again. The tables hold everything.</p>
      """ : ""
    let sections = all.compactMap { chart -> Markup? in
      let tables = chart.tables.compactMap { findings[$0] }.filter { !$0.rows.isEmpty }
      guard let first = tables.first else { return nil }
      _ = first
      let figure: Markup =
        library == nil
        ? ""
        : """
        <div class="chart" data-chart="\(chart.name)"></div>
        <p class="tools"><button type="button" data-save="svg" data-of="\(chart.name)">SVG</button> <button type="button" data-save="png" data-of="\(chart.name)">PNG</button></p>
        """
      return """
        <section aria-labelledby="\(chart.name)">
        <h2 id="\(chart.name)">\(chart.title)</h2>
        <figure>
        \(figure)
        <figcaption>\(chart.words)</figcaption>
        </figure>
        \(Markup(tables.map { table($0, inDetails: true) }))
        </section>
        """
    }
    return "\(noLibrary)\(Markup(sections))"
  }

  private var methods: Markup {
    if findings.methods.isEmpty { return "" }
    return """
      <section aria-labelledby="methods">
      <h2 id="methods">Methods</h2>
      \(Markup(findings.methods.map { "<p>\(Markup($0))</p>" }))
      <ol class="citations">
      \(Markup(findings.citations.map { "<li>\($0)</li>" }))
      </ol>
      </section>
      """
  }

  /// Tables that no chart has shown.
  private var allTables: Markup {
    let shown = ["agreement", "ceilings", "ratings_by_rank", "ratings_by_system"]
    let rest = findings.tables.filter { !shown.contains($0.name) && !$0.rows.isEmpty }
    if rest.isEmpty { return "" }
    return """
      <section aria-labelledby="tables">
      <h2 id="tables">Tables</h2>
      \(Markup(rest.map { table($0, inDetails: true) }))
      </section>
      """
  }

  private func table(_ table: ResultTable, inDetails: Bool) -> Markup {
    let isNumeric = table.columns.indices.map { column in
      table.rows.contains {
        switch $0[column] {
        case .number, .count: true
        default: false
        }
      }
    }
    let header = Markup(
      table.columns.indices.map {
        "<th scope=\"col\"\(Markup(trusted: isNumeric[$0] ? " class=\"n\"" : ""))>\(table.columns[$0].title)</th>"
      }, separator: "")
    let rows = table.rows.map { row -> Markup in
      let cells = row.indices.map { column -> Markup in
        switch row[column] {
        case .text(let text): "<td>\(text)</td>"
        case .number(let value):
          "<td class=\"n\">\(number: value, digits: table.columns[column].digits)</td>"
        case .count(let value): "<td class=\"n\">\(number: Double(value), digits: 0)</td>"
        case .flag(let value): "<td>\(value ? "yes" : "no")</td>"
        case .missing: "<td class=\"n\">–</td>"
        }
      }
      return "<tr>\(Markup(cells, separator: ""))</tr>"
    }
    return """
      <details class="table"><summary>Table: \(table.title)</summary>
      <div class="scroll"><table>
      <caption>\(table.title) <code>\(table.name).csv</code></caption>
      <thead><tr>\(header)</tr></thead>
      <tbody>
      \(Markup(rows))
      </tbody></table></div></details>
      """
  }

  private var data: Markup {
    "<script type=\"application/json\" id=\"results\">\(Markup(trusted: findings.compactJSON))</script>"
  }
}
