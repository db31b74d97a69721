import Basics
import Foundation

/// How often each listener and each query counts in a resample. If all weights are 1, this is the sample itself.
public struct CrossedWeights: Sendable, Equatable {
  /// By listener, 0 or more.
  public var listeners: [Int32]
  /// By query, 0 or more.
  public var queries: [Int32]

  public init(listeners: [Int32], queries: [Int32]) { (self.listeners, self.queries) = (listeners, queries) }

  /// The weights of the sample itself: 1 for each listener and each query.
  public static func ones(listeners: Int, queries: Int) -> CrossedWeights {
    CrossedWeights(
      listeners: Array(repeating: 1, count: listeners), queries: Array(repeating: 1, count: queries))
  }
}

/// A statistic of ratings by listeners × queries, each of which counts a given number of times.
///
/// A weight of 2 must have the same effect as two copies of that listener or query, except that no listener is ever
/// compared with a copy of itself. The same statistic serves the estimate (all weights 1), the resamples and the
/// jackknife (one weight 0).
public protocol CrossedStatistic: Sendable {
  /// Storage that is reused from one resample to the next, so that the inner loop allocates nothing.
  associatedtype Workspace
  /// The number of figures it computes.
  var outputs: Int { get }
  /// Storage for `evaluate`, created once.
  func workspace() -> Workspace
  /// Writes `outputs` figures to `values`; NaN if one is undefined.
  func evaluate(_ weights: CrossedWeights, _ workspace: inout Workspace, into values: inout [Double])
  /// The same for several sets of weights, one after another. The result for a set does not depend on the other sets.
  func evaluate(all weights: [CrossedWeights], _ workspace: inout Workspace) -> [Double]
}

extension CrossedStatistic {
  public func evaluate(all weights: [CrossedWeights], _ workspace: inout Workspace) -> [Double] {
    var values = Array(repeating: Double.nan, count: outputs), results: [Double] = []
    results.reserveCapacity(weights.count * outputs)
    for weights in weights {
      evaluate(weights, &workspace, into: &values)
      results += values
    }
    return results
  }
}

/// A statistic defined by a function, if it need not be fast.
public struct FunctionStatistic: CrossedStatistic {
  public let outputs: Int
  private let function: @Sendable (CrossedWeights) -> [Double?]

  public init(outputs: Int, _ function: @escaping @Sendable (CrossedWeights) -> [Double?]) {
    (self.outputs, self.function) = (outputs, function)
  }

  public func workspace() {}

  public func evaluate(_ weights: CrossedWeights, _ workspace: inout Void, into values: inout [Double]) {
    let results = function(weights)
    for i in 0..<outputs { values[i] = results[i] ?? .nan }
  }
}

/// The bootstrap over two crossed factors: listeners are drawn with replacement and, independently, queries, and a
/// rating counts as often as its listener times its query (the "pigeonhole" bootstrap, Owen 2007; McCullagh 2000). It
/// treats both as samples from larger populations, whereas a bootstrap over listeners alone is about these queries
/// only.
///
/// The draws of resample r depend only on the seed and r, with separate random streams for listeners and queries. So
/// results do not depend on the number of threads, and a one-factor contrast uses the same draws as the crossed
/// bootstrap.
public struct CrossedBootstrap: Sendable {
  /// The factors that are resampled. Each unit of a factor that is not resampled counts once.
  public enum Factors: String, Sendable, CaseIterable { case both, listeners, queries }

  /// The drawn indices of a resample, from 0.
  public struct Draw: Sendable, Equatable, Codable {
    /// One per draw; a listener may occur several times.
    public var listeners: [Int]
    /// One per draw; a query may occur several times.
    public var queries: [Int]

    public init(listeners: [Int], queries: [Int]) { (self.listeners, self.queries) = (listeners, queries) }
  }

  /// The number of listeners.
  public let listeners: Int
  /// The number of queries.
  public let queries: Int
  /// The number of resamples.
  public let resamples: Int
  /// The seed of all draws.
  public let seed: UInt64
  /// What is resampled.
  public let factors: Factors
  private let replayed: [Draw]?

  /// - Parameters:
  ///   - listeners: the number of listeners.
  ///   - queries: the number of queries.
  ///   - resamples: the number of resamples; 10,000 make the ends of a 95 % interval stable.
  public init(listeners: Int, queries: Int, resamples: Int, seed: UInt64, factors: Factors = .both) {
    precondition(listeners > 0 && queries > 0 && resamples >= 0)
    (self.listeners, self.queries, self.resamples) = (listeners, queries, resamples)
    (self.seed, self.factors, self.replayed) = (seed, factors, nil)
  }

