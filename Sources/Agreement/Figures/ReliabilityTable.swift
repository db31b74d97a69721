import Basics
import Ratings
import Reporting
import Statistics

/// How consistent the listeners are, by the measures that reviewers ask for.
struct ReliabilityTable {
  let sample: Sample
  let whole: RatedStudy

  /// Ratings as a table of units and raters. Units are candidates of items; a listener's first main page of an item
  /// counts.
  private func ratings(withReference: Bool) -> (table: UnitRatings, queryOfUnit: [Int], itemOfUnit: [Int]) {
    let study = sample.study
    let starts = study.candidateStarts
    var seen = Set<Int>()
    var ratings: [UnitRatings.Rating] = []
    let units = starts.last ?? 0
    for page in sample.pages {
      for (candidate, rating) in zip(page.candidates, page.ratings) {
        let flags = study.items[page.item].flags[candidate]
        guard withReference || flags.isDisjoint(with: [.reference, .anchor]) else { continue }
        let unit = starts[page.item] + candidate
        guard seen.insert(page.listener * units + unit).inserted else { continue }
        ratings.append(.init(rater: page.listener, unit: unit, value: rating))
      }
    }
    // Units that nobody rated are dropped.
    let used = Set(ratings.map(\.unit)).sorted()
    let number = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
    for i in ratings.indices { ratings[i].unit = number[ratings[i].unit] ?? 0 }
    var itemOf = Array(repeating: 0, count: units)
    for item in study.items.indices { for unit in starts[item]..<starts[item + 1] { itemOf[unit] = item } }
    return (
      UnitRatings(raters: study.listeners.count, units: used.count, ratings: ratings),
      used.map { study.items[itemOf[$0]].query }, used.map { itemOf[$0] }
    )
  }

  /// The variance of single ratings by source: `rating = mean + listener + query + candidate of the query + residual`.
  /// Listeners, candidates with their queries, and the residual are estimated by Henderson's third method
  /// (`VarianceComponents`). Candidates and queries are separated by a one-way analysis of variance of the candidates'
  /// means by query, after removing the listeners' effects.
  func variance() -> ResultTable {
    var table = ResultTable(
      "variance", "Sources of variance in ratings",
      [.init("facet", "Facet"), .init("variance", "Variance", digits: 1), .init("share", "Share")])
    let (ratings, queryOfUnit, _) = ratings(withReference: sample.plan.includeReference)
    guard ratings.raters <= 1000, let parts = VarianceComponents(ratings) else { return table }
    let effects = ListenerEffects(sample.study, pages: sample.pages).effects
    var sums = Array(repeating: 0.0, count: ratings.units), counts = sums
    for rating in ratings.ratings {
      sums[rating.unit] += rating.value - effects[rating.rater]
      counts[rating.unit] += 1
    }
    var byQuery: [Int: [Double]] = [:]
    for unit in sums.indices { byQuery[queryOfUnit[unit], default: []].append(sums[unit] / counts[unit]) }
    let means = Array(byQuery.sorted { $0.key < $1.key }.map(\.value)), groups = Double(means.count)
    let all = means.flatMap(\.self), total = Double(all.count)
    guard let grand = mean(all), groups > 1, total > groups else { return table }
    var between = 0.0, within = 0.0, squares = 0.0
    for values in means {
      let own = values.reduce(0, +) / Double(values.count)
      between += Double(values.count) * (own - grand) * (own - grand)
      within += values.reduce(0) { $0 + ($1 - own) * ($1 - own) }
      squares += Double(values.count * values.count)
    }
    let size = (total - squares / total) / (groups - 1)
    let query = max(0, (between / (groups - 1) - within / (total - groups)) / size)
    let components = [
      ("listener", max(0, parts.raters)), ("query", query), ("candidate", max(0, parts.units - query)),
      ("residual", parts.residual),
    ]
    let sum = components.reduce(0) { $0 + $1.1 }
    for (facet, value) in components {
      table.add(.text(facet), .number(value), Cell(sum > 0 ? value / sum : nil))
    }
    return table
  }

