import Basics
import Foundation
import Pages

/// Results as one HTML file that opens offline and prints well.
///
/// The file contains the results as JSON, from which its script draws the charts; without a script the tables still
/// show everything.
public struct ResultPage: Sendable {
  /// The title of the window.
  public var title: String
  /// The program and its version, as in `Earshot 0.1.0`.
  public var generator: String
  public var body: Markup
  /// The data that scripts read as `charting.results`.
  public var results: JSONText
  /// A script that passes `charting.start` an object of functions, each of which turns a width into a Vega
  /// specification. An element with `data-chart` shows the chart with that name.
  public var charts: String
  /// CSS that is added to the style of all pages.
  public var style: String

  public init(
    title: String, generator: String, body: Markup, results: JSONText, charts: String, style: String = ""
  ) {
    (self.title, self.generator, self.body) = (title, generator, body)
    (self.results, self.charts, self.style) = (results, charts, style)
  }

  /// - Parameter library: the chart library; nil to leave the charts empty.
  public func html(library: ChartLibrary?) -> String {
    var scripts: [String] = []
    if let library { scripts = [library.script, Self.text(PackageResources.charts_js), charts] }
    return Page(
      title: title, generator: generator, style: Self.style + style, scripts: scripts,
      body: """
        \(body)
        <script type="application/json" id="results">\(Page.embedded(json: results.text(indent: nil)))</script>
        """
    ).html
  }

  /// The style that all pages of results share: light, and suitable for print.
  public static var style: String { text(PackageResources.page_css) }

  /// The place of a chart, with its buttons and words.
  public static func figure(_ name: String, words: Markup, isDrawn: Bool) -> Markup {
    let chart: Markup =
      !isDrawn
      ? ""
      : """
      <div class="chart" data-chart="\(name)"></div>
      <p class="tools">Save: \(save("png", "PNG", name)) · one column (88 mm): \(save("svg", "SVG", name, 88)) \(save("pdf", "PDF", name, 88)) · two columns (180 mm): \(save("svg", "SVG", name, 180)) \(save("pdf", "PDF", name, 180))</p>
      """
    return """
      <figure>
      \(chart)
      <figcaption>\(words)</figcaption>
      </figure>
      """
  }

  /// - Parameter width: the width in millimetres; nil for the width on the screen.
  private static func save(_ kind: String, _ words: String, _ chart: String, _ width: Int? = nil) -> Markup {
    let width: Markup = width.map { " data-width=\"\($0)\" aria-label=\"\(words), \($0) mm wide\"" } ?? ""
    return "<button type=\"button\" data-save=\"\(kind)\" data-of=\"\(chart)\"\(width)>\(words)</button>"
  }

  /// The notice that appears if the charts are missing.
  /// - Parameter command: the command that writes the page again.
  public static func libraryNotice(command: String) -> Markup {
    """
    <p class="notice">The charts are missing because Vega is not installed on the machine that made this report. Install it (<code>sudo apt-get install libjs-vega</code>) and run <code>\(command)</code> again. The tables contain all results.</p>
    """
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension ResultTable {
  /// The table, behind a line that opens it.
  public var markup: Markup {
    let isNumeric = columns.indices.map { column in
      rows.contains {
        switch $0[column] {
        case .number, .count: true
        default: false
        }
      }
    }
    let header = Markup(
      columns.indices.map {
        "<th scope=\"col\"\(Markup(trusted: isNumeric[$0] ? " class=\"n\"" : ""))>\(columns[$0].title)</th>"
      }, separator: "")
    let body = rows.map { row -> Markup in
      let cells = row.indices.map { column -> Markup in
        switch row[column] {
        case .text(let text): "<td>\(text)</td>"
        case .number(let value): "<td class=\"n\">\(number: value, digits: columns[column].digits)</td>"
        case .count(let value): "<td class=\"n\">\(number: Double(value), digits: 0)</td>"
        case .flag(let value): "<td>\(value ? "yes" : "no")</td>"
        case .missing: "<td class=\"n\">–</td>"
        }
      }
      return "<tr>\(Markup(cells, separator: ""))</tr>"
    }
    return """
      <details class="table"><summary>Table: \(title)</summary>
      <div class="scroll"><table>
      <caption>\(title) <code>\(name).csv</code></caption>
      <thead><tr>\(header)</tr></thead>
      <tbody>
      \(Markup(body))
      </tbody></table></div></details>
      """
  }
}

/// A page of results, its `results.json` and a CSV file for each table.
public enum ResultFiles {
  /// Writes the files to a folder, which is created if necessary. Tables that an earlier run wrote there (according to
  /// its results) and that this one does not write are removed.
  /// - Parameter json: the text of the file `results`.
  /// - Returns: the files, the page first, then `results`.
  /// - Throws: a `Problem` that names the folder or the file.
  public static func write(
    page html: String, as page: String = "report.html", json: String, as results: String = "results.json",
    tables: [ResultTable], to folder: URL
  ) throws -> [URL] {
    do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
      throw Problem("cannot make this folder", at: Place(file: folder.relativePath), mend: "Choose another with --out.")
    }
    let report = folder.appending(path: page), numbers = folder.appending(path: results)
    let old = tableNames(numbers)
    try OutputFile.write(html, to: report)
    try OutputFile.write(json, to: numbers)
    for name in old where !tables.contains(where: { $0.name == name }) {
      try? FileManager.default.removeItem(at: folder.appending(path: "\(name).csv"))
    }
    var files = [report, numbers]
    for table in tables {
      let url = folder.appending(path: "\(table.name).csv")
      try TableWriter.write(url, columns: table.columns.map(\.key)) { writer in
        for row in table.rows { try writer.row(row) }
      }
      files.append(url)
    }
    return files
  }

  /// The names of the tables in a results file.
  private static func tableNames(_ results: URL) -> [String] {
    guard let data = try? InputFile.data(results),
      let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let tables = object["tables"] as? [String: Any]
    else { return [] }
    return tables.keys.filter { $0.wholeMatch(of: /[a-z0-9_]+/) != nil }.sorted()
  }
}
