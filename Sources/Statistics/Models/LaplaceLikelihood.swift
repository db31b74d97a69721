import Foundation

/// The likelihood of a cumulative-link mixed model by Laplace's approximation. It keeps the last conditional modes as
/// the start of the next search. Since the search runs to convergence, values depend on the start only by rounding.
///
/// Random effects are L u, where u is standard normal and L the lower triangular factor of their covariance. In
/// Newton's steps the factor with the most effects is eliminated level by level; the others make a dense block.
final class LaplaceLikelihood {
  private let response: [Int], steps: Int, predictors: [[Double]], levels: [[Int]], counts: [Int]
  /// By factor: the number of its terms, and their values for each observation, with ones first.
  private let terms: [Int], z: [[[Double]]]
  /// By factor: the elements of L, row by row, and their indices among those of all factors.
  let places: [[(row: Int, column: Int, at: Int)]]
  /// The number of elements in the L of all factors together.
  let spreads: Int
  /// The eliminated factor; the other factors, where the effects of each begin in the dense block, and the block's
  /// width.
  private let large: Int, others: [Int], starts: [Int], width: Int
  /// By level of the eliminated factor: the columns of the dense block that occur together with it, ascending; and
  /// where its products begin.
  private let met: [[Int]], first: [Int]
  /// By observation and other factor: the position of its first column among those that occur with its level.
  private let position: [[Int]]
  private let isDense: Bool
  /// The conditional modes by factor and level, on the scale of standard deviations.
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
    self.others = others
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
    // BLAS on full columns is faster than scattered sums if most columns occur.
    isDense = met.reduce(0) { $0 + $1.count * $1.count } * 3 > width * width * max(1, met.count)
  }

  /// The coefficients of u for each observation: L' z.
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

  /// The negative log-likelihood. The parameters are thresholds, coefficients and the factors' L, in which the sign of
  /// a column does not matter.
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
        // Near the mode the gain is below rounding error; the full step is correct there.
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
    // For a step between thresholds b and a: F(a) - F(b) = F(a) (1 - F(b)) (1 - exp(b - a)); the last factor is the
    // same for all.
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
    var system = system(at: u)
    let etas = etas(fixed, loadings, u)
    for i in response.indices { add(i, eta: etas[i], thresholds, loadings, to: &system) }
    let gradient = system.gradient
    let eliminated = eliminate(&system)
    guard system.dense.factorise() else { return (nil, 0, 0) }
    let moves = solve(system, eliminated.right, eliminated.reduced)
    var decrement = 0.0
    for f in moves.indices {
      for l in moves[f].indices { decrement += zip(moves[f][l], gradient[f][l]).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    return (
      decrement.isFinite ? moves : nil, decrement,
      eliminated.logDeterminant + system.dense.logDeterminantOfFactorised
    )
  }

  /// The equations of a step: gradient and negative second derivatives of the joint likelihood.
  private struct System {
    var gradient: [[[Double]]]
    /// By level of the eliminated factor: its own block, and its products with the columns that occur with it.
    var own: [Double], cross: [Double]
    /// The block of the other factors, of which the lower triangle is used.
    var dense: DenseMatrix
  }

  private func system(at u: [[[Double]]]) -> System {
    let k = terms[large]
    var system = System(
      gradient: u.map { $0.map { $0.map { -$0 } } }, own: Array(repeating: 0, count: counts[large] * k * k),
      cross: Array(repeating: 0, count: first[met.count]), dense: DenseMatrix(rows: width, columns: width))
    for l in 0..<counts[large] { for t in 0..<k { system.own[(l * k + t) * k + t] = 1 } }
    for j in 0..<width { system.dense[j, j] = 1 }
    return system
  }

  /// Adds an observation's contribution.
  private func add(
    _ i: Int, eta: Double, _ thresholds: [Double], _ loadings: [[Double]], to system: inout System
  ) {
    let step = response[i], k = terms[large]
    // For the logistic distribution: (f(a) - f(b)) / (F(a) - F(b)) = 1 - F(a) - F(b), with the slope -f(a) - f(b).
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
      for t in 0..<terms[f] { system.gradient[f][levels[f][i]][t] += loadings[f][i * terms[f] + t] * slope }
    }
    let l = levels[large][i], columns = met[l].count
    for a in 0..<k {
      let left = weight * loadings[large][i * k + a]
      for b in 0...a { system.own[(l * k + a) * k + b] += left * loadings[large][i * k + b] }
      for f in others {
        let at = first[l] + a * columns + position[f][i]
        for t in 0..<terms[f] { system.cross[at + t] += left * loadings[f][i * terms[f] + t] }
      }
    }
    for f in others {
      let row = starts[f] + levels[f][i] * terms[f]
      for a in 0..<terms[f] {
        let left = weight * loadings[f][i * terms[f] + a]
        for g in others where g <= f {
          let column = starts[g] + levels[g][i] * terms[g]
          for b in 0..<terms[g] where column + b <= row + a {
            system.dense[row + a, column + b] += left * loadings[g][i * terms[g] + b]
          }
        }
      }
    }
  }

  /// Eliminates the factor with the most effects from the equations, level by level: each block is replaced by its
  /// Cholesky factor, by which its products and its gradient are divided.
  /// - Returns: the right-hand side of the others, that of the levels, and the log-determinant of the blocks.
  private func eliminate(_ system: inout System) -> (right: [Double], reduced: [[Double]], logDeterminant: Double) {
    let k = terms[large]
    var right = others.flatMap { system.gradient[$0].flatMap(\.self) }, determinant = 0.0
    var reduced = system.gradient[large]
    var product = DenseMatrix(rows: isDense ? width : 0, columns: isDense ? counts[large] * k : 0)
    for l in 0..<counts[large] {
      let columns = met[l].count, start = first[l]
      for a in 0..<k {
        for b in 0...a {
          var sum = system.own[(l * k + a) * k + b]
          for c in 0..<b { sum -= system.own[(l * k + a) * k + c] * system.own[(l * k + b) * k + c] }
          system.own[(l * k + a) * k + b] = a == b ? sum.squareRoot() : sum / system.own[(l * k + b) * k + b]
        }
        let pivot = system.own[(l * k + a) * k + a]
        determinant += 2 * log(pivot)
        for c in 0..<a {
          let factor = system.own[(l * k + a) * k + c]
          reduced[l][a] -= factor * reduced[l][c]
          for j in 0..<columns {
            system.cross[start + a * columns + j] -= factor * system.cross[start + c * columns + j]
          }
        }
        reduced[l][a] /= pivot
        for j in 0..<columns { system.cross[start + a * columns + j] /= pivot }
        for (j, column) in met[l].enumerated() {
          let value = system.cross[start + a * columns + j]
          right[column] -= value * reduced[l][a]
          if isDense {
            product[column, l * k + a] = value
          } else {
            for m in 0...j { system.dense[column, met[l][m]] -= value * system.cross[start + a * columns + m] }
          }
        }
      }
    }
    if isDense { system.dense.subtractProduct(product, columns: counts[large] * k) }
    return (right, reduced, determinant)
  }

  /// The step by factor and level, once the dense block is factorised.
  private func solve(_ system: System, _ right: [Double], _ reduced: [[Double]]) -> [[[Double]]] {
    let k = terms[large]
    var right = right, moves = system.gradient
    system.dense.solve(&right)
    system.dense.solve(&right, transposed: true)
    for f in others {
      for l in 0..<counts[f] { for t in 0..<terms[f] { moves[f][l][t] = right[starts[f] + l * terms[f] + t] } }
    }
    for l in 0..<counts[large] {
      let columns = met[l].count
      var rest = reduced[l]
      for a in 0..<k {
        for (j, column) in met[l].enumerated() { rest[a] -= system.cross[first[l] + a * columns + j] * right[column] }
      }
      for a in (0..<k).reversed() {
        for c in (a + 1)..<max(a + 1, k) { rest[a] -= system.own[(l * k + c) * k + a] * rest[c] }
        rest[a] /= system.own[(l * k + a) * k + a]
      }
      moves[large][l] = rest
    }
    return moves
  }

  /// The minimum of the negative likelihood near a point, by Newton's method.
  struct Polished {
    var x: [Double], value: Double
    /// The Cholesky factor of the second derivatives.
    var information = DenseMatrix(rows: 0, columns: 0)
    /// The gain that another step would bring.
    var left = Double.infinity
    var isDefinite = false
  }

  /// - Parameter free: the parameters that may move.
  func polished(_ start: [Double], free: [Int]) -> Polished {
    var best = Polished(x: start, value: negative(start))
    for round in 0..<3 {
      best.information = secondDerivatives(best.x, free)
      guard best.information.factorise() else { break }
      var moved = false
      for _ in 0..<4 {
        let gradient = gradient(best.x, free)
        var step = gradient
        best.information.solve(&step)
        best.information.solve(&step, transposed: true)
        best.left = zip(step, gradient).reduce(0) { $0 + $1.0 * $1.1 } / 2
        var next = best.x
        for (i, k) in free.enumerated() { next[k] -= step[i] }
        let reached = negative(next)
        guard reached < best.value else { break }
        moved = moved || best.value - reached > 1e-4
        (best.x, best.value) = (next, reached)
        if best.left < 1e-11 { break }
      }
      if !moved || round == 2 { break }
    }
    best.isDefinite =
      best.information.rows == free.count && (0..<free.count).allSatisfy { [best] in best.information[$0, $0] > 0 }
    return best
  }

  private static let h = 1e-3

  /// The gradient, by fourth-order central differences.
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
