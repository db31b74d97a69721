import Basics
import Statistics
import Testing

/// Sums of pages' figures by matrix products equal the sums page by page.
@Suite struct FigureSumsTests {
  private typealias Page = (group: Int, listener: Int, query: Int, figures: [(sum: Double, weight: Double)])

  private static let listeners = 9, queries = 5

  /// Four figures: two that are undefined on some pages, one with random weights, and one that is defined where the
  /// second is.
  private static func pages(_ count: Int, groups: Int, _ random: inout SeededRandom) -> [Page] {
    (0..<count).map { _ in
      func figure(_ weight: Double) -> (sum: Double, weight: Double) { (weight * random.normal(), weight) }
      let first = figure(random.below(4) == 0 ? 0 : 1), second = figure(random.below(4) == 0 ? 0 : 1)
      let third = figure(Double(random.below(4)) / 2), twin = figure(second.weight)
      return (
        random.below(groups), random.below(listeners), random.below(queries), [first, second, third, twin]
      )
    }
  }

  private static func weights(_ count: Int, _ random: inout SeededRandom) -> [CrossedWeights] {
    (0..<count).map { _ in
      CrossedWeights(
        listeners: (0..<listeners).map { _ in Int32(random.below(4)) },
        queries: (0..<queries).map { _ in Int32(random.below(3)) })
    }
  }

  private static func sums(_ pages: [Page], groups: Int) -> FigureSums {
    var sums = FigureSums(width: 4, groups: groups)
    for page in pages {
      sums.add(group: page.group, listener: page.listener, query: page.query) { page.figures[$0] }
    }
    return sums
  }

  @Test(arguments: [(3, 1, 1), (40, 2, 33), (1300, 3, 70)])
  func sumsAreThoseOfThePages(_ design: (pages: Int, groups: Int, sets: Int)) {
    var random = SeededRandom(seed: 21, "figure sums")
    let pages = Self.pages(design.pages, groups: design.groups, &random)
    let sums = Self.sums(pages, groups: design.groups), weights = Self.weights(design.sets, &random)
    let found = sums.sums(weights)
    #expect(found.count == design.sets * design.groups * 2 * 4)
    for (r, set) in weights.enumerated() {
      for group in 0..<design.groups {
        for k in 0..<4 {
          var sum = 0.0, weight = 0.0
          for page in pages where page.group == group {
            let both = Double(set.listeners[page.listener] * set.queries[page.query])
            sum += both * page.figures[k].sum
            weight += both * page.figures[k].weight
          }
          let first = (r * design.groups + group) * 2 * 4
          #expect(abs(found[first + k] - sum) < 1e-9 && found[first + 4 + k] == weight)
        }
      }
      // A resample's sums do not depend on the other resamples.
      let alone = sums.sums([set])
      let first = r * alone.count
      #expect(alone == Array(found[first..<first + alone.count]))
    }
  }

  @Test func meansAreThoseOfWeightedCells() {
    var random = SeededRandom(seed: 22, "figure means")
    let pages = Self.pages(60, groups: 2, &random), weights = Self.weights(40, &random)
    let cells = (0...2).flatMap { group in
      (0..<4).map { k in
        pages.filter { (group == 2 || $0.group == group) && $0.figures[k].weight > 0 }.map { page in
          let figure = page.figures[k]
          return WeightedCells.Cell(
            listener: page.listener, query: page.query, value: figure.sum / figure.weight, weight: figure.weight)
        }
      }
    }
    let means = FigureMeans(Self.sums(pages, groups: 2)), plain = WeightedCells(cells)
    var room: Void = ()
    let found = means.evaluate(all: weights, &room), expected = plain.evaluate(all: weights, &room)
    #expect(means.outputs == 12 && found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-12 || a.isNaN && b.isNaN) }
  }
}
