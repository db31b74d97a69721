import Foundation

/// The cross-products of a linear mixed model with one to four random factors, arranged so that the profiled deviance
/// (Bates, Mächler, Bolker & Walker 2015) costs little at each trial of the variances.
///
/// The factor with the most random effects is block-diagonal in them and is eliminated level by level; what is left, the
/// other factors' effects, the fixed effects and the response, is one dense block (its Schur complement). The rows of the
/// data are gone through once.
struct MixedDesign {
  let observations: Int
  /// Fixed effects, the intercept first.
  let fixed: Int
  /// The factor that is eliminated; `rest` are the others, one after another in the dense block.
  let eliminated: Factor
  let rest: [Factor]
  private let blocks: [Block]
  /// Z'Z of each other factor, a block a level; of two of them, a block for each two levels that meet; and their products
  /// with X and y; then those of X and y.
  private let restBlocks: [[Double]], crossings: [Crossing], restFixed: DenseMatrix
  private let fixedProducts: DenseMatrix
  private let sparse: Bool

  struct Factor {
    /// Which of the caller's factors this is.
    var index: Int
    var levels: Int
    var terms: Int
    /// Where its effects begin in the dense block.
    var start = 0
    var size: Int { levels * terms }
  }

  /// Two levels of other factors that meet in a row of the data: their Z'Z, a row for each term of the later factor.
  private struct Crossing {
    var earlier: Int, later: Int
    var earlierLevel: Int, laterLevel: Int
    var products: [Double]
  }

  /// What belongs to one level of the eliminated factor: its own Z'Z; with the columns of the other factors it meets, how
  /// many levels of each; and with X and y.
  private struct Block {
    var own: [Double]
    var met: [Int]
    var metLevels: [Int]
    var cross: [Double]
    var fixed: [Double]
  }

  /// `x` has the intercept's column first; `z` the columns of each factor, the first of them ones.
  init(x: [[Double]], y: [Double], levels: [[Int]], counts: [Int], z: [[[Double]]]) {
    let n = y.count, p = x.count, xy = x + [y]
    observations = n
    fixed = p
    var factors = levels.indices.map { Factor(index: $0, levels: counts[$0], terms: z[$0].count) }
    factors.sort { ($1.size, $0.index) < ($0.size, $1.index) }
    let first = factors[0]
    var rest = Array(factors.dropFirst()), r = 0
    for f in rest.indices {
      rest[f].start = r
      r += rest[f].size
    }
    (eliminated, self.rest) = (first, rest)
    let k = first.terms
    let firstLevels = levels[first.index], firstZ = z[first.index]

    var rows = Array(repeating: [Int](), count: first.levels)
    for i in 0..<n { rows[firstLevels[i]].append(i) }
    var place = rest.map { Array(repeating: -1, count: $0.levels) }
    blocks = rows.map { [rest] rows in
      var block = Block(
        own: Array(repeating: 0, count: k * k), met: [], metLevels: [], cross: [],
        fixed: Array(repeating: 0, count: k * (p + 1)))
      for (f, factor) in rest.enumerated() {
        let metLevels = Set(rows.map { levels[factor.index][$0] }).sorted()
        for (at, level) in metLevels.enumerated() { place[f][level] = block.met.count + at * factor.terms }
        block.met += metLevels.flatMap { level in (0..<factor.terms).map { factor.start + level * factor.terms + $0 } }
        block.metLevels.append(metLevels.count)
      }
      block.cross = Array(repeating: 0, count: k * block.met.count)
      for i in rows {
        for a in 0..<k {
          let za = firstZ[a][i]
          for b in 0..<k { block.own[a * k + b] += za * firstZ[b][i] }
          for c in 0...p { block.fixed[a * (p + 1) + c] += za * xy[c][i] }
          for (f, factor) in rest.enumerated() {
            let column = place[f][levels[factor.index][i]]
            for b in 0..<factor.terms { block.cross[a * block.met.count + column + b] += za * z[factor.index][b][i] }
          }
        }
      }
      return block
    }
    var restBlocks = rest.map { Array(repeating: 0.0, count: $0.size * $0.terms) }
    var restFixed = DenseMatrix(rows: r, columns: p + 1)
    for (f, factor) in rest.enumerated() {
      let own = levels[factor.index], columns = z[factor.index], l = factor.terms
      for i in 0..<n {
        for a in 0..<l {
          let row = own[i] * l + a, za = columns[a][i]
          for b in 0..<l { restBlocks[f][row * l + b] += za * columns[b][i] }
          for c in 0...p { restFixed[factor.start + row, c] += za * xy[c][i] }
        }
      }
    }
    var crossings: [Crossing] = []
    for later in rest.indices {
      for earlier in 0..<later {
        let (e, g) = (rest[earlier], rest[later])
        var known: [Int: Int] = [:]
        for i in 0..<n {
          let pair = (levels[e.index][i], levels[g.index][i]), key = pair.0 * g.levels + pair.1
          let at = known[key] ?? crossings.count
          if at == crossings.count {
            known[key] = at
            crossings.append(
              Crossing(
                earlier: earlier, later: later, earlierLevel: pair.0, laterLevel: pair.1,
                products: Array(repeating: 0, count: e.terms * g.terms)))
          }
          for b in 0..<g.terms {
            for a in 0..<e.terms { crossings[at].products[b * e.terms + a] += z[g.index][b][i] * z[e.index][a][i] }
          }
        }
      }
    }
    var products = DenseMatrix(rows: p + 1, columns: p + 1)
    for a in 0...p {
      for b in 0...a {
        var sum = 0.0
        for i in 0..<n { sum += xy[a][i] * xy[b][i] }
        products[a, b] = sum
        products[b, a] = sum
      }
    }
    (self.restBlocks, self.restFixed, fixedProducts) = (restBlocks, restFixed, products)
    self.crossings = crossings
    // BLAS on full columns is about eight times faster a product than scattered sums are.
    let width = Double(r + p + 1)
    let scattered = blocks.reduce(0.0) { $0 + Double(($1.met.count + p + 1) * ($1.met.count + p + 1)) }
    sparse = scattered * 8 < width * width * Double(blocks.count)
  }

