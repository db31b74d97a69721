import Basics
import Foundation
import Retrieval

/// A one-shot on the map, and what is known about it.
public struct MapSound: Sendable, Hashable {
  public var id: String
  /// Its class. Empty if the library has none.
  public var condition: String
  /// The group that a split must keep together. Empty if the library does not say.
  public var group: String
  /// What it sounds like, as the library says.
  public var tags: [String]
  /// Where it comes from, as the library says. Empty if it does not.
  public var source: String
  /// `train`, `validation`, `test`, or empty if the library is not split.
  public var split: String
  /// The sound, to be played.
  public var file: URL

  public init(
    id: String, condition: String = "", group: String = "", tags: [String] = [], source: String = "",
    split: String = "", file: URL
  ) {
    (self.id, self.condition, self.group, self.tags) = (id, condition, group, tags)
    (self.source, self.split, self.file) = (source, split, file)
  }

  /// Its origin in a word or two: the package, or the first word of the column `source`.
  public var origin: String {
    let head = source.prefix { $0 != ":" && $0 != "," }
    return head.split(separator: " ").first.map(String.init) ?? ""
  }

  /// Reads `library.csv`, or the folder that contains it. Only the columns `candidate` and `file` are required.
  ///
  /// - Parameter split: keep only the one-shots of this split.
  /// - Throws: `Problems` with everything that is wrong in the table; a `Problem` if nothing is left.
  public static func read(_ library: URL, split: String? = nil) throws -> [MapSound] {
    let table = Catalogue.table(library, "library.csv")
    var reader = try TableReader(table)
    try reader.require("candidate", "file")
    if split != nil, !reader.has("split") {
      throw Problem(
        "the library has no column 'split'", at: Place(file: table.relativePath, line: 1),
        mend: "Build it again, or leave out --split.")
    }
    var sounds: [MapSound] = [], problems: [Problem] = [], seen: [String: Int] = [:]
    while let row = try reader.next() {
      do {
        let id = try row.name("candidate"), path = try row.path("file")
        if let first = seen.updateValue(row.line, forKey: id) {
          throw Problem(
            "the candidate '\(id)' is listed twice, first in line \(first)", at: row.place("candidate"),
            mend: "Names must be unique.")
        }
        sounds.append(
          MapSound(
            id: id, condition: row.name(ifAny: "condition") ?? "", group: row.name(ifAny: "group") ?? "",
            tags: (row["tags"] ?? "").split(separator: " ").map(String.init), source: row["source"] ?? "",
            split: row.name(ifAny: "split") ?? "",
            file: path.hasPrefix("/") ? URL(filePath: path) : table.deletingLastPathComponent().appending(path: path)))
      } catch let problem as Problem { problems.append(problem) }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    guard let split else { return sounds }
    let parts = Set(sounds.map(\.split)).subtracting([""]).sorted()
    let kept = sounds.filter { $0.split == split }
    guard !kept.isEmpty else {
      throw Problem(
        "no one-shot is in the split '\(split)'", at: Place(file: table.relativePath),
        mend: Suggestion.didYouMean(split, among: parts) ?? "The splits are \(parts.joined(separator: ", ")).")
    }
    return kept
  }
}

/// A mix for which the map can show neighbours.
public struct MapMix: Sendable, Hashable {
  public var id: String
  /// The sound, to be played.
  public var file: URL
  /// The classes it asks for, in the order of the table, each with the one-shot that really plays, if it is known.
  public var parts: [Part]

  /// A class that a mix asks for.
  public struct Part: Sendable, Hashable {
    /// The class asked for.
    public var condition: String
    /// The name of the one-shot that really plays; nil if it is not known.
    public var reference: String?

    public init(condition: String, reference: String?) { (self.condition, self.reference) = (condition, reference) }
  }

  public init(id: String, file: URL, parts: [Part]) { (self.id, self.file, self.parts) = (id, file, parts) }

  /// The mixes of a catalogue, in its order.
  public static func all(of catalogue: Catalogue) -> [MapMix] {
    var mixes: [MapMix] = [], places: [String: Int] = [:]
    for query in catalogue.queries {
      let part = Part(condition: query.condition, reference: catalogue.references[query]?.first)
      if let place = places[query.id] {
        mixes[place].parts.append(part)
      } else {
        places[query.id] = mixes.count
        mixes.append(MapMix(id: query.id, file: query.file, parts: [part]))
      }
    }
    return mixes
  }
}
