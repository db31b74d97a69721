import Basics
import Statistics
import Testing

/// Sums over pairs of pages by vectors equal the sums pair by pair.
@Suite struct PagePairsTests {
  private func pages(_ listeners: Int, candidates: Int, shown: Int, levels: Int, seed: UInt64) -> RatingPages {
    var random = SeededRandom(seed: seed, "order vectors")
    var pages: [RatingPages.Page] = []
    for listener in 0..<listeners {
      // Some listeners have two pages, some see fewer candidates than most, and some rate everything alike.
      for _ in 0..<(listener % 5 == 0 ? 2 : 1) {
        let items = Array(random.shuffled(Array(0..<candidates)).prefix(listener % 3 == 0 ? shown : candidates))
        let values = items.map { _ in listener % 7 == 3 ? 1 : Double(random.below(levels)) }
        pages.append(.init(listener: listener, list: listener % 2, items: items, values: values))
      }
    }
    return RatingPages(
      listeners: listeners, queries: 2, lists: (0..<2).map { .init(query: $0, items: candidates) }, pages: pages)
  }

  @Test(arguments: OrderMeasure.allCases) func productsAreTheCorrelations(_ measure: OrderMeasure) throws {
    var random = SeededRandom(seed: 5, "products")
    for _ in 0..<200 {
      let n = 2 + random.below(9), levels = 2 + random.below(8)
      let a = (0..<n).map { _ in Double(random.below(levels)) }, b = (0..<n).map { _ in Double(random.below(levels)) }
      guard let x = measure.vector(a), let y = measure.vector(b) else { continue }
      let product = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
      let correlation = measure(a.span, b.span) ?? .nan
      #expect(abs(product - correlation) < 1e-12)
    }
    #expect(measure.vector([1, 1, 1]) == nil && measure.vector([1]) == nil && measure.vector([1, .nan]) == nil)
  }

  @Test(arguments: OrderMeasure.allCases, [(40, 6, 4), (14, 8, 5), (60, 5, 5)])
  func sumsAreThoseOfThePairs(_ measure: OrderMeasure, _ design: (listeners: Int, candidates: Int, shown: Int)) throws {
    let pages = pages(design.listeners, candidates: design.candidates, shown: design.shown, levels: 5, seed: 3)
    let minimum = 3
    let one: PageMeasure = { a, b in
      func isConstant(_ list: Span<Double>) -> Bool { list.indices.allSatisfy { list[$0] == list[0] } }
      return a.count < minimum || isConstant(a) || isConstant(b) ? nil : measure(a, b)
    }
    let cells = pages.pairs(one)
    #expect(!cells.isEmpty)
    var random = SeededRandom(seed: 9, "weights")
    for round in 0..<4 {
      let weights = (0..<design.listeners).map { _ in round == 0 ? Int32(1) : Int32(random.below(3)) }
      for list in 0..<2 {
        let own = pages.pages.filter { $0.list == list }
        var room = PagePairs.Workspace()
        let sums = PagePairs(own, measure: measure, minimum: minimum).sums(weights, &room)
        var agreement = 0.0, weight = 0.0
        for cell in cells where cell.query == list {
          let both = Double(weights[cell.listener] * weights[cell.other ?? 0])
          agreement += both * cell.value
          weight += both
        }
        #expect(abs(sums.weight - weight) < 1e-9 && abs(sums.agreement - agreement) < 1e-9)
      }
    }
    for list in 0..<2 {
      let own = pages.pages.filter { $0.list == list }
      let values: [Double?] = own.indices.map { $0 % 4 == 1 ? nil : Double($0) }
      let found = PagePairs.withOthers(own, values: values, measure: measure, minimum: minimum)
      for (i, page) in own.enumerated() {
        var expected = (agreement: 0.0, values: 0.0, count: 0.0)
        for (j, other) in own.enumerated() where other.listener != page.listener {
          guard let value = values[j] else { continue }
          let shared = page.items.filter(other.items.contains)
          func ratings(_ page: RatingPages.Page) -> [Double] {
            shared.compactMap { item in page.items.firstIndex(of: item).map { page.values[$0] } }
          }
          guard let agreement = one(ratings(page).span, ratings(other).span) else { continue }
          expected.agreement += agreement
          expected.values += value
          expected.count += 1
        }
        #expect(abs(found[i].agreement - expected.agreement) < 1e-9)
        #expect(found[i].values == expected.values && found[i].count == expected.count)
      }
    }
  }

  @Test(arguments: OrderMeasure.allCases) func chanceIsTheSame(_ measure: OrderMeasure) throws {
    let pages = pages(30, candidates: 6, shown: 5, levels: 6, seed: 8)
    let system: [[Double]] = [[6, 5, 5, 3, 2, 1], [1, 4, .nan, 2, 6, 3]]
    let one: PageMeasure = { a, b in
      func isConstant(_ list: Span<Double>) -> Bool { list.indices.allSatisfy { list[$0] == list[0] } }
      return isConstant(a) || isConstant(b) ? nil : measure(a, b)
    }
    let slow = try #require(pages.chance(system, permutations: 300, seed: 4, measure: one))
    let fast = try #require(pages.chance(system, permutations: 300, seed: 4, order: measure, measure: one))
    #expect(abs(slow.observed - fast.observed) < 1e-12 && abs(slow.chance - fast.chance) < 1e-12)
    #expect(slow.upper == fast.upper && slow.twoSided == fast.twoSided)
  }
}
