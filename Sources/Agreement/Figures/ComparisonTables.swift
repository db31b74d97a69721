import Basics
import Ratings
import Reporting
import Statistics

/// Systems compared with each other, and with single listeners.
struct ComparisonTables {
  let agreement: AgreementTables
  private var sample: Sample { agreement.sample }
  private var study: RatedStudy { agreement.sample.study }
  private var plan: AnalysisPlan { agreement.sample.plan }

  /// The pairs to compare: each system with the baseline, or all pairs if there is no baseline.
  private var pairs: [(Int, Int)] {
    let systems = study.systems.indices
    if let baseline = plan.baseline.flatMap({ study.systems.firstIndex(of: $0) }) {
      return systems.filter { $0 != baseline }.map { ($0, baseline) }
    }
    return systems.flatMap { a in systems.filter { $0 > a }.map { (a, $0) } }
  }

  /// The pairs without the baseline; none if there are too many.
  private var otherPairs: [(Int, Int)] {
    guard let baseline = plan.baseline.flatMap({ study.systems.firstIndex(of: $0) }) else { return [] }
    let systems = study.systems.indices.filter { $0 != baseline }
    let all = systems.flatMap { a in systems.filter { $0 > a }.map { (a, $0) } }
    return all.count > AllPairs.most ? [] : all
  }

  /// The primary figure of each system and the differences between systems, on the candidates on which both are judged.
  func differences(progress: ProgressHandler? = nil) -> (table: ResultTable, all: ResultTable) {
    let (found, all) = paired(
      "differences", "Differences between systems", of: plan.metric.rawValue, digits: 3, within: -2...2,
      progress: progress
    ) { plan in
      let figures = PageFigures(study: study, plan: plan), metric = plan.metric
      return { page, a, b in
        figures.value(metric, page, a, with: b) - figures.value(metric, page, b, with: a)
      }
    }
    var table = found
    guard !table.rows.isEmpty else { return (table, all) }
    table.columns += [
      .init("candidates", "Candidates per page", digits: 1),
      .init("one_only", "Ranked by one only, per page", digits: 1),
    ]
    let figures = PageFigures(study: study, plan: plan), groups = sample.groups, pairs = pairs
    struct Counts { var pages = 0, common = 0, either = 0 }
    var counts = groups.map { _ in Array(repeating: Counts(), count: pairs.count) }
    for page in sample.pages {
      for (pair, (a, b)) in pairs.enumerated() {
        guard !figures.value(plan.metric, page, a, with: b).isNaN, !figures.value(plan.metric, page, b, with: a).isNaN
        else { continue }
        let first = figures.scores[page.item][a], second = figures.scores[page.item][b]
        let common = page.candidates.count { !first[$0].isNaN && !second[$0].isNaN }
        let either = page.candidates.count { !first[$0].isNaN || !second[$0].isNaN }
        for (g, group) in groups.enumerated() where sample.isIn(group.number, page) {
          counts[g][pair].pages += 1
          counts[g][pair].common += common
          counts[g][pair].either += either
        }
      }
    }
    for (row, counts) in counts.joined().enumerated() {
      func mean(_ sum: Int) -> Cell { counts.pages > 0 ? .number(Double(sum) / Double(counts.pages)) : .missing }
      table.rows[row] += [mean(counts.common), mean(counts.either - counts.common)]
    }
    return (table, all)
  }

  /// The differences in ratings between the systems' first k: the mean of a page's ratings of one system's first k
  /// minus that of the other's, over pages that show some of both. A candidate that is among both counts for each.
  func ratingDifferences(progress: ProgressHandler? = nil) -> (table: ResultTable, all: ResultTable) {
    let figures = PageFigures(study: study, plan: plan), span = sample.reach.upperBound - sample.reach.lowerBound
    return paired(
      "rating_differences", "Differences in mean rating of systems' first \(plan.topK)", of: "mean rating",
      digits: study.ratingDigits,
      within: -span...span, progress: progress
    ) { _ in { page, a, b in figures.ofFirst(page, a) { $0 } - figures.ofFirst(page, b) { $0 } } }
  }

