import Basics
import Foundation

/// A cumulative-link mixed model for ratings in a few ordered steps (Likert): the log odds of an answer at or below step
/// k are `threshold[k] - (fixed effects) - (random intercepts)`, with one or two crossed factors of random intercepts.
///
/// Fitted as R's ordinal::clmm does with its defaults (logit link, flexible thresholds; Christensen 2019): the random
/// intercepts are integrated out by Laplace's approximation at their conditional modes, found by Newton's method for
/// every trial of the parameters. The likelihood is maximised by BOBYQA and polished by Newton's method with differences,
/// whose second derivatives give the standard errors. With two steps it is logistic regression with random intercepts.
public struct CumulativeLinkMixedModel: FittedModel {
  public struct Component: Sendable {
    public let name: String
    public let levels: Int
    public let variance: Double
    /// The conditional mode of each level, on the scale of log odds.
    public let effects: [Double]
  }

  public let observations: Int
  public let parameters: Int
  public let logLikelihood: Double
  /// Between steps 0 and 1, 1 and 2 and so on, named `0|1`.
  public let thresholds: [Coefficient]
  public let fixed: [Coefficient]
  public let random: [Component]
  /// Whether a variance is (next to) 0, standard deviation under 1e-4.
  public let isSingular: Bool
  /// Whether the optimiser came to an end where a step of Newton's would gain less than 1e-6 of log-likelihood. Not so
  /// where a predictor tells the steps apart without error: then its effect has no finite estimate.
  public let converged: Bool
  public let likelihood = "Laplace"

  /// `response` counts steps from 0, each of which must occur; `random` names one or two factors, numbered from 0, with
  /// no slopes. Throws a `Problem` if there is nothing to fit.
  public init(_ response: [Int], fixed predictors: [Predictor], random factors: [RandomEffect]) throws(Problem) {
    let steps = try Self.check(response, predictors, factors)
    let n = response.count, cuts = steps - 1, slopes = predictors.count, count = cuts + slopes + factors.count
    let scales = predictors.map(\.centreAndScale)
    let likelihood = LaplaceLikelihood(
      response: response, steps: steps,
      predictors: zip(predictors, scales).map { p, s in p.values.map { ($0 - s.centre) / s.scale } },
      levels: factors.map(\.levels), counts: factors.map(\.count))

    // The optimiser sees the first threshold and the logarithms of the gaps, so that it cannot leave their order.
    func natural(_ x: [Double]) -> [Double] {
      var y = x
      for k in 1..<max(1, cuts) { y[k] = y[k - 1] + exp(x[k]) }
      return y
    }
    var start = Array(repeating: 0.0, count: count), below = 0.0, last = 0.0
    for k in 0..<cuts {
      below += Double(response.count { $0 == k })
      let cut = log(below / (Double(n) - below))
      start[k] = k == 0 ? cut : log(cut - last)
      last = cut
    }
    for f in factors.indices { start[cuts + slopes + f] = 0.7 }
    let lower = start.indices.map { $0 < cuts + slopes ? -Double.infinity : 0 }
    let found = Minimiser(lower: lower, upper: lower.map { _ in .infinity }, tolerance: 1e-6).minimise(from: start) {
      likelihood.negative(natural($0))
    }

    // A variance at its edge takes no part in the second derivatives; the likelihood is even in a standard deviation.
    var at = natural(found.x), value = likelihood.negative(at)
    let free = at.indices.filter { $0 < cuts + slopes || at[$0] > 1e-4 }
    var information = DenseMatrix(rows: 0, columns: 0), left = Double.infinity
    for round in 0..<3 {
      information = likelihood.secondDerivatives(at, free)
      guard information.factorise() else { break }
      var moved = false
      for _ in 0..<4 {
        let gradient = likelihood.gradient(at, free)
        var step = gradient
        information.solve(&step)
        information.solve(&step, transposed: true)
        left = zip(step, gradient).reduce(0) { $0 + $1.0 * $1.1 } / 2
        var next = at
        for (i, k) in free.enumerated() { next[k] -= step[i] }
        let reached = likelihood.negative(next)
        guard reached < value else { break }
        moved = moved || value - reached > 1e-4
        (at, value) = (next, reached)
        if left < 1e-11 { break }
      }
      if !moved || round == 2 { break }
    }
    let definite = information.rows == free.count && (0..<free.count).allSatisfy { information[$0, $0] > 0 }
    let covariance = information.inverseOfFactorised()
    func coefficient(_ name: String, _ contrast: [Int: Double]) -> Coefficient {
      var sum = 0.0
      for (i, a) in contrast {
        for (j, b) in contrast { sum += a * b * covariance[i, j] }
      }
      return Coefficient(
        name: name, value: contrast.reduce(0) { $0 + at[$1.key] * $1.value },
        standardError: definite ? sum.squareRoot() : .nan)
    }
    thresholds = (0..<cuts).map { k in
      var contrast = [k: 1.0]
      for (j, s) in scales.enumerated() { contrast[cuts + j] = s.centre / s.scale }
      return coefficient("\(k)|\(k + 1)", contrast)
    }
    fixed = predictors.indices.map { coefficient(predictors[$0].name, [cuts + $0: 1 / scales[$0].scale]) }
    _ = likelihood.negative(at)
    let modes = likelihood.modes
    random = factors.indices.map { f in
      let sd = abs(at[cuts + slopes + f])
      return Component(
        name: factors[f].name, levels: factors[f].count, variance: sd * sd,
        effects: modes[f].map { at[cuts + slopes + f] * $0 })
    }
    isSingular = random.contains { $0.variance < 1e-8 }
    logLikelihood = -value
    observations = n
    parameters = count
    converged = found.converged && definite && abs(left) < 1e-6
  }

