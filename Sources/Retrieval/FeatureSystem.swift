import Basics
import Foundation

/// A system that computes features of the one-shots and of the query and measures how far they are apart.
public struct FeatureSystem: RankingSystem {
  public var name: String
  public var hears: Hearing
  public var summary: String
  /// Of a one-shot: one row.
  var ofCandidate: any FeatureExtractor
  /// Of a mix, asked for a condition: a row, or several of which the nearest counts.
  var ofQuery: @Sendable (_ condition: String) -> any FeatureExtractor
  var measure: Measure

  enum Measure: Sendable {
    /// Each number is centred and scaled by its mean and standard deviation over the library; then the Euclidean
    /// distance. Numbers that do not vary over the library are left out.
    case standardisedEuclidean
    /// The mean of the absolute differences.
    case meanAbsolute
  }

  public func prepare(_ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler?) throws
    -> any PreparedSystem
  {
    let rows = try features.features(of: candidates.map(\.file), by: ofCandidate, progress: progress).map(\.values)
    switch measure {
    case .meanAbsolute: return Prepared(system: self, features: features, scaling: nil, library: rows)
    case .standardisedEuclidean:
      let scaling = Scaling(rows)
      return Prepared(system: self, features: features, scaling: scaling, library: rows.map { scaling($0[...]) })
    }
  }

  /// To zero mean and unit deviation, as learned from rows.
  private struct Scaling: Sendable {
    var mean: [Float]
    /// One over the standard deviation, or 0 where there is none.
    var scale: [Float]

    init(_ rows: [[Float]]) {
      let n = Double(rows.count)
      let columns = rows.first?.count ?? 0
      var sums = [Double](repeating: 0, count: columns), squares = sums
      for row in rows { for i in 0..<columns { sums[i] += Double(row[i]) } }
      for row in rows { for i in 0..<columns { squares[i] += pow(Double(row[i]) - sums[i] / n, 2) } }
      mean = sums.map { Float($0 / n) }
      scale = squares.map { $0 / n > 1e-12 ? Float(1 / ($0 / n).squareRoot()) : 0 }
    }

    func callAsFunction(_ row: ArraySlice<Float>) -> [Float] {
      zip(row, zip(mean, scale)).map { ($0 - $1.0) * $1.1 }
    }
  }

  private struct Prepared: PreparedSystem {
    var system: FeatureSystem
    var features: FeatureStore
    var scaling: Scaling?
    var library: [[Float]]

    func distances(of query: Query, to places: [Int]) throws -> [Double] {
      let heard = try features.features(of: query.file, by: system.ofQuery(query.condition))
      let rows = (0..<heard.rows).map { scaling?(heard[row: $0]) ?? Array(heard[row: $0]) }
      return places.map { place in rows.map { distance($0, library[place]) }.min() ?? .greatestFiniteMagnitude }
    }

    private func distance(_ a: [Float], _ b: [Float]) -> Double {
      var sum: Float = 0
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          switch system.measure {
          case .standardisedEuclidean:
            for i in 0..<min(a.count, b.count) { sum += (a[i] - b[i]) * (a[i] - b[i]) }
            sum = sum.squareRoot()
          case .meanAbsolute:
            for i in 0..<min(a.count, b.count) { sum += abs(a[i] - b[i]) }
            sum /= Float(max(1, a.count))
          }
        }
      }
      return Double(sum)
    }
  }
}
