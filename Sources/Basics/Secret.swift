import CSodium
import Foundation

/// Secrets, and codes that prove knowledge of one.
public enum Secret {
  /// Random bytes from the system's generator.
  public static func random(_ count: Int) -> Data {
    var generator = SystemRandomNumberGenerator()
    return Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
  }

  /// HMAC-SHA-256 of `message`. `key` may have any length.
  public static func authenticate(_ message: String, key: Data) -> Data {
    var state = crypto_auth_hmacsha256_state()
    let keyBytes = Array(key)
    crypto_auth_hmacsha256_init(&state, keyBytes, keyBytes.count)
    let bytes = Array(message.utf8)
    crypto_auth_hmacsha256_update(&state, bytes, UInt64(bytes.count))
    var code = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
    crypto_auth_hmacsha256_final(&state, &code)
    return Data(code)
  }

  /// Whether two texts are equal, in a time that does not reveal where they differ.
  public static func areEqual(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    return a.count == b.count && sodium_memcmp(a, b, a.count) == 0
  }

  /// Base64 in the URL-safe alphabet, without padding.
  public static func urlText(_ bytes: Data) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 4 + 2) / 3)
    var held: UInt32 = 0
    var bits = 0
    for byte in bytes {
      held = held << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(letters[Int(held >> UInt32(bits)) & 63])
      }
    }
    if bits > 0 { text.append(letters[Int(held << UInt32(6 - bits)) & 63]) }
    return String(decoding: text, as: UTF8.self)
  }
}
