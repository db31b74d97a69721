/// Newton's method with step halving, for concave functions, which have one maximum or none that is finite.
enum Newton {
  struct Maximum {
    let x: [Double]
    let value: Double
    /// The inverse of the information at the maximum: the covariance of maximum-likelihood estimates.
    let inverse: DenseMatrix
  }

  private static let mostSteps = 200

  /// Stops when a step promises less than rounding error, or when nothing is gained and little was promised. Nil if
  /// neither is reached because the information is singular, or because the search leaves the range that `derivatives`
  /// allows.
  /// - Parameters:
  ///   - start: a point where `value` is finite.
  ///   - derivatives: the gradient, and the negated second derivatives, of which the lower triangle is read; nil to
  ///     give up the search.
  static func maximum(
    from start: [Double], of value: ([Double]) -> Double,
    _ derivatives: ([Double]) -> (gradient: [Double], information: DenseMatrix)?
  ) -> Maximum? {
    var x = start, current = value(x)
    for _ in 0..<mostSteps {
      guard let (gradient, found) = derivatives(x) else { return nil }
      var information = found, step = gradient
      guard information.factorise() else { return nil }
      information.solve(&step)
      information.solve(&step, transposed: true)
      let decrement = zip(step, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      if !(decrement < 1e-20 * max(1, abs(current))) {
        var scale = 1.0, next = x, reached = -Double.infinity
        repeat {
          next = zip(x, step).map { $0 + scale * $1 }
          reached = value(next)
          scale /= 2
        } while !(reached >= current) && scale > 1e-12
        if reached >= current, next != x {
          (x, current) = (next, reached)
          continue
        }
        // Only noise is left to gain.
        guard decrement < 1e-10 * max(1, abs(current)) else { return nil }
      }
      return Maximum(x: x, value: current, inverse: information.inverseOfFactorised())
    }
    return nil
  }
}
