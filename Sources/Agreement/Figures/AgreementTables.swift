import Basics
import Ratings
import Reporting
import Statistics

/// Agreement, ceilings and what is derived from both. All come from the same crossed resamples, so any two figures of a
/// system and group can be compared resample by resample.
///
/// If a system or a condition is supported by fewer listeners or queries than the study has, its figures are resampled
/// from those alone: a figure from four queries is as uncertain in one of six conditions as in a study with only four
/// queries.
struct AgreementTables {
  let sample: Sample
  let statistic: AgreementStatistic
  /// By support; and by group, then by system, the numbers of its supports.
  private let parts: [Redrawn]
  private let partOf: [Int: [Own]]
  /// By page of the sample, then by system: why the page has no agreement of order; nil if it has.
  let reasons: [[PageFigures.Unusable?]]
  /// By page of the sample, then by system: the figures that the page has, one bit each.
  private let defined: [[UInt32]]
  /// By system: the items in which its order is compared with averaged ratings.
  private let averaged: [Set<Int>]

  /// The numbers of the supports of a system's figures: its order, its first k, averaged ratings, and its rank of the
  /// reference.
  private struct Own { var order: Int, first: Int, consensus: Int, reference: Int }

  enum Kind { case order, first, consensus, reference }

  /// Resamples of figures of averaged ratings: enough for a standard error accurate to about 2 %.
  private static let averagedResamples = 1000

  private var study: RatedStudy { sample.study }
  private var plan: AnalysisPlan { sample.plan }

  /// - Parameters:
  ///   - resamples: a smaller number than the plan's; nil for the plan's.
  ///   - ceilings: whether to compute the ceilings, what is compared with them, and figures of averaged ratings.
  init(_ sample: Sample, resamples: Int? = nil, ceilings: Bool = true, progress: ProgressHandler? = nil) {
    self.sample = sample
    let study = sample.study
    let ofPages = FiguresOfPages(sample.pages, study: study, plan: sample.plan), systems = study.systems.indices
    let whole = AgreementStatistic(
      study, pages: sample.pages, figures: ofPages, plan: sample.plan, ceilings: ceilings)
    statistic = whole
    let reasons = sample.pages.indices.map { page in systems.map { ofPages.reason(page, $0) } }
    let defined = sample.pages.indices.map { page in systems.map { ofPages.defined(page, $0) } }
    (self.reasons, self.defined) = (reasons, defined)
    func support(_ pages: [Int]) -> Support {
      Support(
        listeners: Set(pages.map { sample.pages[$0].listener }),
        queries: Set(pages.map { study.items[sample.pages[$0].item].query }))
    }
    let ofItems = study.systems.indices.map(statistic.itemsOfAveraged)
    averaged = ofItems.map(\.consensus)
    var supports = Supports(), partOf: [Int: [Own]] = [:]
    _ = supports.number(support(Array(sample.pages.indices)))
    for group in sample.groups {
      let pages = sample.pages.indices.filter { sample.isIn(group.number, sample.pages[$0]) }
      // Figures without any page are resampled with the whole sample, and stay undefined.
      let whole = pages.isEmpty ? 0 : supports.number(support(pages))
      partOf[group.number] = study.systems.indices.map { system in
        func number(_ usable: [Int]) -> Int { usable.isEmpty ? whole : supports.number(support(usable)) }
        func number(of items: Set<Int>) -> Int { number(pages.filter { items.contains(sample.pages[$0].item) }) }
        let first = number(pages.filter { defined[$0][system] & Self.bit(.topRating) != 0 })
        let consensus = number(of: ofItems[system].consensus), reference = number(of: ofItems[system].reference)
        return Own(
          order: number(pages.filter { reasons[$0][system] == nil }), first: first, consensus: consensus,
          reference: reference)
      }
    }
    self.partOf = partOf
    let count = supports.all.count, ofWhole = whole.ofSample
    parts = supports.all.enumerated().map { done, support in
      let part = sample.restricted(listeners: support.listeners, queries: support.queries)
      // A support as large as the sample is the sample itself.
      var redrawn = Self.redrawn(
        part, known: part.pages.count == sample.pages.count ? whole : nil, resamples: resamples, ceilings: ceilings
      ) { progress?(done * $1 + $0, count * $1) }
      // Estimates come from the whole sample; the part only says how much they vary.
      for (output, value) in ofWhole.enumerated() where !(abs(value - redrawn.both.estimate[output]) < 1e-9) {
        redrawn.both.estimate[output] = value
      }
      redrawn.candidates = part.withoutCandidates(redrawn.estimate) {
        AgreementStatistic(part.study, pages: $0, plan: $1, ceilings: ceilings).ofSample
      }
      return redrawn
    }
  }

