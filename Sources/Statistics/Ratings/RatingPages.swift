/// How well the order of `other` (a system's scores, a crowd's means) matches the ratings of `people`, for the items of
/// one page; larger is better in both. Nil if undefined. `spearman`, `kendallTauB`, `rhoA` and the like fit as they
/// are; anything else can be wrapped in a closure.
public typealias PageMeasure = @Sendable (_ people: Span<Double>, _ other: Span<Double>) -> Double?

/// Who rated what and how: pages, each of which holds one listener's ratings of the candidates of one list. The design
/// may be arbitrarily sparse: each listener sees some lists, and may leave out candidates.
public struct RatingPages: Sendable {
  /// The candidates rated for one query (and condition). Several lists may share a query, which is the unit of
  /// resampling.
  public struct List: Sendable, Equatable {
    /// The number of the query, from 0.
    public var query: Int
    /// The number of candidates, which are numbered from 0.
    public var items: Int
    /// By candidate: its stratum. Only candidates of the same stratum are compared; nil if all are.
    public var strata: [Int]?

    public init(query: Int, items: Int, strata: [Int]? = nil) {
      precondition(strata.map { $0.count == items } ?? true, "a candidate's stratum is missing")
      (self.query, self.items, self.strata) = (query, items, strata)
    }
  }

  /// One listener's ratings of a list.
  public struct Page: Sendable, Equatable {
    /// The number of the listener, from 0.
    public var listener: Int
    /// The number of the list in `lists`.
    public var list: Int
    /// The candidates that were rated, each once.
    public var items: [Int]
    /// Their ratings.
    public var values: [Double]

    public init(listener: Int, list: Int, items: [Int], values: [Double]) {
      (self.listener, self.list, self.items, self.values) = (listener, list, items, values)
    }
  }

  /// The number of listeners, with or without pages.
  public let listeners: Int
  /// The number of queries, with or without lists.
  public let queries: Int
  /// What was rated.
  public let lists: [List]
  /// The pages in the order of their lists. If a list has strata, a page's candidates come one stratum after another.
  public let pages: [Page]
  /// The smallest number of candidates (in strata: of independent comparisons) for which agreement is defined.
  public let fewest: Int
  /// By list: its candidates, one stratum after another.
  let order: [[Int]]
  /// The pages of each list.
  let pagesOfList: [Range<Int>]
  /// The pages' ratings one after another, in fixed point so that sums are exact, and their candidates. Those of page p
  /// begin at `starts[p]`.
  let scaled: [Double]
  let items: [Int]
  let starts: [Int]
  let scale: Double
  /// Means of ratings that differ by no more than this are equal.
  let tolerance: Double

