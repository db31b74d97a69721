import Foundation

/// Strengths of items from choices between two of them, with ties, by maximum likelihood.
///
/// Let d be the difference of two items' strengths.
/// - `bradleyTerry`: P(first) : P(tie) : P(second) = exp(d/2) : ν : exp(-d/2), that is Bradley & Terry (1952) with
///   Davidson's (1970) ties. Without ties d is the log odds of a choice.
/// - `thurstone`: P(first) = Φ(d - δ), P(second) = Φ(-d - δ), the rest ties: Thurstone's (1927) case V with Glenn &
///   David's (1960) ties. The unit is the standard deviation of the difference of two sensations, √2 times that of one.
///
/// If nobody answered "alike", the tie parameter is not estimated. Both log-likelihoods are concave, so Newton's method
/// with step halving finds the only maximum; `PairedChoices.hasFiniteMaximum` says when there is none. Choices are
/// treated as independent, so the standard errors (from the observed information) are too small if listeners answer
/// more than once.
public struct PairedChoiceModel: Sendable {
  /// How a difference in strengths becomes a choice probability: logistic (Bradley & Terry 1952) or normal (Thurstone
  /// 1927).
  public enum Law: Sendable { case bradleyTerry, thurstone }

  /// How differences become probabilities.
  public let law: Law
  /// The strengths, with sum 0.
  public let strengths: [Double]
  /// The standard errors of `strengths`, with their sum held at 0.
  public let standardErrors: [Double]
  /// The tie parameter, log ν or δ; nil without ties.
  public let tie: Double?
  /// The standard error of `tie`.
  public let tieError: Double?
  /// Its maximum.
  public let logLikelihood: Double
  /// The number of free parameters.
  public let parameters: Int
  /// The deviance from a model with free probabilities for each pair that was compared: G² = 2 Σ observed log(observed
  /// / expected), which is chi-squared with `degreesOfFreedom` if the counts are large. `p` is nil if no degrees of
  /// freedom are left.
  public let deviance: Double
  /// Pearson's Σ (observed - expected)² / expected, for the same purpose.
  public let pearson: Double
  /// Of the tests of fit; 0 or less if nothing is left to test.
  public let degreesOfFreedom: Int
  /// The p-value of the deviance, by the chi-squared distribution; nil without degrees of freedom.
  public let p: Double?
  /// The covariance of the strengths, with their sum held at 0.
  private let covariance: DenseMatrix

  /// Akaike's information criterion; smaller is better.
  public var aic: Double { 2 * (Double(parameters) - logLikelihood) }

  /// Nil if the likelihood has no single finite maximum.
  public init?(_ choices: PairedChoices, law: Law = .bradleyTerry) {
    guard choices.hasFiniteMaximum else { return nil }
    let likelihood = ChoicesLikelihood(choices, law: law), items = choices.items
    var start = Array(repeating: 0.0, count: likelihood.free)
    if let t = likelihood.tiePlace { start[t] = law == .thurstone ? 0.3 : -0.5 }
    guard let found = Newton.maximum(from: start, of: likelihood.value, likelihood.derivatives) else { return nil }
    let held = HeldStrengths(found, items: items)
    var covariance = DenseMatrix(rows: items, columns: items)
    for i in 0..<items {
      for j in 0..<items { covariance[i, j] = held.covariance(i, j) }
    }
    self.law = law
    strengths = held.centred
    self.covariance = covariance
    standardErrors = (0..<items).map { max(0, covariance[$0, $0]).squareRoot() }
    tie = likelihood.tiePlace.map { found.x[$0] }
    tieError = likelihood.tiePlace.map { found.inverse[$0, $0].squareRoot() }
    logLikelihood = found.value
    parameters = likelihood.free
    (deviance, pearson) = likelihood.misfit(found.x)
    degreesOfFreedom = choices.pairs.count * (choices.hasTies ? 2 : 1) - likelihood.free
    p = degreesOfFreedom > 0 ? ChiSquared(Double(degreesOfFreedom)).upper(deviance) : nil
  }

  /// The strength of i minus that of j, and its standard error.
  public func difference(_ i: Int, _ j: Int) -> (value: Double, standardError: Double) {
    let variance = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
    return (strengths[i] - strengths[j], max(0, variance).squareRoot())
  }

  /// The probabilities that the model gives for a comparison of i with j.
  public func chances(_ i: Int, _ j: Int) -> (first: Double, tie: Double, second: Double) {
    let chances = law.chances(strengths[i] - strengths[j], tie)
    return (chances.first, chances.tie, chances.second)
  }
}

/// The log-likelihood of choices. Its parameters are the strengths of all items but the first, which is held at 0,
/// followed by the tie parameter if there are ties.
private struct ChoicesLikelihood {
  let law: PairedChoiceModel.Law
  let free: Int
  /// The index of the tie parameter; nil without ties.
  let tiePlace: Int?
  private let pairs: [PairedChoices.Pair]

  init(_ choices: PairedChoices, law: PairedChoiceModel.Law) {
    self.law = law
    pairs = choices.pairs
    free = choices.items - 1 + (choices.hasTies ? 1 : 0)
    tiePlace = choices.hasTies ? free - 1 : nil
  }

  private func difference(_ pair: PairedChoices.Pair, _ x: [Double]) -> Double {
    (pair.i == 0 ? 0 : x[pair.i - 1]) - x[pair.j - 1]
  }

