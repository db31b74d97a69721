import Statistics

/// Every agreement figure of a study under given weights of its listeners and queries: the statistic that the crossed
/// bootstrap resamples. One evaluation gives the individual and the consensus figures of every system and the ceilings,
/// for each condition and for all conditions together.
package struct AgreementStatistic: CrossedStatistic {
  /// Where each figure is among the outputs. A group is one condition, or all of them.
  package struct Layout: Sendable {
    let systems: Int, groups: Int, metrics: Int
    package let consensus: [AnalysisPlan.Metric], coverages: Int

    /// The index of an individual figure: the mean over pages.
    package func individual(_ system: Int, _ metric: AnalysisPlan.Metric, _ group: Int) -> Int {
      (system * metrics + metric.index) * groups + group
    }

    private var individualEnd: Int { systems * metrics * groups }

    /// The index of a consensus figure: the mean over items. `metric` must be one of `consensus`.
    package func consensus(_ system: Int, _ metric: AnalysisPlan.Metric, _ group: Int) -> Int {
      individualEnd + (system * consensus.count + (consensus.firstIndex(of: metric) ?? 0)) * groups + group
    }

    private var consensusEnd: Int { individualEnd + systems * consensus.count * groups }

    package func ceiling(_ coverage: Int, _ ceiling: Ceiling, _ group: Int) -> Int {
      consensusEnd + (coverage * Ceiling.count + ceiling.rawValue) * groups + group
    }

    private var ceilingEnd: Int { consensusEnd + coverages * Ceiling.count * groups }

    /// The index of a figure about the hidden reference, averaged over items: its reciprocal rank in a system's whole
    /// ranking, or whether it is among the first k.
    package func reference(_ system: Int, _ figure: ReferenceFigure, _ group: Int) -> Int {
      ceilingEnd + (system * ReferenceFigure.count + figure.rawValue) * groups + group
    }

    /// The indices of the figures of averaged ratings.
    package var averaged: [Int] {
      Array(individualEnd..<consensusEnd)
        + (0..<coverages).flatMap { coverage in
          [Ceiling.crowdLower, .crowdUpper].flatMap { ceiling in
            (0..<groups).map { self.ceiling(coverage, ceiling, $0) }
          }
        }
    }

    var count: Int { ceilingEnd + systems * ReferenceFigure.count * groups }
  }

  package enum Ceiling: Int, CaseIterable, Sendable {
    case single, crowdLower, crowdUpper
    static let count = allCases.count
  }
  package enum ReferenceFigure: Int, CaseIterable, Sendable {
    case reciprocalRank, hit
    static let count = allCases.count
  }

  package let layout: Layout
  /// By system: the number of its coverage among those of the ceilings.
  package let coverageOfSystem: [Int]

  private let metric: AnalysisPlan.Metric
  private let conditionCount: Int
  private var parts: Parts = [.single, .consensus, .crowd]
  private let minimum: Int
  private let grid: MeanGrid
  /// The individual figures.
  private let pageFigures: FigureSums
  private let listenerCount: Int, queryCount: Int
  private let items: [ItemData]
  /// What the pages of an item say, by system and metric.
  private struct ItemData: Sendable {
    /// The item's number in the study.
    var number: Int
    var query: Int
    var condition: Int
    var candidates: Int
    /// By page: its listener.
    var listeners: [Int]
    /// By page: where its ratings begin in `places` and `values`. The end follows last.
    var starts: [Int]
    /// The candidates of the item, page by page.
    var places: [Int]
    /// Their ratings, minus the listener's effect if pages of the item show different candidates.
    var values: [Double]
    /// By system: the candidates that are compared, one stratum after another; the negatives of their ranks; and their
    /// strata.
    var compared: [[Int]]
    var scores: [[Double]]
    var strata: [[Int]]
    /// By coverage: the candidates that it compares.
    var coverages: [Coverage]
    /// By system and reference figure; NaN if the reference is unknown or unranked.
    var reference: [Double]

    /// Adds the scores of one more system.
    mutating func add(
      scores given: [Double], strata of: [Int]?, of item: RatedStudy.Item, _ system: Int, ranksReferences: Bool
    ) {
      let compared = given.indices.filter { !given[$0].isNaN }.sorted { (of?[$0] ?? 0, $0) < (of?[$1] ?? 0, $1) }
      self.compared.append(compared)
      strata.append(compared.map { of?[$0] ?? 0 })
      scores.append(compared.map { given[$0] })
      let references = item.flags.indices.filter { item.flags[$0].contains(.reference) }
      let rank = references.compactMap { item.ranks[system][$0].isNaN ? nil : item.ranks[system][$0] }.min()
      // A ranking that lacks the reference did not find it, provided that the system ranks references at all.
      let known = !references.isEmpty && item.rankingSizes[system] > 0 && ranksReferences
      reference.append(known ? rank.map { 1 / $0 } ?? 0 : .nan)
      reference.append(known ? references.map { item.firstShares[system][$0] }.max() ?? 0 : .nan)
    }
  }

  /// The candidates on which systems are compared with listeners, and listeners with each other.
  private struct Coverage: Sendable {
    /// By candidate: its stratum; nil if it is not covered.
    var strata: [Int?]
    /// By page: the places in `values` of its covered candidates, one stratum after another; empty if the page is
    /// unusable.
    var rows: [[Int]]
    /// The pairs of usable pages.
    var pairs: PagePairs
  }

  package struct Workspace {
    var numerators: [Double], denominators: [Double]
    var sums: [Double], weights: [Double], pageWeights: [Double]
    var left: [Double], right: [Double]
    var pairs = PagePairs.Workspace()
    /// Where the strata of the candidates in `left` and `right` end.
    var ends: [Int] = []

    /// Notes where a stratum ends: before the next candidate, the `count`-th, if that belongs to a different stratum
    /// than the last.
    @inline(__always)
    mutating func step(_ next: Int, from stratum: inout Int, _ count: Int) {
      if count > 0, next != stratum { ends.append(count) }
      stratum = next
    }
  }

  /// The parts to compute; figures of the other parts are undefined.
  package struct Parts: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Individual figures, agreement with another single listener, and where the reference is ranked.
    package static let single = Parts(rawValue: 1)
    /// Figures of averaged ratings: `consensus` of systems, `crowd` of listeners.
    package static let consensus = Parts(rawValue: 2)
    package static let crowd = Parts(rawValue: 4)
  }

  package func only(_ parts: Parts) -> AgreementStatistic {
    var statistic = self
    statistic.parts = parts
    return statistic
  }

  package var outputs: Int { layout.count }

  /// Every figure of the sample itself, without resampling.
  package var ofSample: [Double] {
    var workspace = workspace(), values = Array(repeating: Double.nan, count: outputs)
    evaluate(.ones(listeners: listenerCount, queries: queryCount), &workspace, into: &values)
    return values
  }

  /// - Parameters:
  ///   - pages: the main pages of the listeners who are kept.
  ///   - ofPages: their figures, if known.
  ///   - ceilings: whether to compute the ceilings, which take most of the time.
  package init(
    _ study: RatedStudy, pages: [RatedStudy.Page], figures ofPages: FiguresOfPages? = nil, plan: AnalysisPlan,
    ceilings: Bool = true
  ) {
    let figures = PageFigures(study: study, plan: plan)
    let metrics = AnalysisPlan.Metric.allCases
    let systems = study.systems.count
    metric = plan.metric
    conditionCount = study.conditions.count
    minimum = plan.minimumCandidates
    grid = MeanGrid(of: pages)
    (listenerCount, queryCount) = (study.listeners.count, study.queries.count)
    let effects = ListenerEffects(study, pages: pages).effects

    let masks = Self.compared(study, figures, plan)
    coverageOfSystem = masks.ofSystem
    let consensus = [.spearman, .kendallTauB] + ([.spearman, .kendallTauB].contains(plan.metric) ? [] : [plan.metric])
    layout = Layout(
      systems: systems, groups: study.conditions.count + 1, metrics: metrics.count, consensus: consensus,
      coverages: ceilings ? masks.all.count : 0)

    // If none of a system's rankings holds a reference, the system was not asked for it, and its place is undefined.
    let ranksReferences = (0..<systems).map { system in
      study.items.contains { item in
        item.flags.indices.contains { item.flags[$0].contains(.reference) && !item.ranks[system][$0].isNaN }
      }
    }
    var byItem = Array(repeating: [RatedStudy.Page](), count: study.items.count)
    for page in pages { byItem[page.item].append(page) }
    items = byItem.enumerated().compactMap { number, pages in
      guard !pages.isEmpty else { return nil }
      var data = Self.rated(study.items[number], number, pages, effects)
      for system in 0..<systems {
        data.add(
          scores: figures.scores[number][system], strata: figures.strata(number, system), of: study.items[number],
          system, ranksReferences: ranksReferences[system])
      }
      for mask in ceilings ? masks.all.map({ $0[number] }) : [] {
        data.coverages.append(Self.coverage(mask, data, pages, plan))
      }
      return data
    }
    let ofPages = ofPages ?? FiguresOfPages(pages, study: study, plan: plan)
    var sums = FigureSums(width: systems * metrics.count, groups: study.conditions.count)
    for (number, page) in pages.enumerated() {
      let item = study.items[page.item], own = ofPages.of(number)
      sums.add(group: item.condition, listener: page.listener, query: item.query) { figure in
        let value = own[own.startIndex + figure]
        return value.isNaN ? (0, 0) : (value, 1)
      }
    }
    pageFigures = sums
  }

  /// The candidates on which systems are compared: by item and candidate the stratum, or nil if it is not compared.
  /// Systems that compare the same candidates in the same strata share a coverage, and so their ceilings.
  private static func compared(_ study: RatedStudy, _ figures: PageFigures, _ plan: AnalysisPlan) -> (
    all: [[[Int?]]], ofSystem: [Int]
  ) {
    let systems = study.systems.count
    var masks: [[[Int?]]] = [], own: [Int] = []
    for system in 0..<max(1, systems) {
      let mask = study.items.enumerated().map { number, item in
        let strata = systems == 0 ? nil : figures.strata(number, system)
        return item.candidates.indices.map { candidate -> Int? in
          let isCompared =
            systems == 0
            ? plan.includeReference || item.flags[candidate].isDisjoint(with: [.reference, .anchor])
            : !figures.scores[number][system][candidate].isNaN
          return isCompared ? strata?[candidate] ?? 0 : nil
        }
      }
      if let known = masks.firstIndex(of: mask) {
        own.append(known)
      } else {
        own.append(masks.count)
        masks.append(mask)
      }
    }
    return (masks, own)
  }

  /// An item with its ratings, but no system's scores yet.
  private static func rated(_ item: RatedStudy.Item, _ number: Int, _ pages: [RatedStudy.Page], _ effects: [Double])
    -> ItemData
  {
    let isComplete = pages.allSatisfy { $0.candidates == pages[0].candidates }
    var data = ItemData(
      number: number, query: item.query, condition: item.condition, candidates: item.candidates.count,
      listeners: pages.map(\.listener), starts: [0], places: [], values: [], compared: [], scores: [], strata: [],
      coverages: [], reference: [])
    for page in pages {
      let effect = isComplete ? 0 : effects[page.listener]
      data.places += page.candidates
      data.values += page.ratings.map { $0 - effect }
      data.starts.append(data.places.count)
    }
    return data
  }

  private static func coverage(
    _ strata: [Int?], _ data: ItemData, _ pages: [RatedStudy.Page], _ plan: AnalysisPlan
  ) -> Coverage {
    var coverage = Coverage(strata: strata, rows: [], pairs: PagePairs())
    func ends(_ rows: [Int]) -> [Int] { strataEnds(rows.lazy.map { strata[data.places[$0]] }) }
    for page in pages.indices {
      let rows = (data.starts[page]..<data.starts[page + 1]).filter { strata[data.places[$0]] != nil }.sorted {
        (strata[data.places[$0]] ?? 0, $0) < (strata[data.places[$1]] ?? 0, $1)
      }
      let ratings = rows.map { data.values[$0] }
      coverage.rows.append(
        !strataSuffice(ends(rows), fewest: plan.minimumCandidates) || PageFigures.isConstant(ratings.span) ? [] : rows)
    }
    guard let order = plan.metric.order else { return coverage }
    let usable = pages.indices.filter { !coverage.rows[$0].isEmpty }.map { page in
      RatingPages.Page(
        listener: pages[page].listener, list: 0, items: coverage.rows[page].map { data.places[$0] },
        values: coverage.rows[page].map { data.values[$0] })
    }
    coverage.pairs = PagePairs(
      usable, strata: strata.map { $0 ?? -1 }, measure: order, minimum: plan.minimumCandidates)
    return coverage
  }

  /// The items for which a system is compared with averaged ratings, and those for which its rank of the reference is
  /// known.
  package func itemsOfAveraged(_ system: Int) -> (consensus: Set<Int>, reference: Set<Int>) {
    var work = workspace(), consensus = Set<Int>(), reference = Set<Int>()
    for item in items {
      for page in item.listeners.indices { work.pageWeights[page] = 1 }
      for i in 0..<layout.count { work.denominators[i] = 0 }
      sumUp(item, &work)
      self.consensus(item, 1, &work)
      if work.denominators[layout.consensus(system, .spearman, item.condition)] > 0 { consensus.insert(item.number) }
      if !item.reference[system * ReferenceFigure.count].isNaN { reference.insert(item.number) }
    }
    return (consensus, reference)
  }

  /// The numbers of listeners and queries with at least two comparable listeners, in a condition. The group after the
  /// last condition is all of them.
  package func pairSupport(_ coverage: Int, _ group: Int) -> (listeners: Int, queries: Int) {
    var listeners = Set<Int>(), queries = Set<Int>(), room = PagePairs.Workspace()
    let ones = Array(repeating: Int32(1), count: listenerCount)
    for item in items where (group == conditionCount || item.condition == group) && coverage < item.coverages.count {
      let own = item.coverages[coverage]
      guard own.pairs.sums(ones, &room).weight > 0 else { continue }
      queries.insert(item.query)
      listeners.formUnion(item.listeners.indices.filter { !own.rows[$0].isEmpty }.map { item.listeners[$0] })
    }
    return (listeners.count, queries.count)
  }

  package func workspace() -> Workspace {
    let most = items.map(\.candidates).max() ?? 0
    let pages = items.map(\.listeners.count).max() ?? 0
    return Workspace(
      numerators: Array(repeating: 0, count: layout.count), denominators: Array(repeating: 0, count: layout.count),
      sums: Array(repeating: 0, count: most), weights: Array(repeating: 0, count: most),
      pageWeights: Array(repeating: 0, count: pages), left: Array(repeating: 0, count: most),
      right: Array(repeating: 0, count: most))
  }

  package func evaluate(_ weights: CrossedWeights, _ work: inout Workspace, into values: inout [Double]) {
    values = evaluate(all: [weights], &work)
  }

  package func evaluate(all weights: [CrossedWeights], _ work: inout Workspace) -> [Double] {
    let ofPages = parts.contains(.single) ? pageFigures.sums(weights) : []
    var values: [Double] = []
    values.reserveCapacity(weights.count * layout.count)
    for (number, weights) in weights.enumerated() {
      for i in 0..<layout.count {
        work.numerators[i] = 0
        work.denominators[i] = 0
      }
      if parts.contains(.single) { individual(ofPages, number, &work) }
      for item in items {
        let queryWeight = Double(weights.queries[item.query])
        guard queryWeight > 0 else { continue }
        if parts.contains(.single) { single(item, weights, queryWeight, &work) }
        guard parts.contains(.consensus) || parts.contains(.crowd) else { continue }
        for (page, listener) in item.listeners.enumerated() {
          work.pageWeights[page] = Double(weights.listeners[listener])
        }
        sumUp(item, &work)
        if parts.contains(.consensus) { consensus(item, queryWeight, &work) }
        if parts.contains(.crowd) { crowd(item, queryWeight, &work) }
      }
      for i in 0..<layout.count {
        values.append(work.denominators[i] > 0 ? work.numerators[i] / work.denominators[i] : .nan)
      }
    }
    return values
  }

  /// Adds to the figure of a condition, and to that of all conditions together, which follows the conditions' figures.
  @inline(__always)
  private func add(_ numerator: Double, _ denominator: Double, _ first: Int, _ condition: Int, _ work: inout Workspace)
  {
    work.numerators[first + condition] += numerator
    work.denominators[first + condition] += denominator
    work.numerators[first + conditionCount] += numerator
    work.denominators[first + conditionCount] += denominator
  }

  private func individual(_ sums: [Double], _ number: Int, _ work: inout Workspace) {
    let width = layout.systems * layout.metrics, start = number * conditionCount * 2 * width
    for condition in 0..<conditionCount {
      let first = start + condition * 2 * width
      for k in 0..<width { add(sums[first + k], sums[first + width + k], k * layout.groups, condition, &work) }
    }
  }

  /// Sums that need no averaged ratings: agreement with another single listener, and where systems rank the reference.
  private func single(_ item: ItemData, _ weights: CrossedWeights, _ queryWeight: Double, _ work: inout Workspace) {
    for (number, coverage) in item.coverages.enumerated() {
      let found = coverage.pairs.sums(weights.listeners, &work.pairs)
      guard found.weight > 0 else { continue }
      // An item's pairs weigh together as much as its pages do in a system's agreement. There are more of them than pages, so
      // that each by itself would give items with many listeners more weight here than there.
      var pages = 0.0
      for (page, rows) in coverage.rows.enumerated() where !rows.isEmpty {
        pages += Double(weights.listeners[item.listeners[page]])
      }
      add(
        queryWeight * pages * found.agreement / found.weight, queryWeight * pages, layout.ceiling(number, .single, 0),
        item.condition, &work)
    }
    for (i, value) in item.reference.enumerated() where !value.isNaN {
      let place = layout.reference(0, .reciprocalRank, 0) + i * layout.groups
      add(queryWeight * value, queryWeight, place, item.condition, &work)
    }
  }

  /// The sums of the weighted ratings of each candidate, over all pages of an item.
  @inline(__always)
  private func sumUp(_ item: ItemData, _ work: inout Workspace) {
    for candidate in 0..<item.candidates {
      work.sums[candidate] = 0
      work.weights[candidate] = 0
    }
    for page in item.listeners.indices where work.pageWeights[page] > 0 {
      let weight = work.pageWeights[page]
      for row in item.starts[page]..<item.starts[page + 1] {
        work.sums[item.places[row]] += weight * item.values[row]
        work.weights[item.places[row]] += weight
      }
    }
  }

  private func consensus(_ item: ItemData, _ queryWeight: Double, _ work: inout Workspace) {
    for system in 0..<layout.systems {
      var n = 0, stratum = -1
      work.ends.removeAll(keepingCapacity: true)
      for (place, candidate) in item.compared[system].enumerated() where work.weights[candidate] > 0 {
        work.step(item.strata[system][place], from: &stratum, n)
        work.left[n] = mean(work.sums[candidate], work.weights[candidate])
        work.right[n] = item.scores[system][place]
        n += 1
      }
      for metric in layout.consensus {
        guard let value = agreement(metric, n, &work) else { continue }
        add(queryWeight * value, queryWeight, layout.consensus(system, metric, 0), item.condition, &work)
      }
    }
  }

  /// Each listener's agreement with the mean of the others, and with the mean of all.
  private func crowd(_ item: ItemData, _ queryWeight: Double, _ work: inout Workspace) {
    for (number, coverage) in item.coverages.enumerated() {
      var lower = 0.0, lowerCount = 0.0, upper = 0.0, upperCount = 0.0
      for i in item.listeners.indices {
        let weight = work.pageWeights[i]
        guard weight > 0, !coverage.rows[i].isEmpty else { continue }
        // The others: all pages of the item except this listener's own, however often the listener was drawn.
        var n = 0, m = 0, stratum = -1
        work.ends.removeAll(keepingCapacity: true)
        for place in coverage.rows[i] {
          let candidate = item.places[place], own = weight * item.values[place]
          let sum = work.sums[candidate], count = work.weights[candidate]
          if count > weight {
            work.step(coverage.strata[candidate] ?? 0, from: &stratum, n)
            work.left[n] = item.values[place]
            work.right[n] = mean(sum - own, count - weight)
            n += 1
          }
        }
        if let value = agreement(metric, n, &work) {
          lower += weight * value
          lowerCount += weight
        }
        stratum = -1
        work.ends.removeAll(keepingCapacity: true)
        for place in coverage.rows[i] {
          work.step(coverage.strata[item.places[place]] ?? 0, from: &stratum, m)
          work.left[m] = item.values[place]
          work.right[m] = mean(work.sums[item.places[place]], work.weights[item.places[place]])
          m += 1
        }
        if let value = agreement(metric, m, &work) {
          upper += weight * value
          upperCount += weight
        }
      }
      add(queryWeight * lower, queryWeight * lowerCount, layout.ceiling(number, .crowdLower, 0), item.condition, &work)
      add(queryWeight * upper, queryWeight * upperCount, layout.ceiling(number, .crowdUpper, 0), item.condition, &work)
    }
  }

  /// The agreement of the first `count` numbers in `left` and `right`, within their strata.
  @inline(__always)
  private func agreement(_ metric: AnalysisPlan.Metric, _ count: Int, _ work: inout Workspace) -> Double? {
    work.ends.append(count)
    defer { work.ends.removeLast() }
    return agreementWithinStrata(
      work.left.span.extracting(first: count), work.right.span.extracting(first: count), ends: work.ends,
      fewest: minimum
    ) { PageFigures.symmetric(metric, $0, $1) }
  }

  @inline(__always)
  private func mean(_ sum: Double, _ weight: Double) -> Double { grid.mean(sum, weight) }
}