  /// Indices must be in range. A page's items and values must have the same length, and its values must be finite.
  public init(listeners: Int, queries: Int, lists: [List], pages: [Page], fewest: Int = 2) {
    precondition(lists.allSatisfy { (0..<queries).contains($0.query) }, "a list's query is out of range")
    for page in pages {
      precondition((0..<listeners).contains(page.listener) && lists.indices.contains(page.list))
      precondition(page.items.count == page.values.count)
      precondition(page.items.allSatisfy { (0..<lists[page.list].items).contains($0) })
    }
    (self.listeners, self.queries, self.lists, self.fewest) = (listeners, queries, lists, fewest)
    order = lists.map { list in
      guard let strata = list.strata else { return Array(0..<list.items) }
      return (0..<list.items).sorted { (strata[$0], $0) < (strata[$1], $1) }
    }
    let sorted = pages.enumerated().sorted { ($0.element.list, $0.offset) < ($1.element.list, $1.offset) }.map {
      Self.byStrata($0.element, lists[$0.element.list].strata)
    }
    self.pages = sorted
    var ranges: [Range<Int>] = [], start = 0
    for list in lists.indices {
      var end = start
      while end < sorted.count, sorted[end].list == list { end += 1 }
      ranges.append(start..<end)
      start = end
    }
    pagesOfList = ranges
    guard let fixed = FixedPoint(sorted.flatMap(\.values)) else { preconditionFailure("a rating is not finite") }
    (scaled, scale, tolerance) = (fixed.values, fixed.scale, fixed.tolerance / fixed.scale)
    items = sorted.flatMap(\.items)
    starts = sorted.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.items.count) }
  }

  private static func byStrata(_ page: Page, _ strata: [Int]?) -> Page {
    guard let strata else { return page }
    let order = page.items.indices.sorted { (strata[page.items[$0]], $0) < (strata[page.items[$1]], $1) }
    var sorted = page
    (sorted.items, sorted.values) = (order.map { page.items[$0] }, order.map { page.values[$0] })
    return sorted
  }

  /// The agreement of two lists of numbers for candidates of a list, which are ordered by stratum as in `pages`.
  public func agreement(_ list: Int, of items: [Int], _ a: [Double], _ b: [Double], _ measure: PageMeasure) -> Double? {
    agreementWithinStrata(a.span, b.span, ends: ends(list, items), fewest: fewest, measure)
  }

  /// Where the strata of some candidates of a list end.
  func ends(_ list: Int, _ items: [Int]) -> [Int] {
    guard let strata = lists[list].strata else { return [items.count] }
    return strataEnds(items.lazy.map { strata[$0] })
  }

  /// The agreement of each page with each system: nil if the measure is undefined (a constant page, or fewer than two
  /// candidates that both have).
  /// - Parameter systems: by system, by list, the score of each candidate (larger is better); NaN if the system does
  ///   not rank it.
  public func scores(_ systems: [[[Double]]], _ measure: PageMeasure) -> [[Double?]] {
    systems.map { lists in
      pages.map { page in
        let shared = page.items.indices.filter { !lists[page.list][page.items[$0]].isNaN }
        let people = shared.map { page.values[$0] }, system = shared.map { lists[page.list][page.items[$0]] }
        return agreement(page.list, of: shared.map { page.items[$0] }, people, system, measure)
      }
    }
  }

  /// Cells for the ceiling of a single other listener: for each two pages of different listeners in one list, the
  /// agreement of the first with the second on the candidates they share. If a measure is not symmetric (NDCG), both
  /// directions are averaged. Pairs for which the measure is undefined are left out.
  public func pairs(_ measure: PageMeasure) -> [WeightedCells.Cell] {
    pureMap(Array(lists.indices)) { list in
      var cells: [WeightedCells.Cell] = []
      var place = Array(repeating: -1, count: lists[list].items)
      var a: [Double] = [], b: [Double] = [], shared: [Int] = []
      for i in pagesOfList[list] {
        for (k, item) in pages[i].items.enumerated() { place[item] = k }
        for j in pagesOfList[list].lowerBound..<i where pages[j].listener != pages[i].listener {
          a.removeAll(keepingCapacity: true)
          b.removeAll(keepingCapacity: true)
          shared.removeAll(keepingCapacity: true)
          for (k, item) in pages[j].items.enumerated() where place[item] >= 0 {
            a.append(pages[i].values[place[item]])
            b.append(pages[j].values[k])
            shared.append(item)
          }
          guard let there = agreement(list, of: shared, a, b, measure),
            let back = agreement(list, of: shared, b, a, measure)
          else { continue }
          cells.append(
            WeightedCells.Cell(
              listener: pages[i].listener, other: pages[j].listener, query: lists[list].query,
              value: (there + back) / 2))
        }
        for item in pages[i].items { place[item] = -1 }
      }
      return cells
    }.flatMap(\.self)
  }

  /// Adds the ratings of a list's pages, weighted by how often each listener counts, to sums and counts by candidate.
  @inline(__always)
  func sum(_ list: Int, _ weights: [Int32], _ sums: inout [Double], _ counts: inout [Double]) {
    for i in 0..<lists[list].items { (sums[i], counts[i]) = (0, 0) }
    for p in pagesOfList[list] {
      let weight = Double(weights[pages[p].listener])
      guard weight > 0 else { continue }
      for k in starts[p]..<starts[p + 1] {
        sums[items[k]] += weight * scaled[k]
        counts[items[k]] += weight
      }
    }
  }
}
