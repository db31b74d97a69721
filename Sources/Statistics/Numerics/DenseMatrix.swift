import COpenBLAS
import Foundation

/// A dense matrix, stored by columns, with what the models need of LAPACK. No other file calls OpenBLAS.
///
/// Why not a sparse library: a design of listeners and queries, eliminated listener by listener, leaves one small dense
/// block with complete fill-in. A general sparse factorisation (CHOLMOD, whose fast supernodal part is GPL besides)
/// would only add bookkeeping.
public struct DenseMatrix: Sendable, Equatable {
  public let rows: Int
  public let columns: Int
  /// The elements, column by column.
  public internal(set) var values: [Double]

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

  /// One thread only: what is left for BLAS is small, and sums must not depend on the number of cores.
  private static let oneThread: Void = openblas_set_num_threads(1)

  static func useOneThread() { _ = oneThread }

  /// OpenBLAS's name for the processor whose kernels it uses.
  public static var kernels: String { String(cString: openblas_get_corename()) }

  /// Cholesky factorisation in place, of a symmetric positive definite matrix A of which the lower triangle is read: it
  /// becomes the lower triangular L with L L' = A. The upper triangle is left as it was. False if the matrix is not
  /// positive definite.
  mutating func factorise() -> Bool {
    precondition(rows == columns)
    guard rows > 0 else { return true }
    Self.useOneThread()
    var n = Int32(rows), info: Int32 = 0
    dpotrf_("L", &n, &values, &n, &info, 1)
    return info == 0
  }

  /// Solves L x = b, or L' x = b, if this is a factor left by `factorise()`; `b` becomes x.
  func solve(_ b: inout [Double], transposed: Bool = false) {
    precondition(b.count == rows)
    guard rows > 0 else { return }
    cblas_dtrsv(
      CblasColMajor, CblasLower, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, blasint(rows), values,
      blasint(rows), &b, 1)
  }

  /// Subtracts B B' from the lower triangle. B has as many rows as this matrix, and its first `count` columns are used.
  mutating func subtractProduct(_ b: DenseMatrix, columns count: Int) {
    precondition(rows == columns && b.rows == rows && count <= b.columns)
    guard rows > 0, count > 0 else { return }
    Self.useOneThread()
    cblas_dsyrk(
      CblasColMajor, CblasLower, CblasNoTrans, blasint(rows), blasint(count), -1, b.values, blasint(rows), 1, &values,
      blasint(rows))
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
    Self.useOneThread()
    var vectors = self, eigenvalues = Array(repeating: 0.0, count: rows)
    var n = Int32(rows), info: Int32 = 0, lwork: Int32 = -1, liwork: Int32 = -1
    var work = [0.0], iwork: [Int32] = [0]
    for _ in 0..<2 {  // the first call tells how much room the second needs
      dsyevd_("V", "L", &n, &vectors.values, &n, &eigenvalues, &work, &lwork, &iwork, &liwork, &info, 1, 1)
      guard info == 0 else { return nil }
      if lwork < 0 {
        (lwork, liwork) = (Int32(work[0]), iwork[0])
        (work, iwork) = (Array(repeating: 0, count: Int(lwork)), Array(repeating: 0, count: Int(liwork)))
      }
    }
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
    var a = self, u = self, vt = self, s = Array(repeating: 0.0, count: rows)
    var n = Int32(rows), info: Int32 = 0, lwork = Int32(max(64, 10 * rows))
    var work = Array(repeating: 0.0, count: Int(lwork))
    dgesvd_("A", "A", &n, &n, &a.values, &n, &s, &u.values, &n, &vt.values, &n, &work, &lwork, &info, 1, 1)
    return info == 0 ? (u, s, vt) : nil
  }
}
