import Basics
import Foundation

/// What chance would give, and how seldom it gives as much as was found.
public struct PermutationTest: Sendable, Equatable {
  /// On the data as they are.
  public let observed: Double
  /// The mean over permutations: the chance level.
  public let chance: Double
  /// Of getting as much or more by chance; of getting as much in size, either way.
  public let upper: Double, twoSided: Double
  /// How many permutations (or sign patterns) it stands on.
  public let permutations: Int
  /// Whether all there are were counted, rather than some drawn.
  public let isExact: Bool
}

extension PermutationTest {
  /// Whether the mean of paired differences (one a query) is 0, by flipping their signs: under the null hypothesis each
  /// sign is as likely as its opposite. All 2ⁿ patterns are counted for up to 20 differences, otherwise `permutations`
  /// are drawn and one is added to both counts (Phipson & Smyth 2010).
  ///
  /// Patterns whose sum differs from the observed by less than 10⁻¹² of the sum of sizes are equal to it. Nil for no
  /// differences, or if one is not finite.
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
      // Sums over all patterns of each half; every pattern is one of both.
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
  /// The chance level of a system's agreement: its scores are permuted among the candidates that it ranks, in each list
  /// (in each of its strata) on its own, and the agreement is computed as before. What stays is all that does not come from
  /// the order: the pools, ties, the listeners.
  /// - Parameters:
  ///   - system: by list, the score of each candidate (larger is better), not-a-number where it is not ranked.
  ///   - consensus: whether against the mean ratings of each list, rather than against each page and then averaged.
  ///   - permutations: drawn from streams of their own, so that the number of threads changes nothing.
  /// - Returns: nil if the agreement itself is undefined. `twoSided` compares distances from the chance level.
  public func chance(
    _ system: [[Double]], consensus: Bool = false, permutations: Int = 1000, seed: UInt64,
    progress: ProgressHandler? = nil, measure: @escaping PageMeasure
  ) -> PermutationTest? {
    let ones = CrossedWeights.ones(listeners: listeners, queries: queries)
    @Sendable func agreement(_ system: [[Double]]) -> Double {
      if consensus {
        let statistic = ConsensusAgreement(self, systems: [system], measure: measure)
        var workspace = statistic.workspace(), values = [Double.nan]
        statistic.evaluate(ones, &workspace, into: &values)
        return values[0]
      }
      let defined = scores([system], measure)[0].compactMap(\.self)
      return mean(defined) ?? .nan
    }
    let observed = agreement(system)
    guard !observed.isNaN else { return nil }
    // What is exchangeable: the ranked candidates of a list, or of each of its strata.
    let ranked = zip(system, lists).map { scores, list -> [[Int]] in
      let all = scores.indices.filter { !scores[$0].isNaN }
      guard let strata = list.strata else { return [all] }
      return Dictionary(grouping: all) { strata[$0] }.sorted { $0.key < $1.key }.map(\.value)
    }
    let drawn = pureMap(Array(0..<permutations), progress: progress) { index -> Double in
      var random = SeededRandom(seed: seed, "chance", "\(index)"), permuted = system
      for l in system.indices {
        for group in ranked[l] {
          for (to, from) in zip(group, random.shuffled(group)) { permuted[l][to] = system[l][from] }
        }
      }
      return agreement(permuted)
    }.filter { !$0.isNaN }
    let chance = mean(drawn) ?? 0, band = 1e-12 * max(1, abs(observed))
    func share(_ hits: Int) -> Double { Double(hits + 1) / Double(drawn.count + 1) }
    return PermutationTest(
      observed: observed, chance: chance, upper: share(drawn.count { $0 >= observed - band }),
      twoSided: share(drawn.count { abs($0 - chance) >= abs(observed - chance) - band }), permutations: drawn.count,
      isExact: false)
  }
}
