/// The summed agreement of all pairs of pages of one list by different listeners, each pair weighted by the product of
/// its listeners' weights: the ceiling of a single other listener, in time linear in the number of listeners.
///
/// Each page has a vector (`OrderMeasure`). For pages with the same candidates, the sum of the products of all pairs is
/// half the square of the vectors' sum, minus the products of a listener's pages with each other. Pages with different
/// candidates are compared on the ones they share, for which each has a further vector. If few pages share their
/// candidates, pairs are stored one by one, which is then cheaper.
public struct PagePairs: Sendable {
  /// The pages with one set of candidates, compared with those with another set, or with each other.
  private struct Block: Sendable {
    var dimensions: Int
    /// By row: a listener with the sum of its pages' vectors, and the number of pages.
    var left: Side
    /// Nil if the two sets are the same.
    var right: Side?
  }

  private struct Side: Sendable {
    var listeners: [Int32] = []
    var counts: [Double] = []
    var vectors: [Double] = []
  }

  private struct Pair: Sendable { var a: Int32, b: Int32, value: Double }

  private var blocks: [Block] = []
  private var pairs: [Pair] = []
  /// By listener with pages here: the products of its own pages, which the blocks include and have to be subtracted.
  private var own: [(listener: Int32, products: Double, count: Double)] = []
  /// The length of the longest vector.
  private var widest = 0

  /// An empty set of pairs.
  public init() {}

  /// - Parameters:
  ///   - pages: the pages of one list; a page has each item once, with finite values.
  ///   - strata: by candidate of the list; only candidates of the same stratum are compared. Nil if all are.
  ///   - minimum: pairs that share fewer candidates (or, in strata, independent comparisons) are undefined, as are
  ///     those in which either page is constant on them.
  public init(_ pages: [RatingPages.Page], strata: [Int]? = nil, measure: OrderMeasure, minimum: Int) {
    let groups = PageGroup.all(pages)
    var ownSums: [Int32: (Double, Double)] = [:]
    for a in groups.indices {
      for b in 0...a {
        let shared = PageGroup.Strata(groups[a].shared(with: groups[b]), strata)
        guard shared.suffice(minimum) else { continue }
        let said = groups[a].said(shared, measure), others = a == b ? said : groups[b].said(shared, measure)
        for (i, one) in said.enumerated() {
          for (j, other) in others.enumerated() where (a != b || j <= i) && one.mask & other.mask != 0 {
            let mask = one.mask & other.mask
            let left = one.pages.map { (listener: $0.listener, vector: $0.vector(shared, mask)) }
            let isSame = a == b && i == j
            add(
              left, isSame ? nil : other.pages.map { ($0.listener, $0.vector(shared, mask)) }, own: &ownSums)
          }
        }
      }
    }
    own = ownSums.sorted { $0.key < $1.key }.map { ($0.key, $0.value.0, $0.value.1) }
  }

  private typealias Row = (listener: Int, vector: [Double])

  /// Adds pairs of pages: one page from each side, or two of the left side if there is no right one.
  private mutating func add(_ left: [Row], _ right: [Row]?, own: inout [Int32: (Double, Double)]) {
    guard let dimensions = left.first?.vector.count else { return }
    let count = right.map { left.count * $0.count } ?? left.count * (left.count - 1) / 2
    if count <= (left.count + (right?.count ?? left.count)) * dimensions {
      for (i, one) in left.enumerated() {
        for other in right?[...] ?? left[..<i] where other.listener != one.listener {
          pairs.append(
            Pair(a: Int32(one.listener), b: Int32(other.listener), value: product(one.vector, other.vector)))
        }
      }
      return
    }
    let side = Self.side(left), other = right.map(Self.side)
    widest = max(widest, dimensions)
    blocks.append(Block(dimensions: dimensions, left: side, right: other))
    let opposite = other ?? side, half = other == nil ? 0.5 : 1
    let places = Dictionary(uniqueKeysWithValues: opposite.listeners.enumerated().map { ($1, $0) })
    for (row, listener) in side.listeners.enumerated() {
      guard let place = places[listener] else { continue }
      var products = 0.0
      for k in 0..<dimensions {
        products += side.vectors[row * dimensions + k] * opposite.vectors[place * dimensions + k]
      }
      let known = own[listener] ?? (0, 0)
      own[listener] = (known.0 + half * products, known.1 + half * side.counts[row] * opposite.counts[place])
    }
  }

  /// Storage for `sums`.
  public struct Workspace {
    var left: [Double] = [], right: [Double] = []
    public init() {}
  }

  /// The weighted sum of agreement over all defined pairs, and the sum of their weights.
  /// - Parameter weights: by listener.
  public func sums(_ weights: [Int32], _ room: inout Workspace) -> (agreement: Double, weight: Double) {
    var agreement = 0.0, weight = 0.0
    for pair in pairs {
      let both = Double(weights[Int(pair.a)] &* weights[Int(pair.b)])
      agreement += both * pair.value
      weight += both
    }
    if blocks.isEmpty { return (agreement, weight) }
    if room.left.count < widest {
      room.left = Array(repeating: 0, count: widest)
      room.right = room.left
    }
    for block in blocks {
      let count = Self.sum(block.left, weights, block.dimensions, &room.left)
      if let side = block.right {
        let others = Self.sum(side, weights, block.dimensions, &room.right)
        for k in 0..<block.dimensions { agreement += room.left[k] * room.right[k] }
        weight += count * others
      } else {
        var square = 0.0
        for k in 0..<block.dimensions { square += room.left[k] * room.left[k] }
        agreement += square / 2
        weight += count * count / 2
      }
    }
    for (listener, products, count) in own {
      let square = Double(weights[Int(listener)]) * Double(weights[Int(listener)])
      agreement -= square * products
      weight -= square * count
    }
    return (agreement, weight)
  }

