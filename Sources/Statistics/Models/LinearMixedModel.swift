import Basics
import Foundation

/// A linear mixed model: `rating ~ distance + (1 + distance | participant) + (1 | query)` and what is simpler than that.
///
/// The response is a sum of fixed effects, of effects of one to four crossed factors whose levels are a sample, each
/// normal with a covariance of its own, and of normal noise. Fitted as lme4 does (Bates, Mächler, Bolker & Walker 2015):
/// fixed effects, σ² and random effects are profiled out, and the deviance is minimised over the Cholesky factors of the
/// random effects' relative covariances (see `MixedDesign`), by BOBYQA.
public struct LinearMixedModel: FittedModel {
  /// Restricted maximum likelihood for estimates of variance, maximum likelihood to compare models of different fixed
  /// effects.
  public enum Method: String, Sendable { case reml = "REML", ml = "ML" }

  /// The random effects of one factor: intercept and slopes.
  public struct Component: Sendable {
    public let name: String
    public let levels: Int
    /// `(Intercept)`, then the predictors' names.
    public let terms: [String]
    /// A row a term.
    public let covariance: [[Double]]
    /// The conditional modes (BLUPs) of the levels, a number for each term.
    public let effects: [[Double]]

    /// Nil where a variance is 0.
    public func correlation(_ a: Int, _ b: Int) -> Double? {
      let product = covariance[a][a] * covariance[b][b]
      return product > 0 ? covariance[a][b] / product.squareRoot() : nil
    }
  }

  public let method: Method
  public let observations: Int
  public let parameters: Int
  /// The restricted one, if by REML.
  public let logLikelihood: Double
  /// The intercept first.
  public let fixed: [Coefficient]
  public let random: [Component]
  /// σ², the variance of the noise.
  public let residual: Double
  /// Variance explained by the fixed effects, and by fixed and random effects together, as parts of the whole (Nakagawa &
  /// Schielzeth 2013; with slopes, the random effects' mean variance over the observations: Johnson 2014).
  public let marginalR2: Double
  public let conditionalR2: Double
  /// Whether a variance is (next to) 0 or a correlation ±1: the data do not carry all of the random effects, and a simpler
  /// model says the same. The measure is lme4's, an element under 1e-4 on the diagonal of a factor.
  public let isSingular: Bool
  /// Whether the optimiser came to an end and no step of Newton's along a single variance parameter would gain 1e-3 of
  /// deviance.
  public let converged: Bool
  public let evaluations: Int
  public let likelihood: String
  /// Of the scaled fixed effects: how they come of a contrast of those in the data's units, their values, their covariance
  /// and, by REML, their degrees of freedom.
  private let scales: [(centre: Double, scale: Double)], spread: Double, mean: Double
  private let scaled: [Double], scaledCovariance: DenseMatrix
  private let freedoms: Satterthwaite?

