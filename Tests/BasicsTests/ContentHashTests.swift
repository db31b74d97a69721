import Basics
import Testing

@Suite("Content hash")
struct ContentHashTests {
  @Test("the hash is SHA-256 (FIPS 180-2, appendix B.1)")
  func known() {
    #expect(ContentHash.of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
