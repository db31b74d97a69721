import Foundation

/// Reads a table (UTF-8, RFC 4180, a header row; a byte-order mark and CRLF are accepted) row by row without holding
/// it as strings: a million rows take a second or two and little more memory than the file.
///
/// Every error is a `Problem` that names file, line and column. Column names are trimmed of blanks.
public struct TableReader {
  public let file: String
  public private(set) var columns: [String] = []
  private let bytes: Data
  private var position: Int
  private var line = 1
  private var index: [String: Int] = [:]

  /// - Parameter name: how errors call the table; the path as it was given, if nil.
  public init(_ url: URL, name: String? = nil) throws {
    let data: Data
    do { data = try Data(contentsOf: url, options: .mappedIfSafe) } catch {
      throw Problem(
        "cannot read the table", at: Place(file: name ?? url.relativePath), mend: "Check the path and the permissions.")
    }
    try self.init(data, name: name ?? url.relativePath)
  }

  public init(_ data: Data, name: String) throws {
    file = name
    bytes = data
    position = data.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    guard let header = try nextCells() else {
      throw Problem("the table is empty", at: Place(file: name, line: 1), mend: "Its first line must name the columns.")
    }
    let names = header.map { $0.text.trimmingCharacters(in: .whitespaces) }
    var seen: [String: Int] = [:]
    for (i, column) in names.enumerated() {
      if seen.updateValue(i, forKey: column) != nil {
        throw Problem(
          "the column '\(column)' is named twice", at: Place(file: name, line: 1, column: header[i].column),
          mend: "Rename one of the two.")
      }
    }
    columns = names
    index = seen
  }

  /// Throws one `Problem` that lists all of `names` that the header lacks.
  public func require(_ names: String...) throws {
    let missing = names.filter { index[$0] == nil }
    guard missing.isEmpty else {
      throw Problem(
        "the table lacks \(missing.count == 1 ? "the column" : "the columns") \(missing.joined(separator: ", "))",
        at: Place(file: file, line: 1), mend: "It has \(columns.joined(separator: ", ")).")
    }
  }

  public func has(_ column: String) -> Bool { index[column] != nil }

  /// The next row, or nil after the last one. Blank lines are passed over.
  public mutating func next() throws -> TableRow? {
    while true {
      let start = line
      guard let cells = try nextCells() else { return nil }
      if cells.count == 1, cells[0].text.isEmpty, columns.count > 1 { continue }
      guard cells.count == columns.count else {
        throw Problem(
          "the row has \(cells.count) cells and the header \(columns.count)", at: Place(file: file, line: start),
          mend: "Quote cells that hold a comma, and leave missing cells empty.")
      }
      return TableRow(file: file, line: start, cells: cells, index: index)
    }
  }

  public mutating func forEach(_ body: (TableRow) throws -> Void) throws {
    while let row = try next() { try body(row) }
  }

  /// All rows, for tables that are small.
  public static func rows(_ url: URL, name: String? = nil, require names: [String] = []) throws -> [TableRow] {
    var reader = try TableReader(url, name: name)
    for column in names { try reader.require(column) }
    var rows: [TableRow] = []
    try reader.forEach { rows.append($0) }
    return rows
  }

  struct Cell: Sendable {
    var text: String
    var column: Int
  }

  private mutating func nextCells() throws -> [Cell]? {
    let (file, columnCount) = (self.file, columns.count)
    var (position, line) = (self.position, self.line)
    defer { (self.position, self.line) = (position, line) }
    return try bytes.withUnsafeBytes { (raw: UnsafeRawBufferPointer) throws -> [Cell]? in
      guard position < raw.count else { return nil }
      let rowLine = line
      var cells: [Cell] = []
      cells.reserveCapacity(columnCount)
      let lineStart = position
      func text(_ slice: some Collection<UInt8>, at column: Int) throws -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
          throw Problem(
            "the cell is not UTF-8 text", at: Place(file: file, line: rowLine, column: column),
            mend: "Save the table with the encoding UTF-8.")
        }
        return text
      }
      while true {
        let column = position - lineStart + 1
        if position < raw.count, raw[position] == 0x22 {
          var content: [UInt8] = []
          position += 1
          while true {
            guard position < raw.count else {
              throw Problem(
                "a quoted cell is never closed", at: Place(file: file, line: rowLine, column: column),
                mend: "Add the closing quotation mark.")
            }
            let byte = raw[position]
            position += 1
            if byte == 0x22 {
              guard position < raw.count, raw[position] == 0x22 else { break }
              position += 1
            }
            if byte == 0x0a { line += 1 }
            content.append(byte)
          }
          cells.append(Cell(text: try text(content, at: column), column: column))
        } else {
          let start = position
          while position < raw.count, raw[position] != 0x2c, raw[position] != 0x0a { position += 1 }
          var end = position
          if end > start, position == raw.count || raw[position] == 0x0a, raw[end - 1] == 0x0d { end -= 1 }
          cells.append(Cell(text: try text(raw[start..<end], at: column), column: column))
        }
        if position < raw.count, raw[position] == 0x0d { position += 1 }
        guard position < raw.count else { return cells }
        let byte = raw[position]
        position += 1
        if byte == 0x0a {
          line += 1
          return cells
        }
        guard byte == 0x2c else {
          throw Problem(
            "text follows a closing quotation mark",
            at: Place(file: file, line: rowLine, column: position - lineStart),
            mend: "Double the quotation marks inside a quoted cell.")
        }
      }
    }
  }
}

/// One row of a table. A column that the table lacks, and an empty cell, are both missing.
public struct TableRow: Sendable {
  public let file: String
  /// Counted from 1; the header is line 1.
  public let line: Int
  let cells: [TableReader.Cell]
  let index: [String: Int]

  public func place(_ column: String? = nil) -> Place {
    Place(file: file, line: line, column: column.flatMap { index[$0] }.map { cells[$0].column })
  }

  /// The text of a cell, or nil where it is missing.
  public subscript(column: String) -> String? {
    guard let i = index[column], !cells[i].text.isEmpty else { return nil }
    return cells[i].text
  }

  public func text(_ column: String) throws -> String {
    guard let text = self[column] else {
      throw Problem("'\(column)' is missing", at: place(column), mend: "Every row needs it.")
    }
    return text
  }

  public func number(_ column: String) throws -> Double? {
    guard let text = self[column] else { return nil }
    guard let number = Double(text.trimmingCharacters(in: .whitespaces)), number.isFinite else {
      throw Problem(
        "'\(column)' is '\(text)', which is not a number", at: place(column),
        mend: "Write numbers with a point, as in 12.5, and leave missing ones empty.")
    }
    return number
  }

  public func integer(_ column: String) throws -> Int? {
    guard let text = self[column] else { return nil }
    guard let number = Int(text.trimmingCharacters(in: .whitespaces)) else {
      throw Problem(
        "'\(column)' is '\(text)', which is not a whole number", at: place(column), mend: "Write it as in 12.")
    }
    return number
  }

  /// `true`/`false`, `1`/`0`, `yes`/`no` in any case.
  public func flag(_ column: String) throws -> Bool? {
    guard let text = self[column] else { return nil }
    switch text.lowercased() {
    case "true", "1", "yes": return true
    case "false", "0", "no": return false
    default:
      throw Problem("'\(column)' is '\(text)'", at: place(column), mend: "Write true or false.")
    }
  }
}
