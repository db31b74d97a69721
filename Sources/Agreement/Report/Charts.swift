import Foundation
import Reporting

/// A chart of the report, its words and the tables behind it.
struct Chart {
  var name: String
  /// The table and the column that the picture is drawn from.
  var source: (table: String, column: String)
  var title: String, words: Prose
  var tables: [String]
  /// With fewer conditions than this, there is nothing to show.
  var minimumConditions = 1
  /// Whether the section has a picture in addition to words.
  var isPicture = true

  /// Whether there is a number to draw.
  func hasFigure(in findings: Findings) -> Bool {
    guard let table = findings[source.table] else { return false }
    let wanted = source.table == "agreement" ? ["level": "individual", "metric": findings.plan.metric.rawValue] : [:]
    return table.rows(where: wanted).contains { table.number($0, source.column) != nil }
  }
}

extension Report {
  /// All charts in the order of the page. Those without a number are left out there.
  ///
  /// In one piece: a list.
  var charts: [Chart] {
    let plan = findings.plan
    let level = display(plan.confidence * 100, digits: 0)
    return [
      Chart(
        name: "block_differences", source: ("block_differences", "difference"), title: "Differences between blocks",
        words:
          "Each system's figure in one block minus that in another, and how much the difference between two systems changes between the blocks, with \(level) % intervals. Blue: significantly different from 0 after correction over all comparisons of two blocks.",
        tables: ["block_differences", "blocks"]),
      Chart(
        name: "systems", source: ("systems", "mean"), title: "How good the systems are",
        words:
          "Mean score of each system with its \(level) % interval. Systems that share a letter cannot be distinguished. The hidden reference and the anchors, in grey, show how the scale was used.",
        tables: ["systems", "system_means", "system_models", "score_diagnostics"]),
      Chart(
        name: "system_differences", source: ("system_differences", "difference"),
        title: "Differences between two systems",
        words:
          "Difference between the mean scores of two systems, on the pages that have both, with its \(level) % interval. Blue: significantly different from 0 after correction over all pairs.\(findings.plan.scoreMargins.isEmpty ? "" : " The band is the margin within which two count as equivalent.")",
        tables: ["system_differences", "system_contrasts", "system_influence"]),
      Chart(
        name: "system_items", source: ("system_items", "mean"), title: "Item by item",
        words: "Mean score of each system on each item.",
        tables: ["system_items", "adjusted_scores"]),
      Chart(
        name: "system_screening", source: ("system_screening", "mean"), title: "Effect of screening on scores",
        words:
          "Each system's mean score without screening, with the planned rules, by the standard's own rule, and with each rule alone that excludes somebody.",
        tables: ["system_screening", "score_screening", "expertise", "score_listeners"]),
      Chart(
        name: "discriminations", source: ("discriminations", "share"), title: "Audible differences",
        words:
          "Share of right answers with its \(level) % interval; the dotted line is guessing. Blue: significantly above guessing after correction.",
        tables: ["discriminations", "discrimination_listeners", "discrimination_spread"]),
      Chart(
        name: "preferences", source: ("preferences", "share"), title: "Preferences",
        words:
          "How often one of two is preferred to the other, ties half, with its \(level) % interval; the dotted line is no preference. Blue: significantly different from it after correction.",
        tables: ["preferences", "choice_order"]),
      Chart(
        name: "forest", source: ("agreement", "value"), title: "Agreement between chance and the ceilings",
        words:
          "Each point is a system's \(plan.metric.title) with single listeners, with its \(level) % interval over listeners and queries. The blue line is what another listener reaches, with its interval; the grey band is what the crowd of the others reaches; the dotted line is no agreement.",
        tables: ["normalised", "ceilings", "chance", "agreement", "pooling"]),
      Chart(
        name: "classes", source: ("agreement", "value"), title: "By class", words: "The same, class by class.",
        tables: ["differences"],
        minimumConditions: 2),
      Chart(
        name: "ranks", source: ("ratings_by_rank", "mean"), title: "Ratings by system and rank",
        words:
          "Mean rating of the candidates that each system puts first, second and so on, with \(level) % intervals. Later ranks contain only candidates that entered the pool in another way.",
        tables: ["ratings_by_rank", "ratings_by_system", "rating_differences", "reference_found", "reference_places"]),
      Chart(
        name: "queries", source: ("items", "value"), title: "Query by query",
        words:
          "Mean \(plan.metric.title) of each system with the listeners of a query; in the last row, of the listeners with one another. Blue: agreement; orange: disagreement.",
        tables: ["items"]),
      Chart(
        name: "models", source: ("mixed_models", "slope"), title: "Ratings by distance",
        words:
          "Each point is the slope of a mixed model: how much ratings change when a system's distance (or rank) grows by its standard deviation, with its \(level) % interval. Left of the dotted line, candidates that are more distant to a system are rated less similar. The pale bar spans one standard deviation of the listeners' own slopes to either side. A hollow point marks a model without random slopes for queries (they did not lower its AIC): its interval generalises to other listeners on these queries, but not to other queries, and even a random order may then seem related.",
        tables: ["mixed_models"]),
      Chart(
        name: "strengths", source: ("strengths", "strength"), title: "Which candidates are chosen",
        words:
          "Strength of each candidate in paired choices (Bradley–Terry, log odds about the mean candidate), with its \(level) % interval over listeners\(pooled). A difference of 1 means odds of 2.7 to 1.",
        tables: ["strengths", "choice_models", "choice_pairs"]),
      Chart(
        name: "order_strengths", source: ("order_strengths", "strength"), title: "Strengths in orders",
        words:
          "Strength of each candidate that was ordered (Plackett–Luce, log odds about the mean), with its \(level) % interval. A difference of 1 means that the stronger of two comes before the other with odds of 2.7 to 1.",
        tables: ["order_strengths", "order_models"]),
      Chart(
        name: "likeness", source: ("likeness", "likeness"), title: "Similarity of pairs",
        words:
          "The most and the least similar pairs, with \(level) % intervals; the table has all. What all names begin or end with is omitted from them.",
        tables: ["likeness", "likeness_agreement", "sortings_by_listener"]),
      Chart(
        name: "clusters", source: ("clusters", "height"), title: "Clusters",
        words:
          "A tree of the sounds: what joins further left is more similar. The dissimilarity of two groups is the mean over their pairs.",
        tables: ["clusters"]),
      Chart(
        name: "choices", source: ("choice_agreement", "agreement"), title: "Agreement with listeners' choices",
        words:
          "Each point is how often a system orders two candidates as listeners chose, with its \(level) % interval. The blue line is how often two listeners asked the same choose the same, with its interval; the dotted line is chance.",
        tables: ["choice_agreement", "choice_differences"]),
      Chart(
        name: "map", source: ("map_points", "x"), title: "Map of perceived similarity",
        words: mapWords, tables: ["map_quality", "map_systems", "map_points"]),
      Chart(
        name: "listeners", source: ("listeners", "agreement_with_others"), title: "Listeners",
        words:
          "How well each listener agrees with the mean of the others (Spearman ρ, mean over pages), in rising order. Crosses mark listeners excluded by the planned screening.",
        tables: ["listeners", "reliability", "concordance", "alternative_annotator"]),
      Chart(
        name: "screening", source: ("screening_sensitivity", "value"), title: "Effect of screening",
        words:
          "Each system's \(plan.metric.title) without screening, with the planned rules, and with each rule alone that excludes somebody. No rule uses a system's ranking.",
        tables: ["screening_sensitivity", "screening"]),
      Chart(
        name: "design", source: ("design", "listeners"), title: "Design coverage",
        words: "How many listeners rated each query.",
        tables: ["design", "precision", "variance"]),
      Chart(
        name: "moderators", source: ("moderators", "difference"), title: "Differences between groups of listeners",
        words:
          "Answers of one group of listeners minus those of another, for each system and for all, with \(level) % intervals. Blue: significantly different from 0 after correction over all comparisons of a trait. If there are many comparisons, those closest to significance are drawn; the table has all of them, and whether differences between two systems depend on the group.",
        tables: ["moderators"]),
      Chart(
        name: "order_effects", source: ("order_effects", "change"), title: "Effects of trial and position",
        words: orderWords,
        tables: ["order_effects"], isPicture: false),
    ]
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
}
