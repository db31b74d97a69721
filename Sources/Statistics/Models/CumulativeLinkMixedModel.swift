import Basics
import Foundation

/// A cumulative-link mixed model for ratings in a few ordered steps (Likert): the log odds of an answer at or below step
/// k are `threshold[k] - (fixed effects) - (random effects)`, with one to four crossed factors of random intercepts, and of
/// slopes that correlate with them.
///
/// Fitted as R's ordinal::clmm does with its defaults (logit link, flexible thresholds; Christensen 2019): the random
/// effects are integrated out by Laplace's approximation at their conditional modes, found by Newton's method for
/// every trial of the parameters. The likelihood is maximised by BOBYQA and polished by Newton's method with differences,
/// whose second derivatives give the standard errors. With two steps it is logistic regression with random intercepts.
public struct CumulativeLinkMixedModel: FittedModel {
  /// What one factor adds: the deviations of its intercepts and slopes, and how they correlate.
  public struct Component: Sendable {
    public let name: String
    public let levels: Int
    /// The intercept's name, then the slopes'.
    public let terms: [String]
    /// Of the terms, on the scale of log odds.
    public let covariance: [[Double]]
    /// The conditional modes of each level's intercept.
    public let effects: [Double]

    /// Of the intercepts.
    public var variance: Double { covariance[0][0] }
    /// Not-a-number where a variance is 0.
    public func correlation(_ a: Int, _ b: Int) -> Double {
      covariance[a][b] / (covariance[a][a] * covariance[b][b]).squareRoot()
    }
  }

  public let observations: Int
  public let parameters: Int
  public let logLikelihood: Double
  /// Between steps 0 and 1, 1 and 2 and so on, named `0|1`.
  public let thresholds: [Coefficient]
  public let fixed: [Coefficient]
  public let random: [Component]
  /// Whether a variance, or what a slope's has of its own, is (next to) 0, standard deviation under 1e-4.
  public let isSingular: Bool
  /// Whether the optimiser came to an end where a step of Newton's would gain less than 1e-6 of log-likelihood. Not so
  /// where a predictor tells the steps apart without error: then its effect has no finite estimate.
  public let converged: Bool
  public let likelihood = "Laplace"

  /// `response` counts steps from 0, each of which must occur; `random` names one to four factors, numbered from 0. Throws a `Problem` if there is nothing to fit.
  public init(_ response: [Int], fixed predictors: [Predictor], random factors: [RandomEffect]) throws(Problem) {
    let steps = try Self.check(response, predictors, factors)
    let n = response.count, cuts = steps - 1, slopes = predictors.count
    let scales = predictors.map(\.centreAndScale)
    func scaled(_ predictor: Predictor) -> [Double] {
      let (centre, scale) = predictor.centreAndScale
      return predictor.values.map { ($0 - centre) / scale }
    }
    let likelihood = LaplaceLikelihood(
      response: response, steps: steps, predictors: predictors.map(scaled), levels: factors.map(\.levels),
      counts: factors.map(\.count), slopes: factors.map { $0.slopes.map(scaled) })
    let places = likelihood.places.map { $0.map { (row: $0.row, column: $0.column, at: $0.at + cuts + slopes) } }
    let count = cuts + slopes + likelihood.spreads

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
    var lower = start.map { _ in -Double.infinity }
    for place in places.joined() where place.row == place.column {
      start[place.at] = place.row == 0 ? 0.7 : 0.3
      lower[place.at] = 0
    }
    let found = Minimiser(lower: lower, upper: lower.map { _ in .infinity }, tolerance: 1e-6).minimise(from: start) {
      likelihood.negative(natural($0))
    }

    // A variance at its edge takes no part in the second derivatives; the likelihood is even in a standard deviation.
    var at = natural(found.x), value = likelihood.negative(at)
    let edges = places.map { own in Set(own.filter { $0.row == $0.column && abs(at[$0.at]) <= 1e-4 }.map(\.row)) }
    let fixedAtEdge = Set(zip(places, edges).flatMap { own, edge in own.filter { edge.contains($0.column) }.map(\.at) })
    let free = at.indices.filter { !fixedAtEdge.contains($0) }
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
      let terms = factors[f].terms
      var own = Array(repeating: Array(repeating: 0.0, count: terms), count: terms)
      for place in places[f] { own[place.row][place.column] = at[place.at] }
      // Back to the predictors' own units: what is linear in the scaled ones has another intercept and other slopes.
      for (t, slope) in factors[f].slopes.enumerated() {
        let (centre, scale) = slope.centreAndScale
        for c in 0..<terms {
          own[0][c] -= own[t + 1][c] * centre / scale
          own[t + 1][c] /= scale
        }
      }
      return Component(
        name: factors[f].name, levels: factors[f].count, terms: ["intercept"] + factors[f].slopes.map(\.name),
        covariance: own.map { a in own.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } },
        effects: (0..<factors[f].count).map { level in
          zip(own[0], modes[f][level]).reduce(0) { $0 + $1.0 * $1.1 }
        })
    }
    isSingular = edges.contains { !$0.isEmpty }
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
      throw Problem("a random slope is of nothing that varies", mend: "Give it a value for each of the \(n) responses.")
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

