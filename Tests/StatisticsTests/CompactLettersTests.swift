import Statistics
import Testing

@Suite("Compact letter displays")
struct CompactLettersTests {
  private struct Fixture: Decodable {
    struct Case: Decodable {
      var count: Int, first: [Int], second: [Int], differs: [Bool], letters: [String]
    }
    var letters: [Case]
  }

  @Test("as many letters as multcompView's, and two systems share a letter exactly if they do not differ")
  func oracle() throws {
    for one in try Oracle.fixture("systems", as: Fixture.self).letters {
      func differs(_ a: Int, _ b: Int) -> Bool {
        one.first.indices.first { (one.first[$0], one.second[$0]) == (min(a, b), max(a, b)) }.map { one.differs[$0] }
          ?? false
      }
      let letters = compactLetters(one.count, differs: differs)
      for a in 0..<one.count {
        for b in 0..<a {
          #expect(Set(letters[a]).isDisjoint(with: Set(letters[b])) == differs(a, b))
        }
      }
      #expect(Set(letters.joined()).count == Set(one.letters.joined()).count)
    }
  }

  @Test("letters follow the order of the systems")
  func order() {
    #expect(compactLetters(0) { _, _ in true } == [])
    #expect(compactLetters(1) { _, _ in true } == ["a"])
    #expect(compactLetters(3) { _, _ in false } == ["a", "a", "a"])
    #expect(compactLetters(3) { _, _ in true } == ["a", "b", "c"])
    #expect(compactLetters(3) { abs($0 - $1) > 1 } == ["a", "ab", "b"])
    #expect(compactLetters(28) { _, _ in true }.suffix(3) == ["z", "aa", "ab"])
  }
}
