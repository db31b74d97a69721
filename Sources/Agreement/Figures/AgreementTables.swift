import Basics
import Reporting
import Statistics

/// Agreement, ceilings and what is made of the two: tables from one set of crossed resamples, so that any two figures
/// can be compared resample by resample.
struct AgreementTables {
  let sample: Sample
  let statistic: AgreementStatistic
  let resamples: Redrawn
  /// By page of the sample, then by system: why the page says nothing of the order.
  let reasons: [[PageFigures.Unusable?]]

  private var study: RatedStudy { sample.study }
  private var plan: AnalysisPlan { sample.plan }

  init(_ sample: Sample, progress: ProgressHandler? = nil) {
    self.sample = sample
    statistic = AgreementStatistic(sample.study, pages: sample.pages, plan: sample.plan)
    resamples = sample.bootstrap(statistic, for: .verdictToo, progress: progress)
    let figures = PageFigures(study: sample.study, plan: sample.plan)
    reasons = sample.pages.map { page in sample.study.systems.indices.map { figures.all(page, $0).reason } }
  }

  var layout: AgreementStatistic.Layout { statistic.layout }

  /// Listeners, queries and pages behind an individual figure, and the pages that say nothing.
  func support(_ system: Int, _ group: Int) -> (listeners: Int, queries: Int, pages: Int, leftOut: Int) {
    var listeners = Set<Int>(), queries = Set<Int>(), pages = 0, leftOut = 0
    for (i, page) in sample.pages.enumerated() where sample.isIn(group, page) {
      guard reasons[i][system] == nil else {
        leftOut += 1
        continue
      }
      pages += 1
      listeners.insert(page.listener)
      queries.insert(study.items[page.item].query)
    }
    return (listeners.count, queries.count, pages, leftOut)
  }

  /// What the pages leave unsaid: too few candidates for an order, or no more than the first k.
  var remarks: [Findings.Remark] {
    var found: [Findings.Remark] = []
    let few = study.systems.indices.map { system in
      reasons.count { $0[system] == .tooFew || $0[system] == .notIdentified }
    }
    let isPooled = reasons.contains { $0.contains(.notIdentified) }
    if let most = few.max(), most > 0, let worst = few.firstIndex(of: most) {
      let whose = few.allSatisfy { $0 == most } ? "a system" : study.systems[worst]
      let share = Double(most) / Double(sample.pages.count)
      found.append(
        .init(
          code: "pages_left_out", weight: share >= 0.1 ? .caution : .note,
          what:
            "\(most) of \(sample.pages.count) pages (\(100 * share, digits: 0) %) hold fewer than \(plan.minimumCandidates) candidates on which \(whose) is compared\(isPooled ? ", once what selection by its own order confounds is left aside" : "").",
          meaning:
            "They say nothing of an order and are left out of agreement, not of mean ratings. "
            + (plan.includeReference ? "" : "The hidden reference and the anchor do not count. ")
            + "More candidates a page would mend it; min_candidates in the plan says how few will do.", count: most))
    }
    let whole = sample.pages.count { page in
      let item = study.items[page.item]
      let shown = page.candidates.filter { item.flags[$0].isDisjoint(with: [.reference, .anchor]) }
      return !study.systems.isEmpty
        && study.systems.indices.allSatisfy { system in
          shown.allSatisfy { item.ranks[system][$0] <= Double(plan.topK) }
        }
    }
    if 2 * whole > sample.pages.count {
      found.append(
        .init(
          code: "top_k_is_all", weight: .caution,
          what:
            "On \(whole) of \(sample.pages.count) pages the first \(plan.topK) of every system are all the candidates there are.",
          meaning: "Mean ratings and precision of the first \(plan.topK) are then the same for every system. "
            + "Say a smaller top_k in the plan.", count: whole))
    }
    return found
  }

