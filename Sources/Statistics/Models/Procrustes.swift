import Foundation

/// Fits one configuration of points to another by translation, rotation, reflection and scaling, with least squares
/// (Schönemann & Carroll 1970). It measures how similar a map of what people hear is to one of what a system computes.
public struct Procrustes: Sendable, Equatable {
  /// The second configuration, fitted to the first.
  public let mapped: [[Double]]
  /// The residual sum of squared distances.
  public let residual: Double
  /// 1 if the shapes are the same: √(1 - residual / the target's sum of squares about its centre). It does not depend
  /// on which of the two is fitted. With few points, chance is well above 0, so compare with permuted points.
  public let correlation: Double

  /// Rows are points, in the same order in both; a configuration with fewer dimensions is padded with zeros. Nil with
  /// fewer than two points, or if all points of one configuration coincide.
  public init?(_ moved: [[Double]], onto target: [[Double]]) {
    let n = target.count
    guard n > 1, moved.count == n else { return nil }
    let k = max(target[0].count, moved[0].count)
    func centred(_ points: [[Double]]) -> (points: [[Double]], centre: [Double], size: Double) {
      let wide = points.map { $0 + Array(repeating: 0, count: k - $0.count) }
      let centre = (0..<k).map { c in wide.reduce(0) { $0 + $1[c] } / Double(n) }
      let points = wide.map { zip($0, centre).map(-) }
      return (points, centre, points.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } })
    }
    let a = centred(target), b = centred(moved)
    guard a.size > 0, b.size > 0, a.size.isFinite, b.size.isFinite else { return nil }
    var products = DenseMatrix(rows: k, columns: k)
    for i in 0..<k {
      for j in 0..<k { products[i, j] = (0..<n).reduce(0) { $0 + b.points[$1][i] * a.points[$1][j] } }
    }
    guard let (u, s, vt) = products.singularValues() else { return nil }
    let trace = s.reduce(0, +), scale = trace / b.size
    mapped = b.points.map { point in
      (0..<k).map { j in
        var sum = 0.0
        for i in 0..<k {
          for l in 0..<k { sum += point[i] * u[i, l] * vt[l, j] }
        }
        return a.centre[j] + scale * sum
      }
    }
    residual = max(0, a.size - trace * trace / b.size)
    correlation = min(1, trace / (a.size * b.size).squareRoot())
  }
}