  static let columns: [ResultTable.Column] = [
    .init("figure", "Figure"), .init("candidates", "Candidates"), .init("value", "Value", digits: 3),
    .init("low", "Low", digits: 3), .init("high", "High", digits: 3), .init("listeners", "Listeners", digits: 0),
    .init("units", "Units", digits: 0), .init("ratings", "Ratings", digits: 0), .init("definition", "Definition"),
  ]

  func table(progress: ProgressHandler? = nil) -> ResultTable {
    var table = ResultTable("reliability", "How consistent listeners are", Self.columns)
    let hasRoles = sample.study.items.contains { item in
      item.flags.contains { !$0.isDisjoint(with: [.reference, .anchor]) }
    }
    for withReference in hasRoles ? [false, true] : [true] {
      let (ratings, queryOfUnit, itemOfUnit) = ratings(withReference: withReference)
      guard ratings.ratings.count > 2, ratings.units > 1, ratings.raters > 1 else { continue }
      let which = !hasRoles ? "all" : withReference ? "with reference and anchor" : "without reference and anchor"
      func add(_ figure: String, _ value: Double?, _ interval: Interval?, _ definition: String) {
        // If no resample changes a figure, its spread is unknown.
        let interval = interval.flatMap { $0.high - $0.low > 1e-12 ? $0 : nil }
        table.add(
          .text(figure), .text(which), Cell(value), Cell(value == nil ? nil : interval?.low),
          Cell(value == nil ? nil : interval?.high), .count(ratings.raters), .count(ratings.units),
          .count(ratings.ratings.count), .text(definition))
      }
      alphas(ratings, queryOfUnit, progress: withReference ? nil : progress, add)
      intraclass(ratings, queryOfUnit, add)
      concordance(ratings, itemOfUnit, add)
      pairs(ratings, add)
      let half = SplitHalf(ratings, splits: 200, seed: sample.plan.seed)
      let queries = sample.study.queries.count
      let halves = CrossedBootstrap(
        listeners: sample.study.listeners.count, queries: queries, resamples: min(400, sample.plan.resamples),
        seed: sample.plan.seed, factors: .queries
      ).run(SplitHalf.byQueries(ratings, queryOfUnit: queryOfUnit, splits: 40, seed: sample.plan.seed))
      for (output, name, value, words) in [
        (
          0, "split_half", half?.correlation,
          "mean Pearson correlation between the mean ratings of random halves of the listeners"
        ),
        (
          1, "split_half_stepped_up", half?.reliability,
          sample.study.listeners.count % 2 == 0
            ? "the same stepped up to all listeners, by the Spearman–Brown formula"
            : "the same stepped up to all listeners, by Horst's formula for unequal halves"
        ),
      ] {
        let t = queries > 1 ? StudentT(Double(queries - 1)).quantile((1 + sample.plan.confidence) / 2) : nil
        var interval: Interval?
        if let value, let t, let error = halves.standardError(output) {
          interval = Interval(low: max(-1, value - t * error), high: min(1, value + t * error))
        }
        add(name, value, interval, words + "; interval: resampling queries")
      }
    }
    retest(&table)
    return table
  }

  private typealias Add = (String, Double?, Interval?, String) -> Void

  private func alphas(
    _ ratings: UnitRatings, _ queryOfUnit: [Int], progress: ProgressHandler?, _ add: Add
  ) {
    // Ratios are meaningful only with a true zero.
    let withRatio: [KrippendorffAlpha.Metric] = ratings.ratings.allSatisfy { $0.value >= 0 } ? [.ratio] : []
    for metric in [.interval, .ordinal, .nominal] + withRatio {
      let alpha = KrippendorffAlpha(ratings, metric, queryOfUnit: queryOfUnit)
      let resamples = sample.bootstrap(
        alpha, resamples: min(sample.plan.resamples, 1000, max(200, 100_000_000 / ratings.ratings.count)),
        progress: progress)
      add(
        "krippendorff_alpha_\(metric.rawValue)", alpha.value,
        sample.interval(resamples, within: -Double.infinity...1),
        "Krippendorff's alpha over candidates of items, \(metric.rawValue) metric")
    }
  }

