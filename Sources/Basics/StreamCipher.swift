import CSodium
import Foundation

/// ChaCha20 by libsodium: RFC 8439, section 2.4, with a 32-byte key, a 12-byte nonce and 64-byte blocks counted by 32
/// bits.
public enum StreamCipher {
  /// In bytes.
  public static let keySize = 32
  /// In bytes.
  public static let nonceSize = 12
  /// How many bytes one key and nonce can encrypt: 256 GiB.
  public static let longest = blockSize << 32
  private static let blockSize = 64
  /// Lets libsodium choose the fastest code for this processor. Without it, libsodium uses code that runs on all.
  private static let isReady = sodium_init() >= 0

  /// Encrypts or decrypts bytes in place; both are the same operation.
  ///
  /// - Parameters:
  ///   - key: `keySize` bytes. Use a key and nonce for one content only: two contents under the same pair reveal their
  ///     difference.
  ///   - nonce: `nonceSize` bytes. Zeros, if the key is used only once.
  ///   - offset: where `bytes` begin in the whole content, in bytes, so that a part can be decrypted on its own. The
  ///     end must lie within `longest`.
  public static func apply(
    key: Data, nonce: Data = Data(count: nonceSize), to bytes: UnsafeMutableRawBufferPointer, from offset: Int = 0
  ) {
    precondition(key.count == keySize && nonce.count == nonceSize, "a key has 32 bytes and a nonce 12")
    precondition(offset >= 0 && offset <= longest - bytes.count, "the counter would begin anew")
    precondition(isReady, "libsodium does not start")
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    let (key, nonce) = (Array(key), Array(nonce))
    let (block, within) = offset.quotientAndRemainder(dividingBy: blockSize)
    // The rest of a block begun earlier: generate its whole key stream and skip what was already used.
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
