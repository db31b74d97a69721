import Basics
import Foundation

/// The sounds of one page as they are transferred: a body that reveals nothing but its length, which is the same for
/// every page.
///
/// ```
/// key (32 bytes) │ count │ offset, length of each sound │ the sounds, one after the other │ zeros up to the size
///                ╰──────────────────────── encrypted by ChaCha20 with a nonce of zeros ────────────────────────╯
/// ```
///
/// Numbers are 32-bit and big-endian; offsets count from the beginning of the body. Each transfer uses a new key, so
/// two bodies have bytes in common only by chance, even if they contain the same sounds. The key comes first because
/// nothing is kept from people who may listen: decryption is simply part of decoding a sound.
///
/// Any range of a body can be generated on its own, so a client that knows the head can request a single sound.
public struct Parcel: Sendable {
  /// A file to send, and its size in bytes.
  public struct Item: Sendable, Hashable {
    /// Of a prepared sound. It is opened whenever bytes of it are asked for.
    public var path: String
    /// A file that has another size when it is read is a `Problem`.
    public var size: Int

    public init(path: String, size: Int) {
      self.path = path
      self.size = size
    }
  }

  /// The size of the whole body, in bytes.
  public let size: Int
  private let key: Data
  private let items: [Item]

  private static let number = 4
  private static let largest = Int(UInt32.max)

  /// The size in bytes of the smallest parcel for sounds of these sizes.
  public static func size(holding sizes: some Collection<Int>) -> Int {
    StreamCipher.keySize + number * (1 + 2 * sizes.count) + sizes.reduce(0, +)
  }

  /// - Parameters:
  ///   - key: 32 bytes that encrypt no other content.
  ///   - size: in bytes, from `size(holding:)` to 4 GiB.
  /// - Throws: a `Problem` if the sounds do not fit.
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

  /// A range of the body. `0..<size` is all of it.
  /// - Throws: a `Problem` that names a file which cannot be read or whose size has changed.
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
      /// The part of `bytes` that receives this range of the body, and how many bytes at the start of the range are not
      /// requested.
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

  /// The content of the sound files in a body.
  /// - Throws: a `Problem` if it is not a complete parcel.
  public static func open(_ body: Data) throws -> [Data] {
    let body = Data(body)  // Indices start at zero.
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
