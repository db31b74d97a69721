import Basics
import Foundation

/// The sounds of one page as they travel: one body that tells nothing but its length, which is the same for every page.
///
/// ```
/// key (32 bytes) │ count │ offset, length of each sound │ the sounds, one behind the other │ zeros up to the size
///                ╰───────────────────── enciphered by ChaCha20, nonce zero ─────────────────────────────────────╯
/// ```
///
/// Numbers are 32 bits wide, the highest byte first; offsets count from the beginning of the body. With another key for
/// each serving no two bodies have a byte in common but by chance, also where they hold the same sounds. The key stands
/// at the head because nothing is kept from those who may listen: deciphering is part of decoding a sound.
///
/// Any range of a body can be made on its own, so one sound of many can be asked for once the head is known.
public struct Parcel: Sendable {
  /// A file to be sent, and its size in bytes.
  public struct Item: Sendable, Hashable {
    public var path: String
    public var size: Int

    public init(path: String, size: Int) {
      self.path = path
      self.size = size
    }
  }

  /// Of the whole body, in bytes.
  public let size: Int
  private let key: Data
  private let items: [Item]

  private static let number = 4
  private static let largest = Int(UInt32.max)

  /// Bytes of the smallest parcel that holds sounds of these sizes.
  public static func size(holding sizes: some Collection<Int>) -> Int {
    StreamCipher.keySize + number * (1 + 2 * sizes.count) + sizes.reduce(0, +)
  }

  /// - Parameters:
  ///   - key: 32 bytes that no other content is enciphered with.
  ///   - size: at least what `size(holding:)` says, at most 4 GiB.
  /// - Throws: a `Problem` where the sounds do not fit.
  public init(key: Data, items: [Item], size: Int) throws {
    guard Parcel.size(holding: items.map(\.size)) <= size, size <= Parcel.largest else {
      throw Problem(
        "the sounds of a page take \(Parcel.size(holding: items.map(\.size))) bytes, but only \(size) are available",
        mend: "Shorten them, or show fewer on a page. The maximum is 4 GiB.")
    }
    self.key = key
    self.items = items
    self.size = size
  }

  /// A part of the body; `0..<size` is all of it.
  /// - Throws: a `Problem` that names a file which cannot be read or has another size by now.
  public func bytes(_ range: Range<Int>) throws -> Data {
    var head = Data(capacity: Parcel.size(holding: items.map(\.size)))
    func append(_ value: Int) { withUnsafeBytes(of: UInt32(value).bigEndian) { head.append(contentsOf: $0) } }
    head.append(key)
    append(items.count)
    var offset = StreamCipher.keySize + Parcel.number * (1 + 2 * items.count)
    let first = offset
    for item in items {
      append(offset)
      append(item.size)
      offset += item.size
    }
    var bytes = Data(count: range.count)
    try bytes.withUnsafeMutableBytes { bytes in
      /// The part of `bytes` where `place` of the body goes, and how much of `place` is not asked for before it.
      func part(_ place: Range<Int>) -> (UnsafeMutableRawBufferPointer, skipped: Int)? {
        let shared = place.clamped(to: range)
        guard !shared.isEmpty else { return nil }
        let target = shared.lowerBound - range.lowerBound..<shared.upperBound - range.lowerBound
        return (UnsafeMutableRawBufferPointer(rebasing: bytes[target]), shared.lowerBound - place.lowerBound)
      }
      if let (target, skipped) = part(0..<head.count) {
        target.copyBytes(from: head.dropFirst(skipped).prefix(target.count))
      }
      var offset = first
      for item in items {
        if let (target, skipped) = part(offset..<offset + item.size) {
          try Parcel.read(item, from: skipped, to: target)
        }
        offset += item.size
      }
      if let (target, skipped) = part(StreamCipher.keySize..<size) {
        StreamCipher.apply(key: key, to: target, from: skipped)
      }
    }
    return bytes
  }

  private static func read(_ item: Item, from offset: Int, to target: UnsafeMutableRawBufferPointer) throws {
    let descriptor = Foundation.open(item.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    defer { if descriptor >= 0 { close(descriptor) } }
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      Int(status.st_size) == item.size
    else { throw changed(item) }
    var done = 0
    while done < target.count {
      let got = pread(descriptor, target.baseAddress! + done, target.count - done, off_t(offset + done))
      guard got > 0 || (got < 0 && errno == EINTR) else { throw changed(item) }
      done += max(0, got)
    }
  }

  private static func changed(_ item: Item) -> Problem {
    Problem(
      "a prepared sound cannot be read or has changed", at: Place(file: item.path),
      mend: "Restart the server: it prepares what is missing.")
  }

  /// The sounds in a body, as their files hold them.
  /// - Throws: a `Problem` where it is none or not whole.
  public static func open(_ body: Data) throws -> [Data] {
    let body = Data(body)  // From index zero.
    func plain(_ range: Range<Int>) throws -> Data {
      guard range.lowerBound >= StreamCipher.keySize, range.upperBound <= body.count else {
        throw Problem("the sounds of a page are incomplete", mend: "Load the page again.")
      }
      var part = body.subdata(in: range)
      part.withUnsafeMutableBytes {
        StreamCipher.apply(
          key: body.prefix(StreamCipher.keySize), to: $0, from: range.lowerBound - StreamCipher.keySize)
      }
      return part
    }
    func numbers(at offset: Int, count: Int) throws -> [Int] {
      let bytes = [UInt8](try plain(offset..<offset + number * count))
      return (0..<count).map { i in bytes[number * i..<number * (i + 1)].reduce(0) { $0 << 8 | Int($1) } }
    }
    let count = try numbers(at: StreamCipher.keySize, count: 1)[0]
    let table = try numbers(at: StreamCipher.keySize + number, count: 2 * count)
    return try (0..<count).map { try plain(table[2 * $0]..<table[2 * $0] + table[2 * $0 + 1]) }
  }
}
