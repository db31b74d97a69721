import Foundation

/// How a table is written, as its first lines show: the separator between cells, and what precedes the header.
///
/// Earshot's own tables use commas. Excel uses what the computer's locale asks for: semicolons where commas are decimal
/// signs, tabs in "Unicode text"; databases write vertical bars. A line `sep=;` states the separator outright. Old Macs
/// end lines with a carriage return alone, which is read as a line end anywhere outside quotation marks.
public struct TableDialect: Sendable, Equatable {
  /// The character between cells, in ASCII.
  public var separator: UInt8
  /// Whether a line `sep=` states the separator.
  public var isTold = false
  /// Whether lines end with a carriage return alone.
  public var isOldMac = false
  /// Where the header begins: the offset in bytes (from 0), and the line (from 1).
  var start = 0
  var line = 1

  static let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]
  /// How many of the first lines are examined.
  static let sample = 32

  /// Finds the separator that the first lines agree on.
  ///
  /// Candidates are characters that split the header. One that gives every line as many cells as the header wins; among
  /// several, the one that gives most cells; and of two that give equally many, the comma. If none does, the one for
  /// which most lines match the header wins.
  init(finding bytes: UnsafeRawBufferPointer) {
    separator = Self.candidates[0]
    let end = bytes.firstIndex { $0 == 0x0a || $0 == 0x0d } ?? bytes.count
    isOldMac = end < bytes.count && bytes[end] == 0x0d && !(end + 1 < bytes.count && bytes[end + 1] == 0x0a)
    if let told = Self.told(bytes[..<end]) {
      (separator, isTold, line) = (told, true, 2)
      start = min(bytes.count, end + 1)
      if start < bytes.count, bytes[end] == 0x0d, bytes[start] == 0x0a { start += 1 }
      return
    }
    let found = Self.candidates.map { (sign: $0, widths: Self.widths(bytes, $0)) }.filter { ($0.widths.first ?? 0) > 1 }
    func agreeing(_ widths: [Int]) -> Int { widths.count { $0 == widths[0] } }
    var best: (sign: UInt8, agreeing: Int, isWhole: Bool, width: Int)?
    for (sign, widths) in found {
      let this = (sign, agreeing(widths), agreeing(widths) == widths.count, widths[0])
      guard let known = best else {
        best = this
        continue
      }
      let isBetter =
        this.2 != known.isWhole
        ? this.2 : this.2 ? this.3 > known.width : (this.1, this.3) > (known.agreeing, known.width)
      if isBetter { best = this }
    }
    separator = best?.sign ?? separator
  }

  /// The separator that a line such as `sep=;` states, with or without quotation marks, and with the empty cells that a
  /// program may have appended.
  private static func told(_ line: Slice<UnsafeRawBufferPointer>) -> UInt8? {
    let text = line.filter { $0 != 0x22 }
    guard text.count >= 5, text.count < 200, String(decoding: text.prefix(4), as: UTF8.self).lowercased() == "sep="
    else {
      return nil
    }
    let sign = text[4]
    guard text.dropFirst(4).allSatisfy({ $0 == sign }), sign == 0x09 || (0x21..<0x7f).contains(sign) else { return nil }
    return sign
  }

  /// How many cells this separator gives in each of the first lines. Blank lines do not count.
  private static func widths(_ bytes: UnsafeRawBufferPointer, _ sign: UInt8) -> [Int] {
    var widths: [Int] = []
    var cells = 1, isQuoted = false, isStart = true, isBlank = true
    func close() {
      if !isBlank { widths.append(cells) }
      (cells, isStart, isBlank) = (1, true, true)
    }
    for byte in bytes {
      if isQuoted {
        // A doubled quotation mark closes and opens again.
        if byte == 0x22 { isQuoted = false }
        continue
      }
      switch byte {
      case 0x0a, 0x0d:
        close()
        if widths.count == sample { return widths }
      case sign:
        cells += 1
        isStart = true
      case 0x22 where isStart:
        (isQuoted, isBlank) = (true, false)
      case 0x20: break
      default: (isStart, isBlank) = (false, false)
      }
    }
    close()
    return widths
  }

  /// A description such as `with semicolons between its cells`, or nil for Earshot's own dialect.
  var words: String? {
    var parts: [String] = []
    if separator != Self.candidates[0] || isTold {
      parts.append("\(Self.name(of: separator)) between its cells" + (isTold ? ", as its line 'sep=' says" : ""))
    }
    if isOldMac { parts.append("line ends of old Macs (a carriage return alone)") }
    return parts.isEmpty ? nil : "with " + parts.joined(separator: " and ")
  }

  private static func name(of separator: UInt8) -> String {
    switch separator {
    case UInt8(ascii: ","): "commas"
    case UInt8(ascii: ";"): "semicolons"
    case UInt8(ascii: "\t"): "tabs"
    case UInt8(ascii: "|"): "vertical bars"
    default: "the separator '\(Character(Unicode.Scalar(separator)))'"
    }
  }
}
