/// Satterthwaite's degrees of freedom for fixed effects (Giesbrecht & Burns 1985; Fai & Cornelius 1996), as in lmerTest
/// (Kuznetsova, Brockhoff & Christensen 2017). With C(θ, σ²) the variance of a contrast, and A the asymptotic
/// covariance of the variance parameters (twice the inverse of the deviance's second derivatives), they are
/// `2 C² / (∇C' A ∇C)`. Derivatives by σ² are exact; those by θ are central differences.
struct Satterthwaite {
  /// By parameter of θ, then for σ²: the derivative of the fixed effects' covariance; and that covariance.
  private var derivatives: [DenseMatrix], covariance: DenseMatrix
  /// The inverse of the second derivatives.
  private var inverse: DenseMatrix

  /// Nil if a derivative cannot be computed.
  init?(_ profiled: ProfiledDeviance, at theta: [Double]) {
    let freedom = profiled.freedom, p = profiled.design.fixed
    /// At θ: the sum of both log-determinants, the residual, and the fixed effects' covariance without σ².
    typealias Point = (determinants: Double, residual: Double, covariance: DenseMatrix)
    func point(_ theta: [Double]) -> Point? {
      profiled.solve(theta).map {
        ($0.logDeterminant + $0.fixedLogDeterminant, $0.residual, $0.fixedCovariance())
      }
    }
    guard let middle = point(theta), middle.residual > 0 else { return nil }
    let count = theta.count, variance = middle.residual / freedom, h = 1e-3
    func moved(_ i: Int, _ a: Double, _ j: Int = 0, _ b: Double = 0) -> Point? {
      var next = theta
      next[i] += a
      next[j] += b
      return point(next)
    }
    func deviance(_ point: Point) -> Double { point.determinants + point.residual / variance }
    var second = DenseMatrix(rows: count + 1, columns: count + 1)
    derivatives = []
    for i in 0..<count {
      guard let above = moved(i, h), let below = moved(i, -h) else { return nil }
      second[i, i] = (deviance(above) + deviance(below) - 2 * deviance(middle)) / (h * h)
      second[count, i] = -(above.residual - below.residual) / (2 * h) / (variance * variance)
      var derivative = DenseMatrix(rows: p, columns: p)
      for a in derivative.values.indices {
        derivative.values[a] = variance * (above.covariance.values[a] - below.covariance.values[a]) / (2 * h)
      }
      derivatives.append(derivative)
      for j in 0..<i {
        guard let a = moved(i, h, j, h), let b = moved(i, h, j, -h), let c = moved(i, -h, j, h),
          let d = moved(i, -h, j, -h)
        else { return nil }
        second[i, j] = (deviance(a) - deviance(b) - deviance(c) + deviance(d)) / (4 * h * h)
      }
    }
    second[count, count] = freedom / (variance * variance)
    derivatives.append(middle.covariance)
    covariance = middle.covariance
    for i in covariance.values.indices { covariance.values[i] *= variance }
    // At a boundary, directions in which the deviance does not curve upwards are left out, as in lmerTest.
    guard let eigen = second.symmetricEigen() else { return nil }
    inverse = DenseMatrix(rows: count + 1, columns: count + 1)
    for (e, value) in eigen.values.enumerated() where value > 1e-8 {
      for i in 0...count {
        for j in 0...count { inverse[i, j] += eigen.vectors[i, e] * eigen.vectors[j, e] / value }
      }
    }
  }

  /// The degrees of freedom of a contrast of the scaled fixed effects; nil if it has no variance.
  func degreesOfFreedom(_ contrast: [Double]) -> Double? {
    func form(_ matrix: DenseMatrix) -> Double {
      contrast.indices.reduce(0) { sum, i in
        let row: Double = contrast.indices.reduce(0) { $0 + contrast[i] * matrix[i, $1] * contrast[$1] }
        return sum + row
      }
    }
    let gradient = derivatives.map(form), variance = form(covariance)
    var spread = 0.0
    for i in gradient.indices { for j in gradient.indices { spread += gradient[i] * inverse[i, j] * gradient[j] } }
    // A = 2 inverse.
    return spread > 0 ? variance * variance / spread : nil
  }
}
