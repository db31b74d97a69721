import Foundation

/// The cross-products of a linear mixed model with one to four random factors, arranged so that evaluating the profiled
/// deviance (Bates, Mächler, Bolker & Walker 2015) is cheap for each trial of the variances.
///
/// The factor with the most random effects is block-diagonal and is eliminated level by level. What remains (the other
/// factors' effects, the fixed effects and the response) is one dense block, its Schur complement. The data are read
/// only once; a trial uses only their products.
struct MixedDesign {
  let observations: Int
  /// The number of fixed effects, including the intercept, which comes first.
  let fixed: Int
  /// The factor that is eliminated; `rest` are the others, one after another in the dense block.
  let eliminated: Factor
  let rest: [Factor]
  private let blocks: Blocks
  /// The cross-products of everything that is not eliminated: the other factors' columns, X and y; only the lower
  /// triangle.
  private let products: DenseMatrix

  struct Factor {
    /// The factor's index among those of the caller.
    var index: Int
    var levels: Int
    var terms: Int
    /// The column of the dense block where its effects begin.
    var start = 0
    var size: Int { levels * terms }
  }

  /// The data of the levels of the eliminated factor, one after another: each level's Z'Z, row by row; and its products
  /// with the columns of the dense block, one row per term.
  private struct Blocks {
    let count: Int, terms: Int, width: Int
    var own: [Double] = [], products: [Double] = []
    /// If most products are 0: the columns with which a level has products, ascending, and where those of each level
    /// begin. Nil if all columns are stored.
    var places: [Int]?, starts: [Int] = [0]

    func columns(_ level: Int) -> Int { places == nil ? width : starts[level + 1] - starts[level] }

    /// The index where a level's products begin.
    func first(_ level: Int) -> Int { terms * (places == nil ? level * width : starts[level]) }

    /// - Parameters:
    ///   - rows: by level, its rows of the data.
    ///   - z: the columns of the factor, by row.
    ///   - width: the width of the dense block.
    init(_ rows: [[Int]], z: [[Double]], width: Int, _ line: inout Line) {
      (count, terms, self.width) = (rows.count, z.count, width)
      let k = terms, met = rows.map(line.columns)
      // BLAS on full columns is about eight times faster per product than scattered sums.
      let scattered = met.reduce(0.0) { $0 + Double($1.count * $1.count) }
      let isSparse = scattered * 8 < Double(width) * Double(width) * Double(rows.count)
      if isSparse {
        places = met.flatMap(\.self)
        starts = met.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
      }
      own = Array(repeating: 0, count: k * k * count)
      products = Array(repeating: 0, count: first(count))
      var column = Array(0..<width), here = Array(repeating: 0.0, count: k)
      for (level, rows) in rows.enumerated() {
        if isSparse { for (at, place) in met[level].enumerated() { column[place] = at } }
        let columns = columns(level), first = first(level)
        for i in rows {
          line.read(i)
          for a in 0..<k { here[a] = z[a][i] }
          for a in 0..<k {
            for b in 0..<k { own[(level * k + a) * k + b] += here[a] * here[b] }
            for at in line.places.indices {
              products[first + a * columns + column[line.places[at]]] += here[a] * line.values[at]
            }
          }
        }
      }
    }
  }

  /// - Parameters:
  ///   - x: the fixed effects' columns, the intercept first.
  ///   - z: the columns of each factor, with ones first.
  init(x: [[Double]], y: [Double], levels: [[Int]], counts: [Int], z: [[[Double]]]) {
    let n = y.count, p = x.count
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
    let width = r + p + 1

    var line = Line(rest: rest, levels: levels, z: z, xy: x + [y])
    var rows = Array(repeating: [Int](), count: first.levels)
    var products = DenseMatrix(rows: width, columns: width)
    for i in 0..<n {
      rows[levels[first.index][i]].append(i)
      line.read(i)
      for a in line.places.indices {
        for b in 0...a { products[line.places[a], line.places[b]] += line.values[a] * line.values[b] }
      }
    }
    self.products = products
    blocks = Blocks(rows, z: z[first.index], width: width, &line)
  }

  /// A row of the data in the columns of the dense block: the columns where it is not 0, and its values there.
  private struct Line {
    let rest: [Factor]
    let levels: [[Int]], z: [[[Double]]], xy: [[Double]]
    private(set) var places: [Int], values: [Double]
    /// The column of the dense block where X begins.
    private let start: Int

    init(rest: [Factor], levels: [[Int]], z: [[[Double]]], xy: [[Double]]) {
      (self.rest, self.levels, self.z, self.xy) = (rest, levels, z, xy)
      start = rest.reduce(0) { $0 + $1.size }
      let filled = rest.reduce(xy.count) { $0 + $1.terms }
      places = Array(repeating: 0, count: filled)
      values = Array(repeating: 0, count: filled)
    }

