import Foundation
import Pages
import Reporting

/// The findings as one HTML file that opens offline and prints well: first the answer, then the charts that show it,
/// each with its table, then how everything was computed.
///
/// The file contains results.json, from which its script draws the charts; without a script the tables still show
/// everything. Its content security policy names the scripts by hash and forbids everything external.
struct Report {
  let findings: Findings
  let library: ChartLibrary?

  init(_ findings: Findings, library: ChartLibrary? = ChartLibrary()) {
    (self.findings, self.library) = (findings, library)
  }

  var html: String {
    let sections = sections
    let page = ResultPage(
      title: "\(findings.title): \(subject.lowercased())", generator: "Earshot \(findings.inputs.version)",
      body: """
        \(head)
        \(answers)
        \(remarks)
        \(library == nil ? ResultPage.libraryNotice(command: "earshot analyze") : "")
        \(Markup(sections.map(\.markup)))
        \(pairMatrices)
        \(methods)
        \(rest(after: sections))
        <footer>Made by Earshot \(findings.inputs.version). Every number here is in <code>results.json</code>, and every table in a CSV file of its name.</footer>
        """, results: findings.jsonText, charts: String(decoding: PackageResources.report_js, as: UTF8.self))
    return page.html(library: library)
  }

  /// The subject of the report, in a few words.
  private var subject: String {
    if findings["blocks"] != nil { return "Blocks of a study" }
    if findings["agreement"] != nil { return "Agreement with listeners" }
    if findings["systems"] != nil { return "Systems compared by listeners" }
    if findings["discriminations"] != nil { return "Differences heard by listeners" }
    if findings["preferences"] != nil { return "Preferences of listeners" }
    if findings["order_strengths"] != nil { return "Orders given by listeners" }
    if findings["likeness"] != nil || findings["map_quality"] != nil { return "Similarity of sounds to listeners" }
    return "Answers of listeners"
  }

  private var head: Markup {
    """
    <header>
    \(findings.notice.map { "<p class=\"notice\">\(Markup($0))</p>" as Markup } ?? "")
    <p class="eyebrow">\(subject)</p>
    <h1>\(findings.title)</h1>
    <p class="eyebrow">\(findings.inputs.tables.map(\.name).joined(separator: ", "))</p>
    </header>
    """
  }

  private var answers: Markup {
    let lead = Markup(findings.answers.prefix(findings.headlines).map { "<p class=\"lead\">\(Markup($0))</p>" })
    // The grid shows the other systems' verdicts; answers that are not verdicts follow it.
    let judged = findings["verdicts"].map { table in table.rows(where: ["condition": table.text(0, "condition")]).count
    }
    let rest = findings.answers.dropFirst(findings.headlines + max(1, judged ?? 1) - 1)
    return """
      <section class="answers" aria-label="The answer">
      \(lead)
      \(verdictGrid)
      \(systemGrid)
      \(discriminationGrid)
      \(blockGrids)
      \(blockLinks)
      \(Markup(rest.map { "<p>\(Markup($0))</p>" }))
      </section>
      """
  }

