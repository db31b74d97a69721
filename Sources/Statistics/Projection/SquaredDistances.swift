import Basics
import Foundation

/// Squared Euclidean distances between all pairs of points.
public struct SquaredDistances: Sendable {
  public let count: Int
  /// One row after another, `count` × `count`, with 0 on the diagonal.
  let values: [Float]

  /// - Parameter points: vectors of equal length with finite numbers. At least one.
  public init(_ points: [[Float]]) {
    count = points.count
    let wide = 8 * ((points[0].count + 7) / 8)
    let flat = points.flatMap { $0 + Array(repeating: 0, count: wide - $0.count) }
    values = Self.square(count) { i, row in
      flat.withUnsafeBufferPointer { flat in
        let lanes = UnsafeRawBufferPointer(flat)
        for j in 0..<row.count {
          var sum = SIMD8<Float>.zero
          for at in stride(from: 0, to: 4 * wide, by: 32) {
            let step =
              lanes.loadUnaligned(fromByteOffset: 4 * wide * i + at, as: SIMD8<Float>.self)
              - lanes.loadUnaligned(fromByteOffset: 4 * wide * j + at, as: SIMD8<Float>.self)
            sum += step * step
          }
          row[j] = sum.sum()
        }
      }
    }
  }

  /// The distances of points in a plane, such as those of a map.
  public init(_ points: [SIMD2<Double>]) {
    count = points.count
    values = Self.square(count) { i, row in
      for j in 0..<row.count {
        let step = points[i] - points[j]
        row[j] = Float((step * step).sum())
      }
    }
  }

  /// The squared distance between two points.
  public subscript(i: Int, j: Int) -> Float { values[i * count + j] }

  /// Fills a square matrix by calling `body` for every row, on all cores.
  private static func square(_ count: Int, _ body: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void)
    -> [Float]
  {
    Array(unsafeUninitializedCapacity: count * count) { all, filled in
      nonisolated(unsafe) let base = all.baseAddress
      DispatchQueue.concurrentPerform(iterations: count) { i in
        guard let base else { return }
        body(i, UnsafeMutableBufferPointer(start: base + i * count, count: count))
      }
      filled = count * count
    }
  }

  /// For each point, the indices of its `k` nearest other points, nearest first. Ties are ordered by index.
  public func neighbours(_ k: Int) -> [[Int]] {
    precondition(k > 0 && k < count)
    return Self.map(count) { i in
      var near: [(distance: Float, place: Int)] = []
      near.reserveCapacity(k + 1)
      self.values.withUnsafeBufferPointer { values in
        for j in 0..<count where j != i {
          let distance = values[i * count + j]
          if near.count == k, distance >= near[k - 1].distance { continue }
          var at = near.count
          while at > 0, near[at - 1].distance > distance { at -= 1 }
          near.insert((distance, j), at: at)
          if near.count > k { near.removeLast() }
        }
      }
      return near.map(\.place)
    }
  }

  /// Calls `body` for each index on all cores. The results are in order.
  static func map<Result: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
    // A body that does not throw gives no error.
    (try? parallelMap(Array(0..<count)) { body($0) }) ?? []
  }

  /// The rank of `j` among the neighbours of `i`, from 1. Ties are ordered by index.
  func rank(of j: Int, from i: Int) -> Int {
    values.withUnsafeBufferPointer { values in
      let row = i * count, limit = values[row + j]
      var rank = 1
      for other in 0..<count where other != i {
        let distance = values[row + other]
        if distance < limit || (distance == limit && other < j) { rank += 1 }
      }
      return rank
    }
  }
}
