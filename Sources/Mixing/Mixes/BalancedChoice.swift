import Basics
import Library

/// Chooses one-shots of a class so that none comes again before all have come, and so that among those that have come
/// least the instruments take turns: no kit with many velocity layers crowds out a kit with one.
struct BalancedChoice {
  private var queue: [OneShot]
  private var used: [Int]
  private var usedOfGroup: [String: Int] = [:]

  /// The random order decides only where the counts leave a choice.
  init(_ oneShots: [OneShot], _ random: inout SeededRandom) {
    queue = random.shuffled(oneShots)
    used = [Int](repeating: 0, count: queue.count)
  }

  mutating func next() -> OneShot {
    let i = queue.indices.min {
      (used[$0], usedOfGroup[queue[$0].group] ?? 0, $0) < (used[$1], usedOfGroup[queue[$1].group] ?? 0, $1)
    }
    guard let i else { preconditionFailure("there is nothing to choose from") }
    used[i] += 1
    usedOfGroup[queue[i].group, default: 0] += 1
    return queue[i]
  }
}
