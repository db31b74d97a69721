import Basics
import Foundation

/// Items as points whose distances represent how dissimilar they sound.
public struct PerceptualMap: Sendable, Equatable {
  /// One row per item, one column per dimension. The centre is at 0 and the axes are the principal ones, in decreasing
  /// order. Each is oriented so that its farthest item is on the positive side (orientation has no meaning in a map).
  public let points: [[Double]]
  /// Kruskal's (1964) stress-1, √(Σ (distance - disparity)² / Σ distance²). He calls 0.2 poor, 0.1 fair and 0.05 good.
  /// For a classical map, disparities are the dissimilarities themselves.
  public let stress: Double
  /// All eigenvalues of classical scaling, in decreasing order. Those of the map divided by the sum of all positive
  /// ones say how much of the dissimilarities it shows. Empty for a non-metric map.
  public let eigenvalues: [Double]
  /// Whether a non-metric map converged; always true for a classical one.
  public let converged: Bool

  /// Classical scaling (Torgerson 1952, Gower 1966): the principal axes of the doubly centred squares, -½ J D² J.
  ///
  /// `dissimilarities` is square and symmetric, with 0 on the diagonal. Nil if one is missing, negative or not finite,
  /// if there are fewer than `dimensions` + 1 items, or if there are fewer positive eigenvalues than dimensions.
  public static func classical(_ dissimilarities: [[Double?]], dimensions: Int = 2) -> PerceptualMap? {
    guard let table = Dissimilarities(dissimilarities), table.isComplete else { return nil }
    return classical(table.filled, table, dimensions)
  }

  /// Non-metric scaling (Kruskal 1964), which uses only the order of the dissimilarities. It minimises stress-1 by
  /// SMACOF (de Leeuw 1977) with monotone regression; equal dissimilarities may have unequal distances (the primary
  /// approach).
  ///
  /// Missing pairs have no weight, as long as pairs connect every item with every other. Stress has many local minima,
  /// so the best of the maps from the classical one and from `starts` random ones is kept; the seed makes this
  /// reproducible. Nil as for `classical`, except for missing pairs. A stress of 0 is uninformative if there are few
  /// items for the dimensions, or if items form groups with all similarities within groups above those between them:
  /// each group then collapses to a point.
  public static func nonMetric(
    _ dissimilarities: [[Double?]], dimensions: Int = 2, starts: Int = 20, seed: UInt64 = 1
  ) -> PerceptualMap? {
    guard let table = Dissimilarities(dissimilarities), table.items > dimensions, dimensions > 0, table.isLinked
    else { return nil }
    let scaling = Scaling(table, dimensions)
    var first: [[Double]] = []
    if let map = classical(table.filled, table, dimensions) { first = [map.points.flatMap(\.self)] }
    let random = (0..<(first.isEmpty ? max(1, starts) : starts)).map { start in
      var random = SeededRandom(seed: seed, "map", "\(start)")
      return (0..<(table.items * dimensions)).map { _ in random.normal() }
    }
    let results = pureMap(first + random) { scaling.settle($0) }
    guard let best = results.min(by: { $0.stress < $1.stress }), best.stress.isFinite else { return nil }
    return PerceptualMap(
      points: principal(best.points, dimensions), stress: best.stress, eigenvalues: [], converged: best.converged)
  }

  private static func classical(_ filled: [[Double]], _ table: Dissimilarities, _ dimensions: Int) -> PerceptualMap? {
    let n = table.items
    guard n > dimensions, dimensions > 0 else { return nil }
    let squares = filled.map { $0.map { $0 * $0 } }
    let means = squares.map { $0.reduce(0, +) / Double(n) }, grand = means.reduce(0, +) / Double(n)
    var products = DenseMatrix(rows: n, columns: n)
    for i in 0..<n {
      for j in 0..<n { products[i, j] = -(squares[i][j] - means[i] - means[j] + grand) / 2 }
    }
    guard let (values, vectors) = products.symmetricEigen(), values[dimensions - 1] > 1e-12 * values[0] else {
      return nil
    }
    let points = (0..<n).map { i in (0..<dimensions).map { vectors[i, $0] * values[$0].squareRoot() } }
    var off = 0.0, size = 0.0
    for pair in table.pairs {
      let d = distance(points[pair.i], points[pair.j])
      off += (d - pair.value) * (d - pair.value)
      size += d * d
    }
    return PerceptualMap(
      points: turned(points), stress: size > 0 ? (off / size).squareRoot() : 0, eigenvalues: values, converged: true)
  }