  /// `fixed` are the predictors beside the intercept; `random` names one to four factors, numbered from 0.
  ///
  /// Throws a `Problem` if there is nothing to fit: columns of different lengths, numbers that are not finite, a factor
  /// with fewer than two levels or one for every observation, predictors that depend on each other, or no noise left.
  public init(
    _ response: [Double], fixed predictors: [Predictor], random factors: [RandomEffect], by method: Method = .reml
  ) throws(Problem) {
    let n = response.count
    try Self.check(response, predictors, factors)
    // Inside, predictors are centred and scaled and the response is centred: what the optimiser sees has no units.
    let scales = predictors.map(\.centreAndScale)
    let mean = response.reduce(0, +) / Double(n)
    let spread = Predictor("", response).centreAndScale.scale
    let x =
      [Array(repeating: 1.0, count: n)]
      + zip(predictors, scales).map { predictor, s in predictor.values.map { ($0 - s.centre) / s.scale } }
    // A level's intercept is then at the predictors' means. All covariances are free, so this changes the basis only.
    let slopeScales = factors.map { $0.slopes.map(\.centreAndScale) }
    let z = zip(factors, slopeScales).map { factor, scales in
      [Array(repeating: 1.0, count: n)]
        + zip(factor.slopes, scales).map { slope, s in slope.values.map { ($0 - s.centre) / s.scale } }
    }
    let design = MixedDesign(
      x: x, y: response.map { ($0 - mean) / spread }, levels: factors.map(\.levels), counts: factors.map(\.count), z: z)
    let p = x.count, freedom = Double(method == .reml ? n - p : n)

    /// θ: the lower triangles of the factors, row by row.
    func lambda(_ theta: [Double]) -> [[Double]] {
      var at = 0
      return factors.map { factor in
        let k = factor.terms
        var matrix = Array(repeating: 0.0, count: k * k)
        for a in 0..<k {
          for b in 0...a {
            matrix[a * k + b] = theta[at]
            at += 1
          }
        }
        return matrix
      }
    }
    func deviance(_ theta: [Double]) -> Double {
      guard let solution = design.solve(lambda(theta)), solution.residual > 0 else { return .infinity }
      let fixedPart = method == .reml ? solution.fixedLogDeterminant : 0
      return solution.logDeterminant + fixedPart + freedom * (1 + log(2 * .pi * solution.residual / freedom))
    }
    let onDiagonal = factors.flatMap { factor in (0..<factor.terms).flatMap { a in (0...a).map { $0 == a } } }
    let start = onDiagonal.map { $0 ? 1.0 : 0 }
    guard deviance(start).isFinite else {
      throw Problem(
        "the predictors \(predictors.map(\.name)) depend on each other, or nothing is left to explain",
        mend: "Leave one of them out.")
    }
    let bounds = onDiagonal.map { $0 ? 0 : -Double.infinity }
    let minimiser = Minimiser(lower: bounds, upper: bounds.map { _ in .infinity })
    var found = minimiser.minimise(from: start, deviance)
    // At an intercept's variance of 0 the slope's is split between two elements as it happened; the edge may be no
    // minimum when all of it is in one, so begin there too.
    for other in Self.rotations(found.x, factors.map(\.terms)) {
      let again = minimiser.minimise(from: other, deviance)
      let evaluations = found.evaluations + again.evaluations
      if again.value < found.value { found = again }
      found.evaluations = evaluations
    }
    let theta = found.x, factorsFound = lambda(theta)
    guard let solution = design.solve(factorsFound), solution.residual > 1e-9 * Double(n) else {
      throw Problem("the model explains every response exactly", mend: "Fit a model only to ratings with noise.")
    }
    let effects = design.effects(solution, factorsFound)
    let variance = solution.residual / freedom  // of the scaled response

    // Back to the units of the data.
    let r = solution.restSize
    var corner = DenseMatrix(rows: p, columns: p)
    for i in 0..<p {
      for j in 0...i { corner[i, j] = solution.factor[r + i, r + j] }
    }
    let covariance = corner.inverseOfFactorised()
    var intercept = mean + spread * effects.fixed[0]
    (self.scales, self.spread, self.mean, scaled) = (scales, spread, mean, effects.fixed)
    var scaledCovariance = covariance
    for i in scaledCovariance.values.indices { scaledCovariance.values[i] *= variance }
    self.scaledCovariance = scaledCovariance
    var contrast = [1.0] + zip(scales, predictors).map { s, _ in -s.centre / s.scale }
    for (s, value) in zip(scales, effects.fixed.dropFirst()) { intercept -= spread * value * s.centre / s.scale }
    func error(_ contrast: [Double]) -> Double {
      var sum = 0.0
      for i in 0..<p {
        for j in 0..<p { sum += contrast[i] * covariance[i, j] * contrast[j] }
      }
      return spread * (variance * sum).squareRoot()
    }
    let freedoms =
      method == .reml ? Satterthwaite(design, lambda, at: theta, freedom: freedom, fixed: p) : nil
    self.freedoms = freedoms
    var coefficients = [
      Coefficient(
        name: "(Intercept)", value: intercept, standardError: error(contrast),
        degreesOfFreedom: freedoms?.degreesOfFreedom(contrast) ?? .infinity)
    ]
    for (i, s) in scales.enumerated() {
      contrast = Array(repeating: 0, count: p)
      contrast[i + 1] = 1 / s.scale
      coefficients.append(
        Coefficient(
          name: predictors[i].name, value: spread * effects.fixed[i + 1] / s.scale, standardError: error(contrast),
          degreesOfFreedom: freedoms?.degreesOfFreedom(contrast) ?? .infinity))
    }
    fixed = coefficients
    residual = variance * spread * spread
    var explained = 0.0
    random = factors.indices.map { f in
      let k = factors[f].terms, matrix = factorsFound[f]
      func scaled(_ a: Int, _ b: Int) -> Double {
        variance * (0...min(a, b)).reduce(0) { $0 + matrix[a * k + $1] * matrix[b * k + $1] }
      }
      for a in 0..<k {
        for b in 0..<k {
          var product = 0.0
          for i in 0..<n { product += z[f][a][i] * z[f][b][i] }
          explained += scaled(a, b) * product / Double(n)
        }
      }
      // Rows of the change of basis: an intercept at 0 rather than at the means, slopes a unit.
      let back = (0..<k).map { a in
        (0..<k).map { b in
          let s = b > 0 ? slopeScales[f][b - 1] : (centre: 0, scale: 1)
          return spread * (a == b ? 1 / s.scale : a == 0 ? -s.centre / s.scale : 0)
        }
      }
      return Component(
        name: factors[f].name, levels: factors[f].count, terms: ["(Intercept)"] + factors[f].slopes.map(\.name),
        covariance: (0..<k).map { a in
          (0..<k).map { b in
            var sum = 0.0
            for c in 0..<k {
              for d in 0..<k { sum += back[a][c] * scaled(c, d) * back[b][d] }
            }
            return sum
          }
        },
        effects: effects.random[f].map { level in back.map { zip($0, level).reduce(0) { $0 + $1.0 * $1.1 } } })
    }
    var fitted = Array(repeating: 0.0, count: n)
    for i in 0..<n { fitted[i] = (1..<max(1, p)).reduce(0) { $0 + effects.fixed[$1] * x[$1][i] } }
    let byFixed = Statistics.variance(fitted) ?? 0
    marginalR2 = byFixed / (byFixed + explained + variance)
    conditionalR2 = (byFixed + explained) / (byFixed + explained + variance)

    self.method = method
    observations = n
    parameters = p + theta.count + 1
    likelihood = method == .ml ? "ML" : "REML of \(predictors.map(\.name).sorted().joined(separator: ", "))"
    let scaling = method == .reml ? 2 * scales.reduce(0) { $0 + log($1.scale) } : 0
    logLikelihood = -(found.value + scaling) / 2 - freedom * log(spread)
    isSingular = zip(theta, onDiagonal).contains { $1 && $0 < 1e-4 }
    evaluations = found.evaluations
    converged = found.converged && Self.gain(deviance, at: theta, bounds, found.value) < 1e-3
  }

