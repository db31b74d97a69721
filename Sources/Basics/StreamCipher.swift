import CSodium
import Foundation

/// ChaCha20 by libsodium: RFC 8439, section 2.4, with a key of 32 bytes, a nonce of 12 and blocks of 64 bytes whose
/// counter has 32 bits.
public enum StreamCipher {
  public static let keySize = 32
  public static let nonceSize = 12
  /// What one key and nonce can encipher: 256 GiB.
  public static let longest = blockSize << 32
  private static let blockSize = 64
  /// Lets libsodium choose what is fastest on this processor; otherwise it takes what runs on all.
  private static let isReady = sodium_init() >= 0

  /// Enciphers or deciphers bytes in place: both are the same.
  ///
  /// - Parameters:
  ///   - key: `keySize` bytes. A key and nonce are for one content only: two contents under the same ones tell their
  ///     difference.
  ///   - nonce: `nonceSize` bytes; zeros where a key is used once.
  ///   - offset: where `bytes` begin in the whole, so that a part can be had on its own. The end lies within `longest`.
  public static func apply(
    key: Data, nonce: Data = Data(count: nonceSize), to bytes: UnsafeMutableRawBufferPointer, from offset: Int = 0
  ) {
    precondition(key.count == keySize && nonce.count == nonceSize, "a key has 32 bytes and a nonce 12")
    precondition(offset >= 0 && offset <= longest - bytes.count, "the counter would begin anew")
    precondition(isReady, "libsodium does not start")
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    let (key, nonce) = (Array(key), Array(nonce))
    let (block, within) = offset.quotientAndRemainder(dividingBy: blockSize)
    // The rest of a block that was begun before: its stream is made whole, and what was used of it passed over.
    let head = within == 0 ? 0 : min(bytes.count, blockSize - within)
    if head > 0 {
      var stream = [UInt8](repeating: 0, count: blockSize)
      crypto_stream_chacha20_ietf_xor_ic(&stream, stream, UInt64(blockSize), nonce, UInt32(block), key)
      for i in 0..<head { start[i] ^= stream[within + i] }
    }
    if head < bytes.count {
      let next = UInt32((offset + head) / blockSize)
      crypto_stream_chacha20_ietf_xor_ic(start + head, start + head, UInt64(bytes.count - head), nonce, next, key)
    }
  }
}
