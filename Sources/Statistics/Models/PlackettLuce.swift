import Foundation

/// Orders of some of the items, best first, in which items may be tied: the data for `PlackettLuceModel`.
public struct Orders: Sendable {
  /// The number of items, which are numbered from 0.
  public let items: Int
  /// The sets of items that were left to choose from at some place of some order, each stored once.
  fileprivate var sets: [[Int]] = []
  private var numbers: [[Int]: Int] = [:]
  fileprivate var orders: [Order] = []
  /// The sizes of ties that occur, from 2.
  public private(set) var tieSizes: [Int] = []

  fileprivate struct Order: Sendable {
    /// By place: the set that was left, and the items chosen from it.
    var sets: [Int], chosen: [[Int]]
    /// Pairs: the first item came one place before the second, or both are tied.
    var ahead: [(Int, Int)]
  }

  public init(items: Int) {
    precondition(items >= 0)
    self.items = items
  }

  public var count: Int { orders.count }

  /// - Parameter places: the items at each place, best first; no item twice, and no place empty.
  public mutating func add(_ places: [[Int]]) {
    var left = places.flatMap(\.self).sorted()
    precondition(Set(left).count == left.count && left.allSatisfy((0..<items).contains))
    var order = Order(sets: [], chosen: [], ahead: zip(places, places.dropFirst()).flatMap(Self.pairs))
    for place in places where place.count > 1 { order.ahead += Self.pairs(place, place) }
    for place in places {
      precondition(!place.isEmpty)
      // The last remaining item is no choice.
      guard left.count > 1 else { break }
      let number = numbers[left] ?? sets.count
      if number == sets.count {
        numbers[left] = number
        sets.append(left)
      }
      order.sets.append(number)
      order.chosen.append(place)
      if place.count > 1, !tieSizes.contains(place.count) { tieSizes = (tieSizes + [place.count]).sorted() }
      left.removeAll(where: Set(place).contains)
    }
    orders.append(order)
  }
}

extension Orders {
  private static func pairs(_ a: [Int], _ b: [Int]) -> [(Int, Int)] { a.flatMap { i in b.map { (i, $0) } } }

  /// Whether a chain of orders leads from every item down to every other: in no division of the items into two groups does
  /// one come before the other in all orders (Hunter 2004). Without ties, this is when strengths are finite.
  fileprivate func areLinked(_ isUsed: (Int) -> Bool) -> Bool {
    var isAhead = Array(repeating: false, count: items * items)
    for (o, order) in orders.enumerated() where isUsed(o) {
      for (i, j) in order.ahead { isAhead[i * items + j] = true }
    }
    func reached(_ leads: (Int, Int) -> Bool) -> Int {
      var seen = Set([0]), open = [0]
      while let i = open.popLast() {
        for j in 0..<items where leads(i, j) && seen.insert(j).inserted { open.append(j) }
      }
      return seen.count
    }
    return reached { isAhead[$0 * items + $1] } == items && reached { isAhead[$1 * items + $0] } == items
  }
}

/// Strengths of items from orders of them, by maximum likelihood.
///
/// An order is a sequence of choices: the first of all items, then the first of the rest, and so on. By Luce's (1959)
/// law the probability of an item is its share of the strengths exp(θ) of those left (Plackett 1975). A tie is the
/// choice of a set S with the weight δ exp(mean of θ over S), where δ depends on the size of the tie and is 1 for a
/// single item. This extends Davidson's (1970) ties of two items (Turner, van Etten, Firth & Kosmidis 2020) and covers
/// only tie sizes that occur. For orders of two items it is the Bradley–Terry model.
///
/// The log-likelihood is concave; Newton's method finds its maximum if that is finite.
public struct PlackettLuceModel: Sendable {
  /// The weight of ties of one size.
  public struct Tie: Sendable, Equatable {
    /// The number of items in the tie.
    public let size: Int
    /// log δ, and its standard error.
    public let value: Double, standardError: Double
  }

  /// The strengths, with sum 0.
  public let strengths: [Double]
  /// The standard errors of `strengths`, if all orders were independent.
  public let standardErrors: [Double]
  /// One per number of items that were tied for a place.
  public let ties: [Tie]
  /// Its maximum.
  public let logLikelihood: Double
  /// The number of free parameters.
  public let parameters: Int

