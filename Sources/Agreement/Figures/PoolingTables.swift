import Basics
import Ratings
import Reporting
import Statistics

/// What was done about pages whose candidates the systems themselves selected: the figure without any correction, the
/// one that is reported, and an estimate of agreement over the whole list from single pairs of candidates.
struct PoolingTables {
  let agreement: AgreementTables
  private var sample: Sample { agreement.sample }
  private var study: RatedStudy { agreement.sample.study }

  /// The table; empty if pages were not pooled.
  func table(progress: ProgressHandler? = nil) -> ResultTable {
    var table = ResultTable(
      "pooling", "Agreement with and without strata",
      [
        .init("condition", "Condition"), .init("system", "System"), .init("raw", "All candidates", digits: 3),
        .init("agreement", "Within strata", digits: 3), .init("low", "Low", digits: 3),
        .init("high", "High", digits: 3), .init("compared", "Pairs compared"), .init("pages", "Pages", digits: 0),
        .init("pages_left_out", "Pages omitted", digits: 0),
        .init("whole_list", "Whole list, τ-a", digits: 3), .init("whole_list_low", "Low", digits: 3),
        .init("whole_list_high", "High", digits: 3),
        .init("whole_list_listeners", "Two listeners, whole list", digits: 3),
        .init("whole_list_listeners_low", "Low", digits: 3), .init("whole_list_listeners_high", "High", digits: 3),
      ])
    guard let pooling = study.pooling else { return table }
    let figures = PageFigures(study: study, plan: sample.plan), metric = sample.plan.metric
    var unpooled = study
    unpooled.pooling = nil
    let raw = PageFigures(study: unpooled, plan: sample.plan)
    let groups = sample.groups, systems = study.systems.indices
    let whole = WholeList(sample, pooling)
    let wholeFigures = whole.map { whole in
      sample.bootstrap(
        WeightedCells(
          groups.flatMap { group in systems.map { whole.cells(of: $0, group.number) } + [whole.pairs(group.number)] }),
        resamples: min(sample.plan.resamples, 2000), progress: progress)
    }
    for (g, group) in groups.enumerated() {
      for system in systems {
        var rawValues: [Double] = [], compared = 0.0, possible = 0.0, pages = 0, leftOut = 0
        for (i, page) in sample.pages.enumerated() where sample.isIn(group.number, page) {
          let value = raw.value(metric, page, system)
          if !value.isNaN { rawValues.append(value) }
          switch agreement.reasons[i][system] {
          case nil: pages += 1
          case .notIdentified: leftOut += 1
          default: continue
          }
          let ends = figures.shared(page, system).ends, count = Double(ends.last ?? 0)
          possible += count * (count - 1) / 2
          compared += zip([0] + ends, ends).reduce(0) { $0 + Double(($1.1 - $1.0) * ($1.1 - $1.0 - 1)) / 2 }
        }
        let output = agreement.layout.individual(system, metric, group.number)
        let resamples = agreement.resamples(system, group.number)
        let interval = sample.interval(resamples, output, within: metric.bounds(sample.reach))
        func ofWholeList(_ place: Int) -> [Cell] {
          guard let wholeFigures, !wholeFigures.estimate[place].isNaN else { return [.missing, .missing, .missing] }
          let interval = sample.interval(wholeFigures, place, within: -1...1)
          return [Cell(wholeFigures.estimate[place]), Cell(interval?.low), Cell(interval?.high)]
        }
        let first = g * (systems.count + 1)
        table.rows.append(
          [
            .text(group.name), .text(study.systems[system]), Cell(mean(rawValues)),
            Cell(resamples.estimate[output]), Cell(interval?.low), Cell(interval?.high),
            Cell(possible > 0 ? compared / possible : nil), .count(pages), .count(leftOut),
          ] + ofWholeList(first + system) + ofWholeList(first + systems.count))
      }
    }
    return table
  }
}

