import Basics
import CSndfile
import Foundation

/// The bytes of a sound file, read through a descriptor. libsndfile gets these and never the file's name, from which it
/// would draw conclusions (if there is a macOS `._x.mp3` beside it, it mistakes `x.mp3` for something else). Sizes in a
/// header can be corrected on the way, see `DataChunk`.
///
/// Not thread-safe: use it from one thread at a time.
final class SoundBytes {
  let path: String
  let count: Int
  private let descriptor: CInt
  private var corrections: [(offset: Int, bytes: [UInt8])] = []
  /// libsndfile's reading position.
  fileprivate var position = 0
  private var window: [UInt8] = []
  private var windowStart = 0

  private static let windowSize = 1 << 16

  /// - Throws: a `Problem` if there is no plain file that can be read.
  init(_ url: URL) throws {
    path = url.path
    (descriptor, count) = try InputFile.open(url)
  }

  deinit { close(descriptor) }

  /// Makes the file read as if it contained `bytes` at `offset`.
  func correct(_ offset: Int, to bytes: [UInt8]) { corrections.append((offset, bytes)) }

  /// The byte on disk, without corrections. 0 beyond the end.
  subscript(offset: Int) -> UInt8 {
    if !(windowStart..<windowStart + window.count).contains(offset) {
      guard (0..<count).contains(offset) else { return 0 }
      window = [UInt8](repeating: 0, count: Self.windowSize)
      let got = window.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, Self.windowSize, off_t(offset)) }
      window.removeLast(Self.windowSize - max(0, got))
      windowStart = offset
      guard !window.isEmpty else { return 0 }
    }
    return window[offset - windowStart]
  }

  func text(_ offset: Int, _ length: Int) -> String {
    String(decoding: (0..<length).map { self[offset + $0] }, as: UTF8.self)
  }

  func starts(with text: String, at offset: Int = 0) -> Bool {
    text.utf8.enumerated().allSatisfy { self[offset + $0] == $1 }
  }

  /// An integer of up to 8 bytes. Values too large for `Int` become `Int.max`.
  func number(_ offset: Int, bytes: Int, isBig: Bool) -> Int {
    let value = (0..<bytes).reduce(UInt64(0)) { $0 << 8 | UInt64(self[offset + (isBig ? $1 : bytes - 1 - $1)]) }
    return Int(clamping: value)
  }

  // MARK: - What libsndfile calls

  static var virtual: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { bytes($0)?.length ?? 0 }, seek: { bytes($2)?.seek($0, $1) ?? -1 },
      read: { bytes($2)?.read($0, $1) ?? 0 }, write: { _, _, _ in 0 },
      tell: { bytes($0).map { sf_count_t($0.position) } ?? 0 })
  }

  fileprivate var length: sf_count_t { sf_count_t(count) }

  fileprivate func seek(_ offset: sf_count_t, _ whence: Int32) -> sf_count_t {
    let base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? position : count
    let (target, overflow) = base.addingReportingOverflow(Int(offset))
    guard !overflow, target >= 0 else { return -1 }
    position = target
    return sf_count_t(target)
  }

  fileprivate func read(_ into: UnsafeMutableRawPointer?, _ wanted: sf_count_t) -> sf_count_t {
    guard let into, wanted > 0, position < count else { return 0 }
    let got = pread(descriptor, into, min(Int(wanted), count - position), off_t(position))
    guard got > 0 else { return 0 }
    for (offset, bytes) in corrections {
      for (i, byte) in bytes.enumerated() where (position..<position + got).contains(offset + i) {
        into.storeBytes(of: byte, toByteOffset: offset + i - position, as: UInt8.self)
      }
    }
    position += got
    return sf_count_t(got)
  }
}

/// The object that libsndfile reads from.
private func bytes(_ pointer: UnsafeMutableRawPointer?) -> SoundBytes? {
  pointer.map { Unmanaged<SoundBytes>.fromOpaque($0).takeUnretainedValue() }
}
