import Statistics
import Testing

@Suite("Rating pages: agreement and ceilings")
struct RatingPagesTests {
  struct Fixture: Decodable {
    struct List: Decodable { var query, items: Int }
    struct Page: Decodable {
      var listener, list: Int
      var items: [Int]
      var values: [Double]
    }
    struct Draw: Decodable { var listeners, queries: [Int] }
    var listeners, queries: Int
    var lists: [List]
    var pages: [Page]
    var systems: [[[Double?]]]
    var draws: [Draw]
    var estimate: [Double?]
    var resamples: [[Double?]]
  }

  @Test("agreement, ceilings and replayed resamples of a sparse design equal those computed rating by rating")
  func oracle() throws {
    let f = try Oracle.fixture("crossed", as: Fixture.self)
    let pages = RatingPages(
      listeners: f.listeners, queries: f.queries, lists: f.lists.map { .init(query: $0.query, items: $0.items) },
      pages: f.pages.reversed().map {
        .init(listener: $0.listener, list: $0.list, items: $0.items, values: $0.values)
      })
    let systems = f.systems.map { $0.map { $0.map { $0 ?? .nan } } }
    let individual = pages.scores(systems) { spearman($0, $1) }.map { scores in
      zip(pages.pages, scores).compactMap { page, score in
        score.map { WeightedCells.Cell(listener: page.listener, query: pages.lists[page.list].query, value: $0) }
      }
    }
    let measure: PageMeasure = { spearman($0, $1) }
    let statistic = JoinedStatistic(
      JoinedStatistic(WeightedCells(individual), ConsensusAgreement(pages, systems: systems, measure: measure)),
      JoinedStatistic(WeightedCells([pages.pairs(measure)]), CrowdCeiling(pages, measure: measure)))
    let draws = f.draws.map { CrossedBootstrap.Draw(listeners: $0.listeners, queries: $0.queries) }
    let result = CrossedBootstrap(listeners: f.listeners, queries: f.queries, replaying: draws).run(statistic)
    #expect(result.estimate.count == 9)
    for (output, expected) in f.estimate.enumerated() { #expect(close(result.estimate[output], expected)) }
    for (r, expected) in f.resamples.enumerated() {
      for output in 0..<9 {
        let value = result.values[output][r]
        #expect(close(value.isNaN ? nil : value, expected[output], 1e-10), "resample \(r), output \(output)")
      }
    }
  }

  @Test("equal sums tie, whatever the order of summation")
  func ties() {
    // Both candidates have the ratings 0.1, 0.2 and 0.3, in different orders; their floating-point sums differ.
    let pages = RatingPages(
      listeners: 3, queries: 1, lists: [.init(query: 0, items: 3)],
      pages: [[0.1, 0.3, 0.9], [0.2, 0.2, 0.9], [0.3, 0.1, 0.9]].enumerated().map {
        .init(listener: $0, list: 0, items: [0, 1, 2], values: $1)
      })
    let agreement = ConsensusAgreement(pages, systems: [[[1, 1, 2]]]) { spearman($0, $1) }
    let result = CrossedBootstrap(listeners: 3, queries: 1, resamples: 0, seed: 0).run(agreement)
    #expect(result.estimate == [1])
  }
}
