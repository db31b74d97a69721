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

    public init(listener: Int, other: Int? = nil, query: Int, value: Double) {
      (self.listener, self.other, self.query, self.value) = (listener, other, query, value)
    }
  }

  /// The cells of one output: runs of one query and one listener, which are passed over together when either is not in
  /// the resample.
  private struct Group: Sendable {
    var runs: [Run] = []
    /// The other listener of a pair, or a negative number.
    var others: [Int32]
    var values: [Double]
  }

  private struct Run: Sendable {
    var query: Int32, listener: Int32
    var cells: Range<Int>
    var arePairs: Bool
  }

  private let groups: [Group]

  /// One output for each group of cells: a system, a condition, a ceiling. An output is undefined where its cells have
  /// no weight.
  public init(_ groups: [[Cell]]) {
    self.groups = groups.map { cells in
      let sorted = cells.sorted {
        ($0.query, $0.listener, $0.other ?? -1) < ($1.query, $1.listener, $1.other ?? -1)
      }
      var group = Group(others: sorted.map { Int32($0.other ?? -1) }, values: sorted.map(\.value))
      for (i, cell) in sorted.enumerated() {
        let (query, listener, isPair) = (Int32(cell.query), Int32(cell.listener), cell.other != nil)
        if let last = group.runs.last, last.query == query, last.listener == listener, last.arePairs == isPair {
          group.runs[group.runs.count - 1].cells = last.cells.lowerBound..<(i + 1)
        } else {
          group.runs.append(Run(query: query, listener: listener, cells: i..<(i + 1), arePairs: isPair))
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
      let others = group.others.span, figures = group.values.span
      var sum = 0.0, count = 0.0
      for run in group.runs {
        let weight = listeners[Int(run.listener)] &* queries[Int(run.query)]
        guard weight > 0 else { continue }
        var runSum = 0.0, runCount = 0.0
        if run.arePairs {
          for i in run.cells {
            let copies = Double(listeners[Int(others[i])])
            runSum += copies * figures[i]
            runCount += copies
          }
        } else {
          for i in run.cells { runSum += figures[i] }
          runCount = Double(run.cells.count)
        }
        sum += Double(weight) * runSum
        count += Double(weight) * runCount
      }
      values[output] = count > 0 ? sum / count : .nan
    }
  }
}
