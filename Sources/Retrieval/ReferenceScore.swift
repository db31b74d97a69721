import Basics
import Foundation
import Statistics
import Study

/// How well a system finds the one-shot that really plays: a measure that needs no listeners.
///
/// hit@k is the share of queries with a reference among the first k candidates; MRR is the mean reciprocal rank. Ties
/// count by their expectation over random orders. If several drums of the class play, the first one found counts. Intervals
/// are 95 % percentile intervals from resampling mixes 2,000 times, because the queries of one mix are not independent; they
/// are expanded for few mixes (`Resamples.percentile(_:level:units:)`). If all resamples are equal (a hit rate of 0 or 1),
/// Wilson's interval is used, with as many cases as there are mixes.
public struct ReferenceScore: Sendable, Equatable {
  /// The system's name in the rankings.
  public var system: String
  /// Empty for all classes together.
  public var condition: String
  /// The number of queries that have a known reference and were ranked by the system.
  public var queryCount: Int
  /// The number of mixes that those queries come from; the units that are resampled.
  public var mixCount: Int
  /// hit@1, hit@5 and MRR, from 0 to 1.
  public var hit1, hit5, mrr: Figure
  /// The exact expected scores of a random order of all candidates of the class, on the same queries.
  public var chance: Chance

  /// A score and, if there are enough mixes, its interval.
  public struct Figure: Sendable, Equatable {
    /// From 0 to 1.
    public var value: Double
    /// 95 %. Nil with a single mix.
    public var interval: Interval?
  }

  /// The expected scores of a random order.
  public struct Chance: Sendable, Equatable {
    /// hit@1, hit@5 and MRR, from 0 to 1.
    public var hit1, hit5, mrr: Double
  }

  /// For every system, in the order of its first ranking: all classes together and, if there are several classes, each
  /// of them by name. Rankings of queries without a known reference are left out.
  public static func scores(of rankings: [Ranking], in catalogue: Catalogue, seed: UInt64 = 0) -> [ReferenceScore] {
    let references = Dictionary(
      catalogue.references.map { ([$0.key.id, $0.key.condition], $0.value) }, uniquingKeysWith: { first, _ in first })
    let sizes = Dictionary(grouping: catalogue.candidates, by: \.condition).mapValues(\.count)
    var systems: [String] = []
    var rows: [String: [Row]] = [:]
    for ranking in rankings {
      guard let right = references[[ranking.query, ranking.condition]],
        let row = Row(ranking, right, of: sizes[ranking.condition, default: 0])
      else { continue }
      if rows[ranking.system] == nil { systems.append(ranking.system) }
      rows[ranking.system, default: []].append(row)
    }
    return systems.flatMap { system in
      let rows = rows[system, default: []]
      let conditions = Set(rows.map(\.condition)).sorted()
      return ([nil] + (conditions.count > 1 ? conditions.map(Optional.some) : [])).map { condition in
        ReferenceScore(system, condition ?? "", rows.filter { condition == nil || $0.condition == condition }, seed)
      }
    }
  }

  /// The scores of one query.
  private struct Row {
    var mix, condition: String
    var figures: [Double]
    var chance: [Double]

    /// A reference that is missing from the ranking (because a list was cut short) counts as not found.
    init?(_ ranking: Ranking, _ right: [String], of count: Int) {
      guard count > 0, let list = RankedList(distances: ranking.entries.map { Double($0.rank) }) else { return nil }
      let relevant = ranking.entries.map { right.contains($0.candidate) }
      (mix, condition) = (ranking.query, ranking.condition)
      figures = [
        list.hit(relevant: relevant, at: 1) ?? 0, list.hit(relevant: relevant, at: 5) ?? 0,
        list.reciprocalRank(relevant: relevant) ?? 0,
      ]
      // A random order is one great tie.
      let isRight = (0..<count).map { $0 < max(1, right.count) }
      guard let tied = RankedList(distances: [Double](repeating: 0, count: count)) else { return nil }
      chance = [
        tied.hit(relevant: isRight, at: 1) ?? 0, tied.hit(relevant: isRight, at: 5) ?? 0,
        tied.reciprocalRank(relevant: isRight) ?? 0,
      ]
    }
  }

  private init(_ system: String, _ condition: String, _ rows: [Row], _ seed: UInt64) {
    let mixes = Dictionary(grouping: rows, by: \.mix).sorted { $0.key < $1.key }.map(\.value)
    let sums = mixes.map { rows in (0..<3).map { i in rows.reduce(0) { $0 + $1.figures[i] } } }
    let counts = mixes.map { Double($0.count) }
    let statistic = FunctionStatistic(outputs: 3) { weights in
      let total = zip(weights.queries, counts).reduce(0) { $0 + Double($1.0) * $1.1 }
      return (0..<3).map { i in zip(weights.queries, sums).reduce(0) { $0 + Double($1.0) * $1.1[i] } / total }
    }
    let bootstrap = CrossedBootstrap(
      listeners: 1, queries: mixes.count, resamples: 2000, seed: seed, factors: .queries)
    let resamples = bootstrap.run(statistic)
    func figure(_ i: Int) -> Figure {
      let value = resamples.estimate[i]
      return Figure(
        value: value,
        interval: mixes.count > 1
          ? resamples.percentile(i, units: mixes.count)?.widened(around: value, units: mixes.count) : nil)
    }
    func chance(_ i: Int) -> Double { rows.reduce(0) { $0 + $1.chance[i] } / Double(rows.count) }
    self.system = system
    self.condition = condition
    queryCount = rows.count
    mixCount = mixes.count
    (hit1, hit5, mrr) = (figure(0), figure(1), figure(2))
    self.chance = Chance(hit1: chance(0), hit5: chance(1), mrr: chance(2))
  }
}