/// The likelihood of a cumulative-link mixed model by Laplace's approximation. Keeps the last conditional modes, from
/// which the next search begins; they are sought to convergence, so the values do not depend on it beyond rounding.
///
/// Random effects are L u, where u is standard normal and L the lower triangular factor of their covariance. In Newton's steps
/// the factor with the most effects is eliminated level by level; the others make a dense block.
private final class LaplaceLikelihood {
  private let response: [Int], steps: Int, predictors: [[Double]], levels: [[Int]], counts: [Int]
  /// By factor: how many terms it has, and their values of each observation, ones first.
  private let terms: [Int], z: [[[Double]]]
  /// By factor: the places of L, rows in turn, and their places among all.
  let places: [[(row: Int, column: Int, at: Int)]]
  /// How many numbers the factors' L have together.
  let spreads: Int
  /// The eliminated factor, and where the effects of each other one begin in the dense block, which is so wide.
  private let large: Int, starts: [Int], width: Int
  /// The columns of the dense block that each level of the eliminated factor meets, rising, and where its products begin.
  private let met: [[Int]], first: [Int]
  /// Of each observation and other factor: where its first column stands among those that its level meets.
  private let position: [[Int]]
  private let isDense: Bool
  /// For each factor and level, on the scale of standard deviations.
  private(set) var modes: [[[Double]]]

