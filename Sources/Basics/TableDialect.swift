import Foundation

/// How a table is written, as its first lines show it: the sign between its cells, and what stands before its header.
///
/// The design's tables have commas. Those of Excel have what the language of the computer asks for: semicolons where
/// decimals have commas, tabs in "Unicode text"; databases write vertical bars. A line `sep=;` says it outright. Old Macs
/// end lines with a carriage return alone, which is read as a line end wherever it stands outside quotation marks.
public struct TableDialect: Sendable, Equatable {
  /// An ASCII sign.
  public var separator: UInt8
  /// Whether a line `sep=` says the separator.
  public var isTold = false
  /// Whether lines end with a carriage return alone.
  public var isOldMac = false
  /// Where the header begins: a place in the bytes, and the line.
  var start = 0
  var line = 1

  static let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]
  /// How many lines are looked at.
  static let sample = 32

  /// Finds the separator that the first lines agree on.
  ///
  /// Of the signs that part the header, it is one by which every line has as many cells as the header, and among those the
  /// one by which there are most; the comma where two are alike. If none does, the one by which most lines do.
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

  /// What a line `sep=;` says, with or without quotation marks, and with the empty cells that a program may have added.
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

  /// How many cells each of the first lines has if this sign parts them. Blank lines do not count.
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

  /// In words, or nil where it is the design's own: `with semicolons between its cells`.
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
