import Basics
import Foundation

/// A map from answers to "which of these two is more like that one?": points whose distances have the order that
/// listeners heard, as far as one map can.
///
/// It uses t-distributed stochastic triplet embedding (van der Maaten & Weinberger 2012): the probability that `near`
/// is chosen over `far` is K(anchor, near) / (K(anchor, near) + K(anchor, far)), where K = (1 + d² / α)^(-(α+1)/2) and
/// α is the number of dimensions minus 1, but at least 1. The likelihood is maximised by L-BFGS from `starts` random
/// maps, and the best result is kept.
public struct OrdinalEmbedding: Sendable, Equatable {
  /// An answer: `near` sounds more like `anchor` than `far` does.
  public struct Triplet: Sendable, Hashable {
    /// The items' numbers, from 0.
    public var anchor, near, far: Int

    public init(anchor: Int, near: Int, far: Int) { (self.anchor, self.near, self.far) = (anchor, near, far) }
  }

  /// The points, arranged as in `PerceptualMap.points`. Only the order of their distances is meaningful, not the size.
  public let points: [[Double]]
  /// Of the given answers.
  public let logLikelihood: Double
  /// The share of the given answers that the map agrees with. Held-out answers are more informative: see
  /// `agreement(with:)`.
  public let agreement: Double
  /// Whether the best of the starts stopped because the likelihood no longer rose.
  public let converged: Bool

  /// Nil without triplets, with items that no triplet connects to the others, with fewer than `dimensions` + 1 items,
  /// or if a triplet names an item twice or one out of range.
  public init?(_ triplets: [Triplet], items: Int, dimensions: Int = 2, starts: Int = 10, seed: UInt64 = 1) {
    guard dimensions > 0, items > dimensions, starts > 0, !triplets.isEmpty else { return nil }
    guard
      triplets.allSatisfy({ t in
        [t.anchor, t.near, t.far].allSatisfy((0..<items).contains) && Set([t.anchor, t.near, t.far]).count == 3
      }), Self.areLinked(triplets, items)
    else { return nil }
    let begun = (0..<starts).map { start in
      var random = SeededRandom(seed: seed, "triplets", "\(start)")
      return (0..<(items * dimensions)).map { _ in random.normal() }
    }
    let results = pureMap(begun) { start in
      let found = Minimiser.descend(from: start) { Self.loss($0, triplets, dimensions, $1) }
      return (x: found.x, value: found.value, converged: found.converged)
    }
    guard let best = results.min(by: { $0.value < $1.value }), best.value.isFinite else { return nil }
    points = PerceptualMap.principal(best.x, dimensions)
    logLikelihood = -best.value
    converged = best.converged
    agreement = Self.agreement(points, triplets)
  }

  /// The share of other answers that the map agrees with. Chance is 0.5; an answer whose distances are tied counts
  /// half. NaN without answers.
  public func agreement(with triplets: [Triplet]) -> Double { Self.agreement(points, triplets) }

  private static func agreement(_ points: [[Double]], _ triplets: [Triplet]) -> Double {
    func square(_ i: Int, _ j: Int) -> Double {
      zip(points[i], points[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    let sum = triplets.reduce(0.0) { sum, t in
      let near = square(t.anchor, t.near), far = square(t.anchor, t.far)
      return sum + (near < far ? 1 : near == far ? 0.5 : 0)
    }
    return sum / Double(triplets.count)
  }

  private static func areLinked(_ triplets: [Triplet], _ items: Int) -> Bool {
    var parent = Array(0..<items)
    func root(_ i: Int) -> Int {
      var i = i
      while parent[i] != i { i = parent[i] }
      return i
    }
    for t in triplets {
      parent[root(t.near)] = root(t.anchor)
      parent[root(t.far)] = root(t.anchor)
    }
    return (0..<items).allSatisfy { root($0) == root(0) }
  }

  /// The negative log-likelihood, and its gradient if there is room for it.
  private static func loss(
    _ x: [Double], _ triplets: [Triplet], _ dimensions: Int, _ gradient: UnsafeMutablePointer<Double>?
  ) -> Double {
    let alpha = Double(max(1, dimensions - 1)), power = (alpha + 1) / 2
    if let gradient {
      for i in x.indices { gradient[i] = 0 }
    }
    var sum = 0.0
    for t in triplets {
      let i = t.anchor * dimensions, j = t.near * dimensions, k = t.far * dimensions
      var near = 0.0, far = 0.0
      for d in 0..<dimensions {
        near += (x[i + d] - x[j + d]) * (x[i + d] - x[j + d])
        far += (x[i + d] - x[k + d]) * (x[i + d] - x[k + d])
      }
      let a = 1 + near / alpha, b = 1 + far / alpha
      let ratio = pow(a / b, power)
      sum += log1p(ratio)
      guard let gradient else { continue }
      let weight = power * (1 - 1 / (1 + ratio)) * 2 / alpha
      for d in 0..<dimensions {
        let pull = weight * (x[i + d] - x[j + d]) / a, push = weight * (x[i + d] - x[k + d]) / b
        gradient[i + d] += pull - push
        gradient[j + d] -= pull
        gradient[k + d] += push
      }
    }
    return sum
  }
}
