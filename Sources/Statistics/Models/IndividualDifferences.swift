import Basics
import Foundation

/// One map of items for all listeners, with listener-specific weights of its dimensions: INDSCAL (Carroll & Chang
/// 1970).
///
/// Listener k hears d²_ij = Σ_r w_kr (x_ir − x_jr)², w ≥ 0. As in the original, each listener's squares are doubly
/// centred (B = −½ J D² J) and scaled to a sum of squares of 1, so that listeners who use more of the scale do not
/// count more; then Σ_k ‖B_k − X diag(w_k) Xᵀ‖² is minimised. Unlike a map without weights, this one cannot be rotated,
/// so its axes are meaningful.
///
/// That holds only if listeners' weights differ in more than their size, and if the dimensions are not one and the same: without
/// either, there is no such map.
///
/// The minimum is found by L-BFGS over X and √w, which keeps the weights non-negative. It starts from the common
/// classical map and from `starts` random ones, and the best result is kept.
public struct IndividualDifferences: Sendable, Equatable {
  /// One row per item, one column per dimension. Each dimension has mean 0 and mean square 1. The dimensions are
  /// ordered by how much they explain, and the farthest item of each is on the positive side.
  public let points: [[Double]]
  /// One row per listener: the weight of each dimension in the listener's centred products, with `points` scaled as
  /// above.
  public let weights: [[Double]]
  /// By listener: the share of the sum of squares of the centred products that the map explains.
  public let explained: [Double]
  /// Whether the iterations stopped because the fit no longer improved.
  public let converged: Bool

  /// - Parameters:
  ///   - tables: one table per listener: square, symmetric and complete, with 0 on the diagonal.
  ///   - starts: the number of random starts.
  ///
  /// Nil with fewer than two listeners, with fewer than `dimensions` + 1 items, if a table violates these conditions, if all
  /// dissimilarities of a listener are 0, or if the answers do not determine the axes.
  public init?(_ tables: [[[Double]]], dimensions: Int = 2, starts: Int = 8, seed: UInt64 = 1) {
    guard let n = tables.first?.count, tables.count > 1, dimensions > 0, n > dimensions else { return nil }
    var products: [[Double]] = []
    for table in tables {
      guard table.count == n, let own = Self.products(table) else { return nil }
      products.append(own)
    }
    let people = tables.count, width = n * dimensions
    let mean = (0..<n).map { i in
      (0..<n).map { j in
        let squares: Double = tables.reduce(0) { $0 + $1[i][j] * $1[i][j] }
        return (squares / Double(people)).squareRoot()
      }
    }
    var begun = (0..<max(1, starts)).map { start -> [Double] in
      var random = SeededRandom(seed: seed, "individual differences", "\(start)")
      return (0..<width).map { _ in random.normal() / Double(n).squareRoot() }
        + (0..<people * dimensions).map { _ in 0.5 + random.unit() }
    }
    if let common = PerceptualMap.classical(mean, dimensions: dimensions) {
      let size = common.points.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
      begun.append(
        common.points.joined().map { $0 / size } + Array(repeating: 1, count: people * dimensions))
    }
    let found = pureMap(begun) { [products] start in
      let result = Minimiser.descend(from: start) { Self.loss($0, products, n, dimensions, $1) }
      return (x: result.x, value: result.value, converged: result.converged)
    }
    guard let best = found.min(by: { $0.value < $1.value }), best.value.isFinite else { return nil }
    // Scales each dimension to a mean square of 1, with its size moved into the weights.
    var points = (0..<n).map { i in Array(best.x[i * dimensions..<(i + 1) * dimensions]) }
    var weights = (0..<people).map { k in
      (0..<dimensions).map { r in best.x[width + k * dimensions + r] * best.x[width + k * dimensions + r] }
    }
    for r in 0..<dimensions {
      let middle = points.reduce(0) { $0 + $1[r] } / Double(n)
      let size = (points.reduce(0) { $0 + ($1[r] - middle) * ($1[r] - middle) } / Double(n)).squareRoot()
      guard size > 0, let far = points.map({ $0[r] - middle }).max(by: { abs($0) < abs($1) }) else { return nil }
      for i in points.indices { points[i][r] = (points[i][r] - middle) / (far < 0 ? -size : size) }
      for k in weights.indices { weights[k][r] *= size * size }
    }
    for r in 0..<dimensions {
      for s in 0..<r {
        let angle = Self.cosine(weights.map { $0[r] }, weights.map { $0[s] })
        guard abs(Self.cosine(points.map { $0[r] }, points.map { $0[s] })) < Self.mostAlike, angle < Self.mostAlike
        else {
          return nil
        }
      }
    }
    let strength = (0..<dimensions).map { r -> Double in weights.reduce(0) { $0 + $1[r] * $1[r] } }
    let order = (0..<dimensions).sorted { strength[$0] > strength[$1] }
    self.points = points.map { point in order.map { point[$0] } }
    self.weights = weights.map { own in order.map { own[$0] } }
    explained = (0..<people).map { k in
      1 - Self.loss(best.x, [products[k]], n, dimensions, nil, listener: k)
    }
    converged = best.converged
  }