  /// A sum of fixed effects, each times its weight, the intercept first: a marginal mean, or the difference of two, as
  /// emmeans has them. Its degrees of freedom are Satterthwaite's.
  public func contrast(_ name: String, _ weights: [Double]) -> Coefficient {
    precondition(weights.count == fixed.count, "a contrast has a weight for each fixed effect")
    var own = weights
    for (i, s) in scales.enumerated() {
      own[i + 1] = weights[i + 1] / s.scale - weights[0] * s.centre / s.scale
    }
    var value = weights[0] * mean, variance = 0.0
    for i in own.indices {
      value += spread * own[i] * scaled[i]
      for j in own.indices { variance += own[i] * scaledCovariance[i, j] * own[j] }
    }
    return Coefficient(
      name: name, value: value, standardError: spread * variance.squareRoot(),
      degreesOfFreedom: freedoms?.degreesOfFreedom(own) ?? .infinity)
  }

  /// What Newton's steps along single parameters would still gain.
  private static func gain(
    _ deviance: ([Double]) -> Double, at theta: [Double], _ bounds: [Double], _ value: Double
  ) -> Double {
    let h = 1e-3
    return theta.indices.reduce(0) { most, i in
      func moved(_ step: Double) -> Double {
        var point = theta
        point[i] += step
        return deviance(point)
      }
      let above = moved(h)
      // At its bound a parameter can only grow.
      if theta[i] - h < bounds[i] { return max(most, value - above) }
      let below = moved(-h)
      let slope = (above - below) / (2 * h), curvature = (above + below - 2 * value) / (h * h)
      return max(most, curvature > 0 ? slope * slope / (2 * curvature) : abs(slope) * h)
    }
  }

  /// Where a factor's first diagonal element is 0 and others are not: points near it, with what the rows below hold moved
  /// into their first element, with either sign.
  private static func rotations(_ theta: [Double], _ terms: [Int]) -> [[Double]] {
    var points: [[Double]] = [], at = 0
    for k in terms {
      let elements = k * (k + 1) / 2
      if k > 1, theta[at] < 1e-4 {
        for sign in [-1.0, 1] {
          var point = theta, row = at + 1
          point[at] = 0.05
          for a in 1..<k {
            let length = theta[row...(row + a)].reduce(0) { $0 + $1 * $1 }.squareRoot()
            for b in 0...a { point[row + b] = b == 0 ? sign * length : 0 }
            row += a + 1
          }
          points.append(point)
        }
      }
      at += elements
    }
    return points
  }

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

/// Satterthwaite's degrees of freedom of fixed effects (Giesbrecht & Burns 1985; Fai & Cornelius 1996), as lmerTest has
/// them (Kuznetsova, Brockhoff & Christensen 2017): with C(θ, σ²) the variance of a contrast and A the asymptotic
/// covariance of the variance parameters, twice the inverse of the deviance's second derivatives, they are
/// `2 C² / (∇C' A ∇C)`. Derivatives by σ² are exact, those by θ central differences.
private struct Satterthwaite {
  /// By parameter of θ, then of σ²: the derivative of the fixed effects' covariance; and the covariance.
  private var derivatives: [DenseMatrix], covariance: DenseMatrix
  /// The inverse of the second derivatives.
  private var inverse: DenseMatrix