  /// Replays draws made elsewhere (by another tool, or in an earlier run), whose indices must be in range.
  public init(listeners: Int, queries: Int, replaying draws: [Draw]) {
    precondition(
      draws.allSatisfy { draw in
        draw.listeners.allSatisfy((0..<listeners).contains) && draw.queries.allSatisfy((0..<queries).contains)
      }, "a replayed index is out of range")
    (self.listeners, self.queries, self.resamples) = (listeners, queries, draws.count)
    (self.seed, self.factors, self.replayed) = (0, .both, draws)
  }

  /// The indices of resample `index`, for export.
  public func draw(_ index: Int) -> Draw {
    if let replayed { return replayed[index] }
    var draw = Draw(listeners: Array(0..<listeners), queries: Array(0..<queries))
    if factors != .queries { sample("listeners", index, listeners) { draw.listeners[$0] = $1 } }
    if factors != .listeners { sample("queries", index, queries) { draw.queries[$0] = $1 } }
    return draw
  }

  /// Writes the multiplicities of resample `index` to `weights`.
  public func weights(_ index: Int, into weights: inout CrossedWeights) {
    for i in 0..<listeners { weights.listeners[i] = factors == .queries ? 1 : 0 }
    for i in 0..<queries { weights.queries[i] = factors == .listeners ? 1 : 0 }
    if let replayed {
      for i in replayed[index].listeners { weights.listeners[i] += 1 }
      for i in replayed[index].queries { weights.queries[i] += 1 }
      return
    }
    if factors != .queries { sample("listeners", index, listeners) { weights.listeners[$1] += 1 } }
    if factors != .listeners { sample("queries", index, queries) { weights.queries[$1] += 1 } }
  }

  @inline(__always)
  private func sample(_ factor: String, _ index: Int, _ count: Int, _ body: (Int, Int) -> Void) {
    var random = SeededRandom(seed: seed &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15, "crossed bootstrap", factor)
    for i in 0..<count { body(i, random.below(count)) }
  }

  /// Computes `statistic` on the sample, on each resample and, for BCa intervals, on each jackknife sample, using all
  /// cores.
  public func run(
    _ statistic: some CrossedStatistic, jackknife: Bool = false, progress: ProgressHandler? = nil
  ) -> Resamples {
    let listenersOut = jackknife && factors != .queries ? listeners : 0
    let queriesOut = jackknife && factors != .listeners ? queries : 0
    let total = resamples + listenersOut + queriesOut
    let chunk = 32
    let told: ProgressHandler = { done, _ in progress?(min(done * chunk, total), total) }
    let starts = Array(stride(from: 0, to: total, by: chunk))
    let chunks: [[Double]] = pureMap(starts, progress: told) { start in
      let end = min(start + chunk, total)
      var workspace = statistic.workspace()
      let weights = (start..<end).map { i -> CrossedWeights in
        var weights = CrossedWeights.ones(listeners: listeners, queries: queries)
        if i < resamples {
          self.weights(i, into: &weights)
        } else {
          let unit = i - resamples
          if unit < listenersOut { weights.listeners[unit] = 0 } else { weights.queries[unit - listenersOut] = 0 }
        }
        return weights
      }
      return statistic.evaluate(all: weights, &workspace)
    }
    let rows = chunks.joined()
    var columns = (0..<statistic.outputs).map { _ in
      var column: [Double] = []
      column.reserveCapacity(total)
      return column
    }
    for (i, value) in rows.enumerated() { columns[i % statistic.outputs].append(value) }
    var workspace = statistic.workspace()
    let estimate = statistic.evaluate(all: [.ones(listeners: listeners, queries: queries)], &workspace)
    return Resamples(
      estimate: estimate, values: columns.map { Array($0.prefix(resamples)) },
      withoutListener: listenersOut == 0
        ? [] : columns.map { Array($0.dropFirst(resamples).prefix(listenersOut)) },
      withoutQuery: queriesOut == 0 ? [] : columns.map { Array($0.dropFirst(resamples + listenersOut)) })
  }
}

/// `parallelMap` of a body that cannot fail.
public func pureMap<Item: Sendable, Result: Sendable>(
  _ items: [Item], progress: ProgressHandler? = nil, _ body: @Sendable (Item) -> Result
) -> [Result] {
  do { return try parallelMap(items, progress: progress, body) } catch { preconditionFailure("\(error)") }
}