  private func intraclass(_ ratings: UnitRatings, _ queryOfUnit: [Int], _ add: Add) {
    // Listeners and queries are resampled as everywhere, and each resample makes its own table, since candidates of one
    // query are more alike than others; analysis-of-variance intervals treat them as independent. Each resample solves
    // equations in the number of listeners, which takes too long with very many.
    let hasQueries = Set(queryOfUnit).count > 1, isClustered = hasQueries && ratings.raters <= 400
    let parts = VarianceComponents(ratings)
    let resamples =
      isClustered && parts != nil
      ? sample.bootstrap(componentResamples(ratings, queryOfUnit), resamples: 100, for: .standardErrorOnly) : nil
    func drawn(_ output: Int) -> Interval? { resamples.flatMap { sample.standardInterval($0, output) } }
    if let six = Intraclasses(ratings, level: sample.plan.confidence) {
      for (output, (name, figure, words)) in [
        ("icc_1_1", six.oneWaySingle, "one-way, one rating"), ("icc_a_1", six.agreementSingle, "agreement, one rating"),
        ("icc_c_1", six.consistencySingle, "consistency, one rating"),
        ("icc_1_k", six.oneWayAverage, "one-way, mean of all ratings"),
        ("icc_a_k", six.agreementAverage, "agreement, mean of all ratings"),
        ("icc_c_k", six.consistencyAverage, "consistency, mean of all ratings"),
      ].enumerated() {
        add(
          name, figure.value, isClustered ? drawn(output) : hasQueries ? nil : figure.interval,
          "intraclass correlation: \(words) (complete data); interval: "
            + (isClustered
              ? "resampling listeners and queries"
              : hasQueries
                ? "none for more than 400 listeners" : "analysis of variance over the candidates of one query"))
      }
      return
    }
    guard let parts else { return }
    for (output, figure) in Self.componentFigures.enumerated() {
      add(
        figure.name, figure.value(parts), drawn(output),
        "intraclass correlation from variance components: \(figure.words)")
    }
  }

  private typealias ComponentFigure = (
    name: String, words: String, value: @Sendable (VarianceComponents) -> Double?
  )

  private static let componentFigures: [ComponentFigure] = [
    ("icc_1_1", "one-way, one rating", { $0.oneWay }), ("icc_a_1", "agreement, one rating", { $0.agreement }),
    ("icc_c_1", "consistency, one rating", { $0.consistency }),
    ("icc_1_k", "one-way, mean of a unit's ratings", { $0.oneWay() }),
    ("icc_a_k", "agreement, mean of a unit's ratings", { $0.agreement() }),
    ("icc_c_k", "consistency, mean of a unit's ratings", { $0.consistency() }),
  ]

  /// A listener who is drawn twice is two raters, and the units of a query that is drawn twice occur twice.
  private func componentResamples(_ ratings: UnitRatings, _ queryOfUnit: [Int]) -> FunctionStatistic {
    let units = ratings.units
    return FunctionStatistic(outputs: Self.componentFigures.count) { weights in
      var raters = 0, firstRater: [Int] = []
      for weight in weights.listeners {
        firstRater.append(raters)
        raters += Int(weight)
      }
      let most = Int(weights.queries.max() ?? 1)
      var drawn: [UnitRatings.Rating] = []
      for rating in ratings.ratings {
        for copy in 0..<Int(weights.listeners[rating.rater]) {
          for again in 0..<Int(weights.queries[queryOfUnit[rating.unit]]) {
            drawn.append(
              .init(rater: firstRater[rating.rater] + copy, unit: again * units + rating.unit, value: rating.value))
          }
        }
      }
      guard raters > 1,
        let parts = VarianceComponents(
          UnitRatings(raters: raters, units: most * units, ratings: drawn))
      else { return Self.componentFigures.map { _ in nil } }
      return Self.componentFigures.map { $0.value(parts) }
    }
  }