  /// The points, centred and rotated to principal axes.
  static func principal(_ flat: [Double], _ dimensions: Int) -> [[Double]] {
    let n = flat.count / dimensions
    var points = (0..<n).map { Array(flat[$0 * dimensions..<($0 + 1) * dimensions]) }
    for k in 0..<dimensions {
      let mean = points.reduce(0) { $0 + $1[k] } / Double(n)
      for i in points.indices { points[i][k] -= mean }
    }
    var spread = DenseMatrix(rows: dimensions, columns: dimensions)
    for a in 0..<dimensions {
      for b in 0..<dimensions { spread[a, b] = points.reduce(0) { $0 + $1[a] * $1[b] } }
    }
    guard let axes = spread.symmetricEigen()?.vectors else { return points }
    return turned(points.map { p in (0..<dimensions).map { k in p.indices.reduce(0) { $0 + p[$1] * axes[$1, k] } } })
  }

  private static func turned(_ points: [[Double]]) -> [[Double]] {
    let signs = points[0].indices.map { k in
      let far: Double? = points.map { $0[k] }.max { abs($0) < abs($1) }
      return (far ?? 1) < 0 ? -1.0 : 1
    }
    return points.map { zip($0, signs).map(*) }
  }

  fileprivate static func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }
}

/// A square table of dissimilarities, checked.
private struct Dissimilarities: Sendable {
  let items: Int
  let pairs: [(i: Int, j: Int, value: Double)]

  init?(_ rows: [[Double?]]) {
    guard rows.count > 1, rows.allSatisfy({ $0.count == rows.count }) else { return nil }
    var pairs: [(i: Int, j: Int, value: Double)] = []
    for i in rows.indices {
      for j in 0..<i {
        guard rows[i][j] == rows[j][i] else { return nil }
        guard let value = rows[i][j] else { continue }
        guard value.isFinite, value >= 0 else { return nil }
        pairs.append((i, j, value))
      }
    }
    guard pairs.contains(where: { $0.value > 0 }) else { return nil }
    (items, self.pairs) = (rows.count, pairs)
  }

  var isComplete: Bool { pairs.count == items * (items - 1) / 2 }

  var isLinked: Bool { filled.allSatisfy { $0.allSatisfy(\.isFinite) } }

  /// The table with missing pairs filled in by the shortest path over others (Floyd–Warshall).
  var filled: [[Double]] {
    var table = Array(repeating: Array(repeating: Double.infinity, count: items), count: items)
    for i in 0..<items { table[i][i] = 0 }
    for (i, j, value) in pairs { (table[i][j], table[j][i]) = (value, value) }
    guard !isComplete else { return table }
    let known = Set(pairs.map { $0.i * items + $0.j })
    var ways = table
    for k in 0..<items {
      for i in 0..<items {
        for j in 0..<items { ways[i][j] = min(ways[i][j], ways[i][k] + ways[k][j]) }
      }
    }
    for i in 0..<items {
      for j in 0..<i where !known.contains(i * items + j) { (table[i][j], table[j][i]) = (ways[i][j], ways[i][j]) }
    }
    return table
  }
}

/// SMACOF on the known pairs.
private struct Scaling: Sendable {
  private let items: Int, dimensions: Int
  /// The pairs in ascending order of dissimilarity; `blocks` are the ranges of equal ones.
  private let pairs: [(i: Int, j: Int)], blocks: [Range<Int>]
  /// The factor of V + 11'/n, where V has the pairs' weights; nil if all pairs are known, in which case V⁻ is division
  /// by n.
  private let weights: DenseMatrix?

