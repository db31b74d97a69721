import Basics
import Foundation

/// A cumulative-link mixed model for ratings in a few ordered steps (Likert). The log odds of an answer at or below
/// step k are `threshold[k] - (fixed effects) - (random effects)`, with one to four crossed factors that have random
/// intercepts and may have random slopes correlated with them.
///
/// It is fitted as R's ordinal::clmm is with its defaults (logit link, flexible thresholds; Christensen 2019): the
/// random effects are integrated out by Laplace's approximation at their conditional modes, which are found by Newton's
/// method for each trial value of the parameters. The likelihood is maximised by BOBYQA and refined by Newton's method
/// with finite differences, whose second derivatives give the standard errors. With two steps it is logistic regression
/// with random intercepts.
public struct CumulativeLinkMixedModel: FittedModel {
  /// The random effects of one factor: the covariance of its intercepts and slopes.
  public struct Component: Sendable {
    public let name: String
    /// The number of its levels in the data.
    public let levels: Int
    /// The intercept's name, then the slopes'.
    public let terms: [String]
    /// The covariance of the terms, on the scale of log odds.
    public let covariance: [[Double]]
    /// The conditional modes of each level's intercept.
    public let effects: [Double]

    /// The variance of the intercepts.
    public var variance: Double { covariance[0][0] }
    /// The correlation of two terms; NaN if a variance is 0.
    public func correlation(_ a: Int, _ b: Int) -> Double {
      covariance[a][b] / (covariance[a][a] * covariance[b][b]).squareRoot()
    }
  }

  /// The number of answers.
  public let observations: Int
  public let parameters: Int
  /// Its maximum, by Laplace's approximation.
  public let logLikelihood: Double
  /// The thresholds between steps 0 and 1, 1 and 2 and so on, named `0|1`.
  public let thresholds: [Coefficient]
  /// The fixed effects; the thresholds take the place of an intercept.
  public let fixed: [Coefficient]
  /// One per factor.
  public let random: [Component]
  /// Whether a variance, or the part of a slope's that is independent of other terms, is practically 0: a standard
  /// deviation below 1e-4.
  public let isSingular: Bool
  /// Whether the optimiser stopped where a Newton step would gain less than 1e-6 of log-likelihood. False if a
  /// predictor separates the steps perfectly, because its effect then has no finite estimate.
  public let converged: Bool
  public let likelihood = "Laplace"

  /// - Parameters:
  ///   - response: the step of each answer, from 0; each step must occur.
  ///   - factors: one to four factors, with levels numbered from 0.
  /// - Throws: a `Problem` if there is nothing to fit.
  public init(_ response: [Int], fixed predictors: [Predictor], random factors: [RandomEffect]) throws(Problem) {
    let steps = try Self.check(response, predictors, factors)
    let n = response.count, cuts = steps - 1, slopes = predictors.count
    let columns = predictors.map(ScaledColumn.init), randomSlopes = factors.map { $0.slopes.map(ScaledColumn.init) }
    let likelihood = LaplaceLikelihood(
      response: response, steps: steps, predictors: columns.map(\.values), levels: factors.map(\.levels),
      counts: factors.map(\.count), slopes: randomSlopes.map { $0.map(\.values) })
    let places = likelihood.places.map { $0.map { (row: $0.row, column: $0.column, at: $0.at + cuts + slopes) } }
    let gaps = ThresholdGaps(cuts)
    var start = gaps.start(response) + Array(repeating: 0.0, count: slopes + likelihood.spreads)
    var lower = start.map { _ in -Double.infinity }
    for place in places.joined() where place.row == place.column {
      start[place.at] = place.row == 0 ? 0.7 : 0.3
      lower[place.at] = 0
    }
    let found = Minimiser(lower: lower, upper: lower.map { _ in .infinity }, tolerance: 1e-6).minimise(from: start) {
      likelihood.negative(gaps.natural($0))
    }

    // A variance at its boundary is left out of the second derivatives; the likelihood is even in a standard deviation.
    let rough = gaps.natural(found.x)
    let edges = places.map { own in Set(own.filter { $0.row == $0.column && abs(rough[$0.at]) <= 1e-4 }.map(\.row)) }
    let fixedAtEdge = Set(zip(places, edges).flatMap { own, edge in own.filter { edge.contains($0.column) }.map(\.at) })
    let best = likelihood.polished(rough, free: rough.indices.filter { !fixedAtEdge.contains($0) })
    let covariance = best.information.inverseOfFactorised()
    func coefficient(_ name: String, _ contrast: [Int: Double]) -> Coefficient {
      var sum = 0.0
      for (i, a) in contrast {
        for (j, b) in contrast { sum += a * b * covariance[i, j] }
      }
      return Coefficient(
        name: name, value: contrast.reduce(0) { $0 + best.x[$1.key] * $1.value },
        standardError: best.isDefinite ? sum.squareRoot() : .nan)
    }
    thresholds = (0..<cuts).map { k in
      var contrast = [k: 1.0]
      for (j, column) in columns.enumerated() { contrast[cuts + j] = column.centre / column.scale }
      return coefficient("\(k)|\(k + 1)", contrast)
    }
    fixed = predictors.indices.map { coefficient(predictors[$0].name, [cuts + $0: 1 / columns[$0].scale]) }
    _ = likelihood.negative(best.x)
    let modes = likelihood.modes
    random = factors.indices.map { f in
      var spread = Array(repeating: Array(repeating: 0.0, count: factors[f].terms), count: factors[f].terms)
      for place in places[f] { spread[place.row][place.column] = best.x[place.at] }
      return Component(factors[f], spread: spread, slopes: randomSlopes[f], modes: modes[f])
    }
    isSingular = edges.contains { !$0.isEmpty }
    logLikelihood = -best.value
    observations = n
    parameters = start.count
    converged = found.converged && best.isDefinite && abs(best.left) < 1e-6
  }