  /// The tables of differences: pairs with the baseline, or all pairs if there is none, as one family; and each two
  /// systems over all conditions as another.
  /// - Parameters:
  ///   - figure: the name of the figure that is compared.
  ///   - digits: decimal places of the differences in the report.
  ///   - bounds: the range of possible differences.
  ///   - difference: takes a plan, and returns a function of a page and two systems; NaN if undefined.
  private func paired(
    _ name: String, _ title: String, of figure: String, digits: Int, within bounds: ClosedRange<Double>,
    progress: ProgressHandler?, _ difference: (AnalysisPlan) -> (RatedStudy.Page, Int, Int) -> Double
  ) -> (table: ResultTable, all: ResultTable) {
    var table = ResultTable(
      name, title,
      [
        .init("condition", "Condition"), .init("system", "System"), .init("baseline", "Minus"),
        .init("difference", "Difference", digits: digits), .init("low", "Low", digits: digits),
        .init("high", "High", digits: digits), .init("p", "p", digits: 4),
        .init("p_corrected", "p, corrected", digits: 4), .init("correction", "Correction"),
        .init("pages", "Pages", digits: 0), .init("queries", "Queries", digits: 0),
        .init("p_signs", "p, signs flipped", digits: 4), .init("listeners", "Listeners", digits: 0),
      ])
    let told = pairs.count, pairs = pairs + otherPairs, groups = sample.groups
    var every: [AllPairs.Row] = []
    func all() -> ResultTable {
      AllPairs.table(
        figure, pairs.count > AllPairs.most ? [] : every, digits: digits, correction: plan.correction)
    }
    if pairs.isEmpty { return (table, all()) }
    let means = sample.bootstrap(progress: progress, figures: pairs.count) { plan in
      let difference = difference(plan)
      return { page, pair in
        let value = difference(page, pairs[pair].0, pairs[pair].1)
        return value.isNaN ? (0, 0) : (value, 1)
      }
    }
    for (g, group) in groups.enumerated() {
      let tests = means[g].map { mean in
        PermutationTest.signFlip(
          mean.byQuery.filter { $0.weight > 0 }.map { $0.sum / $0.weight }, permutations: 10_000, seed: plan.seed)
      }
      let claims = pairs.indices.map { claim(means[g][$0].redrawn, within: bounds, signs: tests[$0]) },
        p = claims.map(\.p)
      let corrected = adjusted(Array(p[..<told]), Correction(rawValue: plan.correction.rawValue) ?? .holm)
      for (pair, systems) in pairs.enumerated() {
        let mean = means[g][pair], interval = claims[pair].interval
        every.append(
          .init(
            condition: group.name, system: study.systems[systems.0], baseline: study.systems[systems.1],
            difference: mean.redrawn.estimate[0], interval: interval, p: p[pair]))
        guard pair < told else { continue }
        table.add(
          .text(group.name), .text(study.systems[systems.0]), .text(study.systems[systems.1]),
          Cell(mean.redrawn.estimate[0]), Cell(interval?.low), Cell(interval?.high), Cell(p[pair]),
          Cell(corrected[pair]), .text(plan.correction.rawValue), .count(mean.pages), .count(mean.queries),
          Cell(tests[pair]?.twoSided), .count(mean.listeners))
      }
    }
    return (table, all())
  }

  /// The interval of a difference, and the p-value of the hypothesis that there is none. Nothing is claimed from too
  /// few listeners or queries. In that case, and if there is no interval (a single listener), p is that of the sign
  /// test over queries.
  private func claim(
    _ redrawn: Redrawn, within bounds: ClosedRange<Double>, signs: PermutationTest?
  ) -> (interval: Interval?, p: Double?) {
    guard redrawn.listenerCount >= Verdict.leastListeners, redrawn.queryCount >= Verdict.leastQueries,
      let interval = sample.interval(redrawn, within: bounds)
    else { return (nil, signs?.twoSided) }
    let level = sample.level(of: 0, redrawn, by: plan.interval).map(plan.overAllLooks)
    return (interval, level.map { interval.p(of: 0, level: $0, confidence: plan.confidence) } ?? signs?.twoSided)
  }

  /// Remarks on systems that do not rank the same candidates of a page: what their difference leaves out.
  func remarks(_ differences: ResultTable) -> [Remark] {
    let rows = differences.rows(where: ["condition": sample.groups[0].name])
    guard
      let worst = rows.max(by: { differences.number($0, "one_only") ?? 0 < differences.number($1, "one_only") ?? 0 }),
      let alone = differences.number(worst, "one_only"), alone > 0, let common = differences.number(worst, "candidates")
    else { return [] }
    return [
      .init(
        code: "unlike_candidates", weight: .caution,
        what:
          "\(differences.text(worst, "system")) and \(differences.text(worst, "baseline")) do not rank the same candidates: on average, both rank \(common, digits: 1) candidates per page and only one of them ranks a further \(alone, digits: 1).",
        meaning:
          "Their difference uses the candidates that both rank. Each system's own agreement uses all candidates it ranks, so the two agreements need not differ by that difference.",
        count: rows.count { differences.number($0, "one_only") ?? 0 > 0 })
    ]
  }

