/// Pages of one list that rate the same candidates, with the order that each gives: one vector per stratum within which
/// candidates are compared (`agreementWithinStrata`), or a single vector if all are compared.
struct PageGroup {
  /// The candidates, ascending.
  var items: [Int]
  private var pages: [(page: Int, listener: Int, values: [Double])] = []

  private init(items: [Int]) { self.items = items }

  /// The order that a page gives to some of its candidates.
  struct Said {
    /// The page's index among those that were given.
    var page: Int
    var listener: Int
    /// By stratum: the vector; nil if the page is constant in it.
    var parts: [[Double]?]

    /// The strata with a vector, one bit each.
    var mask: UInt64 { parts.enumerated().reduce(0) { $1.element == nil ? $0 : $0 | 1 << UInt64($1.offset) } }

    /// The strata of `mask` in one vector. The product of two such vectors is the mean agreement, weighted by the
    /// strata's sizes minus one.
    func vector(_ strata: Strata, _ mask: UInt64) -> [Double] {
      let shares = strata.shares(mask)
      return parts.indices.flatMap { s -> [Double] in
        guard mask & 1 << UInt64(s) != 0, let part = parts[s] else { return [] }
        let root = shares[s].squareRoot()
        return root == 1 ? part : part.map { root * $0 }
      }
    }
  }

  /// The strata of some candidates that have at least two of them.
  struct Strata {
    /// By stratum: its candidates.
    var items: [[Int]]
    private var isOne: Bool

    /// - Parameter stratum: by candidate of the list; nil if all are compared.
    init(_ shared: [Int], _ stratum: [Int]?) {
      guard let stratum else {
        (items, isOne) = (shared.count < 2 ? [] : [shared], true)
        return
      }
      let all = Dictionary(grouping: shared) { stratum[$0] }.sorted { $0.key < $1.key }.map(\.value)
      // More than 64 never occur, since few systems determine the strata.
      items = Array(all.filter { $0.count >= 2 }.prefix(64))
      isOne = all.count <= 1
    }

    /// Whether there are enough candidates: `minimum` in a single stratum, or as many independent comparisons.
    func suffice(_ minimum: Int) -> Bool {
      if items.isEmpty { return false }
      return isOne ? items[0].count >= minimum : items.reduce(0) { $0 + $1.count - 1 } >= max(1, minimum - 1)
    }

    /// The weight of each stratum of `mask` in the mean; the weights sum to 1.
    func shares(_ mask: UInt64) -> [Double] {
      let own = items.enumerated().map { mask & 1 << UInt64($0) == 0 ? 0 : Double($1.count - 1) }
      let sum = own.reduce(0, +)
      return own.map { sum > 0 ? $0 / sum : 0 }
    }
  }

  static func all(_ pages: some Sequence<RatingPages.Page>) -> [PageGroup] {
    var groups: [PageGroup] = [], number: [[Int]: Int] = [:]
    for (i, page) in pages.enumerated() {
      let order = page.items.indices.sorted { page.items[$0] < page.items[$1] }
      let items = order.map { page.items[$0] }
      let group = number[items] ?? groups.count
      if group == groups.count {
        number[items] = group
        groups.append(PageGroup(items: items))
      }
      groups[group].pages.append((i, page.listener, order.map { page.values[$0] }))
    }
    return groups
  }

  func shared(with other: PageGroup) -> [Int] {
    if items == other.items { return items }
    let known = Set(other.items)
    return items.filter(known.contains)
  }

  /// The orders that the pages give within strata, grouped by the strata in which they give one; pages without any are
  /// left out.
  func said(_ strata: Strata, _ measure: OrderMeasure) -> [(mask: UInt64, pages: [Said])] {
    let place = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1, $0) })
    let places = strata.items.map { $0.compactMap { place[$0] } }
    let said = pages.map { page in
      Said(
        page: page.page, listener: page.listener,
        parts: places.map { places in measure.vector(places.map { page.values[$0] }) })
    }
    let byMask: [UInt64: [Said]] = Dictionary(grouping: said, by: \.mask)
    return byMask.filter { $0.key != 0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

func product(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for k in a.indices { sum += a[k] * b[k] }
  return sum
}

/// Adds `b` to `a`.
func accumulate(_ b: [Double], into a: inout [Double]) { for k in a.indices { a[k] += b[k] } }
