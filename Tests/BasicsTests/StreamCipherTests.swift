import Basics
import Foundation
import Testing

@Suite("Stream cipher")
struct StreamCipherTests {
  private static func apply(_ key: Data, _ nonce: Data, _ bytes: Data, from offset: Int = 0) -> Data {
    var bytes = bytes
    bytes.withUnsafeMutableBytes { StreamCipher.apply(key: key, nonce: nonce, to: $0, from: offset) }
    return bytes
  }

  private static let key = Data(0..<32)
  private static let nonce = Data([0, 0, 0, 0, 0, 0, 0, 0x4a, 0, 0, 0, 0])

  @Test("the example of RFC 8439, section 2.4.2")
  func example() {
    let text = Data(
      ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
        + "it.").utf8)
    // The example numbers its blocks from 1.
    let enciphered = Self.apply(Self.key, Self.nonce, text, from: 64)
    #expect(
      enciphered.map { String(UInt32($0) + 0x100, radix: 16).dropFirst() }.joined() == """
        6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b3571639d624e65152ab\
        8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42\
        874d
        """)
    #expect(Self.apply(Self.key, Self.nonce, enciphered, from: 64) == text)
  }

  @Test("any range is encrypted as it is in the whole")
  func parts() {
    let whole = Self.apply(Self.key, Self.nonce, Data(count: 300))
    for start in [0, 1, 63, 64, 65, 127, 128, 200, 299, 300] {
      for end in [start, start + 1, start + 5, start + 64, start + 70, 300] where end <= 300 && end >= start {
        #expect(Self.apply(Self.key, Self.nonce, Data(count: end - start), from: start) == whole[start..<end])
      }
    }
  }
}
