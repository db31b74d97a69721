/// The mean of figures that each belong to a listener (or a pair of listeners) and a query, such as the agreement of
/// each page with a system. In a resample a cell counts as often as its listener times its query, and a pair's cell as
/// often as the product of both listeners' multiplicities. No listener meets a copy of itself, since no cell pairs a
/// listener with itself.
public struct WeightedCells: CrossedStatistic {
  /// One figure of a listener, or of a listener and another one, for a query.
  public struct Cell: Sendable, Equatable {
    /// The number of the listener, from 0.
    public var listener: Int
    /// The number of the other listener. Nil if the figure is of one listener.
    public var other: Int?
    /// The number of the query, from 0.
    public var query: Int
    /// The figure.
    public var value: Double
    /// The weight of the cell, in addition to the multiplicities.
    public var weight: Double

    public init(listener: Int, other: Int? = nil, query: Int, value: Double, weight: Double = 1) {
      (self.listener, self.other, self.query, self.value, self.weight) = (listener, other, query, value, weight)
    }
  }

  /// The weighted mean of the cells without resampling; NaN if there are none.
  public static func mean(_ cells: [Cell]) -> Double {
    let weight = cells.reduce(0) { $0 + $1.weight }
    return weight > 0 ? cells.reduce(0) { $0 + $1.weight * $1.value } / weight : .nan
  }

  /// Cells of pairs of listeners who judged the same, such as a page, weighted so that together they count as much as these
  /// listeners do. There are more pairs than listeners, so that unweighted ones would give what many have judged more weight
  /// than it has in figures of single listeners.
  public static func weightedAsListeners(_ pairs: [Cell]) -> [Cell] {
    let listeners = Set(pairs.flatMap { [$0.listener, $0.other ?? $0.listener] })
    return pairs.map { pair in
      var pair = pair
      pair.weight = Double(listeners.count) / Double(pairs.count)
      return pair
    }
  }

  /// The cells of one output, query by query. Those of single listeners are added up beforehand.
  private struct Group: Sendable {
    var queries: [Query] = []
    var listeners: [Int32] = []
    var sums: [Double] = [], weights: [Double] = []
    /// For pairs: both listeners.
    var firsts: [Int32] = [], others: [Int32] = []
    var pairSums: [Double] = [], pairWeights: [Double] = []
  }

  private struct Query: Sendable {
    var number: Int
    /// Its ranges among the single listeners, and among the pairs.
    var alone: Range<Int>, pairs: Range<Int>
  }

  private let groups: [Group]

  /// One output for each group of cells: a system, a condition, a ceiling. An output is undefined if its cells have no
  /// weight.
  public init(_ groups: [[Cell]]) {
    self.groups = groups.map { cells in
      let sorted = cells.sorted {
        ($0.query, $0.listener, $0.other ?? -1) < ($1.query, $1.listener, $1.other ?? -1)
      }
      var group = Group()
      for cell in sorted {
        if group.queries.last?.number != cell.query {
          let alone = group.listeners.count, pairs = group.others.count
          group.queries.append(Query(number: cell.query, alone: alone..<alone, pairs: pairs..<pairs))
        }
        let query = group.queries.count - 1
        if let other = cell.other {
          group.firsts.append(Int32(cell.listener))
          group.others.append(Int32(other))
          group.pairSums.append(cell.weight * cell.value)
          group.pairWeights.append(cell.weight)
          group.queries[query].pairs = group.queries[query].pairs.lowerBound..<group.others.count
        } else {
          let own = group.queries[query].alone
          if own.isEmpty || group.listeners[own.upperBound - 1] != Int32(cell.listener) {
            group.listeners.append(Int32(cell.listener))
            group.sums.append(0)
            group.weights.append(0)
            group.queries[query].alone = own.lowerBound..<group.listeners.count
          }
          group.sums[group.sums.count - 1] += cell.weight * cell.value
          group.weights[group.weights.count - 1] += cell.weight
        }
      }
      return group
    }
  }

  public var outputs: Int { groups.count }

  public func workspace() {}

  public func evaluate(_ weights: CrossedWeights, _ workspace: inout Void, into values: inout [Double]) {
    values = evaluate(all: [weights], &workspace)
  }

  /// The number of resamples that are computed at once.
  private typealias Lanes = SIMD8<Double>

  /// The cells of one query are processed for all weights before the next query's, since all cells may not fit into a
  /// processor's cache. Resamples are taken eight at a time: a cell is read once for all eight, and each resample adds
  /// up its cells in the same order as it would alone.
  public func evaluate(all weights: [CrossedWeights], _ workspace: inout Void) -> [Double] {
    var values = Array(repeating: Double.nan, count: weights.count * groups.count)
    for start in stride(from: 0, to: weights.count, by: Lanes.scalarCount) {
      let sets = weights[start..<min(start + Lanes.scalarCount, weights.count)]
      let multiplicities = Self.multiplicities(sets), ofListeners = multiplicities.span
      for (output, group) in groups.enumerated() {
        let listeners = group.listeners.span, sums = group.sums.span, own = group.weights.span
        let firsts = group.firsts.span, others = group.others.span
        let pairSums = group.pairSums.span, pairWeights = group.pairWeights.span
        var totals = Lanes.zero, counts = Lanes.zero
        for query in group.queries {
          var weight = Lanes.zero
          for (lane, set) in sets.enumerated() { weight[lane] = Double(set.queries[query.number]) }
          guard weight.max() > 0 else { continue }
          var sum = Lanes.zero, count = Lanes.zero
          for i in query.alone {
            let copies = ofListeners[Int(listeners[unchecked: i])]
            sum += copies * sums[unchecked: i]
            count += copies * own[unchecked: i]
          }
          for i in query.pairs {
            let copies = ofListeners[Int(firsts[i])] * ofListeners[Int(others[i])]
            sum += copies * pairSums[i]
            count += copies * pairWeights[i]
          }
          let isDrawn = weight .> 0
          totals += (weight * sum).replacing(with: 0, where: .!isDrawn)
          counts += (weight * count).replacing(with: 0, where: .!isDrawn)
        }
        for lane in 0..<sets.count where counts[lane] > 0 {
          values[(start + lane) * groups.count + output] = totals[lane] / counts[lane]
        }
      }
    }
    return values
  }

  /// By listener: how often each of up to eight resamples contains the listener.
  private static func multiplicities(_ sets: ArraySlice<CrossedWeights>) -> [Lanes] {
    var found = Array(repeating: Lanes.zero, count: sets.first?.listeners.count ?? 0)
    for (lane, set) in sets.enumerated() {
      for listener in found.indices { found[listener][lane] = Double(set.listeners[listener]) }
    }
    return found
  }
}
