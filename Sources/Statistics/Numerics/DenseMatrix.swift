import Foundation

/// A dense matrix, stored by columns, with what the models need of LAPACK.
///
/// Why not a sparse library: a design of listeners and queries, eliminated listener by listener, leaves one small dense
/// block with complete fill-in. A general sparse factorisation (CHOLMOD, whose fast supernodal part is GPL besides)
/// would only add bookkeeping.
public struct DenseMatrix: Sendable, Equatable {
  public let rows: Int
  /// The numbers of rows and of columns.
  public let columns: Int
  /// The elements, column by column.
  public internal(set) var values: [Double]

  /// - Parameter value: what every element is at first.
  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    precondition(rows >= 0 && columns >= 0)
    (self.rows, self.columns) = (rows, columns)
    values = Array(repeating: value, count: rows * columns)
  }

  /// A matrix from rows of equal length.
  public init(rows: [[Double]]) {
    self.init(rows: rows.count, columns: rows.first?.count ?? 0)
    for (i, row) in rows.enumerated() {
      precondition(row.count == columns, "the rows differ in length")
      for (j, value) in row.enumerated() { self[i, j] = value }
    }
  }

  /// The element in a row and a column, both from 0.
  @inline(__always)
  public subscript(row: Int, column: Int) -> Double {
    get { values[column * rows + row] }
    set { values[column * rows + row] = newValue }
  }

  /// Cholesky factorisation in place, of a symmetric positive definite matrix A of which the lower triangle is read: it
  /// becomes the lower triangular L with L L' = A. The upper triangle is left as it was. False if the matrix is not
  /// positive definite.
  mutating func factorise() -> Bool {
    precondition(rows == columns)
    return rows == 0 || BLAS.factorise(&values, rows)
  }

  /// Solves L x = b, or L' x = b, if this is a factor left by `factorise()`; `b` becomes x.
  func solve(_ b: inout [Double], transposed: Bool = false) {
    precondition(b.count == rows)
    if rows > 0 { BLAS.solve(lower: values, rows, &b, transposed: transposed) }
  }

  /// Subtracts B B' from the lower triangle. B has as many rows as this matrix, and its first `count` columns are used.
  mutating func subtractProduct(_ b: DenseMatrix, columns count: Int) {
    precondition(rows == columns && b.rows == rows && count <= b.columns)
    if rows > 0, count > 0 { BLAS.subtractProduct(from: &values, rows, b.values, columns: count) }
  }

  /// The inverse, from the factor left by `factorise()`.
  func inverseOfFactorised() -> DenseMatrix {
    var inverse = DenseMatrix(rows: rows, columns: rows)
    for j in 0..<rows {
      var column = Array(repeating: 0.0, count: rows)
      column[j] = 1
      solve(&column)
      solve(&column, transposed: true)
      inverse.values.replaceSubrange(j * rows..<(j + 1) * rows, with: column)
    }
    return inverse
  }

  /// Twice the sum of the logarithms of a factor's diagonal: the log-determinant of the matrix that was factorised.
  var logDeterminantOfFactorised: Double {
    var product = 1.0, sum = 0.0
    for i in 0..<rows {
      product *= self[i, i]
      if product > 1e100 || product < 1e-100 {
        sum += log(product)
        product = 1
      }
    }
    return 2 * (sum + log(product))
  }

  /// The eigenvalues in decreasing order, with their vectors as columns, of a symmetric matrix of which the lower
  /// triangle is read. Nil if the algorithm (divide and conquer) does not converge, which happens only for values that
  /// are not finite.
  public func symmetricEigen() -> (values: [Double], vectors: DenseMatrix)? {
    precondition(rows == columns)
    guard rows > 0 else { return ([], self) }
    var vectors = self
    guard let eigenvalues = BLAS.symmetricEigen(&vectors.values, rows) else { return nil }
    var falling = vectors
    for j in 0..<rows {
      for i in 0..<rows { falling[i, j] = vectors[i, rows - 1 - j] }
    }
    return (eigenvalues.reversed(), falling)
  }

  /// The singular value decomposition A = U diag(s) V' of a square matrix. Nil if the algorithm does not converge.
  func singularValues() -> (u: DenseMatrix, s: [Double], vTransposed: DenseMatrix)? {
    precondition(rows == columns)
    guard rows > 0 else { return (self, [], self) }
    guard let found = BLAS.singularValues(values, rows) else { return nil }
    var u = self, vTransposed = self
    (u.values, vTransposed.values) = (found.u, found.vTransposed)
    return (u, found.s, vTransposed)
  }
}