  var agreement: ResultTable {
    var table = ResultTable(
      "agreement", "Agreement of each system with listeners",
      [
        .init("level", "Level"), .init("condition", "Condition"), .init("system", "System"), .init("metric", "Figure"),
        .init("value", "Value", digits: 3), .init("low", "Low", digits: 3), .init("high", "High", digits: 3),
        .init("low_listeners_only", "Low, listeners only", digits: 3),
        .init("high_listeners_only", "High, listeners only", digits: 3),
        .init("listeners", "Listeners", digits: 0), .init("queries", "Queries", digits: 0),
        .init("pages", "Pages", digits: 0), .init("pages_left_out", "Pages left out", digits: 0),
      ])
    func add(_ level: String, _ group: (number: Int, name: String), _ system: Int, _ metric: AnalysisPlan.Metric) {
      let isIndividual = level == "individual"
      let output =
        isIndividual
        ? layout.individual(system, metric, group.number) : layout.consensus(system, metric, group.number)
      let interval =
        isIndividual
        ? sample.interval(resamples, output, within: metric.bounds(study.scale))
        : sample.standardInterval(resamples.both, output)
      let contrast = resamples.listeners.flatMap {
        isIndividual ? $0.percentile(output, level: plan.confidence) : sample.standardInterval($0, output)
      }
      let support = support(system, group.number)
      table.add(
        .text(level), .text(group.name), .text(study.systems[system]), .text(metric.rawValue),
        Cell(resamples.estimate[output]), Cell(interval?.low), Cell(interval?.high),
        Cell(resamples.estimate[output].isNaN ? nil : contrast?.low),
        Cell(resamples.estimate[output].isNaN ? nil : contrast?.high),
        .count(support.listeners), .count(support.queries), .count(support.pages), .count(support.leftOut))
    }
    for group in sample.groups {
      for system in study.systems.indices {
        for metric in AnalysisPlan.Metric.allCases { add("individual", group, system, metric) }
        for metric in layout.consensus { add("consensus", group, system, metric) }
      }
    }
    return table
  }

  static let ceilingNames: [AgreementStatistic.Ceiling: String] = [
    .single: "single_listener", .crowdLower: "crowd_lower", .crowdUpper: "crowd_upper",
  ]

  var ceilings: ResultTable {
    var table = ResultTable(
      "ceilings", "How well listeners agree with one another",
      [
        .init("condition", "Condition"), .init("systems", "For"), .init("ceiling", "Ceiling"),
        .init("value", "Value", digits: 3), .init("low", "Low", digits: 3), .init("high", "High", digits: 3),
      ])
    for group in sample.groups {
      for coverage in 0..<layout.coverages {
        let systems = study.systems.indices.filter { statistic.coverageOfSystem[$0] == coverage }
        for ceiling in AgreementStatistic.Ceiling.allCases {
          let output = layout.ceiling(coverage, ceiling, group.number)
          let interval =
            ceiling == .single
            ? sample.interval(resamples, output, within: -1...1) : sample.standardInterval(resamples.both, output)
          table.add(
            .text(group.name), .text(systems.map { study.systems[$0] }.joined(separator: ", ")),
            .text(Self.ceilingNames[ceiling] ?? ""), Cell(resamples.estimate[output]), Cell(interval?.low),
            Cell(interval?.high))
        }
      }
    }
    return table
  }

  /// Where systems put the true sample, in their whole rankings.
  var referenceFound: ResultTable {
    var table = ResultTable(
      "reference_found", "Where systems rank the true sample",
      [
        .init("condition", "Condition"), .init("system", "System"), .init("mrr", "Mean reciprocal rank", digits: 3),
        .init("mrr_low", "Low", digits: 3), .init("mrr_high", "High", digits: 3),
        .init("hit_rate", "Among the first \(plan.topK)", digits: 3), .init("hit_low", "Low", digits: 3),
        .init("hit_high", "High", digits: 3),
      ])
    for group in sample.groups {
      for system in study.systems.indices {
        let rank = layout.reference(system, .reciprocalRank, group.number)
        let hit = layout.reference(system, .hit, group.number)
        guard !resamples.estimate[rank].isNaN else { continue }
        let rankInterval = sample.interval(resamples, rank, within: 0...1)
        let hitInterval = sample.interval(resamples, hit, within: 0...1)
        table.add(
          .text(group.name), .text(study.systems[system]), Cell(resamples.estimate[rank]), Cell(rankInterval?.low),
          Cell(rankInterval?.high), Cell(resamples.estimate[hit]), Cell(hitInterval?.low), Cell(hitInterval?.high))
      }
    }
    return table
  }
}
