import Foundation
import Statistics

/// How well a system found one target in one ranking of the whole pool. With ties, figures are expected values over all
/// orders of the tied items (`RankedList`).
public struct Placing: Sendable, Equatable {
  /// The expected reciprocal of the place.
  public var reciprocalRank: Double
  /// The probability of being among the first 1, 5 and 10.
  public var first1, first5, first10: Double
  /// The expected place, from 1.
  public var place: Double
  /// The expected place scaled to run from 0 (first) to 1 (last).
  public var normalisedRank: Double
  /// The expected share, among the first 10, of one-shots of a class other than the one asked for.
  public var wrongClass: Double
  /// The expected reciprocal of the place among the one-shots of the target's own class.
  public var ownClassReciprocalRank: Double
  /// The probability of being among the first `Placing.depths(pool:)[i]`.
  var curve: [Double]
}

/// The figures of an evaluation. Each is a mean over targets, except the median.
public enum Measure: String, Sendable, CaseIterable {
  case mrr, recall1 = "recall_1", recall5 = "recall_5", recall10 = "recall_10"
  case medianRank = "median_normalised_rank", meanRank = "mean_normalised_rank"
  case wrongClass = "wrong_class_first_10"
  case ownClassMRR = "mrr_own_class"

  /// The heading of its column.
  public var title: String {
    switch self {
    case .mrr: "MRR"
    case .recall1: "R@1"
    case .recall5: "R@5"
    case .recall10: "R@10"
    case .medianRank: "median norm. rank"
    case .meanRank: "mean norm. rank"
    case .wrongClass: "wrong class in first 10"
    case .ownClassMRR: "MRR in own class"
    }
  }

  func value(_ finding: Placing) -> Double {
    switch self {
    case .mrr: finding.reciprocalRank
    case .recall1: finding.first1
    case .recall5: finding.first5
    case .recall10: finding.first10
    case .medianRank, .meanRank: finding.normalisedRank
    case .wrongClass: finding.wrongClass
    case .ownClassMRR: finding.ownClassReciprocalRank
    }
  }

  /// The exact score of a random order.
  /// - Parameters:
  ///   - pool: the number of one-shots that are ranked.
  ///   - own: the number of these that are of the target's class.
  func chance(pool: Int, own: Int) -> Double {
    func harmonic(_ n: Int) -> Double { (1...n).reduce(0) { $0 + 1 / Double($1) } / Double(n) }
    switch self {
    case .mrr: return harmonic(pool)
    case .recall1: return 1 / Double(pool)
    case .recall5: return min(1, 5 / Double(pool))
    case .recall10: return min(1, 10 / Double(pool))
    case .medianRank, .meanRank: return 0.5
    case .wrongClass: return 1 - Double(own) / Double(pool)
    case .ownClassMRR: return harmonic(own)
    }
  }
}

extension Placing {
  /// The depths at which the recall curve is evaluated.
  static func depths(pool: Int) -> [Int] {
    let ladder = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000]
    return ladder.filter { $0 < pool } + [pool]
  }

  /// Nil if a distance is NaN.
  /// - Parameters:
  ///   - target: the target's index in `distances`.
  ///   - list: the ranking by `distances`.
  ///   - distances: the distance of each one-shot of the pool, but for others that are right as well.
  ///   - conditions: the classes of the same one-shots.
  ///   - asked: the class that was asked for.
  ///   - depths: those of the recall curve.
  init?(
    _ target: Int, in list: RankedList, distances: [Double], conditions: [String], asked: String, depths: [Int]
  ) {
    let own = distances.indices.filter { conditions[$0] == conditions[target] }
    guard let ownList = RankedList(distances: own.map { distances[$0] }),
      let group = list.groups.first(where: { $0.contains { list.order[$0] == target } })
    else { return nil }
    let relevant = distances.indices.map { $0 == target }
    reciprocalRank = list.reciprocalRank(relevant: relevant) ?? 0
    first1 = list.hit(relevant: relevant, at: 1) ?? 0
    first5 = list.hit(relevant: relevant, at: 5) ?? 0
    first10 = list.hit(relevant: relevant, at: 10) ?? 0
    place = Double(group.lowerBound) + Double(group.count + 1) / 2
    normalisedRank = distances.count > 1 ? (place - 1) / Double(distances.count - 1) : 0
    wrongClass = list.precision(relevant: conditions.map { $0 != asked }, at: 10) ?? 0
    ownClassReciprocalRank = ownList.reciprocalRank(relevant: own.map { $0 == target }) ?? 0
    curve = depths.map { depth in
      max(0, min(1, Double(depth - group.lowerBound) / Double(group.count)))
    }
  }
}
