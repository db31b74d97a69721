import Basics
import Pages
import Reporting

/// The findings as one page: first the answer, then the charts that show it, each with its table, then the definitions.
struct EvaluationReport {
  let findings: EvaluationFindings

  init(_ findings: EvaluationFindings) { self.findings = findings }

  var html: String {
    let library = ChartLibrary()
    let evaluation = findings.evaluation
    let page = ResultPage(
      title: "\(evaluation.against): evaluation of retrieval", generator: "Earshot \(findings.version)",
      body: """
        <header>
        <p class="eyebrow">Evaluation of retrieval</p>
        <h1>Which system finds the drum that plays?</h1>
        <p class="eyebrow">\(evaluation.families.count, "system"), \(evaluation.test.mixes.count, "mix"), \(evaluation.test.pool.count, "one-shot")\(evaluation.test.split.map { " (\($0) split)" } ?? "")</p>
        </header>
        <section class="answers" aria-label="The answer">
        \(findings.answers.first.map { "<p class=\"lead\">\(Markup($0))</p>" as Markup } ?? "")
        \(Markup(findings.answers.dropFirst().map { "<p>\(Markup($0))</p>" }))
        \(grid)
        </section>
        \(remarks)
        \(library == nil ? ResultPage.libraryNotice(command: "earshot evaluate") : "")
        \(Markup(sections(isDrawn: library != nil).map(\.markup)))
        \(definitions)
        <footer>Made by Earshot \(findings.version). Every number here is in <code>evaluation.json</code>, every table in a CSV file of its name, and every target with its rank in <code>targets.csv</code>.</footer>
        """, results: findings.jsonText, charts: String(decoding: PackageResources.evaluation_js, as: UTF8.self))
    return page.html(library: library)
  }

  /// The headline table: one row per system, one column per measure.
  private var grid: Markup {
    guard let scores = findings["scores"] else { return "" }
    let shown: [Measure] = [.mrr, .recall1, .recall5, .recall10, .medianRank, .wrongClass]
    func value(_ system: String, _ measure: Measure, _ key: String) -> Double? {
      scores.rows(where: ["system": system, "condition": "all", "measure": measure.rawValue]).first
        .flatMap { scores.number($0, key) }
    }
    let rows = findings.evaluation.families.map { system in
      let cells = shown.map { measure -> Markup in
        let interval: Markup =
          if let low = value(system, measure, "low"), let high = value(system, measure, "high") {
            "<br><span class=\"small\">[\(number: low, digits: 3), \(number: high, digits: 3)]</span>"
          } else { "" }
        return "\(number: value(system, measure, "value") ?? .nan, digits: 3)\(interval)"
      }
      return (head: system, cells: cells)
    }
    let first = findings.evaluation.families.first ?? ""
    let chance = shown.map { "\(number: value(first, $0, "chance") ?? .nan, digits: 3)" as Markup }
    return ResultPage.grid(
      caption: "Means over classes, with 95 % intervals over mixes and instruments", columns: shown.map(\.title),
      rows: rows + [(head: "chance", cells: chance)])
  }

  private var remarks: Markup {
    ResultPage.remarks("Limits of this test", findings.remarks.map { ("caution", "\($0)") })
  }

  private struct Chart {
    var name: String, title: String, words: Prose, tables: [String]
  }

  private func sections(isDrawn: Bool) -> [ResultSection] {
    let all = [
      Chart(
        name: "scores", title: "Which system finds the drum",
        words:
          "MRR of each system by class, with 95 % intervals. The dotted line is chance: the expected score of a random order of the pool.",
        tables: ["scores", "bars"]),
      Chart(
        name: "differences", title: "Against each rival",
        words:
          "MRR of \(findings.evaluation.against) minus that of each rival, on the same targets, with 95 % intervals. Right of the line, \(findings.evaluation.against) is better. If an interval excludes 0, the difference is significant at the 5 % level, without correction for the number of rivals.",
        tables: ["differences"]),
      Chart(
        name: "recall", title: "Recall by number of candidates",
        words: "Share of targets among the first k of the pool, mean over classes. The dotted line is chance.",
        tables: ["recall"]),
      Chart(
        name: "seeds", title: "Runs with different seeds",
        words: "MRR of each run, by class. The dotted line is their mean.",
        tables: ["seeds"]),
      Chart(
        name: "robustness", title: "What makes retrieval hard",
        words:
          "MRR in the lowest, middle and highest third of each circumstance. Thirds are formed within each class.",
        tables: ["robustness", "robustness_differences"]),
      Chart(
        name: "leakage", title: "If the wrong class is asked for",
        words:
          "MRR of the drum of each class (across) when each class is asked for (down), in multiples of chance. A system that distinguishes the classes has high values on the diagonal and low ones elsewhere.",
        tables: ["leakage_summary", "leakage"]),
      Chart(name: "pool", title: "The test", words: "The targets and the pool.", tables: ["pool"]),
    ]
    let drawn: Set = ["scores", "differences", "recall", "seeds", "robustness", "leakage"]
    return all.compactMap { chart in
      let tables = chart.tables.compactMap { findings[$0] }
      guard tables.first?.name == chart.tables[0] else { return nil }
      return ResultSection(
        chart.name, title: chart.title, words: chart.words, tables: tables,
        isDrawn: isDrawn && drawn.contains(chart.name))
    }
  }

  private var definitions: Markup {
    let evaluation = findings.evaluation
    let words = [
      "For every mix and every class each system ranks all one-shots of all classes together. The target is the one-shot that really plays in the mix.",
      "MRR is the mean reciprocal rank of the target; R@k is the share of targets among the first k; the normalised rank goes from 0 (first) to 1 (last); “wrong class” is the share of the first ten that are not of the class asked for. With ties, each figure is its expectation over all orders of the tied one-shots. “All” is the mean over classes. If a system has several runs, its figures are means over them.",
      "Intervals are 95 %: mixes and instruments (groups of one-shots) are resampled with replacement, independently of each other, \(evaluation.resamples) times (seed \(evaluation.seed)); a target counts as often as its mix was drawn, times how often its instrument was drawn. The intervals are percentiles, expanded for few units (mixes or instruments of the class, whichever are fewer). Differences are paired: they use the same resamples. Intervals generalise to other mixes and instruments, not to another training run of a model.",
      "Chance is exact: the expectation of each figure over all orders of the pool.",
    ]
    return """
      <section aria-labelledby="definitions">
      <h2 id="definitions">Definitions</h2>
      \(Markup(words.map { "<p>\($0)</p>" }))
      </section>
      """
  }
}
