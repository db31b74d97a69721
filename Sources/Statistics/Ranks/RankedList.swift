import Foundation

/// Items in a system's order, best first, with its ties: the basis of information-retrieval measures.
///
/// A tie has no order of its own, so every measure here is its expected value when ties are broken at random, with all
/// orders of the tied items equally likely (McSherry & Najork 2008). No system gains or loses by how a sort happens to
/// order its ties.
public struct RankedList: Sendable {
  /// Indices of the items, best first; tied ones in the order in which they were given.
  public let order: [Int]
  /// The ranges of `order` that are tied; a range of one is an item without ties.
  public let groups: [Range<Int>]

  public var count: Int { order.count }

  /// - Parameter scores: one per item; larger is better. Nil if a score is NaN.
  public init?(scores: [Double]) {
    guard !scores.contains(where: \.isNaN) else { return nil }
    let order = scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
    var groups: [Range<Int>] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
      groups.append(start..<end)
      start = end
    }
    (self.order, self.groups) = (order, groups)
  }

  /// - Parameter distances: distances, or ranks from 1; smaller is nearer. Nil if one is NaN.
  public init?(distances: [Double]) { self.init(scores: distances.map { -$0 }) }

  /// How relevance becomes gain.
  public enum Gain: String, Sendable, CaseIterable {
    /// The relevance itself (Järvelin & Kekäläinen 2002; scikit-learn).
    case linear
    /// `2^relevance - 1` (Burges et al. 2005), meant for grades from 0 to about 5: rescale ratings of 0–100 first.
    case exponential

    func callAsFunction(_ relevance: Double) -> Double { self == .linear ? relevance : exp2(relevance) - 1 }
  }

  /// Normalised discounted cumulative gain of the first `k` places: the sum of gain / log2(place + 1), divided by the
  /// same sum for the best possible order. Tied items share the mean gain of their group, as in scikit-learn's
  /// `ndcg_score`.
  /// - Parameters:
  ///   - relevance: the relevance of each item, 0 or more.
  ///   - k: the number of places that count; all if nil or more than there are.
  /// - Returns: 0...1; nil if no item has any gain, or if a relevance is negative or NaN.
  public func ndcg(relevance: [Double], at k: Int? = nil, gain: Gain = .linear) -> Double? {
    precondition(relevance.count == count && (k ?? 1) > 0)
    guard relevance.allSatisfy({ $0 >= 0 }) else { return nil }
    let k = min(k ?? count, count)
    let gains = relevance.map { gain($0) }
    let discounts = (0..<k).map { 1 / log2(Double($0) + 2) }
    let best = zip(gains.sorted(by: >), discounts).reduce(0) { $0 + $1.0 * $1.1 }
    guard best > 0, best.isFinite else { return nil }
    var sum = 0.0
    for group in groups where group.lowerBound < k {
      let mean = group.reduce(0) { $0 + gains[order[$1]] } / Double(group.count)
      sum += mean * group.clamped(to: 0..<k).reduce(0) { $0 + discounts[$1] }
    }
    return sum / best
  }

  /// The mean of `values` over the first `k` places (over all, if there are fewer). Nil for an empty list.
  public func topMean(_ values: [Double], at k: Int) -> Double? {
    precondition(values.count == count && k > 0)
    guard count > 0 else { return nil }
    let k = min(k, count)
    var sum = 0.0
    for group in groups where group.lowerBound < k {
      let all = group.reduce(0) { $0 + values[order[$1]] }
      let inside = group.clamped(to: 0..<k).count
      sum += inside == group.count ? all : all * Double(inside) / Double(group.count)
    }
    return sum / Double(k)
  }

  /// The share of the first `k` places (of all, if there are fewer) that are relevant. Nil for an empty list.
  public func precision(relevant: [Bool], at k: Int) -> Double? { topMean(relevant.map { $0 ? 1 : 0 }, at: k) }

  /// One over the place of the first relevant item; its mean over queries is the MRR. Nil if nothing is relevant.
  public func reciprocalRank(relevant: [Bool]) -> Double? {
    firstRelevant(relevant) { 1 / Double($0) }
  }

  /// Whether a relevant item is among the first `k` places, as a probability. Nil if nothing is relevant.
  public func hit(relevant: [Bool], at k: Int) -> Double? {
    precondition(k > 0)
    return firstRelevant(relevant) { $0 <= k ? 1 : 0 }
  }

  /// The expected `value` of the place (from 1) of the first relevant item. In a group of t items, m of them relevant,
  /// the first relevant one is j-th with probability C(t - j, m - 1) / C(t, m).
  private func firstRelevant(_ relevant: [Bool], _ value: (Int) -> Double) -> Double? {
    precondition(relevant.count == count)
    for group in groups {
      let t = group.count, m = group.count { relevant[order[$0]] }
      guard m > 0 else { continue }
      var chance = Double(m) / Double(t), sum = 0.0
      for j in 1...(t - m + 1) {
        sum += chance * value(group.lowerBound + j)
        if j < t { chance *= Double(t - j - m + 1) / Double(t - j) }
      }
      return sum
    }
    return nil
  }
}

