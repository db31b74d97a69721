import Foundation

/// Reduces a FLAC file to what a decoder needs: STREAMINFO and the audio frames. It drops padding and what an encoder
/// writes about itself or the sound (its name, tags, seek tables, pictures). Format: RFC 9639, section 8.
enum BareFlac {
  private static let marker = Data("fLaC".utf8)

  /// Nil if `file` is not a FLAC stream that begins as RFC 9639 requires.
  static func of(_ file: Data) -> Data? {
    let bytes = [UInt8](file.prefix(42))
    guard file.starts(with: marker), bytes.count == 42, bytes[4] & 0x7f == 0 else { return nil }
    var position = 4
    while true {
      guard file.count >= position + 4 else { return nil }
      let header = [UInt8](file[file.startIndex + position..<file.startIndex + position + 4])
      position += 4 + (Int(header[1]) << 16 | Int(header[2]) << 8 | Int(header[3]))
      if header[0] & 0x80 != 0 { break }
    }
    guard position <= file.count, bytes[5] == 0, bytes[6] == 0, bytes[7] == 34 else { return nil }
    let lastBlock: UInt8 = 0x80
    return marker + [lastBlock, 0, 0, 34] + file[file.startIndex + 8..<file.startIndex + 42]
      + file[(file.startIndex + position)...]
  }
}
