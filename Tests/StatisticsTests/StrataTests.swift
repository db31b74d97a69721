import Statistics
import Testing

@Suite struct StrataTests {
  private let measure: PageMeasure = { spearman($0, $1) }

  @Test func strataAreWeightedByTheirComparisons() {
    let a = [1.0, 2, 3, 4, 9, 8], b = [1.0, 2, 3, 4, 1, 2]
    #expect(agreementWithinStrata(a.span, b.span, ends: [4, 6], measure) == 0.5)
    #expect(agreementWithinStrata(a.span, b.span, ends: [6], measure) == spearman(a, b))
    // A single candidate per stratum says nothing; where one stratum is constant, the other decides.
    #expect(agreementWithinStrata(a.span, b.span, ends: [1, 2, 3, 4, 5, 6], measure) == nil)
    let constant = [1.0, 2, 3, 4, 5, 5]
    #expect(agreementWithinStrata(constant.span, b.span, ends: [4, 6], measure) == 1)
    #expect(agreementWithinStrata(a.span, b.span, ends: [4, 6], fewest: 6, measure) == nil)
    #expect(
      strataSuffice([4, 6], fewest: 5) && !strataSuffice([4, 6], fewest: 6) && !strataSuffice([1, 2], fewest: 2))
  }

  @Test func endsAreWhereStrataChange() {
    #expect(strataEnds([0, 0, 1, 3, 3]) == [2, 3, 5])
    #expect(strataEnds([Int]()) == [0])
  }

  /// Orders are permuted within strata only. Candidates of different strata are never compared, so the chance level is
  /// 0.
  @Test func permutationsStayWithinStrata() throws {
    let strata = [0, 0, 0, 1, 1, 1]
    let pages = RatingPages(
      listeners: 3, queries: 4, lists: (0..<4).map { .init(query: $0, items: 6, strata: strata) },
      pages: (0..<3).flatMap { l in
        (0..<4).map { .init(listener: l, list: $0, items: [5, 3, 4, 0, 2, 1], values: [9, 7, 8, 1, 3, 2]) }
      }, fewest: 3)
    // The scores reverse the order of the strata, but agree within each of them.
    let scores = Array(repeating: [4.0, 5, 6, 1, 2, 3], count: 4)
    let test = try #require(pages.chance(scores, permutations: 400, seed: 1, measure: measure))
    #expect(test.observed == 1 && abs(test.chance) < 0.06 && test.upper < 0.02)
    #expect(pages.scores([scores], measure)[0].allSatisfy { $0 == 1 })
    #expect(pages.pairs(measure).allSatisfy { $0.value == 1 })
  }
}