/// The share of the pairs of items which people tell apart that a system puts in the same order: the triplet accuracy
/// for "the query is more like i than like j".
public struct PairAccuracy: Sendable, Equatable {
  /// The share, 0...1; a pair on which the system is tied counts one half.
  public let accuracy: Double
  /// The number of pairs whose ratings differ by more than the tie band.
  public let pairs: Int
}

/// - Parameters:
///   - ratings: people's ratings; larger is more similar.
///   - scores: the system's scores; larger is more similar.
///   - band: pairs whose ratings differ by `band` or less are treated as undecided and left out.
/// - Returns: nil if no pair is left, or if a number is missing.
public func pairAccuracy(ratings: [Double], scores: [Double], band: Double = 0) -> PairAccuracy? {
  precondition(ratings.count == scores.count && band >= 0)
  guard allNumbers(ratings.span), allNumbers(scores.span) else { return nil }
  var halves = 0, pairs = 0
  for i in ratings.indices {
    for j in 0..<i {
      let difference = ratings[i] - ratings[j]
      guard abs(difference) > band else { continue }
      pairs += 1
      halves += scores[i] == scores[j] ? 1 : (scores[i] > scores[j]) == (difference > 0) ? 2 : 0
    }
  }
  return pairs == 0 ? nil : PairAccuracy(accuracy: Double(halves) / Double(2 * pairs), pairs: pairs)
}

/// Rank-biased overlap of two orders of the same items (Webber, Moffat & Zobel 2010, equation 23: extrapolated from
/// depth k), `A_k p^k + (1 - p)/p Σ A_d p^d`, with A_d the share of the first d places that both lists have in common.
/// With ties it is the expected overlap under random tie-breaking, the "a" variant of Corsi & Urbano (2024).
/// - Parameters:
///   - a: scores of the items in the first order; larger is better.
///   - b: scores of the items in the second order; larger is better.
///   - p: the probability that a reader goes on to the next place, strictly between 0 and 1; 0.9 puts 86 % of the
///     weight on the first ten places.
///   - depth: the number of places to compare; all if nil.
/// - Returns: 0...1; nil for empty lists or if a number is missing.
public func rankBiasedOverlap(_ a: [Double], _ b: [Double], p: Double = 0.9, depth: Int? = nil) -> Double? {
  precondition(a.count == b.count && p > 0 && p < 1 && (depth ?? 1) > 0)
  guard let listA = RankedList(scores: a), let listB = RankedList(scores: b), !a.isEmpty else { return nil }
  /// For each item: where its group begins, and the size of the group.
  func places(_ list: RankedList) -> [(start: Int, size: Int)] {
    var places = Array(repeating: (start: 0, size: 0), count: list.count)
    for group in list.groups { for i in group { places[list.order[i]] = (group.lowerBound, group.count) } }
    return places
  }
  func share(_ place: (start: Int, size: Int), _ depth: Int) -> Double {
    max(0, min(1, Double(depth - place.start) / Double(place.size)))
  }
  let placesA = places(listA), placesB = places(listB)
  let last = min(depth ?? a.count, a.count)
  var sum = 0.0, weight = 1.0, overlap = 0.0
  for d in 1...last {
    overlap = a.indices.reduce(0) { $0 + share(placesA[$1], d) * share(placesB[$1], d) } / Double(d)
    weight *= p
    sum += overlap * weight
  }
  return overlap * weight + (1 - p) / p * sum
}
