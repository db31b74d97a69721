import Basics
import Foundation

/// Ranks by vectors that a model outside of Earshot made: one for each candidate, and one for each query or for each
/// query and class.
public struct VectorSystem: RankingSystem {
  public enum Metric: String, Sendable, CaseIterable {
    case euclidean
    /// One minus the cosine of the angle; the zero vector is at 1 from all.
    case cosine
  }

  public let name: String
  public let hears = Hearing.outside
  public var summary: String { "vectors of \(table.file), \(metric.rawValue) distance" }
  private let table: VectorTable
  private let metric: Metric

  public init(name: String, table: VectorTable, metric: Metric = .euclidean) {
    self.name = name
    self.table = table
    self.metric = metric
  }

  /// What the table lacks to answer all queries: told at once, so that it can be mended at once.
  public func problems(in catalogue: Catalogue) -> [Problem] {
    let candidates = catalogue.candidates.filter { table.vector($0.id, $0.condition) == nil }
    let queries = catalogue.queries.filter { table.vector($0.id, $0.condition) == nil }
    let both = Set(catalogue.candidates.map(\.id)).intersection(catalogue.queries.map(\.id)).sorted()
    return table.problem(without: candidates.map(\.id), of: catalogue.candidates.count, "candidates")
      + table.problem(
        without: queries.map { "\($0.id) (\($0.condition))" }, of: catalogue.queries.count, "queries")
      + both.prefix(1).map {
        Problem(
          "'\($0)' names both a candidate and a query, so its vector could be either's", at: Place(file: table.file),
          mend: "Rename one of the two.")
      }
  }

  public func prepare(_ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler?) throws
    -> any PreparedSystem
  {
    let library = try candidates.map { candidate in
      guard let vector = table.vector(candidate.id, candidate.condition) else { throw lack(candidate.id) }
      return vector
    }
    return Prepared(system: self, library: library)
  }

  private func lack(_ name: String) -> Problem {
    Problem("there is no vector for '\(name)'", at: Place(file: table.file), mend: "Add a row for it.")
  }

  private struct Prepared: PreparedSystem {
    var system: VectorSystem
    var library: [[Float]]

    func distances(of query: Query, to places: [Int]) throws -> [Double] {
      guard let vector = system.table.vector(query.id, query.condition) else { throw system.lack(query.id) }
      return places.map { place in
        let other = library[place]
        switch system.metric {
        case .euclidean:
          return zip(vector, other).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
        case .cosine:
          func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
          let scale = (dot(vector, vector) * dot(other, other)).squareRoot()
          return scale > 0 ? 1 - dot(vector, other) / scale : 1
        }
      }
    }
  }
}
