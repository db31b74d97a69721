import Statistics
import Testing

@Suite("Equivalence and sign tests")
struct EquivalenceTests {
  @Test("agree with scipy's tails")
  func oracle() throws {
    let f = try Oracle.fixture("tests", as: TestsFixture.self)
    for e in f.equivalences {
      let test = Equivalence(
        estimate: e.estimate, standardError: e.error, margin: e.margin, degreesOfFreedom: e.df)
      #expect(close(test.above, e.above) && close(test.below, e.below))
      #expect(test.p == max(test.above, test.below))
    }
    for s in f.signs { #expect(close(signTest(wins: s.wins, losses: s.losses), s.p), "\(s.wins):\(s.losses)") }
  }

  @Test("resamples beyond the margins count, and never give 0")
  func resamples() {
    let test = Equivalence(resamples: [-0.2, 0, 0.05, .nan, 0.01], margin: 0.1)
    #expect(test?.above == 2.0 / 5)
    #expect(test?.below == 1.0 / 5)
    #expect(Equivalence(resamples: [.nan], margin: 1) == nil)
    #expect(bootstrapP([1, 2, 3]) == 0.5)
    #expect(bootstrapP([-1, 1]) == 1)
    #expect(bootstrapP([]) == nil)
  }
}
