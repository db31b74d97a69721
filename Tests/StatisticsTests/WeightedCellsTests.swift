import Basics
import Statistics
import Testing

/// Weighted means of cells are the same for many sets of weights at once as for each alone, and follow the definition.
@Suite struct WeightedCellsTests {
  @Test(arguments: [1, 7, 8, 9, 33])
  func manySetsOfWeightsAreAsOneByOne(_ count: Int) {
    var random = SeededRandom(seed: 5, "weighted cells")
    let listeners = 11, queries = 6
    // Cells of single listeners, of pairs, and of both; one group has no cells.
    let groups = [(true, false), (false, true), (true, true), (false, false)].map { alone, pairs in
      (0..<(alone || pairs ? 70 : 0)).map { i -> WeightedCells.Cell in
        let listener = random.below(listeners), isPair = pairs && (!alone || i % 2 == 0)
        return WeightedCells.Cell(
          listener: listener, other: isPair ? (listener + 1 + random.below(listeners - 1)) % listeners : nil,
          query: random.below(queries), value: random.normal(), weight: Double(1 + random.below(3)) / 2)
      }
    }
    let weights = (0..<count).map { set in
      // The first set has no listener.
      CrossedWeights(
        listeners: (0..<listeners).map { _ in set == 0 ? 0 : Int32(random.below(3)) },
        queries: (0..<queries).map { _ in Int32(random.below(3)) })
    }
    let statistic = WeightedCells(groups)
    var room: Void = statistic.workspace()
    let found = statistic.evaluate(all: weights, &room)
    #expect(found.count == count * groups.count)
    for (r, set) in weights.enumerated() {
      var alone = Array(repeating: Double.nan, count: groups.count)
      statistic.evaluate(set, &room, into: &alone)
      for (g, cells) in groups.enumerated() {
        let value = found[r * groups.count + g]
        #expect(value == alone[g] || value.isNaN && alone[g].isNaN)
        var sum = 0.0, weight = 0.0
        for cell in cells {
          let copies = set.listeners[cell.listener] * (cell.other.map { set.listeners[$0] } ?? 1)
          let both = Double(copies * set.queries[cell.query]) * cell.weight
          sum += both * cell.value
          weight += both
        }
        #expect(weight > 0 ? abs(value - sum / weight) < 1e-12 : value.isNaN)
      }
    }
  }
}
