import Basics
import Statistics
import Testing

@Suite("Plackett–Luce models of orders")
struct PlackettLuceTests {
  private struct Fixture: Decodable {
    struct Case: Decodable {
      let items: Int, orders: [[[Int]]], strengths: [Double], sizes: [Int], deltas: [Double], logLikelihood: Double
    }
    let plackettLuce: [Case]
  }

  private func orders(_ items: Int, _ all: [[[Int]]]) -> Orders {
    var orders = Orders(items: items)
    for order in all { orders.add(order) }
    return orders
  }

  @Test func asOtherPrograms() throws {
    for one in try Oracle.fixture("groups", as: Fixture.self).plackettLuce {
      let model = try #require(PlackettLuceModel(orders(one.items, one.orders)))
      #expect(close(model.logLikelihood, one.logLikelihood, 1e-10))
      for (ours, theirs) in zip(model.strengths, one.strengths) { #expect(close(ours, theirs, 2e-6)) }
      #expect(model.ties.map(\.size) == one.sizes && model.parameters == one.items - 1 + one.sizes.count)
      for (ours, theirs) in zip(model.ties, one.deltas) { #expect(close(ours.value, theirs, 2e-6)) }
    }
  }

  @Test func ofTwoItIsTheLogOfTheOdds() throws {
    // With odds of 3 to 1 the strengths differ by log 3, half of it on each side of the mean; the error of the
    // difference is √(1/3 + 1).
    let model = try #require(PlackettLuceModel(orders(2, [[[0], [1]], [[0], [1]], [[0], [1]], [[1], [0]]])))
    #expect(close(model.strengths[0], 0.5493061443340549) && close(model.strengths[1], -0.5493061443340549))
    #expect(close(model.standardErrors[0], (4.0 / 3).squareRoot() / 2, 1e-9))
  }

  @Test func asPairedChoicesWithTies() throws {
    // With two items and ties, it is Davidson's model.
    var choices = PairedChoices(items: 3), all: [[[Int]]] = []
    for (i, j, wins, losses, ties) in [(0, 1, 5, 3, 2), (0, 2, 4, 1, 3), (1, 2, 6, 2, 1)] {
      choices.add(winner: i, loser: j, count: Double(wins))
      choices.add(winner: j, loser: i, count: Double(losses))
      choices.addTie(i, j, count: Double(ties))
      all += Array(repeating: [[i], [j]], count: wins) + Array(repeating: [[j], [i]], count: losses)
      all += Array(repeating: [[i, j]], count: ties)
    }
    let model = try #require(PlackettLuceModel(orders(3, all))), other = try #require(PairedChoiceModel(choices))
    for i in 0..<3 {
      #expect(close(model.strengths[i], other.strengths[i], 1e-9))
      #expect(close(model.standardErrors[i], other.standardErrors[i], 1e-9))
    }
    #expect(close(model.ties[0].value, other.tie, 1e-9) && close(model.ties[0].standardError, other.tieError, 1e-9))
    #expect(close(model.logLikelihood, other.logLikelihood, 1e-12))
  }

  @Test func countsAreCopies() throws {
    let all: [[[Int]]] = [[[0], [1], [2]], [[2], [0], [1]], [[1], [0], [2]], [[1], [2], [0]]]
    let counted = try #require(PlackettLuceModel(orders(3, all), counts: [2, 1, 3, 0]))
    let copied = try #require(PlackettLuceModel(orders(3, [all[0], all[0], all[1], all[2], all[2], all[2]])))
    for i in 0..<3 { #expect(close(counted.strengths[i], copied.strengths[i], 1e-9)) }
    let again = try #require(PlackettLuceModel(orders(3, all), counts: [2, 1, 3, 0], from: copied))
    for i in 0..<3 { #expect(close(again.strengths[i], copied.strengths[i], 1e-9)) }
  }

  @Test func noFiniteStrengths() {
    // One item always first; two groups that are never compared; only ties; no orders.
    #expect(PlackettLuceModel(orders(3, [[[0], [1], [2]], [[0], [2], [1]]])) == nil)
    #expect(PlackettLuceModel(orders(4, [[[0], [1]], [[1], [0]], [[2], [3]], [[3], [2]]])) == nil)
    #expect(PlackettLuceModel(orders(2, [[[0, 1]], [[0, 1]]])) == nil)
    #expect(PlackettLuceModel(orders(3, [])) == nil && PlackettLuceModel(orders(1, [[[0]]])) == nil)
    #expect(PlackettLuceModel(orders(2, [[[0], [1]], [[1], [0]]]), counts: [0, 0]) == nil)
  }

  /// An item that is first wherever it occurs has no finite strength, however many orders of others there are.
  @Test func separationIsFoundAmongManyOrders() {
    var random = SeededRandom(seed: 3, "separation"), all: [[[Int]]] = []
    for _ in 0..<2000 { all.append(random.shuffled([1, 2, 3, 4, 5]).map { [$0] }) }
    #expect(PlackettLuceModel(orders(6, all + [[[0], [1], [2], [3], [4], [5]]])) == nil)
    #expect(PlackettLuceModel(orders(6, all + [[[0], [1], [2]], [[2], [0]]])) != nil)
  }
}