    mutating func read(_ i: Int) {
      var at = 0
      for factor in rest {
        let place = factor.start + levels[factor.index][i] * factor.terms
        for a in 0..<factor.terms {
          (places[at], values[at]) = (place + a, z[factor.index][a][i])
          at += 1
        }
      }
      for c in xy.indices {
        (places[at], values[at]) = (start + c, xy[c][i])
        at += 1
      }
    }

    /// The columns of the dense block in which any of the rows is not 0, ascending.
    func columns(of rows: [Int]) -> [Int] {
      rest.flatMap { factor in
        Set(rows.map { levels[factor.index][$0] }).sorted().flatMap { level in
          (0..<factor.terms).map { factor.start + level * factor.terms + $0 }
        }
      } + (start..<(start + xy.count))
    }
  }

  /// The factorisation for one trial of the relative covariance factors Λ (lower triangular, row by row, one per factor
  /// of the caller; the covariance of a level's effects is σ² Λ Λ').
  struct Solution {
    /// log |Λ'Z'ZΛ + I| and log |X' V⁻¹ X|, both without σ².
    var logDeterminant: Double, fixedLogDeterminant: Double
    /// The minimum of the penalised residual sum of squares.
    var residual: Double
    /// The Cholesky factor of the dense block, and the row where the fixed effects begin in it.
    var factor: DenseMatrix
    var restSize: Int

    /// The covariance of the fixed effects, given σ².
    func fixedCovariance(_ variance: Double = 1) -> DenseMatrix {
      let p = factor.rows - restSize - 1
      var corner = DenseMatrix(rows: p, columns: p)
      for i in 0..<p {
        for j in 0...i { corner[i, j] = factor[restSize + i, restSize + j] }
      }
      var covariance = corner.inverseOfFactorised()
      for i in covariance.values.indices { covariance.values[i] *= variance }
      return covariance
    }
  }

  private var restSize: Int { rest.reduce(0) { $0 + $1.size } }

  /// Nil if the fixed effects are linearly dependent.
  func solve(_ lambda: [[Double]]) -> Solution? {
    let k = eliminated.terms, r = restSize, p = fixed, width = r + p + 1
    var dense = products
    var determinant = 0.0, diagonalProduct = 1.0
    let chunk = min(max(1, 256 / k), blocks.count)
    var buffer = DenseMatrix(rows: width, columns: blocks.places == nil ? chunk * k : 0), used = 0
    var half = Half(terms: k), scaled: [Double] = []
    for level in 0..<blocks.count {
      half.factorise(blocks.own, at: level * k * k, lambda[eliminated.index])
      diagonalProduct *= half.diagonalProduct
      if diagonalProduct > 1e100 || diagonalProduct < 1e-100 || !diagonalProduct.isFinite {
        determinant += 2 * log(diagonalProduct)
        diagonalProduct = 1
      }
      let columns = blocks.columns(level), first = blocks.first(level)
      if let places = blocks.places {
        let start = blocks.starts[level]
        if scaled.count < k * columns { scaled = Array(repeating: 0, count: k * columns) }
        half.multiply(blocks.products, from: first, columns: columns, into: &scaled, at: 0)
        for a in 0..<k {
          for i in 0..<columns {
            let value = scaled[a * columns + i]
            guard value != 0 else { continue }
            for j in 0...i { dense[places[start + i], places[start + j]] -= value * scaled[a * columns + j] }
          }
        }
        continue
      }
      half.multiply(blocks.products, from: first, columns: width, into: &buffer.values, at: used * width)
      used += k
      if used == buffer.columns || level == blocks.count - 1 {
        dense.subtractProduct(buffer, columns: used)
        used = 0
      }
    }
    determinant += 2 * log(diagonalProduct)
    scale(&dense, lambda)
    guard dense.factorise() else { return nil }
    var restDeterminant = 0.0, fixedDeterminant = 0.0
    for i in 0..<r { restDeterminant += 2 * log(dense[i, i]) }
    for i in r..<(r + p) { fixedDeterminant += 2 * log(dense[i, i]) }
    return Solution(
      logDeterminant: determinant + restDeterminant, fixedLogDeterminant: fixedDeterminant,
      residual: dense[r + p, r + p] * dense[r + p, r + p], factor: dense, restSize: r)
  }

