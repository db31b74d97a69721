import Foundation

/// How far a map can be trusted: how well it preserves the `k` nearest neighbours of each point.
public struct MapQuality: Sendable, Equatable {
  /// How many nearest neighbours are considered.
  public let k: Int
  /// 1 if all neighbours on the map are neighbours in the space. Each one that is not is penalised by its distance rank
  /// in the space (Venna & Kaski 2001). About 0.5 for a random map.
  public let trustworthiness: Double
  /// 1 if all neighbours in the space are neighbours on the map. Each one that is not is penalised by its distance rank
  /// on the map.
  public let continuity: Double
  /// The share of neighbours in the space that are also neighbours on the map, from 0 to 1.
  public let kept: Double
  /// The expected value of `kept` for a random map.
  public let keptByChance: Double

  /// Nil if `k` is not at least 1 and less than half of the points.
  /// - Parameters:
  ///   - space: distances in the space.
  ///   - map: distances on the map, between the same points in the same order.
  ///   - k: how many neighbours to consider.
  public init?(space: SquaredDistances, map: SquaredDistances, k: Int = 10) {
    let n = space.count
    guard k > 0, 2 * k < n, map.count == n else { return nil }
    let inSpace = space.neighbours(k), onMap = map.neighbours(k)
    let rows = SquaredDistances.map(n) { i -> (intruded: Int, torn: Int, kept: Int) in
      let near = Set(inSpace[i]), shown = Set(onMap[i])
      let intruded = onMap[i].reduce(0) { near.contains($1) ? $0 : $0 + space.rank(of: $1, from: i) - k }
      let torn = inSpace[i].reduce(0) { shown.contains($1) ? $0 : $0 + map.rank(of: $1, from: i) - k }
      return (intruded, torn, near.intersection(shown).count)
    }
    let worst = Double(n * k * (2 * n - 3 * k - 1)) / 2
    self.k = k
    trustworthiness = 1 - Double(rows.reduce(0) { $0 + $1.intruded }) / worst
    continuity = 1 - Double(rows.reduce(0) { $0 + $1.torn }) / worst
    kept = Double(rows.reduce(0) { $0 + $1.kept }) / Double(n * k)
    keptByChance = Double(k) / Double(n - 1)
  }
}