/// Kendall's τ-a over an item's whole list, estimated from the pairs of candidates on a page by their inclusion
/// probabilities (Horvitz & Thompson 1952). Candidates that some system put first are always on the page; f of the
/// other R were drawn at random. So a pair with one drawn candidate represents R / f pairs, and a pair of two
/// represents R (R - 1) / (f (f - 1)).
///
/// Each pair of the list has a known probability of being on the page, and the weights sum to the number of pairs, so
/// given the pool the estimate is unbiased. A few pairs weigh most, which makes it imprecise.
struct WholeList {
  private let sample: Sample
  private let pooling: Pooling
  /// By item, then by candidate: whether it was drawn at random.
  private let isDrawn: [[Bool]]

  /// Nil if a page lacks some candidates that systems put first, if an item has fewer than two drawn candidates, or if
  /// lists hold candidates that could not have been drawn.
  init?(_ sample: Sample, _ pooling: Pooling) {
    guard let rest = pooling.rest, !sample.pages.isEmpty else { return nil }
    guard sample.pages.allSatisfy({ pooling.drawnPlaces[$0.item].count >= 2 && rest[$0.item] >= 2 }) else { return nil }
    (self.sample, self.pooling) = (sample, pooling)
    isDrawn = sample.study.items.indices.map { item in
      sample.study.items[item].candidates.indices.map { pooling.drawnPlaces[item].contains($0) }
    }
  }

  /// By page: the system's agreement with the listener.
  func cells(of system: Int, _ group: Int) -> [WeightedCells.Cell] {
    let scores = sample.scores(system)
    return sample.pages.compactMap { page in
      guard sample.isIn(group, page), let value = concordance(page.item, page, { scores[page.item][$0] }) else {
        return nil
      }
      return WeightedCells.Cell(listener: page.listener, query: sample.study.items[page.item].query, value: value)
    }
  }

  /// By two pages of an item: the agreement of their listeners.
  func pairs(_ group: Int) -> [WeightedCells.Cell] {
    var byItem: [Int: [RatedStudy.Page]] = [:]
    for page in sample.pages where sample.isIn(group, page) { byItem[page.item, default: []].append(page) }
    return pureMap(byItem.sorted { $0.key < $1.key }.map(\.value)) { pages in
      let cells = pages.enumerated().flatMap { i, page -> [WeightedCells.Cell] in
        let ratings = Dictionary(zip(page.candidates, page.ratings)) { a, _ in a }
        return pages[..<i].compactMap { other in
          guard other.listener != page.listener,
            let value = concordance(page.item, other, { ratings[$0] ?? .nan })
          else { return nil }
          return WeightedCells.Cell(
            listener: page.listener, other: other.listener, query: sample.study.items[page.item].query, value: value)
        }
      }
      return WeightedCells.weightedAsListeners(cells)
    }.flatMap(\.self)
  }

  /// Nil if no pair is ordered by both, or if all values of one side are equal.
  private func concordance(_ item: Int, _ page: RatedStudy.Page, _ other: (Int) -> Double) -> Double? {
    let flags = sample.study.items[item].flags
    let drawn = Double(pooling.drawnPlaces[item].count), rest = Double(pooling.rest?[item] ?? 0)
    let places = page.candidates.indices.filter { place in
      !other(page.candidates[place]).isNaN && flags[page.candidates[place]].isDisjoint(with: [.reference, .anchor])
    }
    var sum = 0.0, weights = 0.0, orders = (false, false)
    for (k, i) in places.enumerated() {
      for j in places[..<k] {
        let a = page.ratings[i] - page.ratings[j], b = other(page.candidates[i]) - other(page.candidates[j])
        let weight =
          switch (isDrawn[item][page.candidates[i]], isDrawn[item][page.candidates[j]]) {
          case (true, true): rest * (rest - 1) / (drawn * (drawn - 1))
          case (false, false): 1.0
          default: rest / drawn
          }
        sum += weight * (a == 0 ? 0 : a < 0 ? -1 : 1) * (b == 0 ? 0 : b < 0 ? -1 : 1)
        weights += weight
        orders = (orders.0 || a != 0, orders.1 || b != 0)
      }
    }
    return orders.0 && orders.1 ? sum / weights : nil
  }
}