  private typealias ItemConcordance = (item: Int, listeners: Int, units: Int, found: Concordance)

  /// Kendall's W and Friedman's test for the items whose listeners all rated the same candidates.
  private func concordances(_ ratings: UnitRatings, _ itemOfUnit: [Int]) -> [ItemConcordance] {
    var byItem: [Int: [UnitRatings.Rating]] = [:]
    for rating in ratings.ratings { byItem[itemOfUnit[rating.unit], default: []].append(rating) }
    return byItem.sorted(by: { $0.key < $1.key }).compactMap { item, list in
      let raters = Set(list.map(\.rater)).sorted(), units = Set(list.map(\.unit)).sorted()
      guard list.count == raters.count * units.count, units.count > 2 else { return nil }
      var rows = Array(repeating: [Double?](repeating: nil, count: units.count), count: raters.count)
      let raterNumber = Dictionary(uniqueKeysWithValues: raters.enumerated().map { ($1, $0) })
      let unitNumber = Dictionary(uniqueKeysWithValues: units.enumerated().map { ($1, $0) })
      for rating in list { rows[raterNumber[rating.rater] ?? 0][unitNumber[rating.unit] ?? 0] = rating.value }
      return Concordance(UnitRatings(rows)).map { (item, raters.count, units.count, $0) }
    }
  }

  /// Kendall's W and Friedman's test, item by item, on the candidates that agreement is computed on.
  func concordanceTable() -> ResultTable {
    var table = ResultTable(
      "concordance", "Concordance of listeners by query",
      [
        .init("query", "Query"), .init("condition", "Condition"), .init("listeners", "Listeners", digits: 0),
        .init("candidates", "Candidates", digits: 0), .init("kendall_w", "Kendall's W", digits: 3),
        .init("chi_squared", "Friedman's χ²"), .init("degrees_of_freedom", "Degrees of freedom", digits: 0),
        .init("p", "p", digits: 4), .init("p_corrected", "p, corrected", digits: 4), .init("correction", "Correction"),
      ])
    let (ratings, _, itemOfUnit) = ratings(withReference: sample.plan.includeReference)
    let found = concordances(ratings, itemOfUnit), plan = sample.plan
    let corrected = adjusted(found.map(\.found.p), Correction(rawValue: plan.correction.rawValue) ?? .holm)
    for (item, p) in zip(found, corrected) {
      let place = sample.study.items[item.item]
      table.add(
        .text(sample.study.queries[place.query]), .text(sample.study.conditionName(place.condition)),
        .count(item.listeners), .count(item.units), .number(item.found.w), .number(item.found.chiSquared),
        .count(item.found.degreesOfFreedom), .number(item.found.p), Cell(p), .text(plan.correction.rawValue))
    }
    return table
  }

  private func concordance(_ ratings: UnitRatings, _ itemOfUnit: [Int], _ add: Add) {
    let found = concordances(ratings, itemOfUnit), study = sample.study
    // Copies of a listener would agree with each other, so only queries are resampled.
    let cells = found.map {
      WeightedCells.Cell(listener: 0, query: study.items[$0.item].query, value: $0.found.w)
    }
    let drawn = CrossedBootstrap(
      listeners: study.listeners.count, queries: study.queries.count, resamples: min(2000, sample.plan.resamples),
      seed: sample.plan.seed, factors: .queries
    ).run(WeightedCells([cells]))
    let queries = Set(cells.map(\.query)).count
    add(
      "kendall_w", mean(found.map(\.found.w)),
      Sample.standardInterval(drawn, units: queries, level: sample.plan.confidence, within: 0...1),
      "Kendall's W with ties, mean over \(found.count, "item") that their listeners rated completely; interval: resampling queries"
    )
    let clear = found.count { $0.found.p < sample.plan.alpha }
    add(
      "friedman_share", found.isEmpty ? nil : Double(clear) / Double(found.count),
      Interval.wilson(Double(clear) / Double(max(1, found.count)), of: found.count, level: sample.plan.confidence),
      "share of these items for which Friedman's test finds differences between candidates (p < \(sample.plan.alpha), uncorrected), with Wilson's interval; see table concordance"
    )
  }

