import Foundation
import Statistics
import Testing

@Suite("Alternative annotator test")
struct AlternativeAnnotatorTests {
  @Test("p-values, correction, winning rate and advantage")
  func oracle() throws {
    for a in try Oracle.fixture("tests", as: TestsFixture.self).annotators {
      let test = try #require(
        AlternativeAnnotatorTest(
          alignments: a.alignments.map { $0.map { (model: $0[0], annotator: $0[1]) } }, epsilon: a.epsilon))
      for (one, (p, adjusted)) in zip(test.annotators, zip(a.p, a.adjusted)) {
        #expect(close(one.p, p) && close(one.adjusted, adjusted))
      }
      #expect(test.winningRate == a.winning)
      #expect(close(test.advantage, a.advantage))
    }
  }

  @Test("an annotator with a single instance is left out")
  func ends() throws {
    let same = Array(repeating: (model: 1.0, annotator: 1.0), count: 5)
    let test = try #require(AlternativeAnnotatorTest(alignments: [same, same, [(model: 0, annotator: 1)]]))
    #expect(test.annotators.count == 2)
    #expect(AlternativeAnnotatorTest(alignments: [[]]) == nil)
  }

  @Test("if all instances go the same way, p is an upper bound that falls with their number, and never 0")
  func noSpread() throws {
    func p(_ pair: (model: Double, annotator: Double), _ count: Int) throws -> Double {
      let one = Array(repeating: pair, count: count)
      return try #require(AlternativeAnnotatorTest(alignments: [one], epsilon: 0.1)).annotators[0].p
    }
    // Upper bounds of p: (1 − 0.1)ⁿ if it always ties, ((1 − 0.1)/2)ⁿ if it always wins, 1 if it always loses.
    for count in [5, 40] {
      let ties = try p((1, 1), count)
      #expect(close(ties, pow(0.9, Double(count))))
    }
    let wins = try p((2, 1), 2), losses = try p((0, 1), 30)
    #expect(close(wins, 0.45 * 0.45) && losses == 1)
  }

  @Test("two annotators are too few for a verdict")
  func tooFew() throws {
    let clear = Array(repeating: (model: 1.0, annotator: 0.0), count: 30)
    #expect(try #require(AlternativeAnnotatorTest(alignments: [clear, clear])).passes == nil)
    #expect(try #require(AlternativeAnnotatorTest(alignments: [clear, clear, clear])).passes == true)
  }
}
