import Basics
import Testing

@Suite("Seeded randomness")
struct SeededRandomTests {
  @Test("the sequence of draws never changes")
  func contract() {
    var random = SeededRandom(seed: 1, "test")
    let draws = (0..<4).map { _ in random.below(1000) }
    var again = SeededRandom(seed: 1, "test")
    #expect(draws == (0..<4).map { _ in again.below(1000) })
    var other = SeededRandom(seed: 1, "other")
    #expect(draws != (0..<4).map { _ in other.below(1000) })
  }

  @Test("whole numbers are uniform, and normals have mean 0 and standard deviation 1")
  func distributions() {
    var random = SeededRandom(seed: 2)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[random.below(7)] += 1 }
    // Each count is binomial with a standard deviation of about 93; five of these are exceeded less than once in a
    // million.
    #expect(counts.allSatisfy { abs($0 - 10_000) < 465 })
    let normals = (0..<100_000).map { _ in random.normal() }
    let mean = normals.reduce(0, +) / 100_000
    let variance = normals.reduce(0) { $0 + $1 * $1 } / 100_000
    #expect(abs(mean) < 0.016)
    #expect(abs(variance - 1) < 0.023)
  }
}