  /// The mean agreement of two listeners over all that both rated, across queries.
  ///
  /// If there are more than `mostPaired` listeners, a random subset of that size is used, and the definition says so.
  private func pairs(_ whole: UnitRatings, _ add: Add) {
    let ratings = drawn(whole)
    let of =
      ratings.raters < whole.raters ? " of \(ratings.raters, "listener") drawn at random from \(whole.raters)" : ""
    let least = sample.plan.minimumCandidates
    for (metric, words) in [
      (AnalysisPlan.Metric.spearman, "Spearman correlation"), (.kendallTauB, "Kendall's tau-b"),
    ] {
      let found = pairAgreements(ratings) { a, b in
        a.count < least ? nil : PageFigures.symmetric(metric, a, b)
      }
      let cells = found.map { WeightedCells.Cell(listener: $0.first, other: $0.second, query: 0, value: $0.value) }
      let drawn = CrossedBootstrap(
        listeners: ratings.raters, queries: 1, resamples: min(2000, sample.plan.resamples), seed: sample.plan.seed,
        factors: .listeners
      ).run(WeightedCells([cells]))
      let listeners = Set(found.flatMap { [$0.first, $0.second] }).count
      add(
        "listeners_\(metric.rawValue)", mean(found.map(\.value)),
        listeners < 3
          ? nil : Sample.standardInterval(drawn, units: listeners, level: sample.plan.confidence, within: -1...1),
        "\(words) of two listeners over all candidates that both rated, mean over \(found.count, "pair")\(of); interval: resampling listeners"
      )
    }
  }

  /// The largest number of listeners for which all pairs are compared.
  private static let mostPaired = 400

  /// The table, or a random subset of `mostPaired` of its raters.
  private func drawn(_ table: UnitRatings) -> UnitRatings {
    guard table.raters > Self.mostPaired else { return table }
    var random = SeededRandom(seed: sample.plan.seed, "paired listeners")
    let kept = random.shuffled(Array(0..<table.raters)).prefix(Self.mostPaired).sorted()
    let number = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    return UnitRatings(
      raters: kept.count, units: table.units,
      ratings: table.ratings.compactMap { rating in
        number[rating.rater].map { .init(rater: $0, unit: rating.unit, value: rating.value) }
      })
  }

  /// The first and second ratings of the same candidates, on main pages and their repeats.
  private func repeated() -> RepeatedRatings {
    struct Key: Hashable { var listener: Int, item: Int }
    var first: [Key: RatedStudy.Page] = [:]
    let kept = Set(sample.study.listeners)
    for page in whole.pages where page.isMain { first[Key(listener: page.listener, item: page.item)] = page }
    var found = RepeatedRatings(), listeners = Numbering()
    for page in whole.pages where page.flags == [.repeated] && kept.contains(whole.listeners[page.listener]) {
      guard let before = first[Key(listener: page.listener, item: page.item)] else { continue }
      let (left, right) = Screening.sharedRatings(before, page)
      found.first += left
      found.second += right
      found.owners += left.map { _ in listeners.number(page.listener) }
    }
    found.listeners = listeners.count
    return found
  }