  /// The figures of a part of the sample, with resamples of that part.
  /// - Parameter known: the part's statistic; nil to create it.
  private static func redrawn(
    _ part: Sample, known: AgreementStatistic?, resamples: Int?, ceilings: Bool, progress: @escaping ProgressHandler
  ) -> Redrawn {
    let statistic = known ?? AgreementStatistic(part.study, pages: part.pages, plan: part.plan, ceilings: ceilings)
    var redrawn = part.bootstrap(
      statistic.only(.single), resamples: resamples, for: ceilings ? .verdictToo : .interval, progress: progress)
    guard ceilings else { return redrawn }
    // Of averaged ratings only the spread is used, for which fewer resamples are enough.
    let fewer = min(resamples ?? part.plan.resamples, averagedResamples)
    redrawn.take(
      statistic.layout.averaged,
      from: part.bootstrap(statistic.only([.consensus, .crowd]), resamples: fewer, for: .standardErrorOnly),
      listeners: redrawn.listeners == nil ? nil : part.listenersOnly(statistic.only(.consensus), resamples: fewer))
    return redrawn
  }

  private static func bit(_ metric: AnalysisPlan.Metric) -> UInt32 { 1 << UInt32(metric.index) }

  /// The figures of a system in a group, on resamples of the listeners and queries that support them.
  func resamples(_ system: Int, _ group: Int, _ kind: Kind = .order) -> Redrawn {
    guard let own = partOf[group]?[system] else { return parts[0] }
    switch kind {
    case .order: return parts[own.order]
    case .first: return parts[own.first]
    case .consensus: return parts[own.consensus]
    case .reference: return parts[own.reference]
    }
  }

  var layout: AgreementStatistic.Layout { statistic.layout }

  /// The numbers of listeners, queries and pages behind a figure, and of pages that have none.
  /// - Parameter metric: the metric; nil for agreement of order in general.
  func support(_ system: Int, _ group: Int, _ metric: AnalysisPlan.Metric? = nil, isConsensus: Bool = false) -> (
    listeners: Int, queries: Int, pages: Int, leftOut: Int
  ) {
    var listeners = Set<Int>(), queries = Set<Int>(), pages = 0, leftOut = 0
    for (i, page) in sample.pages.enumerated() where sample.isIn(group, page) {
      let counts =
        isConsensus
        ? averaged[system].contains(page.item)
        : metric.map { defined[i][system] & Self.bit($0) != 0 } ?? (reasons[i][system] == nil)
      guard counts else {
        leftOut += 1
        continue
      }
      pages += 1
      listeners.insert(page.listener)
      queries.insert(study.items[page.item].query)
    }
    return (listeners.count, queries.count, pages, leftOut)
  }

