import Foundation

/// The number of correct answers in independent trials, each of which can be right by guessing.
public struct CorrectAnswers: Sendable, Equatable {
  /// The right answers, and all answers.
  public let correct: Int, trials: Int
  /// The probability of a right answer by guessing: one half for ABX, a third for a triangle test.
  public let chance: Double

  /// `trials` must be at least 1; `correct` of them were right.
  public init(correct: Int, trials: Int, chance: Double = 0.5) {
    precondition(trials > 0 && (0...trials).contains(correct) && chance > 0 && chance < 1)
    (self.correct, self.trials, self.chance) = (correct, trials, chance)
  }

  /// The share of right answers.
  public var share: Double { Double(correct) / Double(trials) }

  /// The probability of at least this many right answers by guessing: the exact one-sided binomial test.
  public var p: Double {
    correct == 0 ? 1 : incompleteBeta(chance, 1 - chance, Double(correct), Double(trials - correct + 1)).lower
  }

  /// The exact interval of the share (Clopper & Pearson 1934).
  public func interval(level: Double = 0.95) -> Interval {
    let tail = (1 - level) / 2
    return Interval(low: lowest(tail), high: highest(tail))
  }

  /// The largest share that a one-sided exact test of this level does not exclude.
  public func largestShare(alpha: Double = 0.05) -> Double { highest(alpha) }

  private func lowest(_ tail: Double) -> Double {
    correct == 0 ? 0 : betaQuantile(tail, Double(correct), Double(trials - correct + 1))
  }

  private func highest(_ tail: Double) -> Double {
    correct == trials ? 1 : 1 - betaQuantile(tail, Double(trials - correct), Double(correct + 1))
  }
}

/// The x below which a beta distribution has the probability `p`, by bisection to full precision.
private func betaQuantile(_ p: Double, _ a: Double, _ b: Double) -> Double {
  var low = 0.0, high = 1.0
  for _ in 0..<200 {
    let middle = low + (high - low) / 2
    if middle == low || middle == high { break }
    if incompleteBeta(middle, 1 - middle, a, b).lower < p { low = middle } else { high = middle }
  }
  return low + (high - low) / 2
}

/// How a listener decides in ABX, which determines the share of right answers at a distance d′ between A and B, without
/// bias (Macmillan & Creelman 2005, chapter 9).
public enum ABXRule: String, Sendable, CaseIterable {
  /// A, B and X are each judged independently, which is best if the same two sounds are repeated:
  /// `Φ(d′/√2) Φ(d′/2) + Φ(−d′/√2) Φ(−d′/2)`.
  case independentObservation
  /// X is compared with A and with B, as when sounds change from trial to trial:
  /// `Φ(d′/√2) Φ(d′/√6) + Φ(−d′/√2) Φ(−d′/√6)`.
  case differencing

  /// The share of right answers at a distance d′, from ½ at 0 towards 1.
  public func share(_ dPrime: Double) -> Double {
    let order = dPrime / 2.0.squareRoot(), x = dPrime / (self == .differencing ? 6.0.squareRoot() : 2)
    let normal = Normal()
    return normal.lower(order) * normal.lower(x) + normal.upper(order) * normal.upper(x)
  }

  /// The d′ of a share of right answers: 0 at ½ and below, nil (infinite) at 1. Accurate to 1e-12.
  public func dPrime(_ share: Double) -> Double? { Statistics.dPrime(share, chance: 0.5, self.share) }
}

/// A triangle test: two of three sounds are the same, and the odd one is identified by which two are closest to each
/// other. The share of right answers at a distance d′ between the two sounds is (Ura 1960; Ennis 1993)
/// `2 ∫₀^∞ (Φ(−z√3 + d′√⅔) + Φ(−z√3 − d′√⅔)) φ(z) dz`.
public enum TriangleRule {
  /// The share of right answers by guessing.
  public static let chance = 1.0 / 3

