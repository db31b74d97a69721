import Basics
import Foundation

/// A figure with its distribution by chance: the chance level, and how often chance gives at least as much.
public struct PermutationTest: Sendable, Equatable {
  /// The figure for the data as they are.
  public let observed: Double
  /// The mean over permutations: the chance level.
  public let chance: Double
  /// The probability of at least this much by chance; and of at least this distance from chance, in either direction.
  public let upper: Double, twoSided: Double
  /// The number of permutations (or sign patterns).
  public let permutations: Int
  /// Whether all possible permutations were counted, rather than a random sample.
  public let isExact: Bool
}

extension PermutationTest {
  /// Tests whether the mean of paired differences (one per query) is 0, by flipping their signs: under the null
  /// hypothesis each sign is as likely as its opposite. With up to 20 differences all 2ⁿ patterns are counted;
  /// otherwise `permutations` are drawn and one is added to both counts (Phipson & Smyth 2010).
  ///
  /// Patterns whose sum differs from the observed one by less than 10⁻¹² of the sum of absolute values count as equal
  /// to it. Nil without differences, or if one is not finite.
  public static func signFlip(_ differences: [Double], permutations: Int = 10_000, seed: UInt64) -> PermutationTest? {
    guard !differences.isEmpty, differences.allSatisfy(\.isFinite) else { return nil }
    let n = differences.count, sum = differences.reduce(0, +)
    let band = 1e-12 * differences.reduce(0) { $0 + abs($1) }
    var upper = 0, twoSided = 0, total = 0.0, count = 0
    func meet(_ flipped: Double) {
      upper += flipped >= sum - band ? 1 : 0
      twoSided += abs(flipped) >= abs(sum) - band ? 1 : 0
      total += flipped
      count += 1
    }
    let isExact = n <= 20
    if isExact {
      // Sums over all sign patterns of each half; a pattern of the whole combines one of each.
      func sums(_ values: ArraySlice<Double>) -> [Double] {
        values.reduce(into: [0]) { sums, value in sums = sums.map { $0 + value } + sums.map { $0 - value } }
      }
      let right = sums(differences[(n / 2)...])
      for a in sums(differences[..<(n / 2)]) { for b in right { meet(a + b) } }
    } else {
      var random = SeededRandom(seed: seed, "sign flip")
      for _ in 0..<permutations {
        var bits: UInt64 = 0, flipped = 0.0
        for (i, difference) in differences.enumerated() {
          if i % 64 == 0 { bits = random.next() }
          flipped += bits & 1 == 0 ? difference : -difference
          bits >>= 1
        }
        meet(flipped)
      }
    }
    func share(_ hits: Int) -> Double { isExact ? Double(hits) / Double(count) : Double(hits + 1) / Double(count + 1) }
    return PermutationTest(
      observed: sum / Double(n), chance: isExact ? 0 : total / Double(max(1, count)) / Double(n), upper: share(upper),
      twoSided: share(twoSided), permutations: count, isExact: isExact)
  }
}

