import Synchronization

/// What all rows of a table share.
final class TableContext: Sendable {
  let file: String
  /// The position of each column, from 0, by its name.
  let index: [String: Int]
  let notes: TableNotes
  /// The scanner at the first row, for a second pass over the table.
  private let rows: TableScanner
  private let decimals = Mutex<DecimalSigns?>(nil)
  private let comma = Atomic(false)
  /// One bit for each of the first 64 columns: whether a note says that its numbers have decimal commas.
  private let noted = Atomic<UInt64>(0)

  init(file: String, index: [String: Int], notes: TableNotes, rows: TableScanner) {
    (self.file, self.index, self.notes, self.rows) = (file, index, notes, rows)
  }

  /// Whether a number with a comma has been met. From then on, each number is read in the light of the whole table.
  var hasCommas: Bool { comma.load(ordering: .relaxed) }

  /// Whether to note that a column has decimal commas. Called for each of its cells, and true only the first time; from
  /// the 65th column on, always true.
  func isNew(decimalComma column: Int) -> Bool {
    let bit: UInt64 = column < 64 ? 1 << UInt64(column) : 0
    return bit == 0 || noted.bitwiseOr(bit, ordering: .relaxed).oldValue & bit == 0
  }

  /// What the whole table shows about its decimal sign. The table is scanned when the first comma is met.
  func decimalSigns() throws -> DecimalSigns {
    comma.store(true, ordering: .relaxed)
    return try decimals.withLock { known in
      if let known { return known }
      let found = try DecimalSigns(rows)
      known = found
      return found
    }
  }
}

/// One row of a table. A column that the table lacks, and an empty cell, are both missing.
public struct TableRow: Sendable {
  let context: TableContext
  /// Counted from 1. The header is line 1, unless something precedes it.
  public let line: Int
  let cells: [TableScanner.Cell]

  /// What errors call the table.
  public var file: String { context.file }

  /// The place of the row, or of one of its cells.
  public func place(_ column: String? = nil) -> Place {
    Place(file: file, line: line, column: column.flatMap { context.index[$0] }.map { Int(cells[$0].column) })
  }

  /// The text of a cell as written, or nil if it is missing. Read names by `name` instead.
  public subscript(column: String) -> String? {
    guard let i = context.index[column], !cells[i].text.isEmpty else { return nil }
    return cells[i].text
  }

  /// The text of a cell as written.
  /// - Throws: a `Problem` where it is missing.
  public func text(_ column: String) throws -> String {
    guard let text = self[column] else { throw missing(column) }
    return text
  }

  /// A file path as written, without white space at its ends.
  public func path(_ column: String) throws -> String {
    let scalars = try text(column).unicodeScalars
    let start = scalars.firstIndex { !Name.isBlank($0) } ?? scalars.endIndex
    let end = scalars.lastIndex { !Name.isBlank($0) }.map { scalars.index(after: $0) } ?? start
    guard start < end else { throw missing(column) }
    return String(scalars[start..<end])
  }

  /// A name, normalised (`Name.read`), or nil if it is empty or a word for a missing value. Any difference is noted.
  public func name(ifAny column: String) -> String? {
    guard let i = context.index[column] else { return nil }
    let (name, isMissing) = read(i, column)
    if isMissing { note(.missing, column, detail: name) }
    return isMissing || name.isEmpty ? nil : name
  }

  /// A name that every row must have.
  public func name(_ column: String) throws -> String {
    guard let i = context.index[column] else { throw missing(column) }
    let (name, isMissing) = read(i, column)
    if isMissing {
      throw Problem(
        "'\(column)' is '\(name)', which programs write for missing values", at: place(column),
        mend: "Every row needs it. If it is a name, put it in quotation marks or write it differently.")
    }
    guard !name.isEmpty else { throw missing(column) }
    guard name.utf8.count <= TableRow.longestName else {
      throw Problem(
        "'\(column)' has \(name.count) signs: '\(name.prefix(40)) …'", at: place(column),
        mend: "Is a quotation mark missing before it, or a separator?")
    }
    return name
  }

  /// The longest name, in bytes: four times the longest external id.
  private static let longestName = 10_000

  private func read(_ i: Int, _ column: String) -> (name: String, isMissing: Bool) {
    let cell = cells[i]
    let name = Name.read(cell.text)
    if !name.isEmpty, !Name.isSame(name, cell.text) {
      note(.names, column, example: "'\(Name.visible(cell.text))' is read as '\(name)'")
    }
    return (name, !cell.isQuoted && MissingWords.isForNames(name))
  }

