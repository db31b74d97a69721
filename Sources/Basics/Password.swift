import CSodium
import Foundation

/// Passwords as they are stored: hashed by Argon2id (RFC 9106) with a salt, in libsodium's text form, which includes
/// the cost parameters.
public enum Password {
  /// The permitted lengths, in characters. There are no rules on which characters.
  public static let lengths = 10...200

  /// The hash to store. It takes 64 MiB of memory and two passes, about a tenth of a second.
  /// - Throws: `Problem` if that memory is not available.
  public static func hash(_ password: String) throws -> String {
    var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
    let bytes = canonical(password)
    let result = crypto_pwhash_str(
      &text, bytes, UInt64(bytes.count), UInt64(crypto_pwhash_OPSLIMIT_INTERACTIVE),
      Int(crypto_pwhash_MEMLIMIT_INTERACTIVE))
    guard result == 0 else {
      throw Problem("there is not enough memory to hash a password", mend: "64 MiB are needed; close another program.")
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A hash that was made from no password, in the same form and with the same cost as the others. A check against it takes
  /// as long as any, and fails.
  public static func hashOfNobody() -> String {
    func text(_ bytes: Int) -> String {
      Secret.random(bytes).base64EncodedString().replacing("=", with: "")
    }
    let memory = crypto_pwhash_MEMLIMIT_INTERACTIVE / 1024
    return "$argon2id$v=19$m=\(memory),t=\(crypto_pwhash_OPSLIMIT_INTERACTIVE),p=1$\(text(16))$\(text(32))"
  }

  /// Whether `hash` was made from this password. The check takes as long as hashing.
  public static func isRight(_ password: String, _ hash: String) -> Bool {
    let bytes = canonical(password)
    return crypto_pwhash_str_verify(hash, bytes, UInt64(bytes.count)) == 0
  }

  /// Makes a password the same however a keyboard composes its letters.
  private static func canonical(_ password: String) -> [CChar] {
    Array(password.precomposedStringWithCompatibilityMapping.utf8).map { CChar(bitPattern: $0) }
  }
}