  /// The number of steps.
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
        "the answers use \(used.count) steps of \(max(0, steps))",
        mend: "Number those that occur from 0 without gaps; there must be at least two.")
    }
    guard predictors.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
      throw Problem("a number of the model is not finite", mend: "Leave out incomplete rows.")
    }
    for predictor in predictors where Set(predictor.values).count < 2 {
      throw Problem("the predictor '\(predictor.name)' is constant", mend: "Leave it out.")
    }
    guard (1...2).contains(factors.count), factors.allSatisfy({ $0.slopes.isEmpty }) else {
      throw Problem("the model has \(factors.count) random factors", mend: "Name one or two, without slopes.")
    }
    for factor in factors {
      let present = Set(factor.levels)
      guard present.count > 1, present.allSatisfy({ $0 >= 0 }), factor.count == present.count else {
        throw Problem(
          "'\(factor.name)' has \(present.count) levels",
          mend: "Number them from 0 without gaps; there must be at least two.")
      }
    }
    return steps
  }
}

/// The likelihood of a cumulative-link mixed model by Laplace's approximation. Keeps the last conditional modes, from
/// which the next search begins; they are sought to convergence, so the values do not depend on it beyond rounding.
private final class LaplaceLikelihood {
  private let response: [Int], steps: Int, predictors: [[Double]], levels: [[Int]], counts: [Int]
  /// The factor with more levels, eliminated in Newton's steps, and the other, if there is one.
  private let large: Int, small: Int?
  /// Which of the pairs of levels that occur each observation belongs to; those pairs, in the order of the large factor.
  private let pairOf: [Int], pairs: [(large: Int, small: Int)]
  /// For each factor and level, on the scale of standard deviations.
  private(set) var modes: [[Double]]