  /// Two dimensions whose coordinates, or whose weights over listeners, have a cosine above this are not distinguished.
  private static let mostAlike = 0.995

  private static func cosine(_ a: [Double], _ b: [Double]) -> Double {
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let size = (product(a, a) * product(b, b)).squareRoot()
    return size > 0 ? product(a, b) / size : 1
  }

  /// The doubly centred products, with a sum of squares of 1.
  private static func products(_ table: [[Double]]) -> [Double]? {
    let n = table.count
    for i in 0..<n {
      guard table[i].count == n, table[i][i] == 0 else { return nil }
      for j in 0..<i where !(table[i][j] == table[j][i] && table[i][j].isFinite && table[i][j] >= 0) { return nil }
    }
    let squares = table.map { $0.map { $0 * $0 } }
    let means = squares.map { $0.reduce(0, +) / Double(n) }, grand = means.reduce(0, +) / Double(n)
    var own: [Double] = []
    for i in 0..<n {
      for j in 0..<n { own.append(-(squares[i][j] - means[i] - means[j] + grand) / 2) }
    }
    let size = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return size > 1e-12 ? own.map { $0 / size } : nil
  }

  /// The residual sum of squares, and its gradient.
  /// - Parameter listener: the listener to whom the first products belong.
  private static func loss(
    _ x: [Double], _ products: [[Double]], _ n: Int, _ dimensions: Int, _ gradient: UnsafeMutablePointer<Double>?,
    listener: Int = 0
  ) -> Double {
    let width = n * dimensions
    if let gradient { for i in x.indices { gradient[i] = 0 } }
    var sum = 0.0, scaled = Array(repeating: 0.0, count: width), pulled = scaled
    for (k, own) in products.enumerated() {
      let at = width + (listener + k) * dimensions
      for i in 0..<n {
        for r in 0..<dimensions { scaled[i * dimensions + r] = x[i * dimensions + r] * x[at + r] * x[at + r] }
      }
      for i in 0..<n {
        for r in 0..<dimensions { pulled[i * dimensions + r] = 0 }
        for j in 0..<n {
          var left = own[i * n + j]
          for r in 0..<dimensions { left -= scaled[i * dimensions + r] * x[j * dimensions + r] }
          sum += left * left
          for r in 0..<dimensions { pulled[i * dimensions + r] += left * x[j * dimensions + r] }
        }
      }
      guard let gradient else { continue }
      for i in 0..<n {
        for r in 0..<dimensions {
          let root = x[at + r], pull = pulled[i * dimensions + r]
          gradient[i * dimensions + r] -= 4 * pull * root * root
          gradient[at + r] -= 4 * pull * x[i * dimensions + r] * root
        }
      }
    }
    return sum
  }
}