  /// Checks the arguments, and returns the number of steps.
  private static func check(
    _ response: [Int], _ predictors: [Predictor], _ factors: [RandomEffect]
  ) throws(Problem) -> Int {
    let n = response.count, used = Set(response), steps = (response.max() ?? -1) + 1
    guard predictors.allSatisfy({ $0.values.count == n }), factors.allSatisfy({ $0.levels.count == n }) else {
      throw Problem(
        "the columns of the model differ in length", mend: "Give each one a value for each of the \(n) responses.")
    }
    guard steps > 1, used.count == steps, used.allSatisfy({ $0 >= 0 }) else {
      throw Problem(
        "the answers use \(used.count, "step") of \(max(0, steps))",
        mend: "Number those that occur from 0 without gaps; there must be at least two.")
    }
    guard (predictors + factors.flatMap(\.slopes)).allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
      throw Problem("a number of the model is not finite", mend: "Leave out incomplete rows.")
    }
    for predictor in predictors where Set(predictor.values).count < 2 {
      throw Problem("the predictor '\(predictor.name)' is constant", mend: "Leave it out.")
    }
    guard (1...4).contains(factors.count) else {
      throw Problem("the model has \(factors.count) random factors", mend: "Name one to four.")
    }
    guard factors.allSatisfy({ $0.slopes.allSatisfy { $0.values.count == n && Set($0.values).count > 1 } }) else {
      throw Problem(
        "a random slope has a predictor that does not vary", mend: "Give it a value for each of the \(n) responses.")
    }
    for factor in factors {
      let present = Set(factor.levels)
      guard present.count > 1, present.allSatisfy({ $0 >= 0 }), factor.count == present.count else {
        throw Problem(
          "'\(factor.name)' has \(present.count, "level")",
          mend: "Number them from 0 without gaps; there must be at least two.")
      }
    }
    return steps
  }
}

/// Thresholds as the optimiser sees them: the first one and the logarithms of the gaps, so they always stay in order.
private struct ThresholdGaps {
  private let count: Int

  init(_ count: Int) { self.count = count }

  /// The parameters with thresholds in place of gaps.
  func natural(_ x: [Double]) -> [Double] {
    var y = x
    for k in 1..<max(1, count) { y[k] = y[k - 1] + exp(x[k]) }
    return y
  }

  /// The thresholds that give the observed shares of the steps without any other effects.
  func start(_ response: [Int]) -> [Double] {
    var below = 0.0, last = 0.0
    return (0..<count).map { k in
      below += Double(response.count { $0 == k })
      let cut = log(below / (Double(response.count) - below))
      defer { last = cut }
      return k == 0 ? cut : log(cut - last)
    }
  }
}

extension CumulativeLinkMixedModel.Component {
  /// Converts to the predictors' own units: what is linear in scaled predictors has a different intercept and different
  /// slopes.
  /// - Parameters:
  ///   - spread: the factor of the terms' covariance, lower triangular.
  ///   - modes: the modes of each level, on the scale of standard deviations.
  fileprivate init(_ factor: RandomEffect, spread: [[Double]], slopes: [ScaledColumn], modes: [[Double]]) {
    var own = spread
    for (t, slope) in slopes.enumerated() {
      for c in spread.indices {
        own[0][c] -= own[t + 1][c] * slope.centre / slope.scale
        own[t + 1][c] /= slope.scale
      }
    }
    self.init(
      name: factor.name, levels: factor.count, terms: ["intercept"] + factor.slopes.map(\.name),
      covariance: own.map { a in own.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } },
      effects: modes.map { level in zip(own[0], level).reduce(0) { $0 + $1.0 * $1.1 } })
  }
}
