import Basics
import Foundation

/// A system that computes features of the one-shots and of the query, and measures the distance between them.
public struct FeatureSystem: RankingSystem {
  public var name: String
  public var hears: Hearing
  public var summary: String
  /// The extractor for one-shots when a condition is asked for. It must give one row.
  var ofCandidate: @Sendable (_ condition: String) -> any FeatureExtractor
  /// The extractor for a mix when a condition is asked for. If it gives several rows, the nearest one counts.
  var ofQuery: @Sendable (_ condition: String) -> any FeatureExtractor
  var measure: Measure

  enum Measure: Sendable {
    /// Euclidean distance after each feature is standardised by its mean and standard deviation over the library.
    /// Features that are constant over the library are left out.
    case standardisedEuclidean
    /// The mean of the absolute differences.
    case meanAbsolute
  }

  public func prepare(_ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler?) throws
    -> any PreparedSystem
  {
    let conditions = Set(candidates.map(\.condition)).sorted()
    let extractors = Dictionary(conditions.map { (ofCandidate($0).identity, ofCandidate($0)) }) { first, _ in first }
    var libraries: [String: Library] = [:]
    for (i, (identity, extractor)) in extractors.sorted(by: { $0.key < $1.key }).enumerated() {
      let rows = try features.features(of: candidates.map(\.file), by: extractor) { done, total in
        progress?((i * total + done) / extractors.count, total)
      }.map(\.values)
      switch measure {
      case .meanAbsolute: libraries[identity] = Library(scaling: nil, rows: rows)
      case .standardisedEuclidean:
        let scaling = Scaling(rows)
        libraries[identity] = Library(scaling: scaling, rows: rows.map { scaling($0[...]) })
      }
    }
    return Prepared(system: self, features: features, libraries: libraries)
  }

  /// The features of all one-shots by one extractor.
  private struct Library: Sendable {
    var scaling: Scaling?
    var rows: [[Float]]
  }

  /// Standardises features to zero mean and unit deviation, as estimated from given rows.
  private struct Scaling: Sendable {
    var mean: [Float]
    /// One over the standard deviation. 0 if that is 0.
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
    /// By the extractor's identity.
    var libraries: [String: Library]

    func distances(of query: Query, to places: [Int]) throws -> [Double] {
      guard let library = libraries[system.ofCandidate(query.condition).identity] else {
        throw Problem(
          "\(system.name) has no one-shot of the class '\(query.condition)'",
          mend: "Ask for a class that the library has.")
      }
      let heard = try features.features(of: query.file, by: system.ofQuery(query.condition))
      let rows = (0..<heard.rows).map { library.scaling?(heard[row: $0]) ?? Array(heard[row: $0]) }
      return places.map { place in rows.map { distance($0, library.rows[place]) }.min() ?? .greatestFiniteMagnitude }
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