  /// Akaike's information criterion; smaller is better.
  public var aic: Double { 2 * (Double(parameters) - logLikelihood) }

  /// Strengths that differ by more than this are diverging to infinity.
  private static let widest = 30.0

  /// - Parameters:
  ///   - counts: how often each order counts; nil for once.
  ///   - start: a model of nearly the same orders, at which the search starts.
  ///
  /// Nil if no finite strengths maximise the likelihood: an item, or a group of items, comes before or after all others
  /// in every order, or never occurs with them.
  public init?(_ orders: Orders, counts: [Double]? = nil, from start: PlackettLuceModel? = nil) {
    let n = orders.items, sizes = orders.tieSizes
    guard n > 1, counts?.count ?? orders.count == orders.count,
      let likelihood = OrdersLikelihood(orders, counts: counts)
    else { return nil }
    let near = start.map { model in
      (1..<n).map { model.strengths[$0] - model.strengths[0] } + model.ties.map(\.value)
    }
    let begin = near ?? Array(repeating: 0.0, count: likelihood.free)
    guard
      let found = Newton.maximum(
        from: begin, of: likelihood.value, { likelihood.derivatives($0, widest: Self.widest) })
    else { return nil }
    let held = HeldStrengths(found, items: n)
    strengths = held.centred
    standardErrors = (0..<n).map(held.standardError)
    ties = sizes.indices.map {
      let place = n - 1 + $0
      return Tie(
        size: sizes[$0], value: found.x[place], standardError: max(0, found.inverse[place, place]).squareRoot())
    }
    logLikelihood = found.value
    parameters = likelihood.free
  }
}

/// The log-likelihood of orders. Its parameters are the strengths of all items but the first, which is held at 0,
/// followed by log δ for each tie size.
private struct OrdersLikelihood {
  private let orders: Orders
  /// By set: how often it was chosen from; and the sets for which that is above 0.
  private var setCounts: [Double], used: [Int] = []
  /// By item: how often it was chosen, with equal shares within ties; and by size: the number of ties.
  private var chosen: [Double], tieCounts: [Double]

  var free: Int { orders.items - 1 + orders.tieSizes.count }

  /// Nil if the orders that count do not determine some item's strength or some tie size.
  init?(_ orders: Orders, counts: [Double]?) {
    self.orders = orders
    setCounts = Array(repeating: 0, count: orders.sets.count)
    chosen = Array(repeating: 0, count: orders.items)
    tieCounts = Array(repeating: 0, count: orders.tieSizes.count)
    for (o, order) in orders.orders.enumerated() {
      let count = counts?[o] ?? 1
      if count == 0 { continue }
      for (set, place) in zip(order.sets, order.chosen) {
        setCounts[set] += count
        for item in place { chosen[item] += count / Double(place.count) }
        if place.count > 1, let size = orders.tieSizes.firstIndex(of: place.count) { tieCounts[size] += count }
      }
    }
    used = orders.sets.indices.filter { setCounts[$0] > 0 }
    // A resample without ties of some size does not determine its weight.
    guard !used.isEmpty, !tieCounts.contains(0), orders.areLinked({ (counts?[$0] ?? 1) > 0 }) else { return nil }
  }

  private func unfold(_ x: [Double]) -> (theta: [Double], delta: [Double]) {
    ([0] + x.prefix(orders.items - 1), Array(x.suffix(tieCounts.count)))
  }

  func value(_ x: [Double]) -> Double {
    let (theta, delta) = unfold(x)
    var sum = 0.0
    for i in chosen.indices { sum += chosen[i] * theta[i] }
    for t in tieCounts.indices { sum += tieCounts[t] * delta[t] }
    for set in used { sum -= setCounts[set] * Stage(orders.sets[set], theta, orders.tieSizes, delta).logTotal }
    return sum
  }

