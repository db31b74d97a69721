import CSodium
import Foundation

/// SHA-256 by libsodium. It identifies content by its bytes, the same on every machine.
public struct ContentHash {
  private var state = crypto_hash_sha256_state()

  public init() { crypto_hash_sha256_init(&state) }

  /// Adds bytes. How they are split between calls does not change the hash.
  public mutating func update(_ bytes: some DataProtocol) {
    for region in bytes.regions {
      region.withUnsafeBytes { raw in
        _ = crypto_hash_sha256_update(&state, raw.bindMemory(to: UInt8.self).baseAddress, UInt64(raw.count))
      }
    }
  }

  /// Adds a text's UTF-8 bytes.
  public mutating func update(_ text: String) { update(Data(text.utf8)) }

  /// Adds a named part, so that two different sequences of parts never hash the same bytes (`ab`, `c` is not `a`,
  /// `bc`).
  public mutating func update(part name: String, _ bytes: some DataProtocol) {
    update("\(name.utf8.count):\(name)\(bytes.count):")
    update(bytes)
  }

  /// Returns 64 lower-case hexadecimal digits and finishes this hash. Start a new one for other content.
  public mutating func finish() -> String {
    var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    crypto_hash_sha256_final(&state, &digest)
    return digest.map { String(UInt32($0) + 0x100, radix: 16).dropFirst() }.joined()
  }

  /// The hash of bytes that are all in memory.
  public static func of(_ bytes: some DataProtocol) -> String {
    var hash = ContentHash()
    hash.update(bytes)
    return hash.finish()
  }

  /// The hash of a text's UTF-8 bytes.
  public static func of(_ text: String) -> String { of(Data(text.utf8)) }

  /// The hash of a file's bytes, read in pieces of 1 MiB.
  /// - Throws: a `Problem` where there is no plain file that can be read.
  public static func ofFile(_ url: URL) throws -> String {
    let handle = FileHandle(fileDescriptor: try InputFile.open(url).descriptor, closeOnDealloc: true)
    var hash = ContentHash()
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(piece) }
    return hash.finish()
  }
}
