import Agreement
import Foundation
import Ratings
import Statistics
import Testing

/// The single-pass statistic over a whole study equals the per-page statistics computed one by one.
@Suite struct AgreementStatisticTests {
  @Test func ceilingsAndConsensusAreThoseOfTheStatisticsRoom() throws {
    let generated = GeneratedStudy(listeners: 9, queries: 7, pages: 5)
    let plan = quickPlan { $0.screening.apply = [] }
    let findings = try generated.analysis(plan).findings()
    let study = try RatedStudy(table(generated.ratings), rankings: rankingsTable(generated.rankings), plan: plan)
    let pages = RatingPages(
      listeners: study.listeners.count, queries: study.queries.count,
      lists: study.items.map { RatingPages.List(query: $0.query, items: $0.candidates.count) },
      pages: study.pages.filter(\.isMain).map {
        RatingPages.Page(listener: $0.listener, list: $0.item, items: $0.candidates, values: $0.ratings)
      })
    let systems = study.systems.indices.map { system in study.items.map { $0.ranks[system].map { -$0 } } }
    let measure: PageMeasure = { spearman($0, $1) }
    let ones = CrossedWeights.ones(listeners: study.listeners.count, queries: study.queries.count)
    func values(_ statistic: some CrossedStatistic) -> [Double] {
      var workspace = statistic.workspace(), values = Array(repeating: Double.nan, count: statistic.outputs)
      statistic.evaluate(ones, &workspace, into: &values)
      return values
    }
    func isNear(_ value: Double?, _ other: Double) -> Bool { abs((value ?? .nan) - other) < 1e-12 }
    let crowd = values(CrowdCeiling(pages, measure: measure))
    // By item, the mean over pairs of listeners; over items, weighted by pages.
    let single = pages.lists.indices.reduce(into: (sum: 0.0, weight: 0.0)) { known, list in
      let own = RatingPages(
        listeners: study.listeners.count, queries: study.queries.count, lists: pages.lists,
        pages: pages.pages.filter { $0.list == list })
      let cells = own.pairs(measure)
      guard !cells.isEmpty else { return }
      known.sum += Double(own.pages.count) * WeightedCells.mean(cells)
      known.weight += Double(own.pages.count)
    }
    #expect(isNear(findings.number("ceilings", "value", where: ["ceiling": "crowd_lower"]), crowd[0]))
    #expect(isNear(findings.number("ceilings", "value", where: ["ceiling": "crowd_upper"]), crowd[1]))
    #expect(
      isNear(findings.number("ceilings", "value", where: ["ceiling": "single_listener"]), single.sum / single.weight))
    for (system, consensus) in values(ConsensusAgreement(pages, systems: systems, measure: measure)).enumerated() {
      let key = ["level": "consensus", "metric": "spearman", "system": study.systems[system]]
      #expect(isNear(findings.number("agreement", "value", where: key), consensus))
    }
    for (system, scores) in pages.scores(systems, measure).enumerated() {
      let key = ["level": "individual", "metric": "spearman", "system": study.systems[system]]
      #expect(isNear(findings.number("agreement", "value", where: key), mean(scores.compactMap(\.self)) ?? .nan))
    }
  }
}