  private static func sum(_ side: Side, _ weights: [Int32], _ dimensions: Int, _ total: inout [Double]) -> Double {
    for k in 0..<dimensions { total[k] = 0 }
    var count = 0.0
    for (row, listener) in side.listeners.enumerated() {
      let weight = Double(weights[Int(listener)])
      if weight == 0 { continue }
      count += weight * side.counts[row]
      let start = row * dimensions
      for k in 0..<dimensions { total[k] += weight * side.vectors[start + k] }
    }
    return count
  }

  private static func side(_ pages: [Row]) -> Side {
    var side = Side()
    let byListener = Dictionary(grouping: pages, by: \.listener).sorted { $0.key < $1.key }
    for (listener, own) in byListener {
      side.listeners.append(Int32(listener))
      side.counts.append(Double(own.count))
      var sum = own[0].vector
      for page in own.dropFirst() { accumulate(page.vector, into: &sum) }
      side.vectors += sum
    }
    return side
  }

  /// The agreement of a page with the pages of other listeners of its list.
  public struct WithOthers: Sendable, Equatable {
    /// The sum of its agreement with the pages for which it is defined, and the sum of those pages' values.
    public var agreement = 0.0, values = 0.0
    /// The number of these pages.
    public var count = 0.0
  }

  /// How well each page agrees with the pages of other listeners, in the order of `pages`. Time is linear in the number
  /// of pages with the same candidates.
  /// - Parameters:
  ///   - pages: the pages of one list; a page has each item once, with finite values.
  ///   - values: a value of each page, to be summed over the pages with which another page is compared. A page without
  ///     one is not compared with others.
  ///   - strata: by candidate of the list; only candidates of the same stratum are compared. Nil if all are.
  ///   - measure: the rank correlation.
  ///   - minimum: pairs that share fewer candidates (or, in strata, independent comparisons) are undefined.
  public static func withOthers(
    _ pages: [RatingPages.Page], values: [Double?], strata: [Int]? = nil, measure: OrderMeasure, minimum: Int
  ) -> [WithOthers] {
    let groups = PageGroup.all(pages)
    var found = Array(repeating: WithOthers(), count: pages.count)
    for a in groups.indices {
      for b in groups.indices {
        let shared = PageGroup.Strata(groups[a].shared(with: groups[b]), strata)
        guard shared.suffice(minimum) else { continue }
        let said = groups[a].said(shared, measure)
        for (otherMask, others) in groups[b].said(shared, measure) {
          let counted = others.filter { values[$0.page] != nil }
          let own = Dictionary(grouping: counted, by: \.listener)
          let sum = counted.reduce(0) { $0 + (values[$1.page] ?? 0) }
          for (ownMask, pages) in said where ownMask & otherMask != 0 && !counted.isEmpty {
            let mask = ownMask & otherMask
            var all = counted[0].vector(shared, mask)
            for other in counted.dropFirst() { accumulate(other.vector(shared, mask), into: &all) }
            for page in pages {
              let mine = own[page.listener] ?? [], vector = page.vector(shared, mask)
              found[page.page].agreement += mine.reduce(product(vector, all)) {
                $0 - product(vector, $1.vector(shared, mask))
              }
              found[page.page].values += mine.reduce(sum) { $0 - (values[$1.page] ?? 0) }
              found[page.page].count += Double(counted.count - mine.count)
            }
          }
        }
      }
    }
    return found
  }
}

/// The sums of the vectors of all pages, by list and by the set of candidates that they rate. A system's order is
/// compared with each sum in a single product.
struct OrderSums: Sendable {
  private struct Group: Sendable {
    var list: Int, strata: PageGroup.Strata, mask: UInt64, count: Double
    /// By stratum: the sum of the pages' vectors.
    var sums: [[Double]]
  }

  private let groups: [Group]
  private let measure: OrderMeasure

  /// - Parameter ranked: by list, the candidates that count.
  init(_ pages: RatingPages, ranked: [[Int]], _ measure: OrderMeasure) {
    self.measure = measure
    groups = pages.lists.indices.flatMap { list -> [Group] in
      let known = Set(ranked[list])
      return PageGroup.all(pages.pages[pages.pagesOfList[list]]).flatMap { group -> [Group] in
        let shared = PageGroup.Strata(group.items.filter(known.contains), pages.lists[list].strata)
        guard shared.suffice(pages.fewest) else { return [] }
        return group.said(shared, measure).map { mask, said in
          let sums = shared.items.indices.map { s -> [Double] in
            said.compactMap { $0.parts[s] }.reduce(into: []) { sum, part in
              if sum.isEmpty { sum = part } else { accumulate(part, into: &sum) }
            }
          }
          return Group(list: list, strata: shared, mask: mask, count: Double(said.count), sums: sums)
        }
      }
    }
  }

  /// The mean agreement of a system with the pages; NaN if it is undefined for all.
  func mean(_ system: [[Double]]) -> Double {
    var agreement = 0.0, count = 0.0
    for group in groups {
      let scores = system[group.list]
      let own = group.strata.items.map { items in measure.vector(items.map { scores[$0] }) }
      var mask: UInt64 = 0
      for (s, part) in own.enumerated() where part != nil { mask |= group.mask & 1 << UInt64(s) }
      if mask == 0 { continue }
      let shares = group.strata.shares(mask)
      for (s, part) in own.enumerated() where mask & 1 << UInt64(s) != 0 {
        if let part { agreement += shares[s] * product(group.sums[s], part) }
      }
      count += group.count
    }
    return count > 0 ? agreement / count : .nan
  }
}
