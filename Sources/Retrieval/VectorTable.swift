import Basics
import Foundation

/// Named vectors that were made elsewhere.
///
/// A CSV file has the column `name` (of a candidate or a query), the column `condition` if queries have one vector per
/// class, and numbers in all other columns. A query may have several vectors, as rows named `QUERY@0`, `QUERY@1` and so
/// on, such as one per window; the one nearest to a candidate counts. A NumPy file (`.npy`, two dimensions, 32- or 64-bit floats, C order) has
/// one vector per row. A table with the same stem gives their names (`clap.csv` for `clap.npy`): the column name and,
/// optionally, condition, with one row per vector in the same order.
public struct VectorTable: Sendable {
  /// What a vector stands for.
  public struct Key: Hashable, Sendable {
    public var name: String
    /// Empty if the vector serves all classes.
    public var condition: String

    public init(name: String, condition: String) {
      self.name = name
      self.condition = condition
    }
  }

  /// What errors call the table.
  public let file: String
  /// The length of each vector.
  public let dimensions: Int
  /// One per key, of `dimensions` finite numbers.
  public private(set) var vectors: [Key: [Float]]

  /// A problem that lists names without a vector. Empty if there are none.
  /// - Parameters:
  ///   - count: how many names were needed.
  ///   - kind: what they are, such as "candidates".
  public func problem(without names: [String], of count: Int, _ kind: String) -> [Problem] {
    guard !names.isEmpty else { return [] }
    let some = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " …" : "")
    return [
      Problem(
        "\(names.count) of \(count) \(kind) have no vector: \(some)", at: Place(file: file), mend: "Add a row for each."
      )
    ]
  }

  /// - Parameter notes: record how the table was read.
  /// - Throws: `Problems`, with everything that is wrong in the rows.
  public init(_ url: URL, notes: TableNotes = TableNotes()) throws {
    file = url.relativePath
    if url.pathExtension.lowercased() == "npy" {
      let array = try NumPyArray(url)
      let names = url.deletingPathExtension().appendingPathExtension("csv")
      guard FileManager.default.fileExists(atPath: names.path) else {
        throw Problem(
          "the vectors have no names", at: Place(file: names.relativePath),
          mend: "Put a table next to them with the column 'name' and one row per vector, in the same order.")
      }
      let rows = try TableReader.rows(names, require: ["name"], notes: notes)
      guard rows.count == array.rows else {
        throw Problem(
          "there \(OneAndMany.words(rows.count, "is", "are")) \(rows.count, "name") for \(array.rows) vectors",
          at: Place(file: names.relativePath),
          mend: "Give each row of the array one name, in the same order.")
      }
      dimensions = array.columns
      vectors = try VectorTable.collect(rows, dimensions: array.columns) { i, _ in array[row: i] }
    } else {
      let reader = try TableReader(url)
      try reader.require("name")
      let numbers = reader.columns.filter { $0 != "name" && $0 != "condition" }
      guard !numbers.isEmpty else {
        throw Problem(
          "the table has no numbers", at: Place(file: url.relativePath, line: 1),
          mend: "Each column except 'name' and 'condition' is one dimension of the vectors.")
      }
      dimensions = numbers.count
      vectors = try VectorTable.collect(try TableReader.rows(url, notes: notes), dimensions: numbers.count) { _, row in
        try numbers.map { column in
          guard let number = try row.number(column) else {
            throw Problem("'\(column)' is missing", at: row.place(column), mend: "Every vector needs all its numbers.")
          }
          return Float(number)
        }
      }
    }
  }

  private static func collect(
    _ rows: [TableRow], dimensions: Int, _ vector: (Int, TableRow) throws -> [Float]
  ) throws -> [Key: [Float]] {
    var vectors: [Key: [Float]] = [:]
    var problems: [Problem] = []
    for (i, row) in rows.enumerated() {
      do {
        let key = Key(name: try row.name("name"), condition: row.name(ifAny: "condition") ?? "")
        let vector = try vector(i, row)
        guard vector.allSatisfy(\.isFinite) else {
          throw Problem("the vector has a value that is not a number", at: row.place(), mend: "Check how it was made.")
        }
        if vectors.updateValue(vector, forKey: key) != nil {
          throw Problem("'\(key.name)' has two vectors", at: row.place("name"), mend: "Keep one of them.")
        }
      } catch let problem as Problem { problems.append(problem) }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    return vectors
  }

  /// What the row of a query's window is called; windows are numbered from 0.
  public static func name(ofWindow window: Int, of query: String) -> String { "\(query)@\(window)" }

  /// The vectors of a query under a class: its own or, failing that, those of its windows. Empty if there are none.
  public func vectors(ofQuery name: String, _ condition: String) -> [[Float]] {
    if let vector = vector(name, condition) { return [vector] }
    var windows: [[Float]] = []
    while let next = vector(Self.name(ofWindow: windows.count, of: name), condition) { windows.append(next) }
    return windows
  }

  /// The vector of this name and class or, failing that, the one of this name for all classes.
  public func vector(_ name: String, _ condition: String) -> [Float]? {
    vectors[Key(name: name, condition: condition)] ?? vectors[Key(name: name, condition: "")]
  }
}
