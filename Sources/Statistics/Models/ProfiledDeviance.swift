import Foundation

/// The random effects' relative covariances as an optimiser sees them: θ holds the lower triangles of the Cholesky
/// factors, one per factor of the model, row by row.
struct CovarianceFactors {
  /// By factor: the number of its intercept and slopes.
  let terms: [Int]
  /// By index in θ: whether it is a diagonal element.
  let isDiagonal: [Bool]

  init(terms: [Int]) {
    self.terms = terms
    isDiagonal = terms.flatMap { count in (0..<count).flatMap { a in (0...a).map { $0 == a } } }
  }

  /// The start: each variance equal to the noise's, no covariances.
  var start: [Double] { isDiagonal.map { $0 ? 1 : 0 } }
  /// The lower bound of each element.
  var lower: [Double] { isDiagonal.map { $0 ? 0 : -.infinity } }

  /// By factor: its triangle as a square matrix, row by row.
  func matrices(_ theta: [Double]) -> [[Double]] {
    var at = 0
    return terms.map { k in
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

  /// Whether a variance is practically 0 or a correlation ±1, by lme4's criterion.
  func isSingular(_ theta: [Double]) -> Bool { zip(theta, isDiagonal).contains { $1 && $0 < 1e-4 } }

  /// If a factor's first diagonal element is 0 and others are not: nearby points, in which what the rows below hold is
  /// moved into their first element, with either sign.
  func rotations(_ theta: [Double]) -> [[Double]] {
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
}

/// The deviance of a linear mixed model as a function of θ alone; fixed effects, σ² and random effects are profiled out
/// (Bates, Mächler, Bolker & Walker 2015).
struct ProfiledDeviance {
  let design: MixedDesign
  let factors: CovarianceFactors
  /// Whether it is the REML criterion.
  let isRestricted: Bool
  /// The number by which the residual is divided to give σ².
  let freedom: Double

  init(_ design: MixedDesign, _ factors: CovarianceFactors, isRestricted: Bool) {
    (self.design, self.factors, self.isRestricted) = (design, factors, isRestricted)
    freedom = Double(isRestricted ? design.observations - design.fixed : design.observations)
  }

  func solve(_ theta: [Double]) -> MixedDesign.Solution? { design.solve(factors.matrices(theta)) }

  /// Infinite if there is no solution.
  func value(_ theta: [Double]) -> Double {
    guard let solution = solve(theta), solution.residual > 0 else { return .infinity }
    let fixedPart = isRestricted ? solution.fixedLogDeterminant : 0
    return solution.logDeterminant + fixedPart + freedom * (1 + log(2 * .pi * solution.residual / freedom))
  }

  /// Its minimum; nil if there is no solution at the start.
  func least() -> Minimiser.Result? {
    guard value(factors.start).isFinite else { return nil }
    let minimiser = Minimiser(lower: factors.lower, upper: factors.lower.map { _ in .infinity })
    var found = minimiser.minimise(from: factors.start, value)
    // With an intercept's variance at 0, the slope's is split arbitrarily between two elements. With all of it in one,
    // the boundary may not be a minimum, so the search also starts there.
    for other in factors.rotations(found.x) {
      let again = minimiser.minimise(from: other, value)
      if again.value < found.value { found = again }
    }
    return found
  }

  /// The largest gain in deviance from a Newton step along a single parameter.
  func gain(from found: Minimiser.Result) -> Double {
    let theta = found.x, lower = factors.lower, h = 1e-3
    return theta.indices.reduce(0) { most, i in
      func moved(_ step: Double) -> Double {
        var point = theta
        point[i] += step
        return value(point)
      }
      let above = moved(h)
      // At its bound, a parameter can only grow.
      if theta[i] - h < lower[i] { return max(most, found.value - above) }
      let below = moved(-h)
      let slope = (above - below) / (2 * h), curvature = (above + below - 2 * found.value) / (h * h)
      return max(most, curvature > 0 ? slope * slope / (2 * curvature) : abs(slope) * h)
    }
  }
}
