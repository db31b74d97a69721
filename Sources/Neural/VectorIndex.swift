import Basics
import Foundation
import Statistics
import Synchronization

/// Exact nearest-neighbour search: every query is compared with every vector.
///
/// The search multiplies blocks of queries and vectors by BLAS (`|x − q|² = |x|² − 2 x·q + |q|²`), on all cores, and
/// keeps a heap of the nearest vectors for each query, which few vectors ever enter. The distances of the results are
/// then recomputed from differences, so they equal those of `distances(from:to:)`. Vectors whose distances differ by
/// less than the rounding error of the products (about 10⁻⁶ of the squared lengths) may change places at the end of a
/// list.
public struct VectorIndex: Sendable {
  /// A search result.
  public struct Neighbour: Sendable, Equatable {
    /// The index of the vector, from 0.
    public var place: Int
    /// The Euclidean distance.
    public var distance: Double
  }

  /// The length of each vector.
  public let dimensions: Int
  public let count: Int
  /// One row after another.
  private let vectors: [Float]
  private let squares: [Float]

  /// - Parameter vectors: one row after another, each with `dimensions` finite numbers.
  public init(dimensions: Int, vectors: [Float]) {
    precondition(dimensions > 0 && vectors.count % dimensions == 0)
    self.dimensions = dimensions
    self.vectors = vectors
    count = vectors.count / dimensions
    squares = [Float](unsafeUninitializedCapacity: count) { squares, made in
      vectors.withUnsafeBufferPointer { vectors in
        for i in 0..<squares.count {
          squares[i] = VectorIndex.sum(dimensions, vectors.baseAddress.unsafelyUnwrapped + i * dimensions) { $0 * $0 }
        }
      }
      made = squares.count
    }
  }

  /// The vector at an index.
  public subscript(place: Int) -> [Float] { Array(vectors[place * dimensions..<(place + 1) * dimensions]) }

  /// Euclidean distances from a query to the vectors at `places`, in their order.
  public func distances(from query: [Float], to places: [Int]) -> [Double] {
    precondition(query.count == dimensions)
    return query.withUnsafeBufferPointer { query in
      vectors.withUnsafeBufferPointer { vectors in places.map { distance($0, query, vectors) } }
    }
  }

  /// The `k` nearest vectors to each query (all, if there are fewer), nearest first. Ties are ordered by index.
  /// - Parameter queries: one row after another.
  public func nearest(_ k: Int, to queries: [Float]) -> [[Neighbour]] {
    precondition(k > 0 && queries.count % dimensions == 0)
    let queryCount = queries.count / dimensions
    guard count > 0, queryCount > 0 else { return .init(repeating: [], count: queryCount) }
    let wanted = min(k, count)
    // Each thread searches one piece of the vectors for all queries. The pieces' lists are then merged.
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let size = max(VectorIndex.block, (count + 4 * cores - 1) / (4 * cores))
    let pieces = stride(from: 0, to: count, by: size).map { $0..<min(count, $0 + size) }
    let found = (try? parallelMap(pieces) { search($0, wanted, queries) }) ?? []
    return queries.withUnsafeBufferPointer { queries in
      vectors.withUnsafeBufferPointer { vectors in
        (0..<queryCount).map { q in
          let query = UnsafeBufferPointer(rebasing: queries[q * dimensions..<(q + 1) * dimensions])
          let near = found.flatMap { $0[q] }.sorted { ($0.score, $0.place) < ($1.score, $1.place) }.prefix(wanted)
          return near.map { Neighbour(place: $0.place, distance: distance($0.place, query, vectors)) }.sorted {
            ($0.distance, $0.place) < ($1.distance, $1.place)
          }
        }
      }
    }
  }

  /// How many vectors are multiplied with the queries at once. Their products fit into a core's cache.
  private static let block = 1024
  private static let queryBlock = 128

  private struct Near {
    /// The squared distance minus the query's squared length.
    var score: Float
    var place: Int
  }

