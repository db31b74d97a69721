import Statistics
import Testing

@Suite("Alternative annotator test")
struct AlternativeAnnotatorTests {
  @Test("p-values, adjustment, winning rate and advantage")
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

  @Test("a model that is always as good beats every annotator; one instance is no sample")
  func ends() throws {
    let same = Array(repeating: (model: 1.0, annotator: 1.0), count: 5)
    let test = try #require(AlternativeAnnotatorTest(alignments: [same, same, [(model: 0, annotator: 1)]]))
    #expect(test.annotators.count == 2)
    #expect(test.winningRate == 1)
    #expect(AlternativeAnnotatorTest(alignments: [[]]) == nil)
  }
}
