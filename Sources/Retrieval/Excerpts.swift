import Basics
import Foundation
import Sound
import Study

/// Splits queries of several minutes into excerpts, so that what a system hears at once, and the memory it needs, stay
/// those of a loop, and the drum need not sound all the time.
///
/// Each excerpt begins half its length after the previous one; the last one ends with the query. A candidate's distance
/// to the query is its distance to the nearest excerpt.
public struct Excerpts: Sendable {
  /// The catalogue with excerpts in place of the queries that were split. The other queries are unchanged.
  public let catalogue: Catalogue
  private let whole: Catalogue
  /// For each query of `catalogue`: the index of its query in `whole`, and where it begins in it, in seconds. Nil if it
  /// was not split.
  private var origins: [Query: (query: Int, start: Double?)] = [:]
  /// The excerpts of each query of `whole` that was split.
  private var parts: [Query: [Query]] = [:]

  /// - Parameters:
  ///   - seconds: the length of an excerpt. Queries up to one and a half times as long are not split.
  ///   - folder: where excerpts are written, one file each. They are needed as long as `catalogue` is being ranked.
  /// - Throws: `Problems`, with all queries that cannot be read.
  public init(_ whole: Catalogue, seconds: Double, folder: URL, progress: ProgressHandler? = nil) throws {
    var files: [URL] = []
    var numbers: [URL: Int] = [:]
    for query in whole.queries where numbers[query.file] == nil {
      numbers[query.file] = files.count
      files.append(query.file)
    }
    // One after another, because each is in memory as a whole while it is split.
    var problems: [Problem] = []
    var cut: [[(file: URL, start: Double)]] = []
    for (number, file) in files.enumerated() {
      do { cut.append(try Self.cut(file, number, seconds, folder)) } catch let problem as Problem {
        problems.append(problem)
        cut.append([])
      }
      progress?(number + 1, files.count)
    }
    guard problems.isEmpty else { throw Problems(problems) }
    // Names that no query has which stays whole.
    let taken = Set(whole.queries.map(\.id))
    var mark = ""
    func name(_ number: Int, _ part: Int) -> String { "\(mark)\(number) \(part)" }
    while whole.queries.enumerated().contains(where: { number, query in
      cut[numbers[query.file] ?? 0].indices.contains { taken.contains(name(number, $0)) }
    }) { mark += "'" }
    var queries: [Query] = []
    for (number, query) in whole.queries.enumerated() {
      let parts = cut[numbers[query.file] ?? 0]
      if parts.isEmpty {
        origins[query] = (number, nil)
        queries.append(query)
      }
      for (i, part) in parts.enumerated() {
        let excerpt = Query(id: name(number, i), condition: query.condition, file: part.file)
        origins[excerpt] = (number, part.start)
        self.parts[query, default: []].append(excerpt)
        queries.append(excerpt)
      }
    }
    self.whole = whole
    catalogue = Catalogue(candidates: whole.candidates, queries: queries)
  }

  /// The excerpts of a file. Empty if it is short enough.
  private static func cut(_ file: URL, _ number: Int, _ seconds: Double, _ folder: URL) throws -> [(
    file: URL, start: Double
  )] {
    let clip = try AudioFile.read(file)
    guard clip.duration > 1.5 * seconds else { return [] }
    let length = Int(seconds * Double(clip.sampleRate))
    var starts = Array(stride(from: 0, to: clip.frameCount - length, by: max(1, length / 2)))
    starts.append(clip.frameCount - length)
    let mono = Clip(mono: clip.mono, sampleRate: clip.sampleRate)
    return try starts.enumerated().map { i, start in
      let part = folder.appending(path: "\(number)-\(i).wav")
      try AudioFile.write(mono.frames(start..<start + length), to: part, as: .wavFloat)
      return (part, Double(start) / Double(clip.sampleRate))
    }
  }

  /// The distances from a query of the whole catalogue: to its nearest excerpt, if it was split.
  public func distances(of query: Query, by system: any PreparedSystem, to places: [Int]) throws -> [Double] {
    guard let parts = parts[query], let first = parts.first else { return try system.distances(of: query, to: places) }
    return try parts.dropFirst().reduce(into: try system.distances(of: first, to: places)) { nearest, part in
      for (i, distance) in try system.distances(of: part, to: places).enumerated() {
        nearest[i] = min(nearest[i], distance)
      }
    }
  }

  /// Merges the rankings of excerpts into one ranking per query. Each entry found in an excerpt says where that excerpt
  /// begins, or the window of it that is nearest.
  public func merged(_ rankings: [Ranking]) -> [Ranking] {
    var parts = [[(ranking: Ranking, start: Double?)]](repeating: [], count: whole.queries.count)
    let places = Dictionary(
      uniqueKeysWithValues: origins.map { (Asked(query: $0.key.id, condition: $0.key.condition), $0.value) })
    for ranking in rankings {
      guard let place = places[Asked(query: ranking.query, condition: ranking.condition)] else { continue }
      parts[place.query].append((ranking, place.start))
    }
    return zip(whole.queries, parts).compactMap { query, parts in
      guard let first = parts.first else { return nil }
      guard first.start != nil else { return first.ranking }
      var best: [String: Ranking.Entry] = [:]
      for (ranking, start) in parts.sorted(by: { ($0.start ?? 0) < ($1.start ?? 0) }) {
        for var entry in ranking.entries {
          // Of an excerpt that was heard in windows, the window.
          entry.excerptStart = start.map { $0 + (entry.excerptStart ?? 0) }
          let known = best[entry.candidate]?.distance ?? .infinity
          if let distance = entry.distance, distance < known { best[entry.candidate] = entry }
        }
      }
      return Ranking(
        query: query.id, condition: query.condition, system: first.ranking.system,
        entries: Ranking.Entry.inOrder(Array(best.values)))
    }
  }

  private struct Asked: Hashable { var query, condition: String }
}
