import Basics
import Foundation
import Statistics

/// The listeners and queries that each resample drew, as a file for other tools or later runs. It consists of JSON
/// lines: the first names the listeners and the queries, and each further line is a resample with their numbers, from
/// 0.
public struct ResampleDraws: Sendable, Equatable {
  /// The names that numbers of listeners in draws refer to.
  public var listeners: [String]
  /// The names that numbers of queries in draws refer to.
  public var queries: [String]
  /// One per resample.
  public var draws: [CrossedBootstrap.Draw]

  private struct Header: Codable {
    var listeners: [String], queries: [String]
  }

  public init(listeners: [String], queries: [String], draws: [CrossedBootstrap.Draw]) {
    (self.listeners, self.queries, self.draws) = (listeners, queries, draws)
  }

  /// Writes the file, with the listeners' and queries' names first.
  /// - Throws: an error if it cannot be written.
  public func write(to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var data = try encoder.encode(Header(listeners: listeners, queries: queries)) + Data("\n".utf8)
    for draw in draws { data += try encoder.encode(draw) + Data("\n".utf8) }
    try OutputFile.write(data, to: url)
  }

  /// - Throws: a `Problem` with the line that cannot be used.
  public init(reading url: URL) throws {
    let data = try InputFile.data(url, name: url.relativePath)
    let decoder = JSONDecoder()
    let lines = data.split(separator: UInt8(ascii: "\n"))
    guard let first = lines.first, let header = try? decoder.decode(Header.self, from: Data(first)) else {
      throw Problem(
        "the first line does not name listeners and queries", at: Place(file: url.relativePath, line: 1),
        mend: "Write the file with earshot analyze --draws FILE.")
    }
    (listeners, queries, draws) = (header.listeners, header.queries, [])
    for (number, line) in lines.enumerated().dropFirst() {
      guard let draw = try? decoder.decode(CrossedBootstrap.Draw.self, from: Data(line)),
        draw.listeners.allSatisfy(header.listeners.indices.contains),
        draw.queries.allSatisfy(header.queries.indices.contains)
      else {
        throw Problem(
          "this is not a resample of the listeners and queries above",
          at: Place(file: url.relativePath, line: number + 1),
          mend: "Give their numbers from 0: {\"listeners\": [0, 2, 2], \"queries\": [1, 0]}.")
      }
      draws.append(draw)
    }
    guard draws.count >= 100 else {
      throw Problem(
        "there \(OneAndMany.words(draws.count, "is", "are")) \(draws.count, "resample")",
        at: Place(file: url.relativePath), mend: "Intervals need 100 or more.")
    }
  }

  /// The same draws, by the numbers that a sample gives to its listeners and queries.
  func numbered(for study: RatedStudy) throws -> [CrossedBootstrap.Draw] {
    func numbers(_ ours: [String], _ theirs: [String], _ what: String) throws -> [Int] {
      guard Set(ours) == Set(theirs), ours.count == theirs.count else {
        throw Problem(
          "the resamples are not of the \(what) of this analysis",
          mend:
            "They are of \(theirs.count), but \(ours.count) are analysed: use the same tables and the same screening."
        )
      }
      let place = Dictionary(uniqueKeysWithValues: ours.enumerated().map { ($1, $0) })
      return theirs.map { place[$0] ?? 0 }
    }
    let listener = try numbers(study.listeners, listeners, "listeners")
    let query = try numbers(study.queries, queries, "queries")
    return draws.map { draw in
      CrossedBootstrap.Draw(listeners: draw.listeners.map { listener[$0] }, queries: draw.queries.map { query[$0] })
    }
  }
}