  /// Nil where a derivative cannot be had.
  init?(
    _ design: MixedDesign, _ lambda: ([Double]) -> [[Double]], at theta: [Double], freedom: Double, fixed p: Int
  ) {
    /// At θ: the logarithms of both determinants, the residual, and the fixed effects' covariance without σ².
    func point(_ theta: [Double]) -> (determinants: Double, residual: Double, covariance: DenseMatrix)? {
      guard let solution = design.solve(lambda(theta)) else { return nil }
      var corner = DenseMatrix(rows: p, columns: p)
      for i in 0..<p {
        for j in 0...i { corner[i, j] = solution.factor[solution.restSize + i, solution.restSize + j] }
      }
      return (
        solution.logDeterminant + solution.fixedLogDeterminant, solution.residual, corner.inverseOfFactorised()
      )
    }
    guard let middle = point(theta), middle.residual > 0 else { return nil }
    let count = theta.count, variance = middle.residual / freedom, h = 1e-3
    func moved(_ i: Int, _ a: Double, _ j: Int = 0, _ b: Double = 0)
      -> (determinants: Double, residual: Double, covariance: DenseMatrix)?
    {
      var next = theta
      next[i] += a
      next[j] += b
      return point(next)
    }
    func deviance(_ point: (determinants: Double, residual: Double, covariance: DenseMatrix)) -> Double {
      point.determinants + point.residual / variance
    }
    var second = DenseMatrix(rows: count + 1, columns: count + 1)
    derivatives = []
    for i in 0..<count {
      guard let above = moved(i, h), let below = moved(i, -h) else { return nil }
      second[i, i] = (deviance(above) + deviance(below) - 2 * deviance(middle)) / (h * h)
      second[count, i] = -(above.residual - below.residual) / (2 * h) / (variance * variance)
      var derivative = DenseMatrix(rows: p, columns: p)
      for a in derivative.values.indices {
        derivative.values[a] = variance * (above.covariance.values[a] - below.covariance.values[a]) / (2 * h)
      }
      derivatives.append(derivative)
      for j in 0..<i {
        guard let a = moved(i, h, j, h), let b = moved(i, h, j, -h), let c = moved(i, -h, j, h),
          let d = moved(i, -h, j, -h)
        else { return nil }
        second[i, j] = (deviance(a) - deviance(b) - deviance(c) + deviance(d)) / (4 * h * h)
      }
    }
    second[count, count] = freedom / (variance * variance)
    derivatives.append(middle.covariance)
    covariance = middle.covariance
    for i in covariance.values.indices { covariance.values[i] *= variance }
    // At an edge, directions in which the deviance does not bend upwards tell nothing and are left out, as in lmerTest.
    guard let eigen = second.symmetricEigen() else { return nil }
    inverse = DenseMatrix(rows: count + 1, columns: count + 1)
    for (e, value) in eigen.values.enumerated() where value > 1e-8 {
      for i in 0...count {
        for j in 0...count { inverse[i, j] += eigen.vectors[i, e] * eigen.vectors[j, e] / value }
      }
    }
  }

  /// Of a contrast of the scaled fixed effects; nil where it has no variance.
  func degreesOfFreedom(_ contrast: [Double]) -> Double? {
    func form(_ matrix: DenseMatrix) -> Double {
      contrast.indices.reduce(0) { sum, i in
        sum + contrast.indices.reduce(0) { $0 + contrast[i] * matrix[i, $1] * contrast[$1] }
      }
    }
    let gradient = derivatives.map(form), variance = form(covariance)
    var spread = 0.0
    for i in gradient.indices { for j in gradient.indices { spread += gradient[i] * inverse[i, j] * gradient[j] } }
    // A = 2 inverse.
    return spread > 0 ? variance * variance / spread : nil
  }
}
