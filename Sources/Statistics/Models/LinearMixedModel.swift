import Basics
import Foundation

/// A linear mixed model, such as `rating ~ distance + (1 + distance | participant) + (1 | query)`.
///
/// The response is a sum of fixed effects, of the effects of one to four crossed factors whose levels are a sample
/// (normal, with a covariance for each factor), and of normal noise. It is fitted as lme4 does (Bates, Mächler, Bolker
/// & Walker 2015): fixed effects, σ² and random effects are profiled out, and the deviance is minimised over the
/// Cholesky factors of the random effects' relative covariances (see `MixedDesign`) by BOBYQA.
public struct LinearMixedModel: FittedModel {
  /// Restricted maximum likelihood to estimate variances, maximum likelihood to compare models with different fixed
  /// effects.
  public enum Method: String, Sendable { case reml = "REML", ml = "ML" }

  /// The random effects of one factor: intercept and slopes.
  public struct Component: Sendable {
    public let name: String
    /// The number of its levels in the data.
    public let levels: Int
    /// `(Intercept)`, then the predictors' names.
    public let terms: [String]
    /// The covariance of the terms, one row per term.
    public let covariance: [[Double]]
    /// The conditional modes (BLUPs) of the levels, with one number per term.
    public let effects: [[Double]]

    /// The correlation of two terms; nil if a variance is 0.
    public func correlation(_ a: Int, _ b: Int) -> Double? {
      let product = covariance[a][a] * covariance[b][b]
      return product > 0 ? covariance[a][b] / product.squareRoot() : nil
    }
  }

  /// Maximum likelihood, or restricted.
  public let method: Method
  /// The number of values that were fitted.
  public let observations: Int
  public let parameters: Int
  /// The log-likelihood; the restricted one if fitted by REML.
  public let logLikelihood: Double
  /// The fixed effects, the intercept first.
  public let fixed: [Coefficient]
  /// One per factor.
  public let random: [Component]
  /// σ², the variance of the noise.
  public let residual: Double
  /// The shares of variance explained by the fixed effects, and by fixed and random effects together (Nakagawa &
  /// Schielzeth 2013; with slopes, the random effects' mean variance over the observations: Johnson 2014).
  public let marginalR2: Double
  /// The share that fixed and random effects explain together.
  public let conditionalR2: Double
  /// Whether a variance is practically 0 or a correlation ±1: the data do not support all of the random effects, and a
  /// simpler model is equivalent. As in lme4, the criterion is a diagonal element of a factor below 1e-4.
  public let isSingular: Bool
  /// Whether the optimiser stopped where no Newton step along a single variance parameter would gain 1e-3 of deviance.
  public let converged: Bool
  public let likelihood: String
  private let effects: ScaledEffects

  /// - Parameters:
  ///   - predictors: the predictors in addition to the intercept.
  ///   - factors: one to four factors, with levels numbered from 0.
  /// - Throws: a `Problem` if there is nothing to fit: columns of different lengths, numbers that are not finite, a
  ///   factor with fewer than two levels or one level per observation, linearly dependent predictors, or no noise left.
  public init(
    _ response: [Double], fixed predictors: [Predictor], random factors: [RandomEffect], by method: Method = .reml
  ) throws(Problem) {
    let n = response.count
    try Self.check(response, predictors, factors)
    // A level's intercept is now at the predictors' means. Since all covariances are free, this changes only the basis.
    let y = ScaledColumn(response), columns = predictors.map(ScaledColumn.init)
    let slopes = factors.map { $0.slopes.map(ScaledColumn.init) }, ones = Array(repeating: 1.0, count: n)
    let x = [ones] + columns.map(\.values), z = slopes.map { [ones] + $0.map(\.values) }
    let deviance = ProfiledDeviance(
      MixedDesign(x: x, y: y.values, levels: factors.map(\.levels), counts: factors.map(\.count), z: z),
      CovarianceFactors(terms: factors.map(\.terms)), isRestricted: method == .reml)
    guard let found = deviance.least() else {
      throw Problem(
        "the predictors \(predictors.map(\.name)) depend on each other, or nothing is left to explain",
        mend: "Leave one of them out.")
    }
    guard let solution = deviance.solve(found.x), solution.residual > 1e-9 * Double(n) else {
      throw Problem("the model explains every response exactly", mend: "Fit a model only to ratings with noise.")
    }
    let matrices = deviance.factors.matrices(found.x), variance = solution.residual / deviance.freedom
    let (fixedEffects, modes) = deviance.design.effects(solution, matrices)
    let effects = ScaledEffects(
      response: y, predictors: columns, values: fixedEffects, covariance: solution.fixedCovariance(variance),
      freedoms: method == .reml ? Satterthwaite(deviance, at: found.x) : nil)
    self.effects = effects
    fixed = (["(Intercept)"] + predictors.map(\.name)).enumerated().map { i, name in
      effects.contrast(name, (0...predictors.count).map { $0 == i ? 1 : 0 })
    }
    residual = variance * y.scale * y.scale
    let relative = zip(factors, matrices).map { RelativeCovariance($0.terms, factor: $1, variance: variance) }
    random = factors.indices.map { f in
      Component(factors[f], relative[f], slopes: slopes[f], of: y, modes: modes[f])
    }

    var fitted = Array(repeating: 0.0, count: n)
    for i in 0..<n { fitted[i] = (1..<x.count).reduce(0) { $0 + fixedEffects[$1] * x[$1][i] } }
    let byFixed = Statistics.variance(fitted) ?? 0
    // The mean over the observations of the variance due to the random effects.
    var byRandom = 0.0
    for (covariance, z) in zip(relative, z) {
      for a in z.indices {
        for b in z.indices {
          byRandom += covariance[a, b] * zip(z[a], z[b]).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
        }
      }
    }
    marginalR2 = byFixed / (byFixed + byRandom + variance)
    conditionalR2 = (byFixed + byRandom) / (byFixed + byRandom + variance)

    self.method = method
    observations = n
    parameters = x.count + found.x.count + 1
    likelihood = method == .ml ? "ML" : "REML of \(predictors.map(\.name).sorted().joined(separator: ", "))"
    let scaling = method == .reml ? 2 * columns.reduce(0) { $0 + log($1.scale) } : 0
    logLikelihood = -(found.value + scaling) / 2 - deviance.freedom * log(y.scale)
    isSingular = deviance.factors.isSingular(found.x)
    converged = found.converged && deviance.gain(from: found) < 1e-3
  }

