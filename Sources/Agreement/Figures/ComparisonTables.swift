import Basics
import Reporting
import Statistics

/// Systems against one another, and against single listeners.
struct ComparisonTables {
  let agreement: AgreementTables
  private var sample: Sample { agreement.sample }
  private var study: RatedStudy { agreement.sample.study }
  private var plan: AnalysisPlan { agreement.sample.plan }

  /// Pairs to compare: each system with the baseline, or all pairs where there is no baseline.
  private var pairs: [(Int, Int)] {
    let systems = study.systems.indices
    if let baseline = plan.baseline.flatMap({ study.systems.firstIndex(of: $0) }) {
      return systems.filter { $0 != baseline }.map { ($0, baseline) }
    }
    return systems.flatMap { a in systems.filter { $0 > a }.map { (a, $0) } }
  }

  /// By page, then by system: the primary figure; not-a-number where undefined.
  private func values(_ pages: [RatedStudy.Page], _ plan: AnalysisPlan) -> [[Double]] {
    let figures = PageFigures(study: study, plan: plan)
    return pages.map { page in
      study.systems.indices.map { figures.all(page, $0).values[plan.metric.index] }
    }
  }

  func differences(progress: ProgressHandler? = nil) -> ResultTable {
    paired(
      "differences", "Differences between systems", digits: 3, within: -2...2, progress: progress
    ) { values($0, $1) }
  }

  /// Whose first k listeners rate higher: means of a page's ratings of a system's first k less those of another's, on the
  /// pages that show some of both. A candidate that both put there counts on both sides.
  func ratingDifferences(progress: ProgressHandler? = nil) -> ResultTable {
    let topK = Double(plan.topK), span = study.scale.upperBound - study.scale.lowerBound
    return paired(
      "rating_differences", "Differences of the mean ratings of systems' first \(plan.topK)", digits: 1,
      within: -span...span, progress: progress
    ) { pages, _ in
      pages.map { page in
        let item = study.items[page.item]
        return study.systems.indices.map { system -> Double in
          var sum = 0.0, count = 0.0
          for (candidate, rating) in zip(page.candidates, page.ratings) where item.ranks[system][candidate] <= topK {
            sum += rating
            count += 1
          }
          return count > 0 ? sum / count : .nan
        }
      }
    }
  }

  /// - Parameters:
  ///   - digits: of the differences in the report.
  ///   - bounds: what a difference cannot leave.
  ///   - values: of some pages: by page, then by system; not-a-number where undefined.
  private func paired(
    _ name: String, _ title: String, digits: Int, within bounds: ClosedRange<Double>, progress: ProgressHandler?,
    _ values: ([RatedStudy.Page], AnalysisPlan) -> [[Double]]
  ) -> ResultTable {
    var table = ResultTable(
      name, title,
      [
        .init("condition", "Condition"), .init("system", "System"), .init("baseline", "Less"),
        .init("difference", "Difference", digits: digits), .init("low", "Low", digits: digits),
        .init("high", "High", digits: digits), .init("p", "p", digits: 4),
        .init("p_corrected", "p, corrected", digits: 4), .init("correction", "Correction"),
        .init("pages", "Pages", digits: 0), .init("queries", "Queries", digits: 0),
        .init("p_signs", "p, signs flipped", digits: 4),
      ])
    let pairs = pairs, groups = sample.groups
    if pairs.isEmpty { return table }
    /// By group and pair of systems: the difference on each page that both have.
    func cells(_ pages: [RatedStudy.Page], _ plan: AnalysisPlan) -> [[WeightedCells.Cell]] {
      let values = values(pages, plan)
      return groups.flatMap { group in
        pairs.map { a, b in
          pages.indices.compactMap { i in
            let page = pages[i]
            guard sample.isIn(group.number, page), !values[i][a].isNaN, !values[i][b].isNaN else { return nil }
            return WeightedCells.Cell(
              listener: page.listener, query: study.items[page.item].query, value: values[i][a] - values[i][b])
          }
        }
      }
    }
    let cellsOfAll = cells(sample.pages, plan)
    let resamples = sample.bootstrap(progress: progress) { cells($0, $1) }
    for (g, group) in groups.enumerated() {
      let tests = pairs.indices.map { pair -> PermutationTest? in
        var sums: [Int: (Double, Double)] = [:]
        for cell in cellsOfAll[g * pairs.count + pair] {
          let known = sums[cell.query] ?? (0, 0)
          sums[cell.query] = (known.0 + cell.value, known.1 + 1)
        }
        return PermutationTest.signFlip(
          sums.sorted { $0.key < $1.key }.map { $0.value.0 / $0.value.1 }, permutations: 10_000, seed: plan.seed)
      }
      // Of the interval that stands beside it: 0 lies outside where p is less than 1 − confidence, and only there. Without
      // an interval (of one listener) only the signs tell.
      let intervals = pairs.indices.map { sample.interval(resamples[g * pairs.count + $0], within: bounds) }
      let p = pairs.indices.map { pair -> Double? in
        guard let interval = intervals[pair],
          let level = sample.level(of: 0, resamples[g * pairs.count + pair], by: plan.interval)
        else { return tests[pair]?.twoSided }
        let both = min(1, 2 * min(level, 1 - level)), limit = 1 - plan.confidence
        return interval.contains(0) ? max(both, limit) : min(both, limit.nextDown)
      }
      let corrected = adjusted(p, Correction(rawValue: plan.correction.rawValue) ?? .holm)
      for (pair, systems) in pairs.enumerated() {
        let output = g * pairs.count + pair
        let interval = intervals[pair]
        table.add(
          .text(group.name), .text(study.systems[systems.0]), .text(study.systems[systems.1]),
          Cell(resamples[output].estimate[0]), Cell(interval?.low), Cell(interval?.high), Cell(p[pair]),
          Cell(corrected[pair]), .text(plan.correction.rawValue), .count(cellsOfAll[output].count),
          .count(Set(cellsOfAll[output].map(\.query)).count), Cell(tests[pair]?.twoSided))
      }
    }
    return table
  }