  /// The share of right answers at a distance d′, from a third at 0 towards 1.
  public static func share(_ dPrime: Double) -> Double {
    let normal = Normal(), root = 3.0.squareRoot(), away = dPrime * (2.0 / 3).squareRoot()
    // Five-point Gauss quadrature on short intervals; beyond 9 standard deviations the integrand is negligible.
    let nodes = [0, 0.5384693101056831, 0.9061798459386640]
    let weights = [0.5688888888888889, 0.4786286704993665, 0.2369268850561891]
    let stretches = 72, half = 9.0 / Double(2 * stretches)
    func height(_ z: Double) -> Double {
      (normal.lower(away - z * root) + normal.lower(-away - z * root)) * exp(-z * z / 2)
    }
    var sum = 0.0
    for k in 0..<stretches {
      let middle = Double(2 * k + 1) * half
      sum += weights[0] * height(middle)
      for i in 1...2 { sum += weights[i] * (height(middle - nodes[i] * half) + height(middle + nodes[i] * half)) }
    }
    return min(1, 2 * sum * half / (2 * Double.pi).squareRoot())
  }

  /// The d′ of a share of right answers: 0 at a third and below, nil (infinite) at 1.
  public static func dPrime(_ share: Double) -> Double? { Statistics.dPrime(share, chance: chance, self.share) }
}

/// The d′ at which an increasing share of right answers is reached, by bisection.
private func dPrime(_ share: Double, chance: Double, _ shareOf: (Double) -> Double) -> Double? {
  guard share < 1 else { return nil }
  guard share > chance else { return 0 }
  var low = 0.0, high = 1.0
  while shareOf(high) < share, high < 64 { high *= 2 }
  if shareOf(high) < share { return nil }
  for _ in 0..<200 where high - low > 1e-13 * high {
    let middle = low + (high - low) / 2
    if shareOf(middle) < share { low = middle } else { high = middle }
  }
  return low + (high - low) / 2
}

/// Shares that differ between listeners: each listener's is drawn from a beta distribution (Skellam 1948), and answers
/// are right with that probability. Fitted by maximum likelihood.
public struct BetaBinomial: Sendable, Equatable {
  /// The mean share of right answers, from 0 to 1.
  public let mean: Double
  /// The correlation between answers of one listener, from 0 (all listeners have the same share) to 1 (each listener is
  /// always right or always wrong): 1 / (α + β + 1).
  public let spread: Double
  /// Its maximum.
  public let logLikelihood: Double
  /// The likelihood-ratio statistic against a single share for all listeners, and its p-value: half of that of χ² with
  /// one degree of freedom, since 0 is at the boundary (Self & Liang 1987).
  public let chiSquared: Double, p: Double

  /// The standard deviation of the listeners' shares.
  public var deviation: Double { (mean * (1 - mean) * spread).squareRoot() }

  /// Nil with fewer than two listeners, or if none answered more than once.
  public init?(_ answers: [CorrectAnswers]) {
    guard answers.count > 1, answers.contains(where: { $0.trials > 1 }) else { return nil }
    // With θ = 1/(α + β) each likelihood is a product of (μ + iθ), which at θ = 0 is the binomial's.
    func minusLog(_ mean: Double, _ theta: Double) -> Double {
      var sum = 0.0
      for one in answers {
        for i in 0..<one.correct { sum -= log(mean + Double(i) * theta) }
        for i in 0..<(one.trials - one.correct) { sum -= log(1 - mean + Double(i) * theta) }
        for i in 0..<one.trials { sum += log(1 + Double(i) * theta) }
      }
      return sum
    }
    func choose(_ one: CorrectAnswers) -> Double {
      lgamma(Double(one.trials + 1)) - lgamma(Double(one.correct + 1)) - lgamma(Double(one.trials - one.correct + 1))
    }
    let right = answers.reduce(0) { $0 + $1.correct }, all = answers.reduce(0) { $0 + $1.trials }
    let edge = 1e-9, whole = max(edge, min(1 - edge, Double(right) / Double(all)))
    let minimiser = Minimiser(lower: [edge, 0], upper: [1 - edge, 1e6])
    let starts = [[whole, 0.05], [whole, 1.0]]
    let found = starts.map { minimiser.minimise(from: $0) { minusLog($0[0], $0[1]) } }
    let plain = minusLog(whole, 0)
    guard let best = found.min(by: { $0.value < $1.value }) else { return nil }
    // A smaller gain is no evidence of a spread: if all answers are right, any spread would fit.
    let isSpread = best.value < plain - 1e-6
    mean = isSpread ? best.x[0] : whole
    spread = isSpread ? best.x[1] / (1 + best.x[1]) : 0
    logLikelihood = answers.reduce(0) { $0 + choose($1) } - (isSpread ? best.value : plain)
    chiSquared = isSpread ? 2 * (plain - best.value) : 0
    p = chiSquared > 0 ? ChiSquared(1).upper(chiSquared) / 2 : 1
  }
}