  /// Remarks on pages that say little: with too few candidates for an order, or no more than the first k.
  var remarks: [Remark] {
    var found: [Remark] = []
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
            "\(most) of \(sample.pages.count, "page") (\(100 * share, digits: 0) %) \(OneAndMany.words(most, "holds", "hold")) fewer than \(plan.minimumCandidates, "candidate") on which \(whose) can be compared\(isPooled ? ", once comparisons confounded by its own selection are omitted" : "").",
          meaning:
            "They carry no information about order and are omitted from agreement, but not from mean ratings. "
            + (plan.includeReference ? "" : "The hidden reference and the anchor do not count. ")
            + "More candidates per page would help; min_candidates in the plan sets the minimum.", count: most))
    }
    if let pooling = study.pooling, pooling.sureRanks < plan.topK {
      found.append(
        .init(
          code: "top_k_beyond_pool", weight: .caution,
          what:
            "Not all of the first \(plan.topK) of a system are on every page: only the first \(pooling.sureRanks) are sure to be.",
          meaning:
            "The others are there only if another system proposed them or they were drawn, so mean ratings, precision and "
            + "NDCG compare candidates that were selected in different ways. Set top_k in the plan to "
            + "\(max(1, pooling.sureRanks)).", count: plan.topK - pooling.sureRanks))
    }
    let whole = sample.pages.count { page in
      let item = study.items[page.item]
      let shown = page.candidates.filter { item.flags[$0].isDisjoint(with: [.reference, .anchor]) }
      return !study.systems.isEmpty && !shown.isEmpty
        && study.systems.indices.allSatisfy { system in
          shown.allSatisfy { item.firstShares[system][$0] == 1 }
        }
    }
    if 2 * whole > sample.pages.count {
      found.append(
        .init(
          code: "top_k_is_all", weight: .caution,
          what:
            "On \(whole) of \(sample.pages.count, "page"), the first \(plan.topK) of every system include all candidates.",
          meaning: "Mean ratings and precision of the first \(plan.topK) are then the same for every system. "
            + "Set a smaller top_k in the plan.", count: whole))
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
        .init("pages", "Pages", digits: 0), .init("pages_left_out", "Pages omitted", digits: 0),
      ])
    func add(_ level: String, _ group: (number: Int, name: String), _ system: Int, _ metric: AnalysisPlan.Metric) {
      let isIndividual = level == "individual"
      let resamples = resamples(
        system, group.number, !isIndividual ? .consensus : metric.isOfOrder ? .order : .first)
      let output =
        isIndividual
        ? layout.individual(system, metric, group.number) : layout.consensus(system, metric, group.number)
      let interval =
        isIndividual
        ? sample.interval(resamples, output, within: metric.bounds(sample.reach))
        : sample.standardInterval(resamples, output)
      let contrast = resamples.listeners.flatMap {
        isIndividual
          ? $0.percentile(output, level: plan.confidence)
          : Sample.standardInterval(
            $0, output, units: resamples.units, level: plan.confidence, within: -1...1)
      }.flatMap { $0.high > $0.low ? $0 : nil }
      let support = support(system, group.number, metric, isConsensus: !isIndividual)
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
        .init("condition", "Condition"), .init("systems", "Systems"), .init("ceiling", "Ceiling"),
        .init("value", "Value", digits: 3), .init("low", "Low", digits: 3), .init("high", "High", digits: 3),
      ])
    for group in sample.groups {
      for coverage in 0..<layout.coverages {
        let systems = study.systems.indices.filter { statistic.coverageOfSystem[$0] == coverage }
        guard let first = systems.first else { continue }
        let resamples = resamples(first, group.number)
        for ceiling in AgreementStatistic.Ceiling.allCases {
          let output = layout.ceiling(coverage, ceiling, group.number)
          // Two listeners make one pair, which does not show how much pairs differ.
          let interval =
            resamples.listenerCount < 3
            ? nil
            : ceiling == .single
              ? sample.interval(resamples, output, within: -1...1) : sample.standardInterval(resamples, output)
          table.add(
            .text(group.name), .text(systems.map { study.systems[$0] }.joined(separator: ", ")),
            .text(Self.ceilingNames[ceiling] ?? ""), Cell(resamples.estimate[output]), Cell(interval?.low),
            Cell(interval?.high))
        }
      }
    }
    return table
  }

  /// The place of the true sample in the systems' whole rankings.
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
        let resamples = resamples(system, group.number, .reference)
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