extension RatingPages {
  /// The chance level of a system's agreement: its scores are permuted among the candidates that it ranks, separately
  /// in each list (and in each of its strata), and the agreement is recomputed. Everything that does not come from the
  /// order stays the same: the pools, ties and listeners.
  /// - Parameters:
  ///   - system: by list, the score of each candidate (larger is better); NaN if it is not ranked.
  ///   - candidates: by list, the number of each candidate's name, if candidates recur from list to list. Whole
  ///     candidates are then permuted, in the same way in all lists, so that a system's preference for a candidate
  ///     counts once, not once per list. If lists hold different candidates, each candidate takes a place among those
  ///     of its list by its random key, and gets the score of the candidate in that place by the system's mean ranks.
  ///   - consensus: whether to compare with the mean ratings of each list, rather than with each page and then average.
  ///   - permutations: the number of permutations, drawn from streams of their own, so that the number of threads
  ///     changes nothing.
  ///   - order: the measure, if it is a product of vectors. The time of a permutation then depends on the number of
  ///     candidates, not of pages. The figures are the same except for the last digits.
  /// - Returns: nil if the agreement itself is undefined. `twoSided` compares distances from the chance level.
  public func chance(
    _ system: [[Double]], candidates: [[Int?]]? = nil, consensus: Bool = false, permutations: Int = 1000, seed: UInt64,
    progress: ProgressHandler? = nil, order: OrderMeasure? = nil, measure: @escaping PageMeasure
  ) -> PermutationTest? {
    let ones = CrossedWeights.ones(listeners: listeners, queries: queries)
    let sums =
      consensus
      ? nil
      : order.map { order in
        OrderSums(self, ranked: system.map { scores in scores.indices.filter { !scores[$0].isNaN } }, order)
      }
    @Sendable func agreement(_ system: [[Double]]) -> Double {
      if consensus {
        let statistic = ConsensusAgreement(self, systems: [system], measure: measure)
        var workspace = statistic.workspace(), values = [Double.nan]
        statistic.evaluate(ones, &workspace, into: &values)
        return values[0]
      }
      if let sums { return sums.mean(system) }
      let defined = scores([system], measure)[0].compactMap(\.self)
      return mean(defined) ?? .nan
    }
    let observed = agreement(system)
    guard !observed.isNaN else { return nil }
    let exchange = Exchange(system, lists.map(\.strata), candidates)
    let drawn = pureMap(Array(0..<permutations), progress: progress) { index -> Double in
      var random = SeededRandom(seed: seed, "chance", "\(index)")
      return agreement(exchange.permuted(&random))
    }.filter { !$0.isNaN }
    let chance = mean(drawn) ?? 0, band = 1e-12 * max(1, abs(observed))
    func share(_ hits: Int) -> Double { Double(hits + 1) / Double(drawn.count + 1) }
    return PermutationTest(
      observed: observed, chance: chance, upper: share(drawn.count { $0 >= observed - band }),
      twoSided: share(drawn.count { abs($0 - chance) >= abs(observed - chance) - band }), permutations: drawn.count,
      isExact: false)
  }
}

/// A system's scores, and what may be exchanged: the scores of the ranked candidates of a list, or of each of its
/// strata; or whole candidates, in the same way in all lists.
private struct Exchange: Sendable {
  let system: [[Double]]
  let groups: [(list: Int, items: [Int])]
  /// If whole candidates are exchanged: the numbers of their names, by group.
  let labels: [[Int]]?
  let labelCount: Int
  /// By group: its places, in the order of the system's mean ranks of those names.
  let placed: [[Int]]

  /// - Parameters:
  ///   - strata: by list, the stratum of each candidate.
  ///   - candidates: by list, the number of each candidate's name.
  init(_ system: [[Double]], _ strata: [[Int]?], _ candidates: [[Int?]]?) {
    self.system = system
    groups = zip(system, strata).enumerated().flatMap { number, pair -> [(list: Int, items: [Int])] in
      let (scores, strata) = pair, all = scores.indices.filter { !scores[$0].isNaN }
      guard let strata else { return [(number, all)] }
      return Dictionary(grouping: all) { strata[$0] }.sorted { $0.key < $1.key }.map { (number, $0.value) }
    }
    guard let candidates else {
      (labels, labelCount, placed) = (nil, 0, [])
      return
    }
    // A candidate without a name counts as one of its own.
    var next = (candidates.joined().compactMap(\.self).max() ?? -1) + 1
    let labels = groups.map { group in
      group.items.map { item -> Int in
        if let label = candidates[group.list][item] { return label }
        next += 1
        return next - 1
      }
    }
    var sums = Array(repeating: 0.0, count: next), counts = sums
    for (own, group) in zip(labels, groups) {
      let ranks = averageRanks(group.items.map { system[group.list][$0] }) ?? []
      for (label, rank) in zip(own, ranks) {
        sums[label] += (rank - 0.5) / Double(ranks.count)
        counts[label] += 1
      }
    }
    (self.labels, labelCount) = (labels, next)
    placed = labels.map { own in
      own.indices.sorted { (sums[own[$0]] / counts[own[$0]], own[$0]) < (sums[own[$1]] / counts[own[$1]], own[$1]) }
    }
  }

  func permuted(_ random: inout SeededRandom) -> [[Double]] {
    var permuted = system
    guard let labels else {
      for group in groups {
        for (to, from) in zip(group.items, random.shuffled(group.items)) {
          permuted[group.list][to] = system[group.list][from]
        }
      }
      return permuted
    }
    let keys = random.shuffled(Array(0..<labelCount))
    for (g, group) in groups.enumerated() {
      let by = group.items.indices.sorted { keys[labels[g][$0]] < keys[labels[g][$1]] }
      for (to, from) in zip(by, placed[g]) {
        permuted[group.list][group.items[to]] = system[group.list][group.items[from]]
      }
    }
    return permuted
  }
}