  /// The nearest vectors of a piece, for every query.
  private func search(_ piece: Range<Int>, _ wanted: Int, _ queries: [Float]) -> [[Near]] {
    let queryCount = queries.count / dimensions
    var heaps = [Heap](repeating: Heap(capacity: min(wanted, piece.count)), count: queryCount)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: VectorIndex.block * VectorIndex.queryBlock) { products in
      guard let scores = products.baseAddress else { return }
      vectors.withUnsafeBufferPointer { vectors in
        queries.withUnsafeBufferPointer { queries in
          squares.withUnsafeBufferPointer { squares in
            for start in stride(from: piece.lowerBound, to: piece.upperBound, by: VectorIndex.block) {
              let rows = min(VectorIndex.block, piece.upperBound - start)
              for first in stride(from: 0, to: queryCount, by: VectorIndex.queryBlock) {
                let columns = min(VectorIndex.queryBlock, queryCount - first)
                for q in 0..<columns {
                  (scores + q * rows).update(from: squares.baseAddress.unsafelyUnwrapped + start, count: rows)
                }
                BLAS.subtractTwiceProduct(
                  queries.baseAddress.unsafelyUnwrapped + first * dimensions,
                  vectors.baseAddress.unsafelyUnwrapped + start * dimensions, rows: columns, inner: dimensions,
                  columns: rows, from: scores)
                for q in 0..<columns {
                  heaps[first + q].offer(UnsafeBufferPointer(start: scores + q * rows, count: rows), from: start)
                }
              }
            }
          }
        }
      }
    }
    return heaps.map(\.items)
  }

  /// The nearest vectors so far, with the farthest of them on top.
  private struct Heap {
    let capacity: Int
    var items: [Near] = []

    init(capacity: Int) {
      self.capacity = capacity
      items.reserveCapacity(capacity)
    }

    mutating func offer(_ scores: UnsafeBufferPointer<Float>, from start: Int) {
      var i = 0
      while items.count < capacity, i < scores.count {
        items.append(Near(score: scores[i], place: start + i))
        i += 1
        if items.count == capacity { items.sort { $0.score > $1.score } }
      }
      guard i < scores.count, let raw = UnsafeRawPointer(scores.baseAddress) else { return }
      var limit = items[0].score
      // Sixteen at a time, since hardly any of them is nearer than the farthest one kept.
      while i + 16 <= scores.count {
        let these = raw.loadUnaligned(fromByteOffset: 4 * i, as: SIMD16<Float>.self)
        if any(these .< limit) {
          for j in i..<i + 16 where scores[j] < limit {
            replaceTop(Near(score: scores[j], place: start + j))
            limit = items[0].score
          }
        }
        i += 16
      }
      while i < scores.count {
        if scores[i] < limit {
          replaceTop(Near(score: scores[i], place: start + i))
          limit = items[0].score
        }
        i += 1
      }
    }

    private mutating func replaceTop(_ item: Near) {
      var hole = 0
      while true {
        var child = 2 * hole + 1
        guard child < items.count else { break }
        if child + 1 < items.count, items[child + 1].score > items[child].score { child += 1 }
        guard items[child].score > item.score else { break }
        items[hole] = items[child]
        hole = child
      }
      items[hole] = item
    }
  }

  private func distance(
    _ place: Int, _ query: UnsafeBufferPointer<Float>, _ vectors: UnsafeBufferPointer<Float>
  ) -> Double {
    let row = vectors.baseAddress.unsafelyUnwrapped + place * dimensions
    return Double(
      VectorIndex.sum(dimensions, row, query.baseAddress.unsafelyUnwrapped) { ($0 - $1) * ($0 - $1) }
    ).squareRoot()
  }

  @inline(__always)
  private static func sum(
    _ count: Int, _ a: UnsafePointer<Float>, _ body: (SIMD8<Float>) -> SIMD8<Float>
  ) -> Float {
    sum(count, a, a) { x, _ in body(x) }
  }

  /// The sum of `body` over all pairs, in eight partial sums.
  @inline(__always)
  private static func sum(
    _ count: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ body: (SIMD8<Float>, SIMD8<Float>) -> SIMD8<Float>
  ) -> Float {
    var sums = SIMD8<Float>.zero
    let (x, y) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    var i = 0
    while i + 8 <= count {
      sums += body(
        x.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self),
        y.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self))
      i += 8
    }
    if i < count {
      var (restX, restY) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
      for j in i..<count { (restX[j - i], restY[j - i]) = (a[j], b[j]) }
      sums += body(restX, restY)
    }
    return sums.sum()
  }
}
