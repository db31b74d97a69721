/// A number as a cell contains it. Commas and points may separate decimals or thousands, depending on the writer's
/// country.
enum WrittenNumber: Equatable {
  /// Without commas. A point is a decimal point, unless `mayBeThousands`: then it could separate thousands as well, as
  /// in `1.234`.
  case point(Double, mayBeThousands: Bool)
  /// Certainly with a decimal comma: `26,1`, `0,125`, `1.234,5`.
  case decimalComma(Double)
  /// Certainly with commas between thousands: `1,234.5`, `1,234,567`.
  case thousands(Double)
  /// Ambiguous: `1,234`.
  case either(decimal: Double, thousands: Double)

  /// Nil if the text is not a finite number in any of these notations.
  init?(_ text: String) {
    guard let parts = WrittenParts(text) else { return nil }
    let comma = UInt8(ascii: ","), point = UInt8(ascii: ".")
    let commas = parts.digits.count { $0 == comma }, points = parts.digits.count { $0 == point }
    switch (commas, points) {
    case (0, 0...1):
      guard let number = parts.value(decimal: point) else { return nil }
      self = .point(number, mayBeThousands: points == 1 && parts.mayBeThousands(by: point))
    case (1, 0):
      guard let number = parts.value(decimal: comma) else { return nil }
      if parts.mayBeThousands(by: comma), let thousands = parts.value(decimal: point) {
        self = .either(decimal: number, thousands: thousands)
      } else {
        self = .decimalComma(number)
      }
    default:
      if let number = parts.value(thousands: comma, decimal: point) {
        self = .thousands(number)
      } else if let number = parts.value(thousands: point, decimal: comma) {
        self = .decimalComma(number)
      } else {
        return nil
      }
    }
  }
}

/// The parts of a number as it is written.
private struct WrittenParts {
  /// Empty, or a minus sign.
  private var sign: [UInt8] = []
  /// The digits, and any commas and points among them.
  private(set) var digits: [UInt8]
  /// Empty, or the exponent with its letter.
  private var exponent: [UInt8] = []

  init?(_ text: String) {
    digits = Array(text.utf8)
    // The minus sign U+2212 is three bytes in UTF-8.
    if digits.starts(with: [0xe2, 0x88, 0x92]) { digits.replaceSubrange(0..<3, with: [UInt8(ascii: "-")]) }
    guard digits.count < 64 else { return nil }
    if let e = digits.firstIndex(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }) {
      exponent = Array(digits[e...])
      digits = Array(digits[..<e])
    }
    if let first = digits.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      sign = first == UInt8(ascii: "-") ? [first] : []
      digits.removeFirst()
    }
    guard digits.contains(where: Self.isDigit),
      digits.allSatisfy({ Self.isDigit($0) || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ".") })
    else { return nil }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// The number if `decimal` is the decimal sign. The other sign is ignored.
  func value(decimal: UInt8) -> Double? {
    let plain = digits.compactMap { $0 == decimal ? UInt8(ascii: ".") : Self.isDigit($0) ? $0 : nil }
    guard let number = Double(String(decoding: sign + plain + exponent, as: UTF8.self)), number.isFinite else {
      return nil
    }
    return number
  }

  /// The number if every `mark` is in a position to separate thousands, and `decimal` occurs at most once, as the
  /// decimal sign. Otherwise nil.
  func value(thousands mark: UInt8, decimal: UInt8) -> Double? {
    let place = digits.firstIndex(of: decimal) ?? digits.endIndex
    guard isGrouped(digits[..<place], by: mark), !digits[place...].dropFirst().contains(where: { !Self.isDigit($0) })
    else { return nil }
    return value(decimal: decimal)
  }

  /// Whether the text is a whole number in which `mark` could separate thousands.
  func mayBeThousands(by mark: UInt8) -> Bool { exponent.isEmpty && isGrouped(digits[...], by: mark) }

  /// Whether the digits are grouped by thousands: one to three digits, then groups of three.
  private func isGrouped(_ part: ArraySlice<UInt8>, by mark: UInt8) -> Bool {
    let groups = part.split(separator: mark, omittingEmptySubsequences: false)
    return groups.count > 1 && (1...3).contains(groups[0].count) && groups[0] != [UInt8(ascii: "0")]
      && groups.dropFirst().allSatisfy { $0.count == 3 } && part.allSatisfy { Self.isDigit($0) || $0 == mark }
  }
}

/// What the cells of a whole table show about its decimal sign.
struct DecimalSigns: Sendable {
  struct Example: Sendable {
    var text: String
    var line: Int
  }

  /// The first cell that certainly has a decimal comma, and the first that certainly has commas between thousands.
  private(set) var decimalComma: Example?
  private(set) var thousands: Example?
  /// The positions of columns in which a point is certainly the decimal sign, and of those in which a comma is.
  private var pointColumns: Set<Int> = []
  private var commaColumns: Set<Int> = []
  /// By column: the first cell whose point could separate either decimals or thousands.
  private var unclearPoints: [Int: Example] = [:]

  init(_ rows: TableScanner) throws {
    var rows = rows
    while true {
      let line = rows.line
      guard let cells = try rows.next() else { return }
      for (i, cell) in cells.enumerated() {
        // Numbers without either sign show nothing. Times and names are skipped: most contain other characters.
        guard cell.text.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ".") }),
          cell.text.utf8.allSatisfy({ $0 < 0x3a || $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") || $0 > 0x7f }),
          let number = WrittenNumber(Name.read(cell.text))
        else { continue }
        switch number {
        case .point(_, let mayBeThousands):
          if mayBeThousands, unclearPoints[i] == nil { unclearPoints[i] = Example(text: cell.text, line: line) }
          if !mayBeThousands, cell.text.utf8.contains(UInt8(ascii: ".")) { pointColumns.insert(i) }
        case .decimalComma:
          if decimalComma == nil { decimalComma = Example(text: cell.text, line: line) }
          commaColumns.insert(i)
        case .thousands: if thousands == nil { thousands = Example(text: cell.text, line: line) }
        case .either: break
        }
      }
    }
  }

  enum Verdict { case number(Double, hasDecimalComma: Bool?), unclear(why: String) }

  /// How to read a number in a column. `hasDecimalComma` is nil if the number has no comma.
  func verdict(_ number: WrittenNumber, column: Int) -> Verdict {
    switch number {
    case .point(let value, let mayBeThousands):
      if mayBeThousands, let decimalComma, commaColumns.contains(column) || !pointColumns.contains(column) {
        return .unclear(
          why:
            "its point may separate decimals or thousands, since '\(decimalComma.text)' in line \(decimalComma.line) "
            + "has a decimal comma")
      }
      return .number(value, hasDecimalComma: nil)
    case .decimalComma(let value):
      // A cell further up may already have been read with its point as the decimal sign.
      if let point = unclearPoints[column] {
        return .unclear(
          why: "besides its decimal comma, the point of '\(point.text)' in line \(point.line) may separate decimals or "
            + "thousands")
      }
      return .number(value, hasDecimalComma: true)
    case .thousands(let value): return .number(value, hasDecimalComma: false)
    case .either(let decimal, let thousands):
      switch (decimalComma, self.thousands) {
      case (_?, nil): return .number(decimal, hasDecimalComma: true)
      case (nil, _?): return .number(thousands, hasDecimalComma: false)
      default: return .unclear(why: "its comma may separate decimals or thousands, and no other cell shows which")
      }
    }
  }
}
