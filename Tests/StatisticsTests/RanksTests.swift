import Statistics
import Testing

@Suite("Ranks")
struct RanksTests {
  @Test("tied values share the mean of their ranks")
  func ties() throws {
    #expect(averageRanks([3, 1, 3, 2]) == [3.5, 1, 3.5, 2])
    #expect(averageRanks([]) == [])
    #expect(averageRanks([1, .nan]) == nil)
    #expect(averageRanks([.infinity, -.infinity, 0, -0.0]) == [4, 1, 2.5, 2.5])
    for c in try Oracle.fixture("ranks", as: RankFixture.self).correlations { #expect(averageRanks(c.a) == c.ranks) }
  }

  @Test("sums of decimal ratings tie exactly")
  func fixedPoint() throws {
    #expect(0.1 + 0.2 != 0.3)
    let exact = try #require(FixedPoint([0.1, 0.2, 0.3, 12.5]))
    #expect(exact.isExact && exact.scale == 10)
    #expect(exact.values[0] + exact.values[1] == exact.values[2])
    let rounded = try #require(FixedPoint([1.0 / 3, -2.5e6]))
    #expect(!rounded.isExact)
    #expect(abs(rounded.values[0] / rounded.scale - 1.0 / 3) < 1e-5)
    #expect(FixedPoint([1, .nan])?.scale == nil)
    #expect(FixedPoint([1, .nan], missing: true)?.values[1].isNaN == true)
  }
}
