import Basics
import Statistics
import Testing

/// Sums of pages' figures by matrix products are those taken page by page.
@Suite struct FigureSumsTests {
  @Test(arguments: [(3, 1, 1), (40, 2, 33), (1300, 3, 70)])
  func sumsAreThoseOfThePages(_ design: (pages: Int, groups: Int, sets: Int)) {
    var random = SeededRandom(seed: 21, "figure sums")
    let listeners = 9, queries = 5, width = 4
    var pages: [(group: Int, listener: Int, query: Int, figures: [Double])] = []
    for _ in 0..<design.pages {
      let figures = (0..<width).map { _ in random.below(4) == 0 ? Double.nan : random.normal() }
      // The last two are defined together.
      let twins = figures[2].isNaN ? Double.nan : random.normal()
      pages.append(
        (random.below(design.groups), random.below(listeners), random.below(queries), figures.prefix(3) + [twins]))
    }
    let sums = FigureSums(
      pages.map { .init(group: $0.group, listener: $0.listener, query: $0.query, figures: $0.figures) }, width: width,
      groups: design.groups)
    let weights = (0..<design.sets).map { _ in
      CrossedWeights(
        listeners: (0..<listeners).map { _ in Int32(random.below(4)) },
        queries: (0..<queries).map { _ in Int32(random.below(3)) })
    }
    let found = sums.sums(weights)
    #expect(found.count == design.sets * design.groups * 2 * width)
    for (r, set) in weights.enumerated() {
      for group in 0..<design.groups {
        for k in 0..<width {
          var sum = 0.0, weight = 0.0
          for page in pages where page.group == group && !page.figures[k].isNaN {
            let both = Double(set.listeners[page.listener] * set.queries[page.query])
            sum += both * page.figures[k]
            weight += both
          }
          let first = (r * design.groups + group) * 2 * width
          #expect(abs(found[first + k] - sum) < 1e-9 && found[first + width + k] == weight)
        }
      }
      // Whatever stands beside it.
      let alone = sums.sums([set])
      #expect(alone[...] == found[(r * alone.count)..<((r + 1) * alone.count)])
    }
  }
}
