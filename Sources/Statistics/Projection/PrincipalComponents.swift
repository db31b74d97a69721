import Foundation

/// The two directions of largest variance, and how much of the variance they explain.
public struct PrincipalComponents: Sendable {
  /// The coordinates of each point on the two axes, relative to the mean. The sign of each axis is chosen so that the
  /// point farthest from the mean is on the positive side.
  public let points: [SIMD2<Double>]
  /// The share of the total variance on the first and on the second axis, from 0 to 1.
  public let explained: SIMD2<Double>
  private let mean: [Double]
  private let axes: [[Double]]

  /// Computed from the eigenvectors of the scatter matrix or, if there are more dimensions than points, of the matrix
  /// of inner products.
  ///
  /// - Parameter points: vectors of equal length. The result is nil if there are fewer than three, or all are equal.
  public init?(_ points: [[Float]]) {
    guard let width = points.first?.count, points.count > 2, width > 0 else { return nil }
    let n = points.count
    var mean = Array(repeating: 0.0, count: width)
    for point in points { for (d, x) in point.enumerated() { mean[d] += Double(x) } }
    for d in 0..<width { mean[d] /= Double(n) }
    let centred = points.map { point in (0..<width).map { Double(point[$0]) - mean[$0] } }
    let total = centred.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } }
    let size = mean.reduce(0) { $0 + $1 * $1 } * Double(n)
    guard total > 1e-14 * size, total > 0, total.isFinite else { return nil }

    func scatter(_ vectors: [[Double]]) -> DenseMatrix {
      let rows = SquaredDistances.map(vectors.count) { i in
        (0...i).map { j in
          var sum = 0.0
          vectors[i].withUnsafeBufferPointer { a in
            vectors[j].withUnsafeBufferPointer { b in for k in a.indices { sum += a[k] * b[k] } }
          }
          return sum
        }
      }
      var matrix = DenseMatrix(rows: vectors.count, columns: vectors.count)
      for (i, row) in rows.enumerated() {
        for (j, value) in row.enumerated() { (matrix[i, j], matrix[j, i]) = (value, value) }
      }
      return matrix
    }
    var axes: [[Double]] = []
    if width <= n {
      let columns = (0..<width).map { d in centred.map { $0[d] } }
      guard let eigen = scatter(columns).symmetricEigen() else { return nil }
      axes = (0..<min(2, width)).map { k in (0..<width).map { eigen.vectors[$0, k] } }
    } else {
      guard let eigen = scatter(centred).symmetricEigen() else { return nil }
      axes = (0..<2).map { k in
        guard eigen.values[k] > 1e-12 * eigen.values[0] else { return Array(repeating: 0, count: width) }
        let scale = 1 / eigen.values[k].squareRoot()
        return (0..<width).map { d in (0..<n).reduce(0) { $0 + centred[$1][d] * eigen.vectors[$1, k] } * scale }
      }
    }
    if axes.count < 2 { axes.append(Array(repeating: 0, count: width)) }
    func along(_ axis: [Double]) -> [Double] { centred.map { zip($0, axis).reduce(0) { $0 + $1.0 * $1.1 } } }
    for k in 0..<2 {
      if let farthest = along(axes[k]).max(by: { abs($0) < abs($1) }), farthest < 0 { axes[k] = axes[k].map { -$0 } }
    }
    let x = along(axes[0]), y = along(axes[1])
    self.points = zip(x, y).map { SIMD2($0, $1) }
    explained = SIMD2(x.reduce(0) { $0 + $1 * $1 }, y.reduce(0) { $0 + $1 * $1 }) / total
    (self.mean, self.axes) = (mean, axes)
  }

  /// The coordinates on the two axes of another point in the same space.
  public func place(_ point: [Float]) -> SIMD2<Double> {
    func along(_ axis: [Double]) -> Double { axis.indices.reduce(0) { $0 + (Double(point[$1]) - mean[$1]) * axis[$1] } }
    return SIMD2(along(axes[0]), along(axes[1]))
  }
}