  /// Turns the products A of the other factors' columns into Λ'AΛ + I, in the lower triangle. All are scaled at once,
  /// which is cheaper than level by level of the eliminated factor.
  private func scale(_ dense: inout DenseMatrix, _ lambda: [[Double]]) {
    let width = dense.rows
    for factor in rest {
      let l = factor.terms, own = lambda[factor.index]
      for first in stride(from: factor.start, to: factor.start + factor.size, by: l) {
        for a in 0..<l { for b in 0..<a { dense[first + b, first + a] = dense[first + a, first + b] } }
        // Columns of the block, from its first row on; then rows, up to its last column.
        for b in 0..<l {
          for row in first..<width {
            var sum = 0.0
            for d in b..<l { sum += dense[row, first + d] * own[d * l + b] }
            dense[row, first + b] = sum
          }
        }
        for column in 0..<(first + l) {
          for a in 0..<l {
            var sum = 0.0
            for c in a..<l { sum += own[c * l + a] * dense[first + c, column] }
            dense[first + a, column] = sum
          }
        }
        for a in 0..<l { dense[first + a, first + a] += 1 }
      }
    }
  }

  /// For one level of the eliminated factor: L, the factor of Λ'Z'ZΛ + I, and L⁻¹Λ'.
  private struct Half {
    let terms: Int
    /// Both matrices, row by row.
    private(set) var factor: [Double], inverse: [Double]

    init(terms: Int) {
      self.terms = terms
      factor = Array(repeating: 0, count: terms * terms)
      inverse = factor
    }

    var diagonalProduct: Double { (0..<terms).reduce(1) { $0 * factor[$1 * terms + $1] } }

    /// - Parameter start: the index in `products` where the level's Z'Z begins.
    mutating func factorise(_ products: [Double], at start: Int, _ lambda: [Double]) {
      let k = terms
      for a in 0..<k {
        for b in 0...a {
          var sum = a == b ? 1.0 : 0.0
          for c in a..<k {
            for d in b..<k { sum += lambda[c * k + a] * products[start + c * k + d] * lambda[d * k + b] }
          }
          for c in 0..<b { sum -= factor[a * k + c] * factor[b * k + c] }
          factor[a * k + b] = a == b ? sum.squareRoot() : sum / factor[b * k + b]
        }
        for c in 0..<k {
          var sum = c >= a ? lambda[c * k + a] : 0
          for b in 0..<a { sum -= factor[a * k + b] * inverse[b * k + c] }
          inverse[a * k + c] = sum / factor[a * k + a]
        }
      }
    }

    /// L⁻¹Λ' times a matrix with one row per term. The matrix and the result are stored row by row.
    func multiply(_ matrix: [Double], from begin: Int = 0, columns: Int, into result: inout [Double], at start: Int) {
      precondition(matrix.count >= begin + terms * columns && result.count >= start + terms * columns)
      let matrix = matrix.span
      var result = result.mutableSpan
      for a in 0..<terms {
        let row = start + a * columns, first = inverse[a * terms]
        for i in 0..<columns { result[unchecked: row + i] = first * matrix[unchecked: begin + i] }
        for c in 1..<max(1, terms) {
          let weight = inverse[a * terms + c], from = begin + c * columns
          for i in 0..<columns { result[unchecked: row + i] += weight * matrix[unchecked: from + i] }
        }
      }
    }
  }

  /// The fixed effects, and by factor of the caller and level the random effects (conditional modes).
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
    var random = Array(repeating: [[Double]](), count: lambda.count)
    for factor in rest {
      random[factor.index] = (0..<factor.levels).map { level in
        let first = factor.start + level * factor.terms
        return multiplied(lambda[factor.index], Array(x[first..<(first + factor.terms)]))
      }
    }
    // The response minus all other effects remains for this level.
    let others = rest.flatMap { random[$0.index].flatMap(\.self) } + x[r...] + [-1]
    var half = Half(terms: k)
    random[eliminated.index] = (0..<blocks.count).map { level in
      half.factorise(blocks.own, at: level * k * k, lambda[eliminated.index])
      let columns = blocks.columns(level), first = blocks.first(level)
      let left = (0..<k).map { a in
        (0..<columns).reduce(0) { sum, at in
          let place = blocks.places?[blocks.starts[level] + at] ?? at
          return sum - blocks.products[first + a * columns + at] * others[place]
        }
      }
      var u = Array(repeating: 0.0, count: k)
      half.multiply(left, columns: 1, into: &u, at: 0)
      for a in stride(from: k - 1, through: 0, by: -1) {
        for b in (a + 1)..<max(a + 1, k) { u[a] -= half.factor[b * k + a] * u[b] }
        u[a] /= half.factor[a * k + a]
      }
      return multiplied(lambda[eliminated.index], u)
    }
    return (Array(x[r...]), random)
  }
}