  /// Nil if strengths, or weights of ties, differ by more than `widest`.
  func derivatives(_ x: [Double], widest: Double) -> (gradient: [Double], information: DenseMatrix)? {
    let (theta, delta) = unfold(x), n = orders.items
    guard let least = theta.min(), let most = theta.max(), most - least < widest,
      delta.allSatisfy({ abs($0) < widest })
    else { return nil }
    var gradient = Array(repeating: 0.0, count: free), information = DenseMatrix(rows: free, columns: free)
    for i in 1..<n { gradient[i - 1] = chosen[i] }
    for t in tieCounts.indices { gradient[n - 1 + t] = tieCounts[t] }
    for set in used {
      let items = orders.sets[set], stage = Stage(items, theta, orders.tieSizes, delta), count = setCounts[set]
      // Indices among the parameters; -1 is the item that is held at 0.
      let places = items.map { $0 - 1 } + tieCounts.indices.map { n - 1 + $0 }
      let (mean, products) = stage.moments
      for (a, p) in places.enumerated() where p >= 0 {
        gradient[p] -= count * mean[a]
        for (b, q) in places.enumerated() where q >= 0 && q <= p {
          information[p, q] += count * (products[a * places.count + b] - mean[a] * mean[b])
        }
      }
    }
    return (gradient, information)
  }
}

/// A choice from a set, with ties of some sizes.
private struct Stage {
  /// The items' strengths divided by the largest in the set, which keeps sums in range.
  private let strengths: [Double]
  private let largest: Double
  /// The tie sizes that fit into the set, beginning with 1; and δ of each. Sizes that do not fit are left out.
  private let sizes: [Int], deltas: [Double], tieSizes: Int
  private let total: Double

  init(_ set: [Int], _ theta: [Double], _ ties: [Int], _ deltas: [Double]) {
    let largest = set.reduce(-Double.infinity) { max($0, theta[$1]) }
    strengths = set.map { exp(theta[$0] - largest) }
    self.largest = largest
    tieSizes = ties.count
    sizes = [1] + ties.filter { $0 <= set.count }
    self.deltas = [1] + zip(ties, deltas).filter { $0.0 <= set.count }.map { exp($0.1) }
    var sum = 0.0
    for (size, delta) in zip(sizes, self.deltas) { sum += delta * Self.elementary(Self.roots(strengths, size), size) }
    total = sum
  }

  var logTotal: Double { largest + log(total) }

  private static func roots(_ strengths: [Double], _ size: Int) -> [Double] {
    size == 1 ? strengths : strengths.map { pow($0, 1 / Double(size)) }
  }

  /// The elementary symmetric polynomial of a degree: the sum, over all subsets of that size, of the product of their
  /// values.
  private static func elementary(_ values: [Double], _ degree: Int, without i: Int = -1, _ j: Int = -1) -> Double {
    var sums = Array(repeating: 0.0, count: degree + 1)
    sums[0] = 1
    for (k, value) in values.enumerated() where k != i && k != j {
      for d in stride(from: degree, to: 0, by: -1) { sums[d] += value * sums[d - 1] }
    }
    return sums[degree]
  }

  /// The means, and the means of products (row by row), of two kinds of values: each item's share of the choice, and
  /// whether the choice is a tie of each size.
  var moments: (mean: [Double], products: [Double]) {
    let n = strengths.count, width = n + tieSizes
    var mean = Array(repeating: 0.0, count: width), products = Array(repeating: 0.0, count: width * width)
    for (t, size) in sizes.enumerated() {
      let roots = Self.roots(strengths, size), weight = deltas[t] / total, share = 1 / Double(size)
      if size == 1 {
        for i in 0..<n {
          mean[i] += weight * roots[i]
          products[i * width + i] += weight * roots[i]
        }
        continue
      }
      let chance = weight * Self.elementary(roots, size), place = n + t - 1
      mean[place] += chance
      products[place * width + place] += chance
      for i in 0..<n {
        let own = weight * roots[i] * Self.elementary(roots, size - 1, without: i) * share
        mean[i] += own
        products[i * width + i] += own * share
        products[i * width + place] += own
        products[place * width + i] += own
        for j in 0..<i {
          let both = weight * roots[i] * roots[j] * Self.elementary(roots, size - 2, without: i, j) * share * share
          products[i * width + j] += both
          products[j * width + i] += both
        }
      }
    }
    return (mean, products)
  }
}
