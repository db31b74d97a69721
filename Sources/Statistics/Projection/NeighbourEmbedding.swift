import Basics
import Foundation

/// Exact t-distributed stochastic neighbour embedding (van der Maaten & Hinton 2008): a map that keeps neighbours
/// together, at the expense of large distances.
///
/// The probability that i picks j as its neighbour follows a Gaussian of their distance, whose width gives each point
/// the same perplexity. Averaging both directions gives p. On the map, q is defined in the same way with the kernel 1 /
/// (1 + d²). Gradient descent with momentum and gains (Jacobs 1988) minimises KL(p‖q), with p exaggerated at first so
/// that groups can pass one another. It starts from the principal components (Kobak & Berens 2019), so that the overall
/// arrangement does not depend on chance; the seed only separates points that would start at the same place. Schedule
/// and step size are those of scikit-learn 1.9. The result does not depend on the number of cores.
public struct NeighbourEmbedding: Sendable {
  /// Settings of the optimisation.
  public struct Settings: Sendable, Equatable {
    /// The effective number of neighbours of a point. At most a third of the points.
    public var perplexity: Double
    /// The factor by which p is exaggerated during the first `exaggeratedSteps`.
    public var exaggeration = 12.0
    /// How many of the first steps exaggerate.
    public var exaggeratedSteps = 250
    /// The number of steps of the descent.
    public var steps = 1000
    /// Only separates points that would start at the same place.
    public var seed: UInt64

    public init(perplexity: Double = 30, seed: UInt64 = 0) { (self.perplexity, self.seed) = (perplexity, seed) }

    /// These settings with a perplexity that suits this number of points.
    public func fitting(_ count: Int) -> Settings {
      var settings = self
      settings.perplexity = min(perplexity, Double(count - 1) / 3)
      return settings
    }
  }

  /// Centred on 0. Distances have no unit, and rotation or reflection makes no difference.
  public let points: [SIMD2<Double>]
  /// KL(p‖q) in nats after the descent. It can be compared only between maps of the same points.
  public let divergence: Double
  /// The settings that were used: `settings.fitting(points.count)`.
  public let settings: Settings

  /// - Parameters:
  ///   - distances: between all points, of which there must be at least four.
  ///   - start: an initial position for each point. Only the shape matters, not the scale.
  public init(
    _ distances: SquaredDistances, from start: [SIMD2<Double>], settings: Settings = Settings(),
    progress: ProgressHandler? = nil
  ) {
    precondition(distances.count > 3 && start.count == distances.count)
    let settings = settings.fitting(distances.count)
    let affinities = NeighbourAffinities(distances, perplexity: settings.perplexity)
    var descent = Descent(affinities, from: start, settings)
    for step in 0..<settings.steps {
      descent.step(isExaggerated: step < settings.exaggeratedSteps)
      progress?(step + 1, settings.steps)
    }
    points = descent.points
    divergence = affinities.divergence(of: points)
    self.settings = settings
  }
}

/// The neighbour probabilities in the space: p, symmetric, with sum 1.
public struct NeighbourAffinities: Sendable {
  public let count: Int
  /// Rows of `width` numbers. Those from index `count` on are 0.
  let values: [Float]
  /// `count`, rounded up to a multiple of eight.
  let width: Int

  public init(_ distances: SquaredDistances, perplexity: Double) {
    let n = distances.count
    (count, width) = (n, 8 * ((n + 7) / 8))
    let rows = SquaredDistances.map(n) { Self.row(distances, $0, target: log(perplexity)) }
    var values = Array(repeating: Float(0), count: n * width)
    for i in 0..<n {
      for j in 0..<n { values[i * width + j] = Float((rows[i][j] + rows[j][i]) / Double(2 * n)) }
    }
    self.values = values
  }

  /// The affinity of i and j. It sums to 1 over all ordered pairs.
  public subscript(i: Int, j: Int) -> Double { Double(values[i * width + j]) }

  /// The neighbour probabilities of a point: a Gaussian whose entropy is `target` (in nats), found by bisection of its
  /// precision.
  private static func row(_ distances: SquaredDistances, _ i: Int, target: Double) -> [Double] {
    let n = distances.count
    let row = (0..<n).map { Double(distances[i, $0]) }
    let nearest = row.indices.lazy.filter { $0 != i }.map { row[$0] }.min() ?? 0
    let mean = row.reduce(0, +) / Double(n - 1) - nearest
    var chances = Array(repeating: 0.0, count: n)
    // If all other points are equally far, every precision gives the same result.
    var precision = mean > 0 ? 1 / mean : 1, low = 0.0, high = Double.infinity
    for _ in 0..<100 {
      var sum = 0.0, weighted = 0.0
      for j in 0..<n where j != i {
        let above = row[j] - nearest, exponent = precision * above
        let chance = exponent < 45 ? exp(-exponent) : 0  // beyond this, it is negligible beside the nearest one's 1
        chances[j] = chance
        sum += chance
        weighted += chance * above
      }
      let off = log(sum) + precision * weighted / sum - target
      for j in 0..<n { chances[j] /= sum }
      if abs(off) < 1e-6 { break }
      if off > 0 { low = precision } else { high = precision }
      precision = high.isFinite ? (low + high) / 2 : precision * 2
    }
    return chances
  }

