import Basics
import Foundation

/// What an analysis found: sentences, remarks on the data and tables. The report, results.json and the CSV files are
/// three forms of it, and no number stands in one that is not in the others.
public struct Findings: Sendable {
  public var title = ""
  /// The answer, first sentence first.
  public var answers: [Prose] = []
  /// What to know about the data before believing anything else.
  public var remarks: [Remark] = []
  public var methods: [Prose] = []
  public var citations: [String] = []
  public var inputs = Inputs()
  public var plan: AnalysisPlan
  public var tables: [ResultTable] = []
  /// What the main figures were computed on.
  var sample: Sample?
  /// What the resamples of the main figures drew.
  public var draws: ResampleDraws? { sample?.draws }

  public struct Inputs: Sendable, Equatable {
    public var version = ""
    /// File, its SHA-256 and the rows (ratings) or rankings in it.
    public var ratings: File?, rankings: File?, choices: File?, triplets: File?
    public var planFile: String?
    /// SHA-256 of the plan file's bytes, or of the default plan's text.
    public var planHash = ""
    /// Whether the study held this plan before the first rating; nil where nothing says.
    public var planWasFixedBefore: Bool?
    public var studyVersions: [String] = []
    /// How many resamples were read from a file instead of drawn; nil for none.
    public var replayed: Int?

    public struct File: Sendable, Equatable {
      public var name = "", sha256 = "", rows = 0
    }

    /// Those that there are, ratings first.
    var tables: [File] { [ratings, choices, triplets, rankings].compactMap(\.self) }
  }

  /// A finding about the data, explained.
  public struct Remark: Sendable, Equatable {
    public enum Weight: String, Sendable, CaseIterable {
      /// Good to know.
      case note
      /// May change how a figure is read.
      case caution
      /// Something is probably wrong with the tables.
      case alarm
    }
    /// Stable, for scripts.
    public var code: String
    public var weight: Weight
    public var what: Prose
    /// What it means, and what can be done.
    public var meaning: String
    public var count: Int
  }

  /// Choices and triplets, or ratings and triplets, can each bring rows of a table: they become one.
  mutating func mergeTables() {
    var merged: [ResultTable] = []
    for table in tables where !table.rows.isEmpty {
      if let known = merged.firstIndex(where: { $0.name == table.name }) {
        merged[known].rows += table.rows
      } else {
        merged.append(table)
      }
    }
    tables = merged
  }

  public subscript(table: String) -> ResultTable? { tables.first { $0.name == table } }
}

/// A table of results: the same rows in results.json, in a CSV file and in the report.
public struct ResultTable: Sendable {
  /// Its key in results.json and the stem of its file.
  public var name: String
  public var title: String
  public var columns: [Column]
  public internal(set) var rows: [[Cell]] = []

  public struct Column: Sendable {
    public var key: String
    public var title: String
    /// Decimals in the report; the files hold all digits.
    public var digits: Int

    public init(_ key: String, _ title: String, digits: Int = 2) {
      (self.key, self.title, self.digits) = (key, title, digits)
    }
  }

  public init(_ name: String, _ title: String, _ columns: [Column]) {
    (self.name, self.title, self.columns) = (name, title, columns)
  }

  mutating func add(_ cells: Cell...) {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns in \(name)")
    rows.append(cells)
  }

  func column(_ key: String) -> Int {
    guard let place = columns.firstIndex(where: { $0.key == key }) else {
      preconditionFailure("no column \(key) in \(name)")
    }
    return place
  }

  public func text(_ row: Int, _ key: String) -> String {
    if case .text(let text) = rows[row][column(key)] { return text }
    return ""
  }

  public func number(_ row: Int, _ key: String) -> Double? {
    switch rows[row][column(key)] {
    case .number(let value): value
    case .count(let value): Double(value)
    default: nil
    }
  }

  /// Rows whose text in the given columns is as given.
  public func rows(where wanted: [String: String]) -> [Int] {
    rows.indices.filter { row in wanted.allSatisfy { text(row, $0.key) == $0.value } }
  }
}

/// A cell of a result table. What is undefined is missing, never zero.
public enum Cell: Sendable, Equatable {
  case text(String), number(Double), count(Int), flag(Bool), missing

  init(_ value: Double?) { self = value.flatMap { $0.isFinite ? .number($0) : nil } ?? .missing }
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

/// A sentence that knows its numbers, so that each form can write them its own way.
public struct Prose: Sendable, Equatable, ExpressibleByStringInterpolation {
  public enum Piece: Sendable, Equatable {
    case text(String)
    case number(Double, digits: Int)
  }

  public private(set) var pieces: [Piece]

  public init(stringLiteral value: String) { pieces = [.text(value)] }
  public init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

  public struct StringInterpolation: StringInterpolationProtocol {
    var pieces: [Piece] = []
    public init(literalCapacity: Int, interpolationCount: Int) {}
    public mutating func appendLiteral(_ literal: String) { if !literal.isEmpty { pieces.append(.text(literal)) } }
    public mutating func appendInterpolation(_ text: String) { pieces.append(.text(text)) }
    public mutating func appendInterpolation(_ prose: Prose) { pieces += prose.pieces }
    public mutating func appendInterpolation(_ count: Int) { pieces.append(.number(Double(count), digits: 0)) }
    public mutating func appendInterpolation(_ value: Double, digits: Int = 2) {
      pieces.append(.number(value, digits: digits))
    }
  }

  public static func + (a: Prose, b: Prose) -> Prose {
    var sum = a
    sum.pieces += b.pieces
    return sum
  }

  public var text: String {
    pieces.map {
      switch $0 {
      case .text(let text): text
      case .number(let value, let digits): display(value, digits: digits)
      }
    }.joined()
  }
}

/// A number to read: a true minus sign, thousands apart, no negative zero.
public func display(_ value: Double, digits: Int) -> String {
  guard value.isFinite else { return "–" }
  var text = String(format: "%.\(digits)f", abs(value))
  let isZero = text.allSatisfy { $0 == "0" || $0 == "." }
  if digits == 0, text.count > 4 {
    var grouped = ""
    for (i, digit) in text.enumerated() {
      if i > 0, (text.count - i) % 3 == 0 { grouped += "\u{202f}" }
      grouped.append(digit)
    }
    text = grouped
  }
  return value < 0 && !isZero ? "−\(text)" : text
}
