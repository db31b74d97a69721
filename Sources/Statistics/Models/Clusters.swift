import Foundation

/// How alike two ways of putting the same things into groups are: 1 for the same groups, 0 on average by chance, less than
/// that where they agree less than chance would. Hubert & Arabie's (1985) adjusted Rand index.
///
/// Where both are one group, or both are all groups of one, it is 1: there is nothing to tell them apart.
/// - Parameters a, b: by thing, the group's number.
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

/// A tree of things by how unlike they are: again and again the two groups are joined that are least unlike, two groups being
/// as unlike as the mean over the pairs of a thing of the one and a thing of the other (average linkage, Sokal & Michener 1958).
public struct ClusterTree: Sendable, Equatable {
  /// Two groups that become one.
  public struct Join: Sendable, Equatable {
    /// Things by number, from 0; groups after them, in the order of the joins.
    public let first: Int, second: Int
    /// How unlike the two are.
    public let height: Double
    /// How many things they hold.
    public let size: Int
  }

  /// The lowest first.
  public let joins: [Join]

  /// - Parameter distances: a square table of two things or more, of which the lower triangle is read. Of joins at equal
  ///   heights the one with the lower numbers comes first.
  public init?(_ distances: [[Double]]) {
    let n = distances.count
    guard n > 1, distances.allSatisfy({ $0.count == n && !$0.contains(where: \.isNaN) }) else { return nil }
    // By place: the group that stands there, and how unlike it is to the others.
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

  /// The things in an order in which the tree can be drawn without crossings.
  public var order: [Int] {
    let n = joins.count + 1
    func leaves(_ number: Int) -> [Int] {
      number < n ? [number] : leaves(joins[number - n].first) + leaves(joins[number - n].second)
    }
    return leaves(2 * n - 2)
  }

  /// The height at which two things come together, by thing and thing.
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
