import Foundation

/// Reads a table (a header row, then a row for each case) row by row without holding it as strings: a million rows take a
/// second or two and little more memory than the file.
///
/// The design's tables are UTF-8 with commas (RFC 4180) and decimal points. Tables as programs of offices and statistics
/// write them are read too where they leave no doubt: other separators (`TableDialect`), decimal commas, UTF-16, columns
/// and rows that are empty, words for what is missing, `T` for true. Whatever is read so is told in `notes`. The
/// apostrophe of a `FormulaGuard` is taken away.
///
/// Every error is a `Problem` that names file, line and column. Names of columns are read as all names are (`Name.read`).
public struct TableReader {
  public let file: String
  /// Those that have a name.
  public let columns: [String]
  public let dialect: TableDialect
  private let context: TableContext
  private var scanner: TableScanner
  private var rowCount = 0
  /// How many cells the header has, and how many a row must have: those up to the last column with a name.
  private let headerCount: Int, needed: Int
  /// Columns without a name.
  private let unnamed: [Int]
  /// The rows that are read, where not all are: those with a text in a column.
  private var only: (column: Int, text: String)?
  private var without: (column: Int, texts: Set<String>)?
  /// More than the dimensions of any embedding.
  private static let mostColumns = 70_000

  /// - Parameters:
  ///   - name: how errors call the table; the path as it was given, if nil.
  ///   - notes: is told how the table was read.
  public init(_ url: URL, name: String? = nil, notes: TableNotes = TableNotes()) throws {
    let name = name ?? url.relativePath
    try self.init(InputFile.data(url, name: name), name: name, notes: notes)
  }

  public init(_ data: Data, name: String, notes: TableNotes = TableNotes()) throws {
    file = name
    let text = try TextBytes(data, file: name)
    dialect = text.bytes.withUnsafeBytes { TableDialect(finding: $0) }
    scanner = TableScanner(file: name, bytes: text.bytes, dialect: dialect)
    let words = [dialect.words, text.wasUTF16 ? "as UTF-16 text" : nil].compactMap(\.self)
    if !words.isEmpty {
      notes.add(.dialect, at: Place(file: name, line: 1), detail: words.joined(separator: ", "))
    }
    var line = scanner.line
    var header = try scanner.next()
    while let cells = header, cells.allSatisfy(\.isBlank) {
      line = scanner.line
      header = try scanner.next()
    }
    if let header, header.count > Self.mostColumns {
      throw Problem(
        "the first line has \(header.count) cells, and more than \(Self.mostColumns) columns are not read",
        at: Place(file: name, line: line), mend: "Is this the right file, with a row for each case?")
    }
    guard let header else {
      throw Problem("the table is empty", at: Place(file: name, line: 1), mend: "Its first line must name the columns.")
    }
    var index: [String: Int] = [:], named: [String] = [], unnamed: [Int] = []
    for (i, cell) in header.enumerated() {
      let column = Name.read(cell.text)
      guard !column.isEmpty else {
        unnamed.append(i)
        continue
      }
      named.append(column)
      if index.updateValue(i, forKey: column) != nil {
        throw Problem(
          "the column '\(column)' is named twice", at: Place(file: name, line: line, column: Int(cell.column)),
          mend: "Rename one of the two.")
      }
    }
    (columns, self.unnamed) = (named, unnamed)
    (headerCount, needed) = (header.count, (index.values.max() ?? -1) + 1)
    context = TableContext(file: name, index: index, notes: notes, rows: scanner)
  }

  /// Throws one `Problem` that lists all of `names` that the header lacks.
  public func require(_ names: String...) throws {
    let missing = names.filter { context.index[$0] == nil }
    guard missing.isEmpty else {
      throw Problem(
        "the table lacks \(missing.count == 1 ? "the column" : "the columns") \(missing.joined(separator: ", "))",
        at: Place(file: file, line: 1), mend: "It has \(columns.joined(separator: ", ")).\(separatorMend)")
    }
  }

  /// What to say where a header could not be parted.
  private var separatorMend: String {
    columns.count == 1 && headerCount == 1
      ? " If these are several, put commas, semicolons, tabs or vertical bars between them." : ""
  }

  /// Whether the header names a column.
  public func has(_ column: String) -> Bool { context.index[column] != nil }

  /// Passes over all rows from now on but those with a text in a column; does nothing where there is no such column.
  public mutating func keepOnly(_ text: String, in column: String) {
    only = context.index[column].map { ($0, text) }
  }

  /// Passes over all rows from now on with one of some texts in a column; does nothing where there is no such column.
  public mutating func leaveOut(_ texts: Set<String>, in column: String) {
    without = context.index[column].map { ($0, texts) }
  }

  /// The next row, or nil after the last one. Rows without anything in them are passed over.
  public mutating func next() throws -> TableRow? {
    while true {
      let start = scanner.line
      guard let cells = try scanner.next(about: headerCount) else {
        context.notes.ended(file, rows: rowCount)
        return nil
      }
      if columns.count > 1 || cells.count > 1, cells.allSatisfy(\.isBlank) { continue }
      if cells.count != headerCount {
        guard cells.count >= needed, cells.dropFirst(headerCount).allSatisfy(\.isBlank) else {
          throw Problem(
            "the row has \(cells.count, "cell") and the header \(headerCount)", at: Place(file: file, line: start),
            mend: shapeMend(cells.count))
        }
      }
      for i in unnamed where i < cells.count && !cells[i].isBlank {
        context.notes.add(
          .unnamed, at: Place(file: file, line: start, column: Int(cells[i].column)), example: cells[i].text)
      }
      if let only, Name.read(cells[only.column].text) != only.text { continue }
      if let without, without.texts.contains(Name.read(cells[without.column].text)) { continue }
      rowCount += 1
      return TableRow(context: context, line: start, cells: cells)
    }
  }

  private func shapeMend(_ count: Int) -> String {
    if count > headerCount {
      let sign = Character(Unicode.Scalar(dialect.separator))
      return count == headerCount + 1 && dialect.separator != TableDialect.candidates[0]
        ? "Each column needs a name in the header. (R's write.table leaves out that of the row names: row.names = FALSE.)"
        : "Quote cells that hold a '\(sign)'\(sign == "," ? ", decimal commas too" : ""), and leave missing cells empty."
    }
    return "Quote cells that hold a separator or a line end, and leave missing cells empty.\(separatorMend)"
  }

  /// Every row that is left, in its order.
  public mutating func forEach(_ body: (TableRow) throws -> Void) throws {
    while let row = try next() { try body(row) }
  }

  /// All rows, for tables that are small.
  public static func rows(
    _ url: URL, name: String? = nil, require names: [String] = [], notes: TableNotes = TableNotes()
  ) throws -> [TableRow] {
    var reader = try TableReader(url, name: name, notes: notes)
    for column in names { try reader.require(column) }
    var rows: [TableRow] = []
    try reader.forEach { rows.append($0) }
    return rows
  }
}
