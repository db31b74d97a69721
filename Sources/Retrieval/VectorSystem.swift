import Basics
import Foundation

/// Ranks by vectors from a model outside of Earshot: one per candidate, and one per query or per query and class.
public struct VectorSystem: RankingSystem {
  /// The distance between two vectors.
  public enum Metric: String, Sendable, CaseIterable {
    case euclidean
    /// One minus the cosine of the angle. The zero vector has distance 1 to all.
    case cosine

    func distance(_ a: [Float], _ b: [Float]) -> Double {
      switch self {
      case .euclidean: return zip(a, b).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
      case .cosine:
        func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
        let scale = (dot(a, a) * dot(b, b)).squareRoot()
        return scale > 0 ? 1 - dot(a, b) / scale : 1
      }
    }
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

  /// Everything that the table lacks to answer all queries, so that it can be fixed at once.
  public func problems(in catalogue: Catalogue) -> [Problem] {
    let candidates = catalogue.candidates.filter { table.vector($0.id, $0.condition) == nil }
    let queries = catalogue.queries.filter { table.vectors(ofQuery: $0.id, $0.condition).isEmpty }
    let both = Set(catalogue.candidates.map(\.id)).intersection(catalogue.queries.map(\.id)).sorted()
    let halves = Set(catalogue.queries.map(\.condition)).sorted().flatMap { asked -> [Problem] in
      // If some one-shots of other classes have vectors under the class asked for, all must, or they would be compared
      // unequally.
      let others = catalogue.candidates.filter { $0.condition != asked }
      guard others.contains(where: { table.vectors[.init(name: $0.id, condition: asked)] != nil }) else { return [] }
      let lacking = others.filter { table.vector($0.id, asked) == nil }.map(\.id)
      return table.problem(without: lacking, of: others.count, "one-shots of other classes under '\(asked)'")
    }
    return halves + table.problem(without: candidates.map(\.id), of: catalogue.candidates.count, "candidates")
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
    let own = try candidates.map { candidate in
      guard let vector = table.vector(candidate.id, candidate.condition) else { throw lack(candidate.id) }
      return vector
    }
    let shelves = Set(candidates.map(\.condition)).map { asked in
      (asked, zip(candidates, own).map { table.vector($0.id, asked) ?? $1 })
    }
    return Prepared(system: self, own: own, shelves: Dictionary(uniqueKeysWithValues: shelves))
  }

  private func lack(_ name: String) -> Problem {
    Problem("there is no vector for '\(name)'", at: Place(file: table.file), mend: "Add a row for it.")
  }

  private struct Prepared: PreparedSystem {
    var system: VectorSystem
    /// Each one-shot's vector under its own class.
    var own: [[Float]]
    /// By the class asked for: each one-shot's vector under that class or, if it has none, under its own.
    var shelves: [String: [[Float]]]

    func distances(of query: Query, to places: [Int]) throws -> [Double] {
      let vectors = system.table.vectors(ofQuery: query.id, query.condition)
      guard !vectors.isEmpty else { throw system.lack(query.id) }
      let library = shelves[query.condition] ?? own
      return places.map { place in
        vectors.reduce(.infinity) { min($0, system.metric.distance($1, library[place])) }
      }
    }
  }
}
