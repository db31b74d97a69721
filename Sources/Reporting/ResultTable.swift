import Basics
import Foundation

/// A table of results: the same rows in results.json, in a CSV file and in the report.
public struct ResultTable: Sendable {
  /// The table's key in results.json, and the name of its CSV file without extension.
  public var name: String
  /// The heading in the report.
  public var title: String
  /// As many as each row has cells.
  public var columns: [Column]
  public var rows: [[Cell]] = []

  /// A column: its key in files and its title in the report.
  public struct Column: Sendable {
    /// Of the column in files.
    public var key: String
    /// Of the column in the report.
    public var title: String
    /// Decimal places in the report; the files have all digits.
    public var digits: Int

    public init(_ key: String, _ title: String, digits: Int = 2) {
      (self.key, self.title, self.digits) = (key, title, digits)
    }
  }

  public init(_ name: String, _ title: String, _ columns: [Column]) {
    (self.name, self.title, self.columns) = (name, title, columns)
  }

  /// Adds a row, with one cell per column.
  public mutating func add(_ cells: Cell...) {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns in \(name)")
    rows.append(cells)
  }

  /// The index of the column with a key, which must exist.
  public func column(_ key: String) -> Int {
    guard let place = columns.firstIndex(where: { $0.key == key }) else {
      preconditionFailure("no column \(key) in \(name)")
    }
    return place
  }

  /// The text of a cell; empty if it is a number or missing.
  public func text(_ row: Int, _ key: String) -> String {
    if case .text(let text) = rows[row][column(key)] { return text }
    return ""
  }

  /// The number in a cell; nil if there is none.
  public func number(_ row: Int, _ key: String) -> Double? {
    switch rows[row][column(key)] {
    case .number(let value): value
    case .count(let value): Double(value)
    default: nil
    }
  }

  /// The rows whose texts in the given columns equal the given ones.
  public func rows(where wanted: [String: String]) -> [Int] {
    rows.indices.filter { row in wanted.allSatisfy { text(row, $0.key) == $0.value } }
  }
}

/// A cell of a result table. An undefined value is missing, never zero.
public enum Cell: Sendable, Equatable {
  case text(String), number(Double), count(Int), flag(Bool), missing

  /// A number; missing if the value is nil or not finite.
  public init(_ value: Double?) { self = value.flatMap { $0.isFinite ? .number($0) : nil } ?? .missing }
}

extension Cell: CellValue {
  public var cellText: String {
    switch self {
    case .text(let text): text
    case .number(let value): value.cellText
    case .count(let value): value.cellText
    case .flag(let value): value.cellText
    case .missing: ""
    }
  }
}
