import Basics
import Foundation

/// The blocks of a study whose answers are in its tables.
enum StudyBlocks {
  /// The column with the block's name.
  static let column = "block_name"

  /// The blocks in a table, in the order of its rows; empty if it names none.
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