  /// The alternative annotator test of each system, over the listeners' pages.
  var alternativeAnnotator: ResultTable {
    var table = ResultTable(
      "alternative_annotator", "Could a system stand in for a listener?",
      [
        .init("system", "System"), .init("winning_rate", "Winning rate"), .init("advantage", "Advantage probability"),
        .init("epsilon", "Epsilon"), .init("listeners", "Listeners", digits: 0), .init("passes", "Passes"),
      ])
    let effects = ListenerEffects(study, pages: sample.pages).effects
    let measure = sample.measure
    for system in study.systems.indices {
      let pages = sample.ratingPages(system, study.conditions.count, effects: effects)
      let own = pages.scores([sample.scores(system)], measure)[0]
      // By page: its agreement with each other listener's page of the list, and how well the system agrees with those.
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
          // On a grid far finer than any agreement, so that the noise of adding in another order breaks no tie.
          func grid(_ sum: Double) -> Double { (sum / others.count * 0x1p40).rounded() * 0x1p-40 }
          alignments[page.listener].append((grid(others.values), grid(others.agreement)))
        }
        start = end
      }
      guard let test = AlternativeAnnotatorTest(alignments: alignments, epsilon: 0.1, level: plan.alpha) else {
        continue
      }
      table.add(
        .text(study.systems[system]), Cell(test.winningRate), Cell(test.advantage), Cell(test.epsilon),
        .count(test.annotators.count), test.passes.map { .flag($0) } ?? .missing)
    }
    return table
  }
}

extension ResultTable {
  /// Of `rating_differences`: whether listeners prefer what `system` puts first to what the plan's baseline does (or the
  /// baseline's nearest rival, where the system is the baseline itself; or its own, where the plan names no baseline).
  func preferenceSentence(of system: String, condition: String, plan: AnalysisPlan, listeners: Int) -> Prose? {
    struct Comparison { var own: String, other: String, row: Int, sign: Double, difference: Double }
    let comparisons = rows(where: ["condition": condition]).flatMap { row -> [Comparison] in
      guard let difference = number(row, "difference") else { return [] }
      let first = text(row, "system"), second = text(row, "baseline")
      return [
        Comparison(own: first, other: second, row: row, sign: 1, difference: difference),
        Comparison(own: second, other: first, row: row, sign: -1, difference: -difference),
      ]
    }
    let own = comparisons.filter { $0.own == system && $0.other == plan.baseline ?? $0.other }
    let rivals = comparisons.filter { $0.other == system && system == plan.baseline }
    guard
      let found = own.isEmpty || system == plan.baseline
        ? rivals.max(by: { $0.difference < $1.difference }) : own.min(by: { $0.difference < $1.difference }),
      let a = number(found.row, "low"), let b = number(found.row, "high")
    else { return nil }
    let low = found.sign > 0 ? a : -b, high = found.sign > 0 ? b : -a
    let firsts = plan.topK == 1 ? "first sample" : "first \(plan.topK) samples"
    let claim: Prose =
      low > 0
      ? "Listeners rate the \(firsts) of \(found.own) higher than those of \(found.other)"
      : high < 0
        ? "Listeners rate the \(firsts) of \(found.own) lower than those of \(found.other)"
        : "Whether listeners rate the \(firsts) of \(found.own) higher than those of \(found.other) is open"
    return claim
      + ": the mean ratings differ by \(found.difference, digits: 1) (\(plan.confidence * 100, digits: 0) % interval \(low, digits: 1) to \(high, digits: 1); \(listeners) listeners, \(Int(number(found.row, "queries") ?? 0)) queries)."
  }
}
