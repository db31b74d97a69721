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

  /// A chart, its words and the tables behind it. It is included if there is something to show.
  private struct Chart {
    var name: String, title: String, words: Prose, tables: [String]
    /// With fewer conditions than this, there is nothing to show.
    var minimumConditions = 1
    /// Whether the section has a picture in addition to words.
    var isPicture = true

    /// The table and the column that the picture is drawn from.
    var source: (table: String, column: String) {
      switch name {
      case "systems": ("systems", "mean")
      case "system_differences": ("system_differences", "difference")
      case "system_items": ("system_items", "mean")
      case "system_screening": ("system_screening", "mean")
      case "moderators": ("moderators", "difference")
      case "block_differences": ("block_differences", "difference")
      case "order_effects": ("order_effects", "change")
      case "discriminations": ("discriminations", "share")
      case "order_strengths": ("order_strengths", "strength")
      case "likeness": ("likeness", "likeness")
      case "clusters": ("clusters", "height")
      case "preferences": ("preferences", "share")
      case "forest", "classes": ("agreement", "value")
      case "ranks": ("ratings_by_rank", "mean")
      case "queries": ("items", "value")
      case "models": ("mixed_models", "slope")
      case "strengths": ("strengths", "strength")
      case "choices": ("choice_agreement", "agreement")
      case "map": ("map_points", "x")
      case "listeners": ("listeners", "agreement_with_others")
      case "screening": ("screening_sensitivity", "value")
      default: ("design", "listeners")
      }
    }

    /// Whether there is a number to draw.
    func hasFigure(in findings: Findings) -> Bool {
      guard let table = findings[source.table] else { return false }
      let wanted = source.table == "agreement" ? ["level": "individual", "metric": findings.plan.metric.rawValue] : [:]
      return table.rows(where: wanted).contains { table.number($0, source.column) != nil }
    }
  }

  /// Words that say so if queries were resampled too for strengths; otherwise empty.
  private var pooled: String {
    guard let models = findings["choice_models"] else { return "" }
    return models.rows.indices.contains { (models.number($0, "queries") ?? 1) >= Double(ChoiceFindings.fewestQueries) }
      ? " (and queries, where they are pooled)" : ""
  }

  /// What the maps show, and how far to trust them.
  private var mapWords: Prose {
    guard let quality = findings["map_quality"] else { return "" }
    var words: Prose =
      "Listeners hear sounds that lie close together as similar, and sounds far apart as dissimilar; axes and directions have no meaning of their own."
    if findings["map_systems"] != nil {
      words =
        words
        + " Beside it are the maps of the systems that are most similar to it, fitted to the listeners' map: a line leads from a sound's place for listeners to its place for the system."
    }
    let isShown = quality.column("shown")
    for row in quality.rows.indices {
      if let stress = quality.number(row, "stress"), quality.text(row, "method") == "nonmetric" {
        let mark = stress < 0.05 ? "good" : stress < 0.1 ? "fair" : stress < 0.2 ? "rough" : "poor"
        words =
          words
          + (quality.rows[row][isShown] == .flag(true)
            ? " Stress-1 is \(stress, digits: 3), which Kruskal would call \(mark)."
            : " This is the classical map: the non-metric one collapsed groups to points (stress-1 \(stress, digits: 3)), so it shows the groups only.")
      }
      if let held = quality.number(row, "held_out") {
        words =
          words + " The map of triplets predicts \(100 * held, digits: 0) % of held-out answers; chance is 50 %."
      }
    }
    return words
  }

  private var sections: [ResultSection] {
    let plan = findings.plan
    let level = display(plan.confidence * 100, digits: 0)
    let all = [
      Chart(
        name: "block_differences", title: "Differences between blocks",
        words:
          "Each system's figure in one block minus that in another, and how much the difference between two systems changes between the blocks, with \(level) % intervals. Blue: significantly different from 0 after correction over all comparisons of two blocks.",
        tables: ["block_differences", "blocks"]),
      Chart(
        name: "systems", title: "How good the systems are",
        words:
          "Mean score of each system with its \(level) % interval. Systems that share a letter cannot be distinguished. The hidden reference and the anchors, in grey, show how the scale was used.",
        tables: ["systems", "system_means", "system_models", "score_diagnostics"]),
      Chart(
        name: "system_differences", title: "Differences between two systems",
        words:
          "Difference between the mean scores of two systems, on the pages that have both, with its \(level) % interval. Blue: significantly different from 0 after correction over all pairs.\(findings.plan.scoreMargins.isEmpty ? "" : " The band is the margin within which two count as equivalent.")",
        tables: ["system_differences", "system_contrasts", "system_influence"]),
      Chart(
        name: "system_items", title: "Item by item", words: "Mean score of each system on each item.",
        tables: ["system_items", "adjusted_scores"]),
      Chart(
        name: "system_screening", title: "Effect of screening on scores",
        words:
          "Each system's mean score without screening, with the planned rules, by the standard's own rule, and with each rule alone that excludes somebody.",
        tables: ["system_screening", "score_screening", "expertise", "score_listeners"]),
      Chart(
        name: "discriminations", title: "Audible differences",
        words:
          "Share of right answers with its \(level) % interval; the dotted line is guessing. Blue: significantly above guessing after correction.",
        tables: ["discriminations", "discrimination_listeners", "discrimination_spread"]),
      Chart(
        name: "preferences", title: "Preferences",
        words:
          "How often one of two is preferred to the other, ties half, with its \(level) % interval; the dotted line is no preference. Blue: significantly different from it after correction.",
        tables: ["preferences", "choice_order"]),
      Chart(
        name: "forest", title: "Agreement between chance and the ceilings",
        words:
          "Each point is a system's \(plan.metric.title) with single listeners, with its \(level) % interval over listeners and queries. The blue line is what another listener reaches, with its interval; the grey band is what the crowd of the others reaches; the dotted line is no agreement.",
        tables: ["normalised", "ceilings", "chance", "agreement", "pooling"]),
      Chart(
        name: "classes", title: "By class", words: "The same, class by class.", tables: ["differences"],
        minimumConditions: 2),
      Chart(
        name: "ranks", title: "Ratings by system and rank",
        words:
          "Mean rating of the candidates that each system puts first, second and so on, with \(level) % intervals. Later ranks contain only candidates that entered the pool in another way.",
        tables: ["ratings_by_rank", "ratings_by_system", "rating_differences", "reference_found", "reference_places"]),
      Chart(
        name: "queries", title: "Query by query",
        words:
          "Mean \(plan.metric.title) of each system with the listeners of a query; in the last row, of the listeners with one another. Blue: agreement; orange: disagreement.",
        tables: ["items"]),
      Chart(
        name: "models", title: "Ratings by distance",
        words:
          "Each point is the slope of a mixed model: how much ratings change when a system's distance (or rank) grows by its standard deviation, with its \(level) % interval. Left of the dotted line, candidates that are more distant to a system are rated less similar. The pale bar spans one standard deviation of the listeners' own slopes to either side. A hollow point marks a model without random slopes for queries (they did not lower its AIC): its interval generalises to other listeners on these queries, but not to other queries, and even a random order may then seem related.",
        tables: ["mixed_models"]),
      Chart(
        name: "strengths", title: "Which candidates are chosen",
        words:
          "Strength of each candidate in paired choices (Bradley–Terry, log odds about the mean candidate), with its \(level) % interval over listeners\(pooled). A difference of 1 means odds of 2.7 to 1.",
        tables: ["strengths", "choice_models", "choice_pairs"]),
      Chart(
        name: "order_strengths", title: "Strengths in orders",
        words:
          "Strength of each candidate that was ordered (Plackett–Luce, log odds about the mean), with its \(level) % interval. A difference of 1 means that the stronger of two comes before the other with odds of 2.7 to 1.",
        tables: ["order_strengths", "order_models"]),
      Chart(
        name: "likeness", title: "Similarity of pairs",
        words:
          "The most and the least similar pairs, with \(level) % intervals; the table has all. What all names begin or end with is omitted from them.",
        tables: ["likeness", "likeness_agreement", "sortings_by_listener"]),
      Chart(
        name: "clusters", title: "Clusters",
        words:
          "A tree of the sounds: what joins further left is more similar. The dissimilarity of two groups is the mean over their pairs.",
        tables: ["clusters"]),
      Chart(
        name: "choices", title: "Agreement with listeners' choices",
        words:
          "Each point is how often a system orders two candidates as listeners chose, with its \(level) % interval. The blue line is how often two listeners asked the same choose the same, with its interval; the dotted line is chance.",
        tables: ["choice_agreement", "choice_differences"]),
      Chart(
        name: "map", title: "Map of perceived similarity",
        words: mapWords, tables: ["map_quality", "map_systems", "map_points"]),
      Chart(
        name: "listeners", title: "Listeners",
        words:
          "How well each listener agrees with the mean of the others (Spearman ρ, mean over pages), in rising order. Crosses mark listeners excluded by the planned screening.",
        tables: ["listeners", "reliability", "concordance", "alternative_annotator"]),
      Chart(
        name: "screening", title: "Effect of screening",
        words:
          "Each system's \(plan.metric.title) without screening, with the planned rules, and with each rule alone that excludes somebody. No rule uses a system's ranking.",
        tables: ["screening_sensitivity", "screening"]),
      Chart(
        name: "design", title: "Design coverage", words: "How many listeners rated each query.",
        tables: ["design", "precision", "variance"]),
      Chart(
        name: "moderators", title: "Differences between groups of listeners",
        words:
          "Answers of one group of listeners minus those of another, for each system and for all, with \(level) % intervals. Blue: significantly different from 0 after correction over all comparisons of a trait. If there are many comparisons, those closest to significance are drawn; the table has all of them, and whether differences between two systems depend on the group.",
        tables: ["moderators"]),
      Chart(
        name: "order_effects", title: "Effects of trial and position", words: orderWords,
        tables: ["order_effects"], isPicture: false),
    ]
    return all.compactMap { chart in
      let tables = chart.tables.compactMap { findings[$0] }.filter { !$0.rows.isEmpty }
      // Tables without a figure come at the end, not under a heading that promises one.
      guard conditionCount >= chart.minimumConditions, chart.hasFigure(in: findings) else { return nil }
      let words: Prose = findings.inputs.simulated.isEmpty ? chart.words : "Simulated listeners. " + chart.words
      return ResultSection(
        chart.name, title: chart.title, words: words, tables: tables, isDrawn: library != nil && chart.isPicture)
    }
  }

  /// Learning, fatigue and order effects, in one sentence per kind of answers.
  private var orderWords: Prose {
    guard let table = findings["order_effects"] else { return "" }
    let level = findings.plan.confidence * 100
    let kinds = table.rows.indices.map { table.text($0, "answers_to") }
      .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let sentences = kinds.map { name -> Prose in
      let parts = name.split(separator: " ", maxSplits: 1).map(String.init)
      let title = parts.count == 2 ? ScoreTable.Kind(type: parts[0], scale: parts[1]).title : name
      let told = table.rows(where: ["answers_to": name]).compactMap { orderEffect(table, $0) }
      return "\(title): " + told.dropFirst().reduce(told.first ?? "") { $0 + "; " + $1 } + ". "
    }
    return sentences.reduce(
      "Mean change with its \(level, digits: 0) % interval over listeners; significance after correction. ", +)
  }

  private func orderEffect(_ table: ResultTable, _ row: Int) -> Prose? {
    guard let change = table.number(row, "change"), let low = table.number(row, "low"),
      let high = table.number(row, "high")
    else { return nil }
    let effect = table.text(row, "effect"), isTime = effect == "time"
    let isShare = table.text(row, "unit") == OrderEffects.shareUnit
    // A log ratio is shown as a percentage.
    func scaled(_ value: Double) -> Double { isTime ? 100 * (exp(value) - 1) : isShare ? 100 * value : value }
    let digits = isTime || isShare ? 0 : abs(high - low) > 5 ? 1 : 2
    let isTold = (table.number(row, "p_corrected") ?? 1) < 1 - findings.plan.confidence
    let what =
      "\(isTime ? "times" : isShare ? "right answers" : "answers") \(effect == "position" ? "from the top of a page to its end" : "from the first trial to the last")"
    return
      "\(what) \(scaled(change), digits: digits)\(isTime ? " %" : isShare ? " percentage points" : " points") [\(scaled(low), digits: digits), \(scaled(high), digits: digits)]\(isTold ? ", significant" : ", not significant")"
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
