import CSodium
import Foundation

/// SHA-256, by libsodium: the name of a content, the same on every machine.
public struct ContentHash {
  private var state = crypto_hash_sha256_state()

  public init() { crypto_hash_sha256_init(&state) }

  /// Adds bytes. Where they are parted between calls does not count.
  public mutating func update(_ bytes: some DataProtocol) {
    for region in bytes.regions {
      region.withUnsafeBytes { raw in
        _ = crypto_hash_sha256_update(&state, raw.bindMemory(to: UInt8.self).baseAddress, UInt64(raw.count))
      }
    }
  }

  /// Adds a text's UTF-8 bytes.
  public mutating func update(_ text: String) { update(Data(text.utf8)) }

  /// Adds a named part so that no two different sequences of parts give the same bytes (`ab`,`c` is not `a`,`bc`).
  public mutating func update(part name: String, _ bytes: some DataProtocol) {
    update("\(name.utf8.count):\(name)\(bytes.count):")
    update(bytes)
  }

  /// 64 lower-case hexadecimal digits. Finishes this hash; start a new one for other content.
  public mutating func finish() -> String {
    var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    crypto_hash_sha256_final(&state, &digest)
    return digest.map { String(UInt32($0) + 0x100, radix: 16).dropFirst() }.joined()
  }

  /// Of bytes that are there as a whole.
  public static func of(_ bytes: some DataProtocol) -> String {
    var hash = ContentHash()
    hash.update(bytes)
    return hash.finish()
  }

  /// Of a text's UTF-8 bytes.
  public static func of(_ text: String) -> String { of(Data(text.utf8)) }

  /// Of a file's bytes, read in pieces of 1 MiB.
  /// - Throws: a `Problem` where there is no plain file that can be read.
  public static func ofFile(_ url: URL) throws -> String {
    let handle = FileHandle(fileDescriptor: try InputFile.open(url).descriptor, closeOnDealloc: true)
    var hash = ContentHash()
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(piece) }
    return hash.finish()
  }
}
