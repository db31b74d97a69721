import Foundation

/// The values by which two models of the same observations are compared.
public protocol FittedModel: Sendable {
  var logLikelihood: Double { get }
  /// The number of estimated parameters, including variances.
  var parameters: Int { get }
  var observations: Int { get }
  /// The kind of likelihood. Only models with the same one may be compared (restricted likelihoods with different fixed
  /// effects may not).
  var likelihood: String { get }
}

extension FittedModel {
  /// Akaike's criterion, 2k - 2 log L: smaller is better.
  public var aic: Double { 2 * Double(parameters) - 2 * logLikelihood }
  /// Schwarz's criterion, k log n - 2 log L: smaller is better.
  public var bic: Double { Double(parameters) * log(Double(observations)) - 2 * logLikelihood }
}

/// Tests whether a larger model fits better than a smaller one nested in it by more than chance: twice the difference
/// of the log-likelihoods is chi-squared under the smaller model (Wilks 1938).
///
/// If the larger model adds a variance, 0 is at the boundary of its parameter space, and p is too large: about twice
/// the correct one for a single variance (Self & Liang 1987).
public struct LikelihoodRatioTest: Sendable, Equatable {
  /// Twice the difference of the log-likelihoods.
  public let chiSquared: Double
  /// The difference in the number of parameters.
  public let degreesOfFreedom: Int
  /// By the chi-squared distribution.
  public let p: Double

  /// Nil if the models have different observations or likelihoods, or if the larger one does not have more parameters.
  /// The caller has to ensure that they are nested.
  public init?(_ smaller: some FittedModel, in larger: some FittedModel) {
    guard smaller.observations == larger.observations, smaller.likelihood == larger.likelihood,
      larger.parameters > smaller.parameters
    else { return nil }
    chiSquared = max(0, 2 * (larger.logLikelihood - smaller.logLikelihood))
    degreesOfFreedom = larger.parameters - smaller.parameters
    p = ChiSquared(Double(degreesOfFreedom)).upper(chiSquared)
  }
}

/// A fixed effect.
public struct Coefficient: Sendable, Equatable {
  public let name: String
  /// The estimate.
  public let value: Double
  /// The standard error of the estimate.
  public let standardError: Double
  /// The degrees of freedom of Student's t: Satterthwaite's in a linear mixed model; otherwise infinite, which gives
  /// the normal distribution.
  public let degreesOfFreedom: Double

  public init(name: String, value: Double, standardError: Double, degreesOfFreedom: Double = .infinity) {
    (self.name, self.value, self.standardError) = (name, value, standardError)
    self.degreesOfFreedom = degreesOfFreedom
  }

  private var distribution: any Distribution { degreesOfFreedom.isFinite ? StudentT(degreesOfFreedom) : Normal() }

  /// The estimate divided by its standard error: t, or z if the degrees of freedom are infinite.
  public var z: Double { value / standardError }
  /// Whether there is enough to say how accurate the estimate is: with less than one degree of freedom, there is not.
  private var isAccurate: Bool { degreesOfFreedom >= 1 - 1e-6 }
  /// The two-sided p-value of the hypothesis that the effect is 0; not a number with less than one degree of freedom. By the
  /// normal distribution (Wald) it is too small with few listeners or queries.
  public var p: Double { isAccurate ? 2 * distribution.upper(abs(z)) : .nan }
  /// The confidence interval of the estimate, by Student's t or, with infinite degrees of freedom, by the normal
  /// distribution. Its ends are not numbers with less than one degree of freedom.
  /// - Parameter level: the confidence level, between 0 and 1.
  public func interval(level: Double = 0.95) -> Interval {
    let q = isAccurate ? distribution.quantile((1 + level) / 2) ?? .nan : .nan
    return Interval(low: value - q * standardError, high: value + q * standardError)
  }
}

/// A named column of numbers, one per observation.
public struct Predictor: Sendable, Equatable {
  public var name: String
  /// One per observation.
  public var values: [Double]

  public init(_ name: String, _ values: [Double]) { (self.name, self.values) = (name, values) }
}

/// Observations grouped by a factor (listener, query) whose levels are a sample: each level has its own intercept and
/// its own slopes of the given predictors, drawn from a normal distribution.
public struct RandomEffect: Sendable, Equatable {
  public var name: String
  /// The level of each observation, from 0.
  public var levels: [Int]
  /// The predictors whose slopes vary by level. Empty for intercepts only.
  public var slopes: [Predictor]

  public init(_ name: String, levels: [Int], slopes: [Predictor] = []) {
    (self.name, self.levels, self.slopes) = (name, levels, slopes)
  }

  var count: Int { (levels.max() ?? -1) + 1 }
  var terms: Int { 1 + slopes.count }
}