  private func retest(_ table: inout ResultTable) {
    let ratings = repeated(), count = ratings.listeners
    guard let retest = Retest(first: ratings.first, second: ratings.second) else { return }
    let own = ratings.correlations(fewest: sample.plan.minimumCandidates)
    @Sendable func figures(_ retest: Retest?, _ weights: (Int) -> Double) -> [Double?] {
      [
        RepeatedRatings.mean(own, weights), retest?.spearman, retest?.pearson, retest?.agreement,
        retest?.withinDeviation,
      ]
    }
    let statistic = FunctionStatistic(outputs: 5) { weights in
      figures(ratings.drawn { Int(weights.listeners[$0]) }, { Double(weights.listeners[$0]) })
    }
    let estimates = figures(retest, { _ in 1 })
    let resamples = CrossedBootstrap(
      listeners: count, queries: 1,
      resamples: min(sample.plan.resamples, 1000, max(200, 10_000_000 / ratings.first.count)),
      seed: sample.plan.seed, factors: .listeners
    ).run(statistic)
    for (output, (name, words)) in [
      (
        "retest_spearman",
        "Spearman correlation of a listener's first and second ratings, mean over \(own.count { $0 != nil }, "listener")"
      ),
      (
        "retest_spearman_pooled",
        "Spearman correlation of first and second ratings, pooled over listeners (raised by differences in how listeners use the scale)"
      ),
      ("retest_pearson", "Pearson correlation of first and second ratings, pooled over listeners"),
      ("retest_agreement", "ICC(A,1) of first and second ratings, pooled over listeners"),
      ("retest_deviation", "standard deviation of a rating about the mean of its repeats, in scale units"),
    ].enumerated() {
      let interval = Sample.standardInterval(
        resamples, output, units: count, level: sample.plan.confidence,
        within: output == 4 ? 0...Double.infinity : -1...1)
      table.add(
        .text(name), .text("repeats"), Cell(estimates[output]), Cell(interval?.low), Cell(interval?.high),
        .count(count), .count(retest.pairs), .count(2 * retest.pairs), .text(words + "; interval: resampling listeners")
      )
    }
  }
}

/// Ratings that were given twice, in one list, with their listeners.
private struct RepeatedRatings {
  var first: [Double] = [], second: [Double] = []
  /// By pair: its listener; and the number of listeners.
  var owners: [Int] = [], listeners = 0

  /// Each listener's retest correlation; nil for those with too few repeats or without variation.
  func correlations(fewest: Int) -> [Double?] {
    (0..<listeners).map { listener -> Double? in
      let places = owners.indices.filter { owners[$0] == listener }
      return places.count < fewest ? nil : spearman(places.map { first[$0] }, places.map { second[$0] })
    }
  }

  static func mean(_ correlations: [Double?], _ weights: (Int) -> Double) -> Double? {
    var sum = 0.0, total = 0.0
    for (listener, value) in correlations.enumerated() {
      guard let value else { continue }
      sum += weights(listener) * value
      total += weights(listener)
    }
    return total > 0 ? sum / total : nil
  }

  /// The pairs of each listener, repeated as often as the listener was drawn.
  func drawn(_ times: (Int) -> Int) -> Retest? {
    let drawn = owners.indices.flatMap { Array(repeating: $0, count: times(owners[$0])) }
    return Retest(first: drawn.map { first[$0] }, second: drawn.map { second[$0] })
  }
}

extension ResultTable {
  /// From `reliability`: how well listeners agree with each other, as a sentence that can be continued; nil without a
  /// row for it.
  func agreementSentence(of listeners: Int, confidence: Double) -> Prose? {
    guard let alpha = rows(where: ["figure": "krippendorff_alpha_interval"]).first else { return nil }
    let who: Prose = "\(listeners, "listener")"
    guard let value = number(alpha, "value") else {
      return "How well " + who
        + " agree with one another cannot be estimated: no two rated the same candidate, or all ratings are equal"
    }
    let interval: Prose =
      if let low = number(alpha, "low"), let high = number(alpha, "high") {
        "\(confidence * 100, digits: 0) % interval \(low) to \(high)"
      } else { "no interval: nothing to resample, or nothing varies" }
    return who + " agree with one another with a Krippendorff alpha of \(value) (" + interval + ")"
  }
}
