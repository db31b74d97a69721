import Foundation

/// A value for a table cell. A missing value is an empty cell.
public protocol CellValue {
  /// The cell's text before quoting: decimal points, `true`/`false`, ISO 8601 times in UTC.
  var cellText: String { get }
}

extension String: CellValue { public var cellText: String { self } }
extension Int: CellValue { public var cellText: String { String(self) } }
extension Bool: CellValue { public var cellText: String { self ? "true" : "false" } }
extension Double: CellValue {
  /// The shortest text that reads back as the same number. Whole numbers have no point, and NaN becomes missing.
  public var cellText: String {
    if !isFinite { return "" }
    return self == rounded() && abs(self) < 1e15 ? String(Int64(self)) : description
  }
}
extension Optional: CellValue where Wrapped: CellValue { public var cellText: String { self?.cellText ?? "" } }

/// Writes a table in Earshot's dialect: UTF-8, RFC 4180 with LF line ends, a header row. A name that other programs write
/// where one is missing (`NA`) is quoted, so that it is read as a name. It streams: rows go to `sink`
/// in pieces of about 64 KiB, so a table may be larger than memory.
public struct TableWriter {
  /// The header, in order.
  public let columns: [String]
  private var buffer: [UInt8] = []
  private let guardsFormulas: Bool
  private let sink: (Data) throws -> Void

  /// - Parameter guardsFormulas: whether every cell below the header goes through `FormulaGuard`.
  public init(columns: [String], guardsFormulas: Bool = false, to sink: @escaping (Data) throws -> Void) throws {
    self.columns = columns
    self.guardsFormulas = guardsFormulas
    self.sink = sink
    for (i, column) in columns.enumerated() { append(column, isFirst: i == 0) }
    buffer.append(UInt8(ascii: "\n"))
  }

  /// Writes one row. There must be as many `cells` as columns.
  public mutating func row(_ cells: [any CellValue]) throws {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    for (i, cell) in cells.enumerated() {
      append(guardsFormulas ? FormulaGuard.guarded(cell.cellText) : cell.cellText, isFirst: i == 0)
    }
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= 65536 { try flush() }
  }

  private mutating func append(_ text: String, isFirst: Bool) {
    if !isFirst { buffer.append(UInt8(ascii: ",")) }
    guard
      text.utf8.contains(where: { $0 == 0x22 || $0 == 0x2c || $0 == 0x0a || $0 == 0x0d })
        || MissingWords.isForNames(text)
    else {
      buffer.append(contentsOf: text.utf8)
      return
    }
    buffer.append(0x22)
    for byte in text.utf8 {
      if byte == 0x22 { buffer.append(0x22) }
      buffer.append(byte)
    }
    buffer.append(0x22)
  }

  /// Passes on what is buffered. Call it once, after the last row.
  public mutating func flush() throws {
    guard !buffer.isEmpty else { return }
    try sink(Data(buffer))
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes a whole table to a file, which appears under its name only once it is complete, or into whatever else is at
  /// that path (`OutputFile`).
  /// - Parameters:
  ///   - isMarked: whether to begin with a byte-order mark, by which some spreadsheets recognise UTF-8.
  ///   - guardsFormulas: whether every cell below the header goes through `FormulaGuard`.
  public static func write(
    _ url: URL, columns: [String], isMarked: Bool = false, guardsFormulas: Bool = false,
    _ body: (inout TableWriter) throws -> Void
  ) throws {
    try OutputFile.write(url) { sink in
      if isMarked { try sink(Data([0xef, 0xbb, 0xbf])) }
      var writer = try TableWriter(columns: columns, guardsFormulas: guardsFormulas, to: sink)
      try body(&writer)
      try writer.flush()
    }
  }
}