  /// KL(p‖q) of a map, in nats.
  public func divergence(of points: [SIMD2<Double>]) -> Double {
    let n = count
    let rows = SquaredDistances.map(n) { i -> (kernel: Double, cross: Double, mass: Double) in
      var kernel = 0.0, cross = 0.0, mass = 0.0
      for j in 0..<n where j != i {
        let step = points[i] - points[j], near = 1 / (1 + (step * step).sum()), p = self[i, j]
        kernel += near
        mass += p
        if p > 0 { cross += p * log(p / near) }
      }
      return (kernel, cross, mass)
    }
    let kernel = rows.reduce(0) { $0 + $1.kernel }, mass = rows.reduce(0) { $0 + $1.mass }
    return rows.reduce(0) { $0 + $1.cross } + mass * log(kernel)
  }
}

/// The state of the gradient descent.
private struct Descent {
  private let affinities: NeighbourAffinities
  private let settings: NeighbourEmbedding.Settings
  private let rate: Float
  /// Padded to the affinities' width with positions so far away that they exert no force.
  private var x: [Float], y: [Float]
  private var speed: [SIMD2<Float>], gain: [SIMD2<Float>]

  init(_ affinities: NeighbourAffinities, from start: [SIMD2<Double>], _ settings: NeighbourEmbedding.Settings) {
    let n = affinities.count
    (self.affinities, self.settings) = (affinities, settings)
    rate = Float(max(Double(n) / settings.exaggeration / 4, 50))
    let centre = start.reduce(.zero, +) / Double(n)
    let spread = (start.reduce(0) { $0 + pow($1.x - centre.x, 2) } / Double(n)).squareRoot()
    let scale = spread > 0 ? 1e-4 / spread : 0
    var random = SeededRandom(seed: settings.seed, "neighbour embedding")
    let far = Array(repeating: Float(1e6), count: affinities.width - n)
    let begun = start.map { ($0 - centre) * scale + SIMD2(random.normal(), random.normal()) * 1e-6 }
    x = begun.map { Float($0.x) } + far
    y = begun.map { Float($0.y) } + far
    speed = Array(repeating: .zero, count: n)
    gain = Array(repeating: .one, count: n)
  }

  var points: [SIMD2<Double>] {
    let all = (0..<affinities.count).map { SIMD2(Double(x[$0]), Double(y[$0])) }
    let centre = all.reduce(.zero, +) / Double(all.count)
    return all.map { $0 - centre }
  }

  mutating func step(isExaggerated: Bool) {
    let momentum: Float = isExaggerated ? 0.5 : 0.8
    let forces = self.forces()
    let kernel = forces.reduce(0.0) { $0 + Double($1.kernel) }
    let pull: Float = 4 * (isExaggerated ? Float(settings.exaggeration) : 1), push = Float(4 / kernel)
    for i in forces.indices {
      let gradient = forces[i].pull * pull - forces[i].push * push
      let isUphill = (gradient * speed[i]) .>= .zero
      gain[i] = (gain[i] + 0.2).replacing(with: gain[i] * 0.8, where: isUphill)
      gain[i].clamp(lowerBound: SIMD2(repeating: 0.01), upperBound: SIMD2(repeating: .greatestFiniteMagnitude))
      speed[i] = momentum * speed[i] - rate * gain[i] * gradient
      x[i] += speed[i].x
      y[i] += speed[i].y
    }
  }

  /// For every point i: Σ p k (y_i - y_j), Σ k² (y_i - y_j) and Σ k, where k = 1 / (1 + d²).
  private func forces() -> [(pull: SIMD2<Float>, push: SIMD2<Float>, kernel: Float)] {
    let n = affinities.count, width = affinities.width
    return Array(unsafeUninitializedCapacity: n) { all, filled in
      nonisolated(unsafe) let out = all.baseAddress
      x.withUnsafeBytes { x in
        y.withUnsafeBytes { y in
          affinities.values.withUnsafeBytes { p in
            nonisolated(unsafe) let (x, y, p) = (x, y, p)
            let block = 32
            DispatchQueue.concurrentPerform(iterations: (n + block - 1) / block) { piece in
              for i in piece * block..<min(n, (piece + 1) * block) {
                let xi = x.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)
                let yi = y.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)
                var pullX = SIMD8<Float>.zero, pullY = pullX, pushX = pullX, pushY = pullX, kernel = pullX
                for at in stride(from: 0, to: 4 * width, by: 32) {
                  let dx = xi - x.loadUnaligned(fromByteOffset: at, as: SIMD8<Float>.self)
                  let dy = yi - y.loadUnaligned(fromByteOffset: at, as: SIMD8<Float>.self)
                  let near = 1 / (1 + dx * dx + dy * dy)
                  let held = near * p.loadUnaligned(fromByteOffset: 4 * width * i + at, as: SIMD8<Float>.self)
                  let pushed = near * near
                  kernel += near
                  pullX += held * dx
                  pullY += held * dy
                  pushX += pushed * dx
                  pushY += pushed * dy
                }
                // Without the point's own 1.
                out?[i] = (
                  SIMD2(pullX.sum(), pullY.sum()), SIMD2(pushX.sum(), pushY.sum()), kernel.sum() - 1
                )
              }
            }
          }
        }
      }
      filled = n
    }
  }
}
