import Basics
import Foundation

/// Blocks of a study whose answers stand in its tables.
enum StudyBlocks {
  /// The column that tells them apart.
  static let column = "block_name"

  /// The blocks of a table, in the order of its rows; none where it does not name them.
  static func names(in url: URL) throws -> [String] {
    var reader = try TableReader(url)
    guard reader.has(column) else { return [] }
    var names: [String] = []
    try reader.forEach { row in
      if let name = row.name(ifAny: column), !names.contains(name) { names.append(name) }
    }
    return names
  }
}

extension Analysis.Tables {
  /// Every table of answers that there may be.
  public static let ofAnswers: [WritableKeyPath<Self, URL?> & Sendable] = [
    \.ratings, \.scores, \.comparisons, \.choices, \.discriminations, \.triplets, \.orders, \.pairs, \.oddities,
    \.sortings,
  ]

  /// The blocks that have to be told of one by one, since a table holds answers of several: all blocks of all tables, in the
  /// order of their rows. None where no table holds several, or where one of them is chosen already.
  /// - Throws: a `Problem` where beside such a table there is one that names no block.
  public func blocks() throws -> [String] {
    guard block == nil else { return [] }
    var known: [String] = [], unnamed: URL?, isSeveral = false
    for path in Self.ofAnswers {
      guard let url = self[keyPath: path] else { continue }
      let names = try StudyBlocks.names(in: url)
      if names.isEmpty { unnamed = url }
      if names.count > 1 { isSeveral = true }
      known += names.filter { !known.contains($0) }
    }
    guard isSeveral else { return [] }
    if let unnamed {
      throw Problem(
        "the table does not say of which block its answers are, and others do", at: Place(file: unnamed.relativePath),
        mend: "Analyse it by itself, or give it the column '\(StudyBlocks.column)'.")
    }
    return known
  }

  /// Leaves the tables that hold answers of a block.
  /// - Throws: a `Problem` where a table holds several blocks and none is named, or no table holds the one that is.
  mutating func keep(block: String?) throws {
    var known: [String] = []
    var isFound = false
    for path in Self.ofAnswers {
      guard let url = self[keyPath: path] else { continue }
      let names = try StudyBlocks.names(in: url)
      known += names.filter { !known.contains($0) }
      if block == nil, names.count > 1 {
        throw Problem(
          "the table holds the answers of \(names.count, "block"): \(names.joined(separator: ", "))",
          at: Place(file: url.relativePath),
          mend: "They are never put together. Say which one: --block \(names[0]).")
      }
      guard let block else { continue }
      if names.contains(block) { isFound = true } else { self[keyPath: path] = nil }
    }
    if let block, !isFound {
      throw Problem(
        "there are no answers of a block '\(block)'",
        mend: known.isEmpty
          ? "No table has a column '\(StudyBlocks.column)': the study has no two blocks of one type. Leave --block out."
          : Suggestion.didYouMean(block, among: known) ?? "The blocks are \(known.joined(separator: ", ")).")
    }
  }
}
