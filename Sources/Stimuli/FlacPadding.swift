import Foundation

/// A FLAC file reduced to what a decoder needs, and brought to a stated size.
///
/// Listeners' browsers see the size of every file they fetch. Files of one role are therefore padded to one size with
/// FLAC's own PADDING blocks, which every decoder passes over. What an encoder writes about itself or the sound (its
/// name, tags, seek tables, pictures) is left out: a file holds its STREAMINFO, padding and the audio frames.
/// Format: RFC 9639, section 8.
struct FlacPadding {
  /// `fLaC` and the STREAMINFO block, marked as not the last block.
  private let head: Data
  private let frames: Data

  private static let marker = Data("fLaC".utf8)
  private static let headerSize = 4
  private static let largestBlock = (1 << 24) - 1
  private static let sizeStep = 4096

  /// nil if `file` is not a FLAC stream that begins as RFC 9639 demands.
  init?(_ file: Data) {
    let bytes = [UInt8](file.prefix(42))
    guard file.starts(with: Self.marker), bytes.count == 42, bytes[4] & 0x7f == 0 else { return nil }
    var position = 4
    while true {
      guard file.count >= position + 4 else { return nil }
      let header = [UInt8](file[file.startIndex + position..<file.startIndex + position + 4])
      position += 4 + (Int(header[1]) << 16 | Int(header[2]) << 8 | Int(header[3]))
      if header[0] & 0x80 != 0 { break }
    }
    guard position <= file.count, bytes[5] == 0, bytes[6] == 0, bytes[7] == 34 else { return nil }
    head = Self.marker + [0, 0, 0, 34] + file[file.startIndex + 8..<file.startIndex + 42]
    frames = Data(file[(file.startIndex + position)...])
  }

  /// Bytes without any padding.
  var bareSize: Int { head.count + frames.count }

  /// The size to which files of these bare sizes are padded: room for at least an empty PADDING block in the largest,
  /// rounded up to 4 KiB so that a small change in one sound seldom changes all the files.
  static func size(for bareSizes: some Sequence<Int>) -> Int {
    ((bareSizes.max() ?? 0) + headerSize + sizeStep - 1) / sizeStep * sizeStep
  }

  /// The file, `size` bytes long, which must leave room for a PADDING block (4 bytes at least).
  func padded(to size: Int) -> Data {
    var rest = size - bareSize
    precondition(rest >= Self.headerSize)
    var file = Data(capacity: size)
    file.append(head)
    while rest > 0 {
      var length = rest - Self.headerSize
      // A block holds 16 MiB less a byte; what is left over must hold a header again.
      if length > Self.largestBlock { length = min(Self.largestBlock, rest - 2 * Self.headerSize) }
      rest -= Self.headerSize + length
      file.append((rest == 0 ? 0x80 : 0) | 1)
      file.append(contentsOf: [UInt8(length >> 16 & 0xff), UInt8(length >> 8 & 0xff), UInt8(length & 0xff)])
      file.append(Data(count: length))
    }
    file.append(frames)
    return file
  }
}
