/// How well the one-shots that really play are found among the validation one-shots of all classes together.
public struct ValidationScore: Codable, Sendable, Equatable {
  /// Mean reciprocal rank of each class, in the order of the conditions. Of the one-shots at exactly the target's
  /// distance, half count as nearer.
  public var mrr: [Double]
  /// Share of the queries of each class whose target is the nearest one-shot, and among the nearest five.
  public var first, firstFive: [Double]
  /// The number of queries of all classes.
  public var queryCount: Int

  /// Mean of `mrr` over the classes. The best state of a training is the one with the highest.
  public var meanMRR: Double { Self.mean(mrr) }
  /// Mean of `first` over the classes.
  public var meanFirst: Double { Self.mean(first) }
  /// Mean of `firstFive` over the classes.
  public var meanFirstFive: Double { Self.mean(firstFive) }

  /// - Parameter ranks: for each class, the ranks of its targets, from 1.
  public init(ranks: [[Double]]) {
    mrr = ranks.map { Self.mean($0.map { 1 / $0 }) }
    first = ranks.map { Self.mean($0.map { $0 <= 1 ? 1 : 0 }) }
    firstFive = ranks.map { Self.mean($0.map { $0 <= 5 ? 1 : 0 }) }
    queryCount = ranks.reduce(0) { $0 + $1.count }
  }

  /// Expected reciprocal rank of a target in a random order of `pool` one-shots.
  public static func chance(pool: Int) -> Double {
    guard pool > 0 else { return 0 }
    return (1...pool).reduce(0) { $0 + 1 / Double($1) } / Double(pool)
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
