import Agreement
import Basics
import Foundation
import Study
import Testing

/// Problems of a plan that `earshot check` reports before the first listener.
@Suite struct PlanCheckTests {
  /// A study of eight loops. Its pages hold the first `topK` candidates of three systems, each of which ranks twenty
  /// kicks.
  private func study(topK: Int = 3, fillers: Int = 2, change: (inout StudyDefinition) -> Void = { _ in }) -> (
    StudyDesign, [Ranking]
  ) {
    var random = SeededRandom(seed: 4, "plan check"), rankings: [Ranking] = [], items: [StudyDesign.Item] = []
    var definition = StudyDefinition()
    (definition.pool.topK, definition.pool.randomFillers, definition.pool.maxPerTrial) = (topK, fillers, 20)
    for query in 0..<8 {
      var shown = ["reference"]
      for system in ["a", "b", "random"] {
        let order = random.shuffled((0..<20).map { "k\($0)" })
        rankings.append(
          Ranking(
            query: "q\(query)", condition: "kick", system: system,
            entries: order.enumerated().map { .init(rank: $0 + 1, candidate: $1) }))
        for name in order.prefix(topK) where !shown.contains(name) { shown.append(name) }
      }
      shown += (0..<20).map { "k\($0)" }.filter { !shown.contains($0) }.prefix(fillers)
      items.append(
        .init(
          query: "q\(query)", condition: "kick",
          candidates: shown.map { PlannedCandidate($0, isReference: $0 == "reference") }))
    }
    change(&definition)
    return (StudyDesign(definition: definition, version: "v", items: items, stimuli: []), rankings)
  }

  private func problems(_ plan: String, _ study: (StudyDesign, [Ranking])?) throws -> [Problem] {
    try inFolder { folder in
      let url = folder.appending(path: "analysis.yaml")
      try Data(plan.utf8).write(to: url)
      return PlanCheck(url, of: study?.0, rankings: study?.1 ?? []).problems
    }
  }

  /// Formerly only `earshot analyze` reported these, when it was too late to fix the plan.
  @Test(arguments: [
    ("systems: [a, rndom]", 1, "rndom"), ("title: x\nconditions: [snare]", 2, "snare"),
    ("pooling: {top_k: 3, systems: [zeta]}", 1, "zeta"), ("columns: {query: stimulus}", 1, "stimulus"),
    ("columns: {wide: [k1, k2]}", 1, "k1"), ("metric: speerman", 1, "speerman"), ("verdict:\n  margin: -1", 2, "-1"),
  ])
  func whatAnalyzeWouldRefuseIsToldBefore(plan: String, line: Int, named: String) throws {
    let found = try problems(plan, study())
    let errors = found.filter { $0.severity == .error }
    #expect(errors.contains { $0.place?.line == line && $0.what.contains(named) }, "\(found)")
    #expect(!errors.isEmpty && errors.allSatisfy { !$0.mend.isEmpty })
  }

  @Test func aSoundPlanHasNoProblem() throws {
    #expect(try problems("systems: [a, b, random]\nbaseline: random\nconditions: [kick]", study()) == [])
    #expect(try problems("", study()) == [])
    // Without a valid study, the plan itself is still checked.
    #expect(try problems("metric: speerman", nil).count == 1)
  }

  @Test(arguments: [
    ("screening: {apply: [anchor]}", "anchor"), ("baseline: zeta", "zeta"), ("scale: [1, 7]", "1 to 7"),
    ("reference: [k99]", "k99"), ("min_candidates: 40", "8 of 8 items"), ("top_k: 5", "only sure to show the first 3"),
  ])
  func rulesThatCanSayNothingAreWarnedOf(plan: String, named: String) throws {
    let found = try problems(plan, study())
    #expect(found.contains { $0.severity == .warning && $0.what.contains(named) }, "\(found)")
  }

  /// Designs that cannot be compared with chance.
  @Test func pagesOfFirstCandidatesAloneAreWarnedOf() throws {
    let without = try problems("", study(topK: 2, fillers: 0))
    #expect(without.contains { $0.severity == .warning && $0.mend.contains("random_fillers") }, "\(without)")
    let single = try problems("", study(topK: 1, fillers: 0))
    #expect(single.contains { $0.what.contains("will carry no information about the order of a") }, "\(single)")
    #expect(try problems("pooling: none", study(topK: 2, fillers: 0)) == [])
  }
}
