import Foundation

/// The similarity of two groupings of the same items: 1 if they are the same, 0 on average by chance, negative if they
/// agree less than chance. Hubert & Arabie's (1985) adjusted Rand index.
///
/// It is 1 if both put all items in one group, or both put each item in a group of its own.
/// - Parameters a, b: the number of each item's group.
public func adjustedRand(_ a: [Int], _ b: [Int]) -> Double {
  precondition(a.count == b.count)
  struct Both: Hashable { var a: Int, b: Int }
  var own: [Int: Int] = [:], other: [Int: Int] = [:], both: [Both: Int] = [:]
  for (i, j) in zip(a, b) {
    own[i, default: 0] += 1
    other[j, default: 0] += 1
    both[Both(a: i, b: j), default: 0] += 1
  }
  func pairs(_ counts: some Sequence<Int>) -> Double { Double(counts.reduce(0) { $0 + $1 * ($1 - 1) / 2 }) }
  let all = pairs([a.count]), left = pairs(own.values), right = pairs(other.values), shared = pairs(both.values)
  guard all > 0 else { return 1 }
  let chance = left * right / all, most = (left + right) / 2
  return most == chance ? 1 : (shared - chance) / (most - chance)
}

/// A tree of items by dissimilarity. The two least dissimilar groups are joined repeatedly; the dissimilarity of two
/// groups is the mean over all pairs of an item of one and an item of the other (average linkage, Sokal & Michener
/// 1958).
public struct ClusterTree: Sendable, Equatable {
  /// Two groups that are joined into one.
  public struct Join: Sendable, Equatable {
    /// Their numbers: items from 0, followed by groups in the order of the joins.
    public let first: Int, second: Int
    /// The dissimilarity of the two.
    public let height: Double
    /// The number of items in both together.
    public let size: Int
  }

  /// The joins, the lowest height first.
  public let joins: [Join]

  /// - Parameter distances: a square table of at least two items, of which the lower triangle is read. Among joins of
  ///   equal height, the one with the lower numbers comes first.
  public init?(_ distances: [[Double]]) {
    let n = distances.count
    guard n > 1, distances.allSatisfy({ $0.count == n && !$0.contains(where: \.isNaN) }) else { return nil }
    // By place: the group there, and its dissimilarity to the others.
    var groups: [(number: Int, size: Int)?] = (0..<n).map { ($0, 1) }
    var table = (0..<n).map { i in (0..<n).map { distances[max(i, $0)][min(i, $0)] } }
    var joins: [Join] = []
    for step in 0..<(n - 1) {
      var best: (i: Int, j: Int, height: Double)?
      let open = groups.indices.filter { groups[$0] != nil }
      for (k, i) in open.enumerated() {
        for j in open[(k + 1)...] where table[i][j] < best?.height ?? .infinity { best = (i, j, table[i][j]) }
      }
      guard let best, let a = groups[best.i], let b = groups[best.j] else { return nil }
      let (p, q) = (Double(a.size), Double(b.size))
      for k in open where k != best.i && k != best.j {
        let mean = (p * table[best.i][k] + q * table[best.j][k]) / (p + q)
        (table[best.i][k], table[k][best.i]) = (mean, mean)
      }
      joins.append(
        Join(
          first: min(a.number, b.number), second: max(a.number, b.number), height: best.height, size: a.size + b.size))
      groups[best.i] = (n + step, a.size + b.size)
      groups[best.j] = nil
    }
    self.joins = joins
  }

  /// The items in an order in which the tree can be drawn without crossings.
  public var order: [Int] {
    let n = joins.count + 1
    func leaves(_ number: Int) -> [Int] {
      number < n ? [number] : leaves(joins[number - n].first) + leaves(joins[number - n].second)
    }
    return leaves(2 * n - 2)
  }

  /// The height at which two items are joined, by item and item.
  public var heights: [[Double]] {
    let n = joins.count + 1
    var table = Array(repeating: Array(repeating: 0.0, count: n), count: n)
    var members = (0..<n).map { [$0] }
    for join in joins {
      for i in members[join.first] {
        for j in members[join.second] { (table[i][j], table[j][i]) = (join.height, join.height) }
      }
      members.append(members[join.first] + members[join.second])
    }
    return table
  }
}
