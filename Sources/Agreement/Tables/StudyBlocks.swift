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