  /// A finite number with a decimal point or, if it is unambiguous, a decimal comma. Nil if the cell is missing.
  public func number(_ column: String) throws -> Double? {
    guard let i = context.index[column] else { return nil }
    let text = cells[i].text
    if text.isEmpty { return nil }
    // `Double` also reads hexadecimal numbers, which no table contains.
    if !context.hasCommas, let number = Double(text), number.isFinite, !text.utf8.prefix(3).contains(UInt8(ascii: "x")),
      !text.utf8.prefix(3).contains(UInt8(ascii: "X"))
    {
      return number
    }
    return try unusualNumber(i, column)
  }

  private func unusualNumber(_ i: Int, _ column: String) throws -> Double? {
    let text = Name.read(cells[i].text)
    if text.isEmpty { return nil }
    if MissingWords.isForValues(text) {
      note(.missing, column, detail: text)
      return nil
    }
    guard let written = WrittenNumber(text) else {
      throw Problem(
        "'\(column)' is '\(text)', which is not a number", at: place(column),
        mend: "Write numbers with a decimal point, as in 12.5, and leave missing values empty.")
    }
    if case .point(let number, _) = written, !context.hasCommas { return number }
    switch try context.decimalSigns().verdict(written, column: i) {
    case .number(let number, let hasDecimalComma):
      if let hasDecimalComma, !hasDecimalComma || context.isNew(decimalComma: i) {
        note(
          .decimals, column, detail: hasDecimalComma ? "a decimal comma" : "commas between thousands", example: text)
      }
      return number
    case .unclear(let why):
      throw Problem(
        "'\(column)' is '\(text)': \(why)", at: place(column),
        mend: "Write numbers with a decimal point and nothing between thousands, as in 1234.5.")
    }
  }

  /// A whole number, even if written as 12.0. Nil if the cell is missing.
  public func integer(_ column: String) throws -> Int? {
    guard let i = context.index[column] else { return nil }
    let text = cells[i].text
    if text.isEmpty { return nil }
    if let number = Int(text) { return number }
    func wrong() -> Problem {
      Problem(
        "'\(column)' is '\(Name.read(text))', which is not a whole number", at: place(column),
        mend: "Write a whole number such as 12.")
    }
    guard WrittenNumber(Name.read(text)) != nil || MissingWords.isForValues(Name.read(text)) || Name.read(text).isEmpty
    else { throw wrong() }
    guard let number = try number(column) else { return nil }
    guard let whole = Int(exactly: number) else { throw wrong() }
    return whole
  }

  /// `true`/`false`, `1`/`0`, `yes`/`no`, `T`/`F` in any case, and what Excel writes in some other languages. Nil if
  /// the cell is missing.
  public func flag(_ column: String) throws -> Bool? {
    guard let i = context.index[column] else { return nil }
    switch cells[i].text {
    case "true", "1", "TRUE", "True": return true
    case "false", "0", "FALSE", "False": return false
    case "": return nil
    default: break
    }
    let text = Name.read(cells[i].text)
    if text.isEmpty { return nil }
    if MissingWords.isForValues(text) {
      note(.missing, column, detail: text)
      return nil
    }
    let flag: Bool
    switch text.lowercased() {
    case "true", "t", "yes", "y", "wahr", "ja", "vrai", "oui", "verdadero", "vero": flag = true
    case "false", "f", "no", "n", "falsch", "nein", "faux", "non", "falso": flag = false
    default:
      switch WrittenNumber(text) {
      case .point(1, _), .decimalComma(1): flag = true
      case .point(0, _), .decimalComma(0): flag = false
      default: throw Problem("'\(column)' is '\(text)'", at: place(column), mend: "Write true or false.")
      }
    }
    if !["1", "0", "yes", "no", "true", "false"].contains(text.lowercased()) {
      note(.flags, column, detail: text, example: "\(flag)")
    }
    return flag
  }

  private func missing(_ column: String) -> Problem {
    Problem("'\(column)' is missing", at: place(column), mend: "Every row needs it.")
  }

  private func note(_ kind: TableNotes.Note.Kind, _ column: String, detail: String = "", example: String = "") {
    context.notes.add(kind, at: place(column), column: column, detail: detail, example: example)
  }
}

/// The words that programs write for a missing value.
enum MissingWords {
  /// Whether a text means that a number or a flag is missing.
  static func isForValues(_ text: String) -> Bool { values.contains(text.lowercased()) }

  /// Whether a text means that a name is missing. Only spellings of programs count, since a listener may be called Na.
  static func isForNames(_ text: String) -> Bool {
    guard (2...4).contains(text.utf8.count), let first = text.utf8.first,
      first == UInt8(ascii: "N") || first == UInt8(ascii: "n") || first == UInt8(ascii: "#")
        || first == UInt8(ascii: "<")
    else { return false }
    return ["NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "NULL"].contains(text)
  }

  private static let values: Set = [
    "na", "n/a", "#n/a", "#nv", "<na>", "n.a.", "nan", "-nan", "null", "none", "nil", "missing", ".", "-", "–", "—",
  ]
}
