import Basics
import Foundation
import Study

/// Ranks according to a table of rankings that was made elsewhere.
///
/// The table must rank the whole library, all classes together, for every query under every class, as `earshot
/// evaluate` asks for. A distance is a rank; equal ranks are ties.
public struct TableSystem: RankingSystem {
  /// A query, and the class it is asked for.
  private struct Asked: Hashable {
    var query, condition: String
  }

  public let name: String
  public let hears = Hearing.outside
  public var summary: String { "rankings of \(file)" }
  private let file: String
  private let ranks: [Asked: [String: Int]]

  /// The systems of a table, in the order of their first row. Rows about queries and candidates that the catalogue does
  /// not contain are skipped.
  /// - Parameters:
  ///   - catalogue: what the systems will be asked.
  ///   - notes: record how the table was read.
  /// - Throws: `Problems`: whatever `Ranking.read` finds, reserved names, queries that a system does not rank, and
  ///   candidates missing from its rankings.
  public static func read(
    _ url: URL, for catalogue: Catalogue, notes: TableNotes = TableNotes()
  ) throws -> [TableSystem] {
    let rankings = try Ranking.read(url, notes: notes)
    let place = Place(file: url.relativePath)
    var names: [String] = []
    for ranking in rankings where !names.contains(ranking.system) { names.append(ranking.system) }
    guard !names.isEmpty else {
      throw Problem("the table has no rankings", at: place, mend: "Write a row for each candidate that is ranked.")
    }
    let ofSystem = Dictionary(grouping: rankings, by: \.system)
    var problems: [Problem] = []
    let systems = names.map { name in
      let ranks = ofSystem[name, default: []].map { ranking in
        (
          Asked(query: ranking.query, condition: ranking.condition),
          Dictionary(ranking.entries.map { ($0.candidate, $0.rank) }, uniquingKeysWith: { first, _ in first })
        )
      }
      let system = TableSystem(
        name: name, file: url.relativePath, ranks: Dictionary(ranks, uniquingKeysWith: { first, _ in first }))
      problems += system.problems(in: catalogue, place)
      return system
    }
    guard problems.isEmpty else { throw Problems(problems) }
    return systems
  }

  private func problems(in catalogue: Catalogue, _ place: Place) -> [Problem] {
    if Systems.reserved.contains(name) {
      return [Problem("no system can be called '\(name)'", at: place, mend: "Give it another name.")]
    }
    var problems: [Problem] = []
    let missing = catalogue.queries.filter { ranks[Asked(query: $0.id, condition: $0.condition)] == nil }
    if let first = missing.first {
      problems.append(
        Problem(
          "'\(name)' ranks nothing for \(missing.count) of \(catalogue.queries.count, "query"), the first of them "
            + "'\(first.id)' (\(first.condition))", at: place,
          mend: "Every mix is asked for every class: rank the library for each."))
    }
    for query in catalogue.queries {
      guard let own = ranks[Asked(query: query.id, condition: query.condition)] else { continue }
      let left = catalogue.candidates.filter { own[$0.id] == nil }
      guard let first = left.first else { continue }
      problems.append(
        Problem(
          "'\(name)' leaves out \(left.count) of \(catalogue.candidates.count, "one-shot") for '\(query.id)' "
            + "(\(query.condition)), the first of them '\(first.id)' (\(first.condition))", at: place,
          mend: "Here the one-shots of all classes are ranked together: give each of them a rank or a distance."))
      break
    }
    return problems
  }

  public func prepare(
    _ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler?
  ) -> any PreparedSystem {
    Prepared(system: self, ids: candidates.map(\.id))
  }

  private struct Prepared: PreparedSystem {
    var system: TableSystem
    var ids: [String]

    func distances(of query: Query, to places: [Int]) throws -> [Double] {
      let ranks = system.ranks[Asked(query: query.id, condition: query.condition), default: [:]]
      return try places.map { place in
        guard let rank = ranks[ids[place]] else {
          throw Problem(
            "'\(ids[place])' is not ranked for '\(query.id)' (\(query.condition))", at: Place(file: system.file),
            mend: "Add a row for it.")
        }
        return Double(rank)
      }
    }
  }
}
