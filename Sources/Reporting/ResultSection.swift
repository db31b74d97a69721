import Pages

/// A section of a page of results: a chart, its words, and the tables behind it.
public struct ResultSection: Sendable {
  /// The name of the chart, which is also the section's anchor in the page.
  public var name: String
  /// The heading.
  public var title: String
  /// What the chart shows, for those who cannot see it.
  public var words: Prose
  /// The numbers behind the chart, folded up below it.
  public var tables: [ResultTable]
  /// Whether to draw the chart, or only give its words.
  public var isDrawn: Bool

  public init(_ name: String, title: String, words: Prose, tables: [ResultTable], isDrawn: Bool) {
    (self.name, self.title, self.words) = (name, title, words)
    (self.tables, self.isDrawn) = (tables, isDrawn)
  }

  /// The section as HTML.
  public var markup: Markup {
    """
    <section aria-labelledby="\(name)">
    <h2 id="\(name)">\(title)</h2>
    \(ResultPage.figure(name, words: Markup(words), isDrawn: isDrawn))
    \(Markup(tables.map { $0.markup }))
    </section>
    """
  }
}

extension ResultPage {
  /// What to know before believing a figure, as a list; empty if there is nothing to say.
  /// - Parameter items: the texts, each with its weight, which is its class in the style: `note`, `caution` ….
  public static func remarks(_ title: String, _ items: [(weight: String, text: Markup)]) -> Markup {
    if items.isEmpty { return "" }
    return """
      <section aria-labelledby="remarks">
      <h2 id="remarks">\(title)</h2>
      <ul class="remarks">
      \(Markup(items.map { "<li class=\"\($0.weight)\">\($0.text)</li>" }))
      </ul>
      </section>
      """
  }

  /// The headline as a table that can be read at a glance, with one row per system. On a narrow screen each cell
  /// carries its column's name.
  public static func grid(caption: Markup, columns: [String], rows: [(head: String, cells: [Markup])]) -> Markup {
    let heads = columns.map { "<th scope=\"col\">\($0)</th>" as Markup }
    let body = rows.map { row -> Markup in
      let cells = zip(columns, row.cells).map { "<td data-label=\"\($0)\">\($1)</td>" as Markup }
      return "<tr><th scope=\"row\">\(row.head)</th>\(Markup(cells, separator: ""))</tr>"
    }
    return """
      <div class="grid"><table>
      <caption>\(caption)</caption>
      <thead><tr><td></td>\(Markup(heads, separator: ""))</tr></thead>
      <tbody>
      \(Markup(body))
      </tbody></table></div>
      """
  }
}
