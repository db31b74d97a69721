import Basics

/// Orders of `count` things in which, over the participants, each thing comes equally often at each position and
/// equally often directly after each other thing: a Williams design (E. J. Williams 1949), its labels and rows shuffled
/// by the seed.
struct BalancedOrder {
  private let rows: [[Int]]
  private let count: Int

  init(count: Int) {
    self.count = count
    // 0, 1, n−1, 2, n−2 …: each pair of neighbours has a different difference, so the n rotations contain every ordered
    // pair of neighbours.
    let first = (0..<count).map { $0 == 0 ? 0 : $0 % 2 == 1 ? ($0 + 1) / 2 : count - $0 / 2 }
    let rotations = (0..<count).map { shift in first.map { ($0 + shift) % count } }
    // An odd count needs the mirror images as well.
    rows = count % 2 == 0 || count < 2 ? rotations : rotations + rotations.map { $0.reversed() }
  }

  /// The order for the `use`-th time (from 0) that one is needed. Any `count` uses that start at a multiple of `count`
  /// show each thing exactly once at each position. `stream` separates different uses of one seed.
  func order(use: Int, seed: UInt64, stream: String) -> [Int] {
    guard count > 1 else { return Array(0..<count) }
    let (cycle, step) = use.quotientAndRemainder(dividingBy: rows.count)
    var random = SeededRandom(seed: seed, stream, "cycle \(cycle)")
    let labels = random.shuffled(Array(0..<count))
    // Rotations and mirror images are each a Latin square. Shuffled separately, every `count` rows stay balanced.
    let squares = stride(from: 0, to: rows.count, by: count).flatMap { random.shuffled(Array($0..<$0 + count)) }
    return rows[squares[step]].map { labels[$0] }
  }
}
