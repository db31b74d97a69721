import Basics
import Foundation
import Retrieval
import Statistics

/// The rankings of one system for all mixes of a test, asked for every class.
public struct Run: Sendable {
  public var name: String
  /// The family whose figures it counts towards: its own name, unless runs with several seeds share one.
  public var family: String
  /// By target, then by the class asked for (in the order of `TestSet.conditions`): how well the target was found in
  /// the ranking of the whole pool for its mix and that class.
  public var findings: [[Placing]]
  /// Whether its distances depend at all on the class asked for.
  public var takesCondition: Bool
  /// Whether it is a model from `earshot train`, in which case another training run would give a different one.
  public var isTrained: Bool
  /// For the listening page: by target, the first hundred of the pool when its class is asked for, with ties ordered by
  /// name.
  public var first: [[Int]]

  /// Ranks the whole pool for every mix and every class.
  /// - Parameter excerpts: excerpts of the test's catalogue, if long mixes are to be heard in parts.
  /// - Throws: any error of the system; a `Problem` for distances that are NaN.
  public init(
    _ entrant: Entrant, on test: TestSet, in excerpts: Excerpts? = nil, features: FeatureStore,
    progress: ProgressHandler? = nil
  ) throws {
    let system = entrant.system, excerpts = system.hears.isOwn ? excerpts : nil
    let asked = test.catalogue.queries
    let total = test.pool.count + asked.count
    let prepared = try system.prepare(test.pool, features: features) { done, of in
      progress?(done * test.pool.count / max(1, of), total)
    }
    let conditions = test.pool.map(\.condition)
    let places = Array(test.pool.indices)
    let depths = Placing.depths(pool: test.pool.count)
    let targetsOf = Dictionary(grouping: test.targets.indices) { test.targets[$0].mix }
    struct Answer: Sendable {
      var findings: [Int: Placing]
      var first: [Int]
      var distances: [Double]
    }
    let answers = try parallelMap(
      Array(asked.indices), progress: { done, _ in progress?(test.pool.count + done, total) }
    ) { i -> Answer in
      let query = asked[i]
      let distances =
        try excerpts?.distances(of: query, by: prepared, to: places) ?? prepared.distances(of: query, to: places)
      guard distances.count == places.count, let list = RankedList(distances: distances) else {
        throw Problem(
          "'\(system.name)' gives distances for '\(query.id)' (\(query.condition)) that are not numbers",
          mend: "Check how the distances were computed.")
      }
      var findings: [Int: Placing] = [:]
      for target in targetsOf[i / test.conditions.count, default: []] {
        findings[target] = Self.finding(
          of: test.targets[target], in: list, distances, conditions, asked: query.condition, depths)
      }
      let first = places.sorted { (distances[$0], test.pool[$0].id) < (distances[$1], test.pool[$1].id) }.prefix(100)
      return Answer(findings: findings, first: Array(first), distances: distances)
    }
    let count = test.conditions.count
    name = system.name
    family = entrant.family
    isTrained = system is ModelSystem || (system as? RefinedSystem)?.base is ModelSystem
    findings = test.targets.indices.map { target in
      (0..<count).compactMap { answers[test.targets[target].mix * count + $0].findings[target] }
    }
    takesCondition = test.mixes.indices.contains { mix in
      (1..<max(1, count)).contains { answers[mix * count + $0].distances != answers[mix * count].distances }
    }
    first = test.targets.map { target in
      answers[target.mix * count + (test.conditions.firstIndex(of: target.condition) ?? 0)].first
    }
  }

  /// How well a target was found in a ranking of the pool, from which other one-shots that are right as well are left out.
  private static func finding(
    of target: TestSet.Target, in list: RankedList, _ distances: [Double], _ conditions: [String], asked: String,
    _ depths: [Int]
  ) -> Placing? {
    guard !target.alsoRight.isEmpty else {
      return Placing(
        target.candidate, in: list, distances: distances, conditions: conditions, asked: asked, depths: depths)
    }
    let others = distances.indices.filter { !target.alsoRight.contains($0) }
    let left = others.map { distances[$0] }
    guard let place = others.firstIndex(of: target.candidate), let list = RankedList(distances: left) else {
      return nil
    }
    return Placing(
      place, in: list, distances: left, conditions: others.map { conditions[$0] }, asked: asked, depths: depths)
  }
}