  /// The alternative annotator test of each system, over the listeners' pages.
  func alternativeAnnotator(progress: ProgressHandler? = nil) -> ResultTable {
    var table = ResultTable(
      "alternative_annotator", "Alternative annotator test: could a system replace a listener?",
      [
        .init("system", "System"), .init("winning_rate", "Winning rate"), .init("advantage", "Advantage probability"),
        .init("epsilon", "Epsilon"), .init("listeners", "Listeners", digits: 0), .init("passes", "Passes"),
      ])
    let effects = ListenerEffects(study, pages: sample.pages).effects
    let measure = sample.measure
    let tests = pureMap(Array(study.systems.indices), progress: progress) { system -> AlternativeAnnotatorTest? in
      let pages = sample.ratingPages(system, study.conditions.count, effects: effects)
      let own = pages.scores([sample.scores(system)], measure)[0]
      // By listener: for each page, the mean agreement with the other listeners' pages of the same list, and the
      // system's.
      var alignments = Array(repeating: [(model: Double, annotator: Double)](), count: study.listeners.count)
      var start = 0
      while start < pages.pages.count {
        var end = start
        while end < pages.pages.count, pages.pages[end].list == pages.pages[start].list { end += 1 }
        let pagesOfList = Array(pages.pages[start..<end])
        let others =
          plan.metric.order.map {
            PagePairs.withOthers(
              pagesOfList, values: Array(own[start..<end]), strata: pages.lists[pagesOfList[0].list].strata,
              measure: $0,
              minimum: pages.fewest)
          } ?? []
        for (page, others) in zip(pagesOfList, others) where others.count > 0 {
          // Rounded to a grid far finer than any agreement, so that rounding errors of sums in a different order break
          // no tie.
          func grid(_ sum: Double) -> Double { (sum / others.count * 0x1p40).rounded() * 0x1p-40 }
          alignments[page.listener].append((grid(others.values), grid(others.agreement)))
        }
        start = end
      }
      return AlternativeAnnotatorTest(alignments: alignments, epsilon: 0.1, level: plan.alpha)
    }
    for (system, test) in tests.enumerated() {
      guard let test else { continue }
      table.add(
        .text(study.systems[system]), Cell(test.winningRate), Cell(test.advantage), Cell(test.epsilon),
        .count(test.annotators.count), test.passes.map { .flag($0) } ?? .missing)
    }
    return table
  }
}

extension ResultTable {
  /// From `rating_differences`: a sentence on whether listeners prefer what `system` ranks first to what the plan's
  /// baseline does. If the system is the baseline itself, it is compared with its closest rival; if the plan names no
  /// baseline, the system is compared with its own closest rival.
  func preferenceSentence(of system: String, condition: String, plan: AnalysisPlan) -> Prose? {
    struct Comparison { var own: String, other: String, row: Int, sign: Double, difference: Double }
    let comparisons = rows(where: ["condition": condition]).flatMap { row -> [Comparison] in
      guard let difference = number(row, "difference") else { return [] }
      let first = text(row, "system"), second = text(row, "baseline")
      return [
        Comparison(own: first, other: second, row: row, sign: 1, difference: difference),
        Comparison(own: second, other: first, row: row, sign: -1, difference: -difference),
      ]
    }
    // A baseline that is in no comparison does not count as one.
    let baseline = plan.baseline.flatMap { name in comparisons.contains { $0.own == name } ? name : nil }
    let own = comparisons.filter { $0.own == system && $0.other == baseline ?? $0.other }
    let rivals = comparisons.filter { $0.other == system && system == baseline }
    guard
      let found = own.isEmpty || system == baseline
        ? rivals.max(by: { $0.difference < $1.difference }) : own.min(by: { $0.difference < $1.difference })
    else { return nil }
    let digits = columns[column("difference")].digits
    let listeners = Int(number(found.row, "listeners") ?? 0), queries = Int(number(found.row, "queries") ?? 0)
    guard let a = number(found.row, "low"), let b = number(found.row, "high") else {
      return
        "The mean ratings of what \(found.own) and \(found.other) rank first differ by \(found.difference, digits: digits). No conclusion can be drawn from this (\(listeners, "listener"), \(queries, "query"))."
    }
    let low = found.sign > 0 ? a : -b, high = found.sign > 0 ? b : -a
    let firsts = plan.topK == 1 ? "first sample" : "first \(plan.topK) samples"
    let claim: Prose =
      low > 0
      ? "Listeners rate the \(firsts) of \(found.own) higher than those of \(found.other)"
      : high < 0
        ? "Listeners rate the \(firsts) of \(found.own) lower than those of \(found.other)"
        : "It is not settled whether listeners rate the \(firsts) of \(found.own) higher than those of \(found.other)"
    return claim
      + ": the mean ratings differ by \(found.difference, digits: digits) (\(plan.confidence * 100, digits: 0) % interval \(low, digits: digits) to \(high, digits: digits); \(listeners, "listener"), \(queries, "query"))."
  }
}
