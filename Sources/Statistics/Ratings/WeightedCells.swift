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

  /// The cells of one output: runs of one query and one listener, which are passed over together when either is not in
  /// the resample.
  private struct Group: Sendable {
    var runs: [Run] = []
    /// The other listener of each pair, and what its cell adds.
    var others: [Int32] = []
    var sums: [Double] = []
    var weights: [Double] = []
  }

  private struct Run: Sendable {
    var query: Int32, listener: Int32
    /// Of the cells of the listener alone.
    var sum = 0.0, weight = 0.0
    /// The cells of pairs.
    var pairs: Range<Int>
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
        let (query, listener) = (Int32(cell.query), Int32(cell.listener)), end = group.others.count
        if group.runs.last.map({ $0.query != query || $0.listener != listener }) ?? true {
          group.runs.append(Run(query: query, listener: listener, pairs: end..<end))
        }
        let run = group.runs.count - 1
        if let other = cell.other {
          group.others.append(Int32(other))
          group.sums.append(cell.weight * cell.value)
          group.weights.append(cell.weight)
          group.runs[run].pairs = group.runs[run].pairs.lowerBound..<(end + 1)
        } else {
          group.runs[run].sum += cell.weight * cell.value
          group.runs[run].weight += cell.weight
        }
      }
      return group
    }
  }

  public var outputs: Int { groups.count }

  public func workspace() {}

  public func evaluate(_ weights: CrossedWeights, _ workspace: inout Void, into values: inout [Double]) {
    let listeners = weights.listeners.span, queries = weights.queries.span
    for (output, group) in groups.enumerated() {
      let others = group.others.span, sums = group.sums.span, pairWeights = group.weights.span
      var sum = 0.0, count = 0.0
      for run in group.runs {
        let weight = listeners[Int(run.listener)] &* queries[Int(run.query)]
        guard weight > 0 else { continue }
        var runSum = run.sum, runCount = run.weight
        for i in run.pairs {
          let copies = Double(listeners[Int(others[i])])
          runSum += copies * sums[i]
          runCount += copies * pairWeights[i]
        }
        sum += Double(weight) * runSum
        count += Double(weight) * runCount
      }
      values[output] = count > 0 ? sum / count : .nan
    }
  }
}