  /// The factorisation at one trial of the relative covariance factors Λ (lower triangular, row by row, one for each of
  /// the caller's factors; the covariance of a level's effects is σ² Λ Λ').
  struct Solution {
    /// log |Λ'Z'ZΛ + I| and log |X' V⁻¹ X|, both without σ².
    var logDeterminant: Double, fixedLogDeterminant: Double
    /// The penalised residual sum of squares, at its least.
    var residual: Double
    /// The factor of the dense block, and where the fixed effects begin in it.
    var factor: DenseMatrix
    var restSize: Int
  }

  private var restSize: Int { rest.reduce(0) { $0 + $1.size } }

  /// Nil if the fixed effects depend on each other.
  func solve(_ lambda: [[Double]]) -> Solution? {
    let k = eliminated.terms, r = restSize, p = fixed, width = r + p + 1
    let own = lambda[eliminated.index], others = rest.map { lambda[$0.index] }
    var dense = DenseMatrix(rows: width, columns: width)
    for (f, factor) in rest.enumerated() {
      let l = factor.terms, other = others[f]
      for level in 0..<factor.levels {
        let row = factor.start + level * l
        for a in 0..<l {
          for b in 0...a {
            var sum = a == b ? 1.0 : 0.0
            for c in a..<l {
              for d in b..<l { sum += other[c * l + a] * restBlocks[f][(level * l + c) * l + d] * other[d * l + b] }
            }
            dense[row + a, row + b] = sum
          }
          for c in 0...p {
            var sum = 0.0
            for d in a..<l { sum += other[d * l + a] * restFixed[row + d, c] }
            dense[r + c, row + a] = sum
          }
        }
      }
    }
    for crossing in crossings {
      let e = rest[crossing.earlier], g = rest[crossing.later]
      let left = others[crossing.later], right = others[crossing.earlier]
      for b in 0..<g.terms {
        for a in 0..<e.terms {
          var sum = 0.0
          for d in b..<g.terms {
            for c in a..<e.terms {
              sum += left[d * g.terms + b] * crossing.products[d * e.terms + c] * right[c * e.terms + a]
            }
          }
          dense[g.start + crossing.laterLevel * g.terms + b, e.start + crossing.earlierLevel * e.terms + a] = sum
        }
      }
    }
    for a in 0...p {
      for b in 0...a { dense[r + a, r + b] = fixedProducts[a, b] }
    }

    var determinant = 0.0, diagonalProduct = 1.0
    let chunk = max(1, 2048 / k)
    var buffer =
      sparse ? DenseMatrix(rows: 0, columns: 0) : DenseMatrix(rows: width, columns: min(chunk, blocks.count) * k)
    var used = 0
    var small = Array(repeating: 0.0, count: k * k), scaled: [Double] = []
    for (number, block) in blocks.enumerated() {
      let met = block.met.count, columns = met + p + 1
      half(block, own, others, &small, &scaled)
      for a in 0..<k { diagonalProduct *= small[a * k + a] }
      if diagonalProduct > 1e100 || diagonalProduct < 1e-100 || !diagonalProduct.isFinite {
        determinant += 2 * log(diagonalProduct)
        diagonalProduct = 1
      }
      if sparse {
        for a in 0..<k {
          for i in 0..<columns {
            let value = scaled[a * columns + i]
            guard value != 0 else { continue }
            let row = i < met ? block.met[i] : r + i - met
            for j in 0...i { dense[row, j < met ? block.met[j] : r + j - met] -= value * scaled[a * columns + j] }
          }
        }
        continue
      }
      for a in 0..<k {
        let start = (used + a) * width
        for i in 0..<met { buffer.values[start + block.met[i]] = scaled[a * columns + i] }
        for i in 0...p { buffer.values[start + r + i] = scaled[a * columns + met + i] }
      }
      used += k
      if used == buffer.columns || number == blocks.count - 1 {
        dense.subtractProduct(buffer, columns: used)
        used = 0
        if number < blocks.count - 1 {
          for i in buffer.values.indices { buffer.values[i] = 0 }
        }
      }
    }
    determinant += 2 * log(diagonalProduct)
    guard dense.factorise() else { return nil }
    var restDeterminant = 0.0, fixedDeterminant = 0.0
    for i in 0..<r { restDeterminant += 2 * log(dense[i, i]) }
    for i in r..<(r + p) { fixedDeterminant += 2 * log(dense[i, i]) }
    return Solution(
      logDeterminant: determinant + restDeterminant, fixedLogDeterminant: fixedDeterminant,
      residual: dense[r + p, r + p] * dense[r + p, r + p], factor: dense, restSize: r)
  }

