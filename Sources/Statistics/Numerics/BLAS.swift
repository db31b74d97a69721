import COpenBLAS

/// Dense linear algebra of OpenBLAS, which is called in this file only. Matrices are stored by columns, unless a
/// function says by rows.
public enum BLAS {
  /// One thread only: who works on several cores has threads of its own, and sums must not depend on their number.
  private static let oneThread: Void = openblas_set_num_threads(1)

  /// OpenBLAS's name for the processor whose kernels it uses.
  public static var kernels: String { String(cString: openblas_get_corename()) }

  /// Factorises a symmetric positive definite matrix of `n` rows in place: A = L L' (dpotrf). The lower triangle is
  /// read and overwritten. False if the matrix is not positive definite.
  static func factorise(_ a: inout [Double], _ n: Int) -> Bool {
    _ = oneThread
    var n = Int32(n), info: Int32 = 0
    dpotrf_("L", &n, &a, &n, &info, 1)
    return info == 0
  }

  /// Solves L x = b, or L' x = b, for a lower triangular matrix of `n` rows (dtrsv); `b` becomes x.
  static func solve(lower l: [Double], _ n: Int, _ b: inout [Double], transposed: Bool) {
    cblas_dtrsv(
      CblasColMajor, CblasLower, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, blasint(n), l, blasint(n), &b, 1)
  }

  /// Subtracts B B' from the lower triangle of a matrix of `n` rows; B has the first `count` columns of `b` (dsyrk).
  static func subtractProduct(from a: inout [Double], _ n: Int, _ b: [Double], columns count: Int) {
    _ = oneThread
    cblas_dsyrk(
      CblasColMajor, CblasLower, CblasNoTrans, blasint(n), blasint(count), -1, b, blasint(n), 1, &a, blasint(n))
  }

  /// The eigenvalues, in increasing order, of a symmetric matrix of `n` rows, of which the lower triangle is read; `a`
  /// becomes their vectors, as columns (dsyevd, divide and conquer). Nil if that does not converge, which happens only for
  /// values that are not finite.
  static func symmetricEigen(_ a: inout [Double], _ n: Int) -> [Double]? {
    _ = oneThread
    var values = Array(repeating: 0.0, count: n)
    var n = Int32(n), info: Int32 = 0, lwork: Int32 = -1, liwork: Int32 = -1
    var work = [0.0], iwork: [Int32] = [0]
    for _ in 0..<2 {  // the first call tells how much room the second needs
      dsyevd_("V", "L", &n, &a, &n, &values, &work, &lwork, &iwork, &liwork, &info, 1, 1)
      guard info == 0 else { return nil }
      if lwork < 0 {
        (lwork, liwork) = (Int32(work[0]), iwork[0])
        (work, iwork) = (Array(repeating: 0, count: Int(lwork)), Array(repeating: 0, count: Int(liwork)))
      }
    }
    return values
  }

  /// The singular value decomposition A = U diag(s) V' of a matrix of `n` rows and columns (dgesvd). Nil if it does not
  /// converge.
  static func singularValues(_ a: [Double], _ n: Int) -> (u: [Double], s: [Double], vTransposed: [Double])? {
    _ = oneThread
    var a = a, u = a, vt = a, s = Array(repeating: 0.0, count: n)
    var lwork = Int32(max(64, 10 * n)), n = Int32(n), info: Int32 = 0
    var work = Array(repeating: 0.0, count: Int(lwork))
    dgesvd_("A", "A", &n, &n, &a, &n, &s, &u, &n, &vt, &n, &work, &lwork, &info, 1, 1)
    return info == 0 ? (u, s, vt) : nil
  }

  /// Adds the product of two matrices to a third, all by rows (dgemm): of `rows` × `inner` numbers and `inner` ×
  /// `columns`.
  /// - Parameter stride: how far apart the rows of `a` are; `inner` or more.
  static func addProduct(
    _ a: [Double], stride: Int, _ b: UnsafePointer<Double>, rows: Int, inner: Int, columns: Int,
    to product: inout [Double]
  ) {
    _ = oneThread
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns), blasint(inner), 1, a, blasint(stride),
      b,
      blasint(columns), 1, &product, blasint(columns))
  }

  /// Subtracts twice A B' from `product`, all by rows (sgemm): A has `rows` × `inner` numbers, B has `columns` × `inner`,
  /// and `product` has room for `rows` × `columns`.
  public static func subtractTwiceProduct(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows: Int, inner: Int, columns: Int,
    from product: UnsafeMutablePointer<Float>
  ) {
    _ = oneThread
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(columns), blasint(inner), -2, a, blasint(inner),
      b,
      blasint(inner), 1, product, blasint(columns))
  }
}
