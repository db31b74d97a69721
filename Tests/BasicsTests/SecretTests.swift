import Basics
import Foundation
import Testing

@Suite("Secrets")
struct SecretTests {
  @Test("an authentication code is HMAC-SHA-256 (RFC 4231, case 2)")
  func code() {
    let code = Secret.authenticate("what do ya want for nothing?", key: Data("Jefe".utf8))
    #expect(
      code.map { String(UInt32($0) + 0x100, radix: 16).dropFirst() }.joined()
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }

  @Test("bytes are written as base64url without padding")
  func text() {
    for count in 0..<70 {
      let bytes = Secret.random(count)
      let expected = bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        .replacing("=", with: "")
      #expect(Secret.urlText(bytes) == expected)
    }
  }

  @Test("only equal texts compare as equal")
  func equal() {
    #expect(Secret.areEqual("abc", "abc"))
    #expect(Secret.areEqual("", ""))
    for other in ["", "ab", "abd", "abcd", "ABC"] { #expect(!Secret.areEqual("abc", other)) }
  }
}