  init(response: [Int], steps: Int, predictors: [[Double]], levels: [[Int]], counts: [Int]) {
    (self.response, self.steps, self.predictors, self.levels, self.counts) = (
      response, steps, predictors, levels, counts
    )
    modes = counts.map { Array(repeating: 0, count: $0) }
    large = counts.count > 1 && counts[1] > counts[0] ? 1 : 0
    guard counts.count > 1 else {
      (small, pairOf, pairs) = (nil, [], [])
      return
    }
    let other = 1 - large, width = counts[other]
    small = other
    let keys = zip(levels[large], levels[other]).map { $0 * width + $1 }
    let sorted = Set(keys).sorted()
    let index = Dictionary(uniqueKeysWithValues: zip(sorted, sorted.indices))
    pairOf = keys.map { index[$0]! }
    pairs = sorted.map { ($0 / width, $0 % width) }
  }

  /// Parameters are thresholds, coefficients and standard deviations, whose sign does not matter.
  func negative(_ x: [Double]) -> Double {
    let cuts = steps - 1, slopes = predictors.count
    let thresholds = [-Double.infinity] + x.prefix(cuts) + [.infinity]
    guard zip(thresholds, thresholds.dropFirst()).allSatisfy(<) else { return .infinity }
    var fixed = Array(repeating: 0.0, count: response.count)
    for j in 0..<slopes {
      let b = x[cuts + j]
      for i in fixed.indices { fixed[i] += b * predictors[j][i] }
    }
    let deviations = Array(x[(cuts + slopes)...])
    var u = modes, joint = self.joint(thresholds, fixed, deviations, u)
    guard joint.isFinite else {
      modes = counts.map { Array(repeating: 0, count: $0) }
      return .infinity
    }
    for _ in 0..<100 {
      let step = newton(thresholds, fixed, deviations, u)
      guard let move = step.move else { return .infinity }
      if step.decrement < 1e-16 {
        modes = u
        return -joint + step.logDeterminant / 2
      }
      var scale = 1.0
      while true {
        var next = u
        for f in u.indices {
          for l in u[f].indices { next[f][l] += scale * move[f][l] }
        }
        let reached = self.joint(thresholds, fixed, deviations, next)
        // Near the mode the gain drowns in rounding; the full step is then right.
        if reached >= joint - 1e-12 * abs(joint) {
          (u, joint) = (next, reached)
          break
        }
        scale /= 2
        if scale < 1e-10 { return .infinity }
      }
    }
    return .infinity
  }

  private func predictor(_ i: Int, _ fixed: [Double], _ deviations: [Double], _ u: [[Double]]) -> Double {
    var eta = fixed[i] + deviations[0] * u[0][levels[0][i]]
    if deviations.count > 1 { eta += deviations[1] * u[1][levels[1][i]] }
    return eta
  }

  /// log P(response, u), without the constant that cancels in Laplace's approximation.
  private func joint(_ thresholds: [Double], _ fixed: [Double], _ deviations: [Double], _ u: [[Double]]) -> Double {
    // Of a step between b and a: F(a) - F(b) = F(a) (1 - F(b)) (1 - exp(b - a)), the last the same for all.
    let gaps = (0..<steps).map { k in
      k == 0 || k == steps - 1 ? 0 : log(-expm1(thresholds[k] - thresholds[k + 1]))
    }
    var sum = 0.0
    for i in response.indices {
      let eta = predictor(i, fixed, deviations, u), k = response[i]
      sum += gaps[k]
      if k < steps - 1 { sum -= softplus(eta - thresholds[k + 1]) }
      if k > 0 { sum -= softplus(thresholds[k] - eta) }
    }
    for effects in u { sum -= effects.reduce(0) { $0 + $1 * $1 } / 2 }
    return sum
  }

  /// log(1 + exp(x))
  private func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

