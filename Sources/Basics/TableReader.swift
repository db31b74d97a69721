import Foundation

/// Reads a table (a header row, then one row per case) row by row, without holding it as strings: a million rows take a
/// second or two, and little more memory than the file.
///
/// Earshot's own tables are UTF-8 with commas (RFC 4180) and decimal points. Tables as office and statistics programs
/// write them are read too if they are unambiguous: other separators (`TableDialect`), decimal commas, UTF-16, empty
/// columns and rows, words for missing values, `T` for true. `notes` records all such readings. The apostrophe of a
/// `FormulaGuard` is removed.
///
/// Every error is a `Problem` that names file, line and column. Column names are read like all names (`Name.read`).
public struct TableReader {
  /// What errors and remarks call the table.
  public let file: String
  /// The columns that have a name, in the table's order.
  public let columns: [String]
  public let dialect: TableDialect
  private let context: TableContext
  private var scanner: TableScanner
  private var rowCount = 0
  /// How many cells the header has, and how many each row must have: those up to the last column with a name.
  private let headerCount: Int, needed: Int
  /// Columns without a name.
  private let unnamed: [Int]
  /// If not all rows are read: only those with this text in this column.
  private var only: (column: Int, text: String)?
  private var without: (column: Int, texts: Set<String>)?
  /// The most columns a table may have: more than any embedding has dimensions.
  private static let mostColumns = 70_000

  /// - Parameters:
  ///   - name: what errors call the table. Its path as given, if nil.
  ///   - notes: records how the table was read.
  public init(_ url: URL, name: String? = nil, notes: TableNotes = TableNotes()) throws {
    let name = name ?? url.relativePath
    try self.init(InputFile.data(url, name: name), name: name, notes: notes)
  }

  /// - Throws: `Problem` for text that is neither UTF-8 nor UTF-16, an empty table, or a header that cannot be used.
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
        "the first line has \(header.count) cells, more than the \(Self.mostColumns) columns that can be read",
        at: Place(file: name, line: line), mend: "Is this the right file, with one row per case?")
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
          "the column '\(column)' occurs twice", at: Place(file: name, line: line, column: Int(cell.column)),
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

  /// A hint for a header that has only one cell.
  private var separatorMend: String {
    columns.count == 1 && headerCount == 1
      ? " If these are several names, separate them with commas, semicolons, tabs or vertical bars." : ""
  }

  /// Whether the header contains a column of this name.
  public func has(_ column: String) -> Bool { context.index[column] != nil }

  /// From now on, skips all rows except those with this text in the column. Does nothing if there is no such column.
  public mutating func keepOnly(_ text: String, in column: String) {
    only = context.index[column].map { ($0, text) }
  }

  /// From now on, skips all rows with one of these texts in the column. Does nothing if there is no such column.
  public mutating func leaveOut(_ texts: Set<String>, in column: String) {
    without = context.index[column].map { ($0, texts) }
  }

  /// The next row, or nil after the last one. Empty rows are skipped.
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

  /// Calls `body` with every remaining row, in order.
  public mutating func forEach(_ body: (TableRow) throws -> Void) throws {
    while let row = try next() { try body(row) }
  }

  /// All rows at once, for small tables.
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