  /// For one level of the eliminated factor: L, the factor of Λ'Z'ZΛ + I, in `small`; and L⁻¹Λ'Z'(other's ZΛ, X, y) in
  /// `scaled`, a row for each term.
  private func half(
    _ block: Block, _ own: [Double], _ others: [[Double]], _ small: inout [Double], _ scaled: inout [Double]
  ) {
    let k = eliminated.terms, met = block.met.count, columns = met + fixed + 1
    if scaled.count < k * columns { scaled = Array(repeating: 0, count: k * columns) }
    for a in 0..<k {
      for b in 0...a {
        var sum = a == b ? 1.0 : 0.0
        for c in a..<k {
          for d in b..<k { sum += own[c * k + a] * block.own[c * k + d] * own[d * k + b] }
        }
        for c in 0..<b { sum -= small[a * k + c] * small[b * k + c] }
        small[a * k + b] = a == b ? sum.squareRoot() : sum / small[b * k + b]
      }
    }
    for a in 0..<k {
      let inverse = 1 / small[a * k + a], row = a * columns
      for i in 0..<columns { scaled[row + i] = 0 }
      for c in a..<k {
        let weight = own[c * k + a]
        guard weight != 0 else { continue }
        var start = 0
        for (f, factor) in rest.enumerated() {
          let l = factor.terms, end = start + block.metLevels[f] * l, other = others[f]
          if l == 1 {
            let scale = weight * other[0]
            for i in start..<end { scaled[row + i] += scale * block.cross[c * met + i] }
          } else {
            for level in stride(from: start, to: end, by: l) {
              for b in 0..<l {
                for d in b..<l {
                  scaled[row + level + b] += weight * block.cross[c * met + level + d] * other[d * l + b]
                }
              }
            }
          }
          start = end
        }
        for i in 0...fixed { scaled[row + met + i] += weight * block.fixed[c * (fixed + 1) + i] }
      }
      for c in 0..<a {
        let weight = small[a * k + c]
        for i in 0..<columns { scaled[row + i] -= weight * scaled[c * columns + i] }
      }
      for i in 0..<columns { scaled[row + i] *= inverse }
    }
  }

  /// The fixed effects and, a list for each of the caller's factors, the random effects of its levels (conditional modes).
  func effects(_ solution: Solution, _ lambda: [[Double]]) -> (fixed: [Double], random: [[[Double]]]) {
    let r = solution.restSize, p = fixed, width = r + p + 1, k = eliminated.terms
    // The factor's last row is L⁻¹ times the right-hand side.
    var x = (0..<(width - 1)).map { solution.factor[width - 1, $0] }
    for i in stride(from: width - 2, through: 0, by: -1) {
      for j in (i + 1)..<max(i + 1, width - 1) { x[i] -= solution.factor[j, i] * x[j] }
      x[i] /= solution.factor[i, i]
    }
    func multiplied(_ lambda: [Double], _ u: [Double]) -> [Double] {
      u.indices.map { a in (0...a).reduce(0) { $0 + lambda[a * u.count + $1] * u[$1] } }
    }
    let own = lambda[eliminated.index], others = rest.map { lambda[$0.index] }
    var random = Array(repeating: [[Double]](), count: lambda.count)
    for (factor, other) in zip(rest, others) {
      random[factor.index] = (0..<factor.levels).map { level in
        let first = factor.start + level * factor.terms
        return multiplied(other, Array(x[first..<(first + factor.terms)]))
      }
    }
    var small = Array(repeating: 0.0, count: k * k), scaled: [Double] = []
    random[eliminated.index] = blocks.map { block in
      let met = block.met.count, columns = met + p + 1
      half(block, own, others, &small, &scaled)
      var u = (0..<k).map { a in
        var sum = scaled[a * columns + columns - 1]
        for i in 0..<met { sum -= scaled[a * columns + i] * x[block.met[i]] }
        for i in 0..<p { sum -= scaled[a * columns + met + i] * x[r + i] }
        return sum
      }
      for a in stride(from: k - 1, through: 0, by: -1) {
        for b in (a + 1)..<max(a + 1, k) { u[a] -= small[b * k + a] * u[b] }
        u[a] /= small[a * k + a]
      }
      return multiplied(own, u)
    }
    return (Array(x[r...]), random)
  }
}
