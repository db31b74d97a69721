import Basics
import Library

/// Chooses one-shots of a class in turn, so that none comes a second time before all have come once. Among those that
/// have come least often, the instruments take turns, so that a kit with many velocity layers does not crowd out a kit
/// with one.
struct BalancedChoice {
  private var queue: [OneShot]
  private var used: [Int]
  private var usedOfGroup: [String: Int] = [:]

  /// The random order only decides between one-shots that have come equally often.
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
