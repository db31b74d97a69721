/// The mean of figures that each belong to a listener (or a pair of listeners) and a query, for instance the agreement
/// of each page with a system. In a resample a cell counts as often as its listener times its query, and one of a pair
/// as often as the product of both listeners' multiplicities: no listener meets a copy of itself, since there is no cell
/// of a listener with itself.
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

  private struct Packed: Sendable {
    var listener: Int32, other: Int32, query: Int32
    var value: Double
  }

  private let groups: [[Packed]]

  /// One output for each group of cells: a system, a condition, a ceiling. An output is undefined where its cells have
  /// no weight.
  public init(_ groups: [[Cell]]) {
    self.groups = groups.map { cells in
      cells.map {
        Packed(listener: Int32($0.listener), other: Int32($0.other ?? -1), query: Int32($0.query), value: $0.value)
      }
    }
  }

  public var outputs: Int { groups.count }

  public func workspace() {}

  public func evaluate(_ weights: CrossedWeights, _ workspace: inout Void, into values: inout [Double]) {
    let listeners = weights.listeners.span, queries = weights.queries.span
    for (output, cells) in groups.enumerated() {
      var sum = 0.0, count = 0.0
      for cell in cells {
        var weight = listeners[Int(cell.listener)] &* queries[Int(cell.query)]
        if cell.other >= 0 { weight &*= listeners[Int(cell.other)] }
        sum += Double(weight) * cell.value
        count += Double(weight)
      }
      values[output] = count > 0 ? sum / count : .nan
    }
  }
}
