import Basics
import Foundation
import Testing

@Suite("MD5")
struct MD5Tests {
  @Test("the hashes of RFC 1321, and of messages whose lengths are around the block size")
  func known() {
    func hash(_ text: String) -> String { MD5.hash(Data(text.utf8)).map { String(format: "%02x", $0) }.joined() }
    #expect(hash("") == "d41d8cd98f00b204e9800998ecf8427e")
    #expect(hash("abc") == "900150983cd24fb0d6963f7d28e17f72")
    #expect(hash("abcdefghijklmnopqrstuvwxyz") == "c3fcd3d76192e4007dfb496cca67e13b")
    #expect(
      hash(String(repeating: "1234567890", count: 8)) == "57edf4a22be3c955ac49da2e2107b67a")
    #expect(hash(String(repeating: "a", count: 55)) == "ef1772b6dff9a122358552954ad0df65")
    #expect(hash(String(repeating: "a", count: 56)) == "3b0c8ac703f828b04c6c197006d17218")
    #expect(hash(String(repeating: "a", count: 63)) == "b06521f39153d618550606be297466d5")
    #expect(hash(String(repeating: "a", count: 64)) == "014842d480b571495a4a0363793f7367")
    #expect(hash(String(repeating: "a", count: 65)) == "c743a45e0d2e6a95cb859adae0248435")
    #expect(hash(String(repeating: "a", count: 119)) == "8a7bd0732ed6a28ce75f6dabc90e1613")
    #expect(hash(String(repeating: "a", count: 120)) == "5f61c0ccad4cac44c75ff505e1f1e537")
  }
}