  init(
    response: [Int], steps: Int, predictors: [[Double]], levels: [[Int]], counts: [Int], slopes: [[[Double]]]
  ) {
    (self.response, self.steps, self.predictors, self.levels, self.counts) = (
      response, steps, predictors, levels, counts
    )
    let terms = slopes.map { $0.count + 1 }
    self.terms = terms
    z = slopes.map { [Array(repeating: 1, count: response.count)] + $0 }
    var next = 0
    places = terms.map { count in
      (0..<count).flatMap { row in
        (0...row).map { column in
          next += 1
          return (row, column, next - 1)
        }
      }
    }
    spreads = next
    modes = zip(counts, terms).map { Array(repeating: Array(repeating: 0, count: $1), count: $0) }
    var large = 0
    for f in counts.indices where counts[f] * terms[f] > counts[large] * terms[large] { large = f }
    var width = 0
    starts = counts.indices.map { f in
      if f == large { return 0 }
      width += counts[f] * terms[f]
      return width - counts[f] * terms[f]
    }
    (self.large, self.width) = (large, width)
    let others = counts.indices.filter { $0 != large }
    var columns = Array(repeating: Set<Int>(), count: counts[large])
    for i in response.indices {
      for f in others {
        for t in 0..<terms[f] { columns[levels[large][i]].insert(starts[f] + levels[f][i] * terms[f] + t) }
      }
    }
    let met = columns.map { $0.sorted() }
    self.met = met
    first = met.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count * terms[large]) }
    let found = met.map { Dictionary(uniqueKeysWithValues: $0.enumerated().map { ($1, $0) }) }
    position = counts.indices.map { [starts] f in
      f == large
        ? []
        : response.indices.map { found[levels[large][$0]][starts[f] + levels[f][$0] * terms[f]] ?? 0 }
    }
    // BLAS on full columns is faster than scattered sums, where most columns are met.
    isDense = met.reduce(0) { $0 + $1.count * $1.count } * 3 > width * width * max(1, met.count)
  }

  /// What the values of each observation weigh in u: L' z.
  private func loadings(_ spread: ArraySlice<Double>) -> [[Double]] {
    counts.indices.map { f in
      let k = terms[f]
      var own = Array(repeating: 0.0, count: response.count * k)
      for place in places[f] {
        let value = spread[spread.startIndex + place.at], column = z[f][place.row]
        for i in response.indices { own[i * k + place.column] += value * column[i] }
      }
      return own
    }
  }

  /// Parameters are thresholds, coefficients and the factors' L, where the sign of a column does not matter.
  func negative(_ x: [Double]) -> Double {
    let cuts = steps - 1, slopes = predictors.count
    let thresholds = [-Double.infinity] + x.prefix(cuts) + [.infinity]
    guard zip(thresholds, thresholds.dropFirst()).allSatisfy(<) else { return .infinity }
    var fixed = Array(repeating: 0.0, count: response.count)
    for j in 0..<slopes {
      let b = x[cuts + j]
      for i in fixed.indices { fixed[i] += b * predictors[j][i] }
    }
    let loadings = loadings(x[(cuts + slopes)...])
    var u = modes, joint = self.joint(thresholds, fixed, loadings, u)
    guard joint.isFinite else {
      modes = zip(counts, terms).map { Array(repeating: Array(repeating: 0, count: $1), count: $0) }
      return .infinity
    }
    for _ in 0..<100 {
      let step = newton(thresholds, fixed, loadings, u)
      guard let move = step.move else { return .infinity }
      if step.decrement < 1e-16 {
        modes = u
        return -joint + step.logDeterminant / 2
      }
      var scale = 1.0
      while true {
        var next = u
        for f in u.indices {
          for l in u[f].indices { for t in u[f][l].indices { next[f][l][t] += scale * move[f][l][t] } }
        }
        let reached = self.joint(thresholds, fixed, loadings, next)
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

  private func etas(_ fixed: [Double], _ loadings: [[Double]], _ u: [[[Double]]]) -> [Double] {
    var eta = fixed
    for f in counts.indices {
      let k = terms[f]
      for i in eta.indices {
        let own = u[f][levels[f][i]]
        for t in 0..<k { eta[i] += loadings[f][i * k + t] * own[t] }
      }
    }
    return eta
  }

  /// log P(response, u), without the constant that cancels in Laplace's approximation.
  private func joint(_ thresholds: [Double], _ fixed: [Double], _ loadings: [[Double]], _ u: [[[Double]]]) -> Double {
    // Of a step between b and a: F(a) - F(b) = F(a) (1 - F(b)) (1 - exp(b - a)), the last the same for all.
    let gaps = (0..<steps).map { k in
      k == 0 || k == steps - 1 ? 0 : log(-expm1(thresholds[k] - thresholds[k + 1]))
    }
    let etas = etas(fixed, loadings, u)
    var sum = 0.0
    for i in response.indices {
      let eta = etas[i], k = response[i]
      sum += gaps[k]
      if k < steps - 1 { sum -= softplus(eta - thresholds[k + 1]) }
      if k > 0 { sum -= softplus(thresholds[k] - eta) }
    }
    for effects in u.joined() { sum -= effects.reduce(0) { $0 + $1 * $1 } / 2 }
    return sum
  }

  /// log(1 + exp(x))
  private func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

  /// Newton's step for the modes, its decrement, and the logarithm of the determinant of the negative second derivatives.
  private func newton(
    _ thresholds: [Double], _ fixed: [Double], _ loadings: [[Double]], _ u: [[[Double]]]
  ) -> (move: [[[Double]]]?, decrement: Double, logDeterminant: Double) {
    let others = counts.indices.filter { $0 != large }, k = terms[large]
    var gradient = u.map { $0.map { $0.map { -$0 } } }
    var own = Array(repeating: 0.0, count: counts[large] * k * k),
      cross = Array(repeating: 0.0, count: first[met.count])
    for l in 0..<counts[large] { for t in 0..<k { own[(l * k + t) * k + t] = 1 } }
    var dense = DenseMatrix(rows: width, columns: width)
    for j in 0..<width { dense[j, j] = 1 }
    let etas = etas(fixed, loadings, u)
    for i in response.indices {
      let eta = etas[i], step = response[i]
      // Of the logistic distribution: (f(a) - f(b)) / (F(a) - F(b)) = 1 - F(a) - F(b), and its slope -f(a) - f(b).
      var slope = -1.0, weight = 0.0
      if step < steps - 1 {
        let p = 1 / (1 + exp(eta - thresholds[step + 1]))
        slope += p
        weight += p * (1 - p)
      } else {
        slope += 1
      }
      if step > 0 {
        let p = 1 / (1 + exp(eta - thresholds[step]))
        slope += p
        weight += p * (1 - p)
      }
      for f in counts.indices {
        for t in 0..<terms[f] { gradient[f][levels[f][i]][t] += loadings[f][i * terms[f] + t] * slope }
      }
      let l = levels[large][i], columns = met[l].count
      for a in 0..<k {
        let left = weight * loadings[large][i * k + a]
        for b in 0...a { own[(l * k + a) * k + b] += left * loadings[large][i * k + b] }
        for f in others {
          let at = first[l] + a * columns + position[f][i]
          for t in 0..<terms[f] { cross[at + t] += left * loadings[f][i * terms[f] + t] }
        }
      }
      for f in others {
        let row = starts[f] + levels[f][i] * terms[f]
        for a in 0..<terms[f] {
          let left = weight * loadings[f][i * terms[f] + a]
          for g in others where g <= f {
            let column = starts[g] + levels[g][i] * terms[g]
            for b in 0..<terms[g] where column + b <= row + a {
              dense[row + a, column + b] += left * loadings[g][i * terms[g] + b]
            }
          }
        }
      }
    }
    var right = others.flatMap { gradient[$0].flatMap(\.self) }, determinant = 0.0
    var reduced = gradient[large]
    var product = DenseMatrix(rows: isDense ? width : 0, columns: isDense ? counts[large] * k : 0)
    for l in 0..<counts[large] {
      let columns = met[l].count, start = first[l]
      // Cholesky's factor of the level's own block, by which its products and its gradient are divided.
      for a in 0..<k {
        for b in 0...a {
          var sum = own[(l * k + a) * k + b]
          for c in 0..<b { sum -= own[(l * k + a) * k + c] * own[(l * k + b) * k + c] }
          own[(l * k + a) * k + b] = a == b ? sum.squareRoot() : sum / own[(l * k + b) * k + b]
        }
        let pivot = own[(l * k + a) * k + a]
        determinant += 2 * log(pivot)
        for c in 0..<a {
          let factor = own[(l * k + a) * k + c]
          reduced[l][a] -= factor * reduced[l][c]
          for j in 0..<columns { cross[start + a * columns + j] -= factor * cross[start + c * columns + j] }
        }
        reduced[l][a] /= pivot
        for j in 0..<columns { cross[start + a * columns + j] /= pivot }
        for (j, column) in met[l].enumerated() {
          let value = cross[start + a * columns + j]
          right[column] -= value * reduced[l][a]
          if isDense {
            product[column, l * k + a] = value
          } else {
            for m in 0...j { dense[column, met[l][m]] -= value * cross[start + a * columns + m] }
          }
        }
      }
    }
    if isDense { dense.subtractProduct(product, columns: counts[large] * k) }
    guard dense.factorise() else { return (nil, 0, 0) }
    determinant += dense.logDeterminantOfFactorised
    dense.solve(&right)
    dense.solve(&right, transposed: true)
    var moves = gradient
    for f in others {
      for l in 0..<counts[f] { for t in 0..<terms[f] { moves[f][l][t] = right[starts[f] + l * terms[f] + t] } }
    }
    for l in 0..<counts[large] {
      let columns = met[l].count
      var rest = reduced[l]
      for a in 0..<k {
        for (j, column) in met[l].enumerated() { rest[a] -= cross[first[l] + a * columns + j] * right[column] }
      }
      for a in (0..<k).reversed() {
        for c in (a + 1)..<max(a + 1, k) { rest[a] -= own[(l * k + c) * k + a] * rest[c] }
        rest[a] /= own[(l * k + a) * k + a]
      }
      moves[large][l] = rest
    }
    var decrement = 0.0
    for f in moves.indices {
      for l in moves[f].indices { decrement += zip(moves[f][l], gradient[f][l]).reduce(0) { $0 + $1.0 * $1.1 } }
    }
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