  private func chances(_ pair: PairedChoices.Pair, _ x: [Double]) -> (first: Double, second: Double, tie: Double) {
    law.chances(difference(pair, x), tiePlace.map { x[$0] })
  }

  func value(_ x: [Double]) -> Double {
    func logarithm(_ count: Double, _ chance: Double) -> Double {
      count > 0 ? (chance > 0 ? count * log(chance) : -.infinity) : 0
    }
    return pairs.reduce(0) { sum, pair in
      let chance = chances(pair, x)
      return sum + logarithm(pair.wins, chance.first) + logarithm(pair.losses, chance.second)
        + logarithm(pair.ties, chance.tie)
    }
  }

  func derivatives(_ x: [Double]) -> (gradient: [Double], information: DenseMatrix) {
    var gradient = Array(repeating: 0.0, count: free), information = DenseMatrix(rows: free, columns: free)
    func add(_ i: Int, _ j: Int, _ value: Double) {
      if i >= 0, j >= 0 { information[i, j] += value }
    }
    for pair in pairs {
      let (i, j) = (pair.i - 1, pair.j - 1)
      let slope = law.slopes(difference(pair, x), tiePlace.map { x[$0] }, pair.wins, pair.losses, pair.ties)
      if i >= 0 { gradient[i] += slope.d }
      gradient[j] -= slope.d
      add(i, i, -slope.dd)
      add(j, j, -slope.dd)
      add(i, j, slope.dd)
      add(j, i, slope.dd)
      guard let t = tiePlace else { continue }
      gradient[t] += slope.t
      add(t, t, -slope.tt)
      for (k, sign) in [(i, -1.0), (j, 1.0)] {
        add(k, t, sign * slope.dt)
        add(t, k, sign * slope.dt)
      }
    }
    return (gradient, information)
  }

  /// G² and Pearson's statistic, against free probabilities for each pair.
  func misfit(_ x: [Double]) -> (deviance: Double, pearson: Double) {
    var deviance = 0.0, pearson = 0.0
    for pair in pairs {
      let total = pair.wins + pair.losses + pair.ties, chance = chances(pair, x)
      for (observed, chance) in [(pair.wins, chance.first), (pair.losses, chance.second), (pair.ties, chance.tie)] {
        let expected = total * chance
        if observed > 0 { deviance += 2 * observed * log(observed / expected) }
        if expected > 0 { pearson += (observed - expected) * (observed - expected) / expected }
      }
    }
    return (deviance, pearson)
  }
}

extension PairedChoiceModel.Law {
  /// Without a tie parameter, ties have probability 0.
  fileprivate func chances(_ d: Double, _ tie: Double?) -> (first: Double, second: Double, tie: Double) {
    switch self {
    case .bradleyTerry:
      let first = exp(d / 2), second = exp(-d / 2), middle = tie.map { exp($0) } ?? 0
      let sum = first + second + middle
      return (first / sum, second / sum, middle / sum)
    case .thurstone:
      let normal = Normal(), delta = tie ?? 0
      let first = normal.lower(d - delta), second = normal.lower(-d - delta)
      // The difference of the smaller tails keeps its precision.
      let between = d > 0 ? normal.upper(d - delta) - second : normal.lower(d + delta) - first
      return (first, second, tie == nil ? 0 : between)
    }
  }

  /// The first and second derivatives of a pair's log-likelihood by the difference d and the tie parameter t.
  fileprivate func slopes(_ d: Double, _ tie: Double?, _ wins: Double, _ losses: Double, _ ties: Double) -> Slopes {
    let chance = chances(d, tie)
    switch self {
    case .bradleyTerry:
      let total = wins + losses + ties, tilt = chance.first - chance.second
      return Slopes(
        d: (wins - losses - total * tilt) / 2, t: ties - total * chance.tie,
        dd: -total / 4 * (chance.first + chance.second - tilt * tilt), dt: total / 2 * tilt * chance.tie,
        tt: -total * chance.tie * (1 - chance.tie))
    case .thurstone:
      let delta = tie ?? 0
      func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
      let a = d - delta, b = -d - delta
      var s = Slopes()
      // log Φ(x): slope r = φ/Φ, curvature -r (x + r); x is a (by d: 1, by δ: -1) or b (by d: -1, by δ: -1).
      for (count, x, chance, sign) in [(wins, a, chance.first, 1.0), (losses, b, chance.second, -1.0)] where count > 0 {
        let r = density(x) / chance, curvature = -r * (x + r)
        s.d += count * r * sign
        s.t -= count * r
        s.dd += count * curvature
        s.dt -= count * curvature * sign
        s.tt += count * curvature
      }
      if ties > 0 {
        // The probability of a tie is 1 - Φ(a) - Φ(b).
        let p = chance.tie, fa = density(a), fb = density(b)
        let d1 = (fb - fa) / p, t1 = (fa + fb) / p
        s.d += ties * d1
        s.t += ties * t1
        s.dd += ties * ((a * fa + b * fb) / p - d1 * d1)
        s.dt += ties * ((b * fb - a * fa) / p - d1 * t1)
        s.tt += ties * ((a * fa + b * fb) / p - t1 * t1)
      }
      return s
    }
  }
}

private struct Slopes {
  var d = 0.0, t = 0.0, dd = 0.0, dt = 0.0, tt = 0.0
}
