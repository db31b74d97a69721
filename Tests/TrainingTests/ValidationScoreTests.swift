import Testing
import Training

@Suite("Validation score") struct ValidationScoreTests {
  @Test func figures() {
    let score = ValidationScore(ranks: [[1, 2], [4, 10], [1, 1]])
    #expect(score.mrr == [0.75, 0.175, 1])
    #expect(score.first == [0.5, 0, 1])
    #expect(score.firstFive == [1, 0.5, 1])
    #expect(abs(score.meanMRR - (0.75 + 0.175 + 1) / 3) < 1e-12)
    #expect(score.queryCount == 6)
  }

  @Test func chance() { #expect(abs(ValidationScore.chance(pool: 3) - (1 + 0.5 + 1 / 3.0) / 3) < 1e-12) }
}
