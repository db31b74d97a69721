import Foundation

/// What two models fitted to the same observations are compared by.
public protocol FittedModel: Sendable {
  var logLikelihood: Double { get }
  /// Number of estimated parameters, variances among them.
  var parameters: Int { get }
  var observations: Int { get }
  /// Names what the likelihood is of; only equal ones may be compared (restricted likelihoods of different fixed effects
  /// may not).
  var likelihood: String { get }
}

extension FittedModel {
  /// Akaike's criterion, 2k - 2 log L: smaller is better.
  public var aic: Double { 2 * Double(parameters) - 2 * logLikelihood }
  /// Schwarz's criterion, k log n - 2 log L: smaller is better.
  public var bic: Double { Double(parameters) * log(Double(observations)) - 2 * logLikelihood }
}

/// Whether what a larger model adds to a smaller one, nested in it, is more than chance: twice the difference of the
/// log-likelihoods is chi-squared under the smaller one (Wilks 1938).
///
/// Where the larger model adds a variance, 0 is at the edge of what it can be, and p is too large: about twice the right
/// one for a single variance (Self & Liang 1987).
public struct LikelihoodRatioTest: Sendable, Equatable {
  public let chiSquared: Double
  public let degreesOfFreedom: Int
  public let p: Double

  /// Nil if the models have other observations or likelihoods, or the larger one no more parameters. That they are nested
  /// is up to the caller.
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
  public let value: Double
  public let standardError: Double
  /// Of Student's t: Satterthwaite's in a linear mixed model; infinite, which is the normal distribution, elsewhere.
  public let degreesOfFreedom: Double

  init(name: String, value: Double, standardError: Double, degreesOfFreedom: Double = .infinity) {
    (self.name, self.value, self.standardError) = (name, value, standardError)
    self.degreesOfFreedom = degreesOfFreedom
  }

  private var distribution: any Distribution { degreesOfFreedom.isFinite ? StudentT(degreesOfFreedom) : Normal() }

  /// Estimate over standard error: t, or z where the degrees of freedom are infinite.
  public var z: Double { value / standardError }
  /// Two-sided. By the normal distribution (Wald) too small with few listeners or queries.
  public var p: Double { 2 * distribution.upper(abs(z)) }
  /// The interval of the estimate, of t where there are degrees of freedom, else normal.
  /// - Parameter level: how often such intervals hold the truth, from 0 to 1.
  public func interval(level: Double = 0.95) -> Interval {
    let q = distribution.quantile((1 + level) / 2) ?? .nan
    return Interval(low: value - q * standardError, high: value + q * standardError)
  }
}

/// A named column of numbers, one for each observation.
public struct Predictor: Sendable, Equatable {
  public var name: String
  public var values: [Double]

  public init(_ name: String, _ values: [Double]) { (self.name, self.values) = (name, values) }
}

/// Observations grouped by a factor (listener, query) whose levels are a sample: each has its own intercept and its own
/// slopes of the predictors named, drawn from a normal distribution.
public struct RandomEffect: Sendable, Equatable {
  public var name: String
  /// The level of each observation, from 0.
  public var levels: [Int]
  public var slopes: [Predictor]

  public init(_ name: String, levels: [Int], slopes: [Predictor] = []) {
    (self.name, self.levels, self.slopes) = (name, levels, slopes)
  }

  var count: Int { (levels.max() ?? -1) + 1 }
  var terms: Int { 1 + slopes.count }
}
