/// The mean of figures that each belong to a listener (or a pair of listeners) and a query, for instance the agreement
/// of each page with a system. In a resample a cell counts as often as its listener times its query, and one of a pair
/// as often as the product of both listeners' multiplicities: no listener meets a copy of itself, since there is no
/// cell of a listener with itself.
public struct WeightedCells: CrossedStatistic {
  public struct Cell: Sendable, Equatable {
    public var listener: Int
    public var other: Int?
    public var query: Int
    public var value: Double
    /// How much it counts, beside the multiplicities.
    public var weight: Double

    public init(listener: Int, other: Int? = nil, query: Int, value: Double, weight: Double = 1) {
      (self.listener, self.other, self.query, self.value, self.weight) = (listener, other, query, value, weight)
    }
  }

  /// The weighted mean of cells as they are; not-a-number of none.
  public static func mean(_ cells: [Cell]) -> Double {
    let weight = cells.reduce(0) { $0 + $1.weight }
    return weight > 0 ? cells.reduce(0) { $0 + $1.weight * $1.value } / weight : .nan
  }

  /// The cells of one output, query by query. Those of a listener alone are added up beforehand.
  private struct Group: Sendable {
    var queries: [Query] = []
    var listeners: [Int32] = []
    var sums: [Double] = [], weights: [Double] = []
    /// Of pairs: both listeners.
    var firsts: [Int32] = [], others: [Int32] = []
    var pairSums: [Double] = [], pairWeights: [Double] = []
  }

  private struct Query: Sendable {
    var number: Int
    /// Its places among the listeners, and among the pairs.
    var alone: Range<Int>, pairs: Range<Int>
  }

  private let groups: [Group]

  /// One output for each group of cells: a system, a condition, a ceiling. An output is undefined where its cells have
  /// no weight.
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

  /// The cells of a query are gone through for all weights before the next query's: there may be more of them than fit into
  /// a processor's cache.
  public func evaluate(all weights: [CrossedWeights], _ workspace: inout Void) -> [Double] {
    var values = Array(repeating: Double.nan, count: weights.count * groups.count)
    for (output, group) in groups.enumerated() {
      let listeners = group.listeners.span, sums = group.sums.span, own = group.weights.span
      let firsts = group.firsts.span, others = group.others.span
      let pairSums = group.pairSums.span, pairWeights = group.pairWeights.span
      var totals = Array(repeating: 0.0, count: weights.count), counts = totals
      for query in group.queries {
        for (r, set) in weights.enumerated() {
          let weight = Double(set.queries[query.number]), ofListeners = set.listeners.span
          guard weight > 0 else { continue }
          var sum = 0.0, count = 0.0
          for i in query.alone {
            let copies = Double(ofListeners[Int(listeners[unchecked: i])])
            sum += copies * sums[unchecked: i]
            count += copies * own[unchecked: i]
          }
          for i in query.pairs {
            let copies = Double(ofListeners[Int(firsts[i])] &* ofListeners[Int(others[i])])
            sum += copies * pairSums[i]
            count += copies * pairWeights[i]
          }
          totals[r] += weight * sum
          counts[r] += weight * count
        }
      }
      for r in weights.indices where counts[r] > 0 { values[r * groups.count + output] = totals[r] / counts[r] }
    }
    return values
  }
}
