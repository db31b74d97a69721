import Statistics
import Testing

@Suite("Permutation tests")
struct PermutationTests {
  @Test("sign flips over all patterns")
  func exact() throws {
    for f in try Oracle.fixture("tests", as: TestsFixture.self).flips {
      let test = try #require(PermutationTest.signFlip(f.differences, seed: 1))
      #expect(test.isExact && test.permutations == 1 << f.differences.count)
      #expect(close(test.upper, f.upper) && close(test.twoSided, f.twoSided))
    }
    #expect(PermutationTest.signFlip([], seed: 1) == nil)
    #expect(PermutationTest.signFlip([.nan], seed: 1) == nil)
  }

  @Test("random patterns come close to the exact p-value")
  func drawn() throws {
    let differences = (0..<18).map { Double(($0 * 7) % 11) - 3.5 }
    let exact = try #require(PermutationTest.signFlip(differences, seed: 1))
    // The same differences, plus zeros, which change no sum but make the patterns too many to enumerate.
    let drawn = try #require(PermutationTest.signFlip(differences + [0, 0, 0], permutations: 20_000, seed: 1))
    #expect(!drawn.isExact && drawn.permutations == 20_000)
    #expect(abs(drawn.twoSided - exact.twoSided) < 0.02)
  }

  @Test("a perfect system stands out from permuted ones, whose mean agreement is 0")
  func chance() throws {
    let lists = (0..<6).map { RatingPages.List(query: $0, items: 5) }
    let pages = RatingPages(
      listeners: 3, queries: 6, lists: lists,
      pages: (0..<3).flatMap { listener in
        (0..<6).map { .init(listener: listener, list: $0, items: [0, 1, 2, 3, 4], values: [10, 20, 30, 40, 50]) }
      })
    let system = Array(repeating: [1.0, 2, 3, 4, .nan], count: 6)
    for consensus in [false, true] {
      let test = try #require(
        pages.chance(system, consensus: consensus, permutations: 400, seed: 3) { spearman($0, $1) })
      #expect(test.observed == 1)
      // The standard deviation of the mean of 6 Spearman correlations of 4 items is 1/√18; that of its mean over 400
      // draws is 0.012.
      #expect(abs(test.chance) < 0.06)
      #expect(test.upper == 1.0 / 401)
    }
    // The same four candidates in all lists have 24 orders, however many lists there are, and one of them is as good.
    let labels: [[Int?]] = Array(repeating: [0, 1, 2, 3, nil], count: 6)
    let whole = try #require(pages.chance(system, candidates: labels, permutations: 2000, seed: 3) { spearman($0, $1) })
    #expect(abs(whole.upper - 1.0 / 24) < 0.015 && abs(whole.chance) < 0.05)
    // Candidates that are in no other list are permuted within each list.
    let own: [[Int?]] = (0..<6).map { list in (0..<5).map { list * 5 + $0 } }
    let apart = try #require(pages.chance(system, candidates: own, permutations: 400, seed: 3) { spearman($0, $1) })
    #expect(apart.upper == 1.0 / 401)
    #expect(pages.chance(Array(repeating: [1, 1, 1, 1, 1], count: 6), seed: 1) { spearman($0, $1) } == nil)
  }
}