  /// A table of systems by conditions. Each cell is a verdict and the difference behind it.
  private var verdictGrid: Markup {
    guard let verdicts = findings["verdicts"] else { return "" }
    func distinct(_ key: String) -> [String] {
      verdicts.rows.indices.map { verdicts.text($0, key) }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    let conditions = distinct("condition"), systems = distinct("system")
    let level = verdicts.number(0, "level") ?? 0, margin = verdicts.number(0, "margin") ?? 0
    func label(_ condition: String) -> String { condition == "all" && conditions.count > 1 ? "all classes" : condition }
    let rows = systems.map { system in
      let cells = conditions.map { condition -> Markup in
        guard let row = verdicts.rows(where: ["system": system, "condition": condition]).first,
          let difference = verdicts.number(row, "difference")
        else { return "–" }
        guard let low = verdicts.number(row, "low"), let high = verdicts.number(row, "high") else {
          return
            "<span class=\"badge too_few\">no verdict</span><br><span class=\"small\">\(number: difference, digits: 2): \(verdicts.text(row, "reason"))</span>"
        }
        let verdict = verdicts.text(row, "verdict")
        return
          "<span class=\"badge \(verdict)\">\(verdict)</span><br><span class=\"small\">\(number: difference, digits: 2) [\(number: low, digits: 2), \(number: high, digits: 2)]</span>"
      }
      return (head: system, cells: cells)
    }
    return ResultPage.grid(
      caption:
        "System–listener minus listener–listener agreement (\(findings.plan.metric.title)), \(number: level * 100, digits: 0) % intervals, against a margin of ±\(number: margin, digits: 2)",
      columns: conditions.map(label), rows: rows)
  }

  /// A table of contenders by scales. Each cell is a mean with its interval, and letters that mark systems that cannot
  /// be told apart.
  private var systemGrid: Markup {
    guard let systems = findings["systems"] else { return "" }
    func distinct(_ rows: [Int], _ text: (Int) -> String) -> [String] {
      rows.map(text).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    let all = systems.rows(where: ["role": "contender"])
    func kind(_ row: Int) -> ScoreTable.Kind {
      .init(type: systems.text(row, "trial_type"), scale: systems.text(row, "scale"))
    }
    let kinds = all.map(kind).reduce(into: [ScoreTable.Kind]()) { if !$0.contains($1) { $0.append($1) } }
    let rows = distinct(all) { systems.text($0, "system") }.map { system in
      let cells = kinds.map { wanted -> Markup in
        // The rows of each kind begin with all conditions together.
        guard let row = all.first(where: { systems.text($0, "system") == system && kind($0) == wanted }),
          let mean = systems.number(row, "mean")
        else { return "–" }
        let digits = systems.columns[systems.column("mean")].digits
        let letters = systems.text(row, "letters")
        let interval: Markup =
          if let low = systems.number(row, "low"), let high = systems.number(row, "high") {
            "[\(number: low, digits: digits), \(number: high, digits: digits)]"
          } else { "no interval" }
        return
          "<strong>\(number: mean, digits: digits)</strong> \(letters)<br><span class=\"small\">\(interval)</span>"
      }
      return (head: system, cells: cells)
    }
    return ResultPage.grid(
      caption:
        "Mean scores with \(number: findings.plan.confidence * 100, digits: 0) % intervals; systems that share a letter cannot be distinguished",
      columns: kinds.map { $0.title.isEmpty ? "mean" : $0.title }, rows: rows)
  }

  /// A table of the pairs that listeners were asked to tell apart: how often they did, how large the difference is, and
  /// how large it may be.
  private var discriminationGrid: Markup {
    guard let table = findings["discriminations"] else { return "" }
    let rows = table.rows(where: ["condition": table.text(0, "condition")])
    guard rows.count > 1 else { return "" }
    let hasVerdict = rows.contains { !table.text($0, "verdict").isEmpty }
    let body = rows.map { row in
      func number(_ key: String, _ digits: Int, _ scale: Double = 1) -> Markup {
        table.number(row, key).map { "\(number: scale * $0, digits: digits)" } ?? "–"
      }
      let ends = table.number(row, "low") == nil ? ["exact_low", "exact_high"] : ["low", "high"]
      let verdict = table.text(row, "verdict")
      let words = ["heard": "heard", "not_heard": "not heard", "inconclusive": "inconclusive"]
      let isAll = table.number(row, "d_prime") == nil
      return (
        head: table.text(row, "pair"),
        cells: [
          "<strong>\(number("share", 0, 100)) %</strong> of \(number("trials", 0))<br><span class=\"small\">[\(number(ends[0], 0, 100)), \(number(ends[1], 0, 100))]</span>",
          isAll ? "\(number("d_prime_low", 2)) or more" : number("d_prime", 2),
          isAll || table.number(row, "largest_d_prime") == nil ? "none" : number("largest_d_prime", 2),
        ] + (hasVerdict ? ["\(words[verdict] ?? "–")"] : [])
      )
    }
    return ResultPage.grid(
      caption:
        "Right answers with \(number: findings.plan.confidence * 100, digits: 0) % intervals; d′ \(rows.contains { table.text($0, "test") == "triangle" } ? "" : "by independent observation"), and the d′ above which a difference is ruled out",
      columns: ["right", "d′", "ruled out above"] + (hasVerdict ? ["against the margin"] : []), rows: body)
  }

  /// A table of systems for each two blocks that are compared: the figure in each block, and the difference.
  private var blockGrids: Markup {
    guard let table = findings["block_differences"] else { return "" }
    func key(_ row: Int) -> [String] {
      ["trial_type", "scale", "block", "other_block"].map { table.text(row, $0) }
    }
    let means = table.rows(where: ["baseline": ""])
    let kinds = means.map(key).reduce(into: [[String]]()) { if !$0.contains($1) { $0.append($1) } }
    return Markup(
      kinds.map { kind in
        let own = means.filter { key($0) == kind }
        let largest = own.flatMap { [table.number($0, "value"), table.number($0, "other")] }.compactMap { $0.map(abs) }
          .max()
        let digits = (largest ?? 0) > 5 ? 1 : 2
        let title = BlockComparison.title(type: kind[0], scale: kind[1])
        let rows = own.map { row -> (head: String, cells: [Markup]) in
          func number(_ key: String) -> Markup { table.number(row, key).map { "\(number: $0, digits: digits)" } ?? "–" }
          let isTold = (table.number(row, "p_corrected") ?? 1) < 1 - findings.plan.confidence
          let difference: Markup = isTold ? "<strong>\(number("difference"))</strong>" : number("difference")
          let interval: Markup =
            table.number(row, "low") == nil ? "no interval" : "[\(number("low")), \(number("high"))]"
          return (
            head: table.text(row, "system"),
            cells: [
              number("value"), number("other"), "\(difference)<br><span class=\"small\">\(interval)</span>",
            ]
          )
        }
        return ResultPage.grid(
          caption:
            "\(title.isEmpty ? "Mean scores" : title): \(kind[2]) and \(kind[3]), and their difference with its \(number: findings.plan.confidence * 100, digits: 0) % interval, bold where it differs significantly from 0 after correction",
          columns: [kind[2], kind[3], "difference"], rows: rows)
      })
  }

  /// Links to each block's own report.
  private var blockLinks: Markup {
    guard let blocks = findings["blocks"] else { return "" }
    let links = blocks.rows.indices.filter { !blocks.text($0, "report").isEmpty }.map { row -> Markup in
      "<a href=\"\(blocks.text(row, "report"))\">\(blocks.text(row, "block"))</a>"
    }
    return "<p>Each block has a report of its own: \(Markup(links, separator: ", ")).</p>"
  }

  private var pairsAreShown: Bool { findings["all_pairs"]?.rows.isEmpty == false }

  /// A matrix of more systems than this cannot be read.
  private static let mostInMatrix = 12

  /// One matrix per figure, of each two systems over all conditions together: the row's minus the column's figure, and
  /// its significance when all pairs and conditions are one family.
  private var pairMatrices: Markup {
    guard let pairs = findings["all_pairs"], pairsAreShown else { return "" }
    func distinct(_ rows: [Int], _ key: String) -> [String] {
      rows.map { pairs.text($0, key) }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    let grids = distinct(Array(pairs.rows.indices), "figure").compactMap { figure -> Markup? in
      let all = pairs.rows(where: ["figure": figure])
      let rows = all.filter { pairs.text($0, "condition") == pairs.text(all[0], "condition") }
      var systems = distinct(rows, "system")
      systems += distinct(rows, "baseline").filter { !systems.contains($0) }
      guard (3...Self.mostInMatrix).contains(systems.count) else { return nil }
      let digits = pairs.columns[pairs.column("difference")].digits
      // The last row and the first column would be empty.
      let cells = systems.dropLast().map { system in
        (
          head: system,
          cells: systems.dropFirst().map { other -> Markup in
            let row = rows.first {
              pairs.text($0, "system") == system && pairs.text($0, "baseline") == other
            }
            guard let row, let difference = pairs.number(row, "difference") else { return "" }
            let value: Markup = "\(number: difference, digits: digits)"
            guard let p = pairs.number(row, "p_corrected") else { return value }
            let told: Markup = p < 1 - findings.plan.confidence ? "<strong>\(value)</strong>" : value
            let words: Markup = p < 0.001 ? "p below 0.001" : p > 0.9995 ? "p 1" : "p \(number: p, digits: 3)"
            return "\(told)<br><span class=\"small\">\(words)</span>"
          }
        )
      }
      return ResultPage.grid(
        caption:
          "\(figure == findings.plan.metric.rawValue ? findings.plan.metric.title : figure): row minus column; p corrected over all pairs and conditions, bold where the difference is significant",
        columns: Array(systems.dropFirst()), rows: Array(cells))
    }
    return """
      <section aria-labelledby="pairs">
      <h2 id="pairs">All pairs of systems</h2>
      \(Markup(grids))
      \(pairs.markup)
      </section>
      """
  }

  private var remarks: Markup {
    ResultPage.remarks(
      "What to know about the data",
      findings.remarks.map { ($0.weight.rawValue, "<strong>\(Markup($0.what))</strong> \($0.meaning)") })
  }

  private var conditionCount: Int {
    guard let agreement = findings["agreement"] else { return 1 }
    return max(1, Set(agreement.rows.indices.map { agreement.text($0, "condition") }).subtracting(["all"]).count)
  }

  private var sections: [ResultSection] {
    charts.compactMap { chart in
      let tables = chart.tables.compactMap { findings[$0] }.filter { !$0.rows.isEmpty }
      // Tables without a figure come at the end, not under a heading that promises one.
      guard conditionCount >= chart.minimumConditions, chart.hasFigure(in: findings) else { return nil }
      let words: Prose = findings.inputs.simulated.isEmpty ? chart.words : "Simulated listeners. " + chart.words
      return ResultSection(
        chart.name, title: chart.title, words: words, tables: tables, isDrawn: library != nil && chart.isPicture)
    }
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

  /// The tables that no section has shown.
  private func rest(after sections: [ResultSection]) -> Markup {
    let shown = Set(sections.flatMap(\.tables).map(\.name)).union(pairsAreShown ? ["all_pairs"] : [])
    let rest = findings.tables.filter { !shown.contains($0.name) && !$0.rows.isEmpty }
    if rest.isEmpty { return "" }
    return """
      <section class="tables" aria-labelledby="tables">
      <h2 id="tables">Tables</h2>
      \(Markup(rest.map { $0.markup }))
      </section>
      """
  }
}
