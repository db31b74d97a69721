import Foundation

/// The text of a file in the encodings that people use: UTF-8 with or without a byte-order mark, or UTF-16 ("Unicode
/// text" in Excel), whose mark may be missing if the first characters are unambiguous.
///
/// Anything else is refused at its first line that is not UTF-8, with what that line would say in Windows-1252, the
/// usual culprit. Which legacy code page a file was saved in cannot be known for certain.
public struct TextBytes: Sendable {
  /// UTF-8, without a byte-order mark. Only text converted from UTF-16 is known to be valid; otherwise whoever reads
  /// the cells checks them.
  public let bytes: Data
  /// Whether the file was UTF-16, with or without a mark.
  public let wasUTF16: Bool

  /// - Throws: `Problem` for invalid UTF-16, and for zero bytes in the text.
  public init(_ data: Data, file: String) throws {
    let head = [UInt8](data.prefix(64))
    if head.starts(with: [0xef, 0xbb, 0xbf]) {
      (bytes, wasUTF16) = (data.dropFirst(3), false)
      try TextBytes.refuseZeros(data, file)
      return
    }
    let isMarkedLittle = head.starts(with: [0xff, 0xfe]), isMarkedBig = head.starts(with: [0xfe, 0xff])
    /// Latin letters in UTF-16 are pairs of a zero byte and another byte.
    func zeros(_ first: Int) -> Bool { stride(from: first, to: head.count & ~1, by: 2).allSatisfy { head[$0] == 0 } }
    func someZero(_ first: Int) -> Bool { stride(from: first, to: head.count & ~1, by: 2).contains { head[$0] == 0 } }
    let isLittle = isMarkedLittle || (head.count >= 4 && zeros(1) && !someZero(0))
    let isBig = !isLittle && (isMarkedBig || (head.count >= 4 && zeros(0) && !someZero(1)))
    guard isLittle || isBig else {
      (bytes, wasUTF16) = (data, false)
      try TextBytes.refuseZeros(data, file)
      return
    }
    let body = [UInt8](data.dropFirst(isMarkedLittle || isMarkedBig ? 2 : 0))
    let units = stride(from: 0, to: body.count & ~1, by: 2).map { i -> UInt16 in
      let low = UInt16(body[isLittle ? i : i + 1]), high = UInt16(body[isLittle ? i + 1 : i])
      return high << 8 | low
    }
    guard body.count % 2 == 0, let text = String(validating: units, as: UTF16.self), !text.utf8.contains(0) else {
      throw Problem(
        "the file starts like UTF-16 text but is not", at: Place(file: file), mend: "Save it with the encoding UTF-8.")
    }
    (bytes, wasUTF16) = (Data(text.utf8), true)
  }

  /// Text contains no zero bytes. A disk that lost power while a file was being saved leaves blocks of them.
  private static func refuseZeros(_ data: Data, _ file: String) throws {
    let place = data.withUnsafeBytes { raw in
      raw.baseAddress.flatMap { memchr($0, 0, raw.count) }.map { UnsafeRawPointer($0) - raw.baseAddress! }
    }
    guard let place else { return }
    let line = data.prefix(place).count { $0 == 0x0a } + 1
    throw Problem(
      "the file contains zero bytes: it was not saved completely, or is not text", at: Place(file: file, line: line),
      mend: "Save or export it again.")
  }

  /// The text of a whole file, such as a plan or a study.
  /// - Throws: `Problem` if it is not valid text.
  public static func text(of data: Data, file: String) throws -> String {
    let bytes = try TextBytes(data, file: file).bytes
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    throw notUTF8("the file", lines.isEmpty ? bytes : lines[line], at: Place(file: file, line: line + 1))
  }

  /// The problem to report for bytes that are not UTF-8.
  static func notUTF8(_ what: String, _ bytes: some Collection<UInt8>, at place: Place) -> Problem {
    let guess = String(data: Data(bytes.prefix(200)), encoding: .windowsCP1252).map {
      $0.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return Problem(
      "\(what) is not UTF-8 text"
        + (guess.map { "; in the encoding Windows-1252 (Latin-1) it would say '\($0)'" } ?? ""),
      at: place, mend: "Save it with the encoding UTF-8 (in Excel: CSV UTF-8).")
  }
}
