import Foundation

/// Walks through the bytes of a table row by row, without knowing what the cells mean.
struct TableScanner: Sendable {
  struct Cell: Sendable {
    var text: String
    /// Where the cell begins, in bytes from the start of the line, counted from 1.
    var column: Int32
    var isQuoted: Bool

    /// Whether the cell contains nothing but white space.
    var isBlank: Bool { text.isEmpty || text.unicodeScalars.allSatisfy(Name.isBlank) }
  }

  let file: String
  let bytes: Data
  let separator: UInt8
  private(set) var line: Int
  private var position: Int

  init(file: String, bytes: Data, dialect: TableDialect) {
    (self.file, self.bytes, separator) = (file, bytes, dialect.separator)
    (position, line) = (dialect.start, dialect.line)
  }

  /// The cells of the next row, or nil after the last one.
  ///
  /// In one piece: it is fast because it makes one pass over the bytes with its position in local variables.
  /// - Parameter count: how many cells to expect; 0 if unknown.
  mutating func next(about count: Int = 0) throws -> [Cell]? {
    let (file, separator) = (self.file, self.separator)
    var (position, line) = (self.position, self.line)
    defer { (self.position, self.line) = (position, line) }
    return try bytes.withUnsafeBytes { (raw: UnsafeRawBufferPointer) throws -> [Cell]? in
      guard position < raw.count else { return nil }
      let rowLine = line, lineStart = position
      var cells: [Cell] = []
      cells.reserveCapacity(count)
      func text(_ slice: some Collection<UInt8>, at column: Int) throws -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
          throw TextBytes.notUTF8("the cell", slice, at: Place(file: file, line: rowLine, column: column))
        }
        return FormulaGuard.plain(text)
      }
      while true {
        let start = position
        var column = start - lineStart + 1
        // Spaces before a quotation mark are not part of the cell.
        while position < raw.count, raw[position] == 0x20 { position += 1 }
        if position < raw.count, raw[position] == 0x22 {
          column = position - lineStart + 1
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
            if byte == 0x0a || (byte == 0x0d && !(position < raw.count && raw[position] == 0x0a)) { line += 1 }
            content.append(byte)
          }
          cells.append(Cell(text: try text(content, at: column), column: Int32(clamping: column), isQuoted: true))
          while position < raw.count, raw[position] == 0x20, separator != 0x20 { position += 1 }
        } else {
          while position < raw.count {
            let byte = raw[position]
            if byte == separator || byte == 0x0a || byte == 0x0d { break }
            position += 1
          }
          cells.append(
            Cell(text: try text(raw[start..<position], at: column), column: Int32(clamping: column), isQuoted: false))
        }
        guard position < raw.count else { return cells }
        let byte = raw[position]
        position += 1
        if byte == 0x0a || byte == 0x0d {
          if byte == 0x0d, position < raw.count, raw[position] == 0x0a { position += 1 }
          line += 1
          return cells
        }
        guard byte == separator else {
          throw Problem(
            "text follows a closing quotation mark",
            at: Place(file: file, line: rowLine, column: position - lineStart),
            mend: "Double the quotation marks inside a quoted cell.")
        }
      }
    }
  }
}
