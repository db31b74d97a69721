/// Strengths of items about their mean, from estimates with the first item held at 0. Newton's method has the strengths
/// of the other items as its first parameters.
struct HeldStrengths {
  let centred: [Double]
  private let inverse: DenseMatrix
  /// By item: the mean of its row of the covariance matrix with the first item at 0; and the mean of all.
  private let rows: [Double], grand: Double

  init(_ found: Newton.Maximum, items: Int) {
    let raw = [0] + found.x.prefix(items - 1), mean = raw.reduce(0, +) / Double(items)
    centred = raw.map { $0 - mean }
    inverse = found.inverse
    let rows = (0..<items).map { i in
      (0..<items).reduce(0) { $0 + Self.held(found.inverse, i, $1) } / Double(items)
    }
    self.rows = rows
    grand = rows.reduce(0, +) / Double(items)
  }

  /// With the first item at 0, the covariance has a row of zeros; that of the centred strengths is obtained by double
  /// centring.
  private static func held(_ inverse: DenseMatrix, _ i: Int, _ j: Int) -> Double {
    i == 0 || j == 0 ? 0 : inverse[i - 1, j - 1]
  }

  func covariance(_ i: Int, _ j: Int) -> Double { Self.held(inverse, i, j) - rows[i] - rows[j] + grand }
  func standardError(_ i: Int) -> Double { max(0, Self.held(inverse, i, i) - 2 * rows[i] + grand).squareRoot() }
}