  init(_ table: Dissimilarities, _ dimensions: Int) {
    items = table.items
    self.dimensions = dimensions
    let sorted = table.pairs.sorted { ($0.value, $0.i, $0.j) < ($1.value, $1.i, $1.j) }
    pairs = sorted.map { ($0.i, $0.j) }
    var blocks: [Range<Int>] = [], first = 0
    for end in 1...sorted.count where end == sorted.count || sorted[end].value != sorted[first].value {
      blocks.append(first..<end)
      first = end
    }
    self.blocks = blocks
    var v = DenseMatrix(rows: items, columns: items, repeating: 1 / Double(items))
    for (i, j) in pairs {
      v[i, i] += 1
      v[j, j] += 1
      v[i, j] -= 1
      v[j, i] -= 1
    }
    weights = !table.isComplete && v.factorise() ? v : nil
  }

  func settle(_ start: [Double]) -> (points: [Double], stress: Double, converged: Bool) {
    var x = start, last = Double.infinity
    var distances = self.distances(x)
    for _ in 0..<5000 {
      var disparities = self.disparities(distances)
      let size = distances.reduce(0) { $0 + $1 * $1 }, kept = disparities.reduce(0) { $0 + $1 * $1 }
      guard size > 0, kept > 0 else { return (x, .infinity, false) }
      let off = zip(distances, disparities).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let stress = (off / size).squareRoot()
      if last - stress <= 1e-9 * stress || stress < 1e-9 { return (x, stress, true) }
      last = stress
      // Disparities with a fixed norm, so that the map cannot collapse to a point.
      let scale = (Double(pairs.count) / kept).squareRoot()
      for k in disparities.indices { disparities[k] *= scale }
      x = transformed(x, distances, disparities)
      distances = self.distances(x)
    }
    return (x, last, false)
  }

  private func distances(_ x: [Double]) -> [Double] {
    pairs.map { pair in
      var sum = 0.0
      for k in 0..<dimensions {
        let step = x[pair.i * dimensions + k] - x[pair.j * dimensions + k]
        sum += step * step
      }
      return sum.squareRoot()
    }
  }

  /// Monotone regression of the distances on the order of the dissimilarities: equal ones are sorted by distance, then
  /// adjacent violators are pooled.
  private func disparities(_ distances: [Double]) -> [Double] {
    var order = Array(distances.indices)
    for block in blocks where block.count > 1 { order[block].sort { (distances[$0], $0) < (distances[$1], $1) } }
    var pools: [(sum: Double, count: Int)] = []
    for k in order {
      var pool = (sum: distances[k], count: 1)
      while let below = pools.last, below.sum * Double(pool.count) >= pool.sum * Double(below.count) {
        pool = (pool.sum + below.sum, pool.count + below.count)
        pools.removeLast()
      }
      pools.append(pool)
    }
    var result = distances, at = 0
    for pool in pools {
      for k in order[at..<(at + pool.count)] { result[k] = pool.sum / Double(pool.count) }
      at += pool.count
    }
    return result
  }

  /// The Guttman transform, V⁻ B(x) x.
  private func transformed(_ x: [Double], _ distances: [Double], _ disparities: [Double]) -> [Double] {
    var next = Array(repeating: 0.0, count: x.count)
    for (at, pair) in pairs.enumerated() where distances[at] > 0 {
      let ratio = disparities[at] / distances[at]
      for k in 0..<dimensions {
        let pull = ratio * (x[pair.i * dimensions + k] - x[pair.j * dimensions + k])
        next[pair.i * dimensions + k] += pull
        next[pair.j * dimensions + k] -= pull
      }
    }
    guard let weights else { return next.map { $0 / Double(items) } }
    for k in 0..<dimensions {
      var column = (0..<items).map { next[$0 * dimensions + k] }
      weights.solve(&column)
      weights.solve(&column, transposed: true)
      for i in 0..<items { next[i * dimensions + k] = column[i] }
    }
    return next
  }
}