  /// Newton's step for the modes, its decrement, and the logarithm of the determinant of the negative second derivatives.
  private func newton(
    _ thresholds: [Double], _ fixed: [Double], _ deviations: [Double], _ u: [[Double]]
  ) -> (move: [[Double]]?, decrement: Double, logDeterminant: Double) {
    var gradient = u.map { $0.map { -$0 } }
    var diagonal = counts.map { Array(repeating: 1.0, count: $0) }
    var cross = Array(repeating: 0.0, count: pairs.count)
    for i in response.indices {
      let eta = predictor(i, fixed, deviations, u), k = response[i]
      // Of the logistic distribution: (f(a) - f(b)) / (F(a) - F(b)) = 1 - F(a) - F(b), and its slope -f(a) - f(b).
      var slope = -1.0, weight = 0.0
      if k < steps - 1 {
        let p = 1 / (1 + exp(eta - thresholds[k + 1]))
        slope += p
        weight += p * (1 - p)
      } else {
        slope += 1
      }
      if k > 0 {
        let p = 1 / (1 + exp(eta - thresholds[k]))
        slope += p
        weight += p * (1 - p)
      }
      for f in deviations.indices {
        gradient[f][levels[f][i]] += deviations[f] * slope
        diagonal[f][levels[f][i]] += deviations[f] * deviations[f] * weight
      }
      if small != nil { cross[pairOf[i]] += deviations[0] * deviations[1] * weight }
    }
    var determinant = diagonal[large].reduce(0) { $0 + log($1) }
    var move = zip(gradient[large], diagonal[large]).map { $0 / $1 }
    var moves = gradient
    if let small {
      let width = counts[small]
      var dense = DenseMatrix(rows: width, columns: width), right = gradient[small]
      for j in 0..<width { dense[j, j] = diagonal[small][j] }
      for (at, pair) in pairs.enumerated() { right[pair.small] -= cross[at] * move[pair.large] }
      if pairs.count * 3 > width * counts[large] {
        var product = DenseMatrix(rows: width, columns: counts[large])
        for (at, pair) in pairs.enumerated() {
          product[pair.small, pair.large] = cross[at] / diagonal[large][pair.large].squareRoot()
        }
        dense.subtractProduct(product, columns: counts[large])
      } else {
        var first = 0
        while first < pairs.count {
          var end = first
          while end < pairs.count, pairs[end].large == pairs[first].large { end += 1 }
          let inverse = 1 / diagonal[large][pairs[first].large]
          for a in first..<end {
            for b in first...a { dense[pairs[a].small, pairs[b].small] -= cross[a] * cross[b] * inverse }
          }
          first = end
        }
      }
      guard dense.factorise() else { return (nil, 0, 0) }
      determinant += dense.logDeterminantOfFactorised
      dense.solve(&right)
      dense.solve(&right, transposed: true)
      moves[small] = right
      for (at, pair) in pairs.enumerated() {
        move[pair.large] -= cross[at] * right[pair.small] / diagonal[large][pair.large]
      }
    }
    moves[large] = move
    var decrement = 0.0
    for f in moves.indices { decrement += zip(moves[f], gradient[f]).reduce(0) { $0 + $1.0 * $1.1 } }
    return (decrement.isFinite ? moves : nil, decrement, determinant)
  }

  private static let h = 1e-3

  /// By central differences of the fourth order.
  func gradient(_ x: [Double], _ free: [Int]) -> [Double] {
    free.map { k in
      func at(_ step: Double) -> Double {
        var y = x
        y[k] += step
        return negative(y)
      }
      let h = Self.h
      return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    }
  }

  func secondDerivatives(_ x: [Double], _ free: [Int]) -> DenseMatrix {
    let h = 2 * Self.h, middle = negative(x)
    func at(_ i: Int, _ a: Double, _ j: Int, _ b: Double) -> Double {
      var y = x
      y[i] += a
      y[j] += b
      return negative(y)
    }
    var matrix = DenseMatrix(rows: free.count, columns: free.count)
    for (a, i) in free.enumerated() {
      matrix[a, a] = (at(i, h, i, 0) + at(i, -h, i, 0) - 2 * middle) / (h * h)
      for (b, j) in free.enumerated().prefix(a) {
        matrix[a, b] = (at(i, h, j, h) - at(i, h, j, -h) - at(i, -h, j, h) + at(i, -h, j, -h)) / (4 * h * h)
        matrix[b, a] = matrix[a, b]
      }
    }
    return matrix
  }
}