  /// A linear combination of fixed effects, with one weight per effect, the intercept first: a marginal mean, or the
  /// difference of two, as in emmeans. Its degrees of freedom are Satterthwaite's.
  public func contrast(_ name: String, _ weights: [Double]) -> Coefficient { effects.contrast(name, weights) }

  private static func check(_ response: [Double], _ predictors: [Predictor], _ factors: [RandomEffect]) throws(Problem)
  {
    let n = response.count, columns = predictors + factors.flatMap(\.slopes)
    guard columns.allSatisfy({ $0.values.count == n }), factors.allSatisfy({ $0.levels.count == n }) else {
      throw Problem(
        "the columns of the model differ in length", mend: "Give each one a value for each of the \(n) responses.")
    }
    guard n > predictors.count + 1 else {
      throw Problem("\(n, "rating") are too few for \(predictors.count + 1) fixed effects", mend: "Collect more.")
    }
    guard response.allSatisfy(\.isFinite), columns.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
      throw Problem("a number of the model is not finite", mend: "Leave out incomplete rows.")
    }
    guard response.contains(where: { $0 != response[0] }) else {
      throw Problem("all responses are \(response[0])", mend: "A model needs ratings that differ.")
    }
    guard (1...4).contains(factors.count) else {
      throw Problem("the model has \(factors.count) random factors", mend: "Name one to four.")
    }
    for factor in factors {
      let present = Set(factor.levels)
      guard present.count > 1, present.count < n, present.allSatisfy({ $0 >= 0 }), factor.count == present.count else {
        throw Problem(
          "'\(factor.name)' has \(present.count, "level") in \(n, "rating")",
          mend: "Number them from 0 without gaps; there must be at least two, and fewer than ratings.")
      }
    }
  }
}

/// The fixed effects of centred and scaled predictors on a centred and scaled response.
private struct ScaledEffects {
  let response: ScaledColumn, predictors: [ScaledColumn]
  /// The effects, the intercept first; and their covariance.
  let values: [Double], covariance: DenseMatrix
  /// The degrees of freedom; nil unless fitted by REML.
  let freedoms: Satterthwaite?

  /// A linear combination of effects in the data's units, with one weight per effect.
  func contrast(_ name: String, _ weights: [Double]) -> Coefficient {
    precondition(weights.count == values.count, "a contrast has a weight for each fixed effect")
    var own = weights
    for (i, column) in predictors.enumerated() {
      own[i + 1] = weights[i + 1] / column.scale - weights[0] * column.centre / column.scale
    }
    var value = weights[0] * response.centre, variance = 0.0
    for i in own.indices {
      value += response.scale * own[i] * values[i]
      for j in own.indices { variance += own[i] * covariance[i, j] * own[j] }
    }
    return Coefficient(
      name: name, value: value, standardError: response.scale * variance.squareRoot(),
      degreesOfFreedom: freedoms?.degreesOfFreedom(own) ?? .infinity)
  }
}

/// The covariance of a level's random effects of centred and scaled predictors: σ² Λ Λ'.
private struct RelativeCovariance {
  private let terms: Int, factor: [Double], variance: Double

  /// - Parameter factor: Λ, lower triangular, row by row.
  init(_ terms: Int, factor: [Double], variance: Double) {
    (self.terms, self.factor, self.variance) = (terms, factor, variance)
  }

  subscript(a: Int, b: Int) -> Double {
    variance * (0...min(a, b)).reduce(0) { $0 + factor[a * terms + $1] * factor[b * terms + $1] }
  }
}

extension LinearMixedModel.Component {
  /// Converts back to the units of the data.
  fileprivate init(
    _ factor: RandomEffect, _ covariance: RelativeCovariance, slopes: [ScaledColumn], of response: ScaledColumn,
    modes: [[Double]]
  ) {
    let places = 0..<factor.terms
    // Rows of the change of basis: an intercept at 0 instead of at the means, and slopes per unit.
    let back = places.map { a in
      places.map { b in
        let centre = b > 0 ? slopes[b - 1].centre : 0, scale = b > 0 ? slopes[b - 1].scale : 1
        return response.scale * (a == b ? 1 / scale : a == 0 ? -centre / scale : 0)
      }
    }
    self.init(
      name: factor.name, levels: factor.count, terms: ["(Intercept)"] + factor.slopes.map(\.name),
      covariance: places.map { a in
        places.map { b in
          var sum = 0.0
          for c in places { for d in places { sum += back[a][c] * covariance[c, d] * back[b][d] } }
          return sum
        }
      },
      effects: modes.map { level in back.map { zip($0, level).reduce(0) { $0 + $1.0 * $1.1 } } })
  }
}
