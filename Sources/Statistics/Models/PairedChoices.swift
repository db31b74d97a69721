/// How often each of some items was chosen over each other, or called alike: the data for `PairedChoiceModel`.
public struct PairedChoices: Sendable, Equatable {
  /// The number of items, which are numbered from 0.
  public let items: Int
  /// `wins[i * items + j]` is how often i was chosen over j.
  public private(set) var wins: [Double]
  /// How often i and j were called alike; the same count is at [i, j] and at [j, i].
  public private(set) var ties: [Double]

  public init(items: Int) {
    precondition(items >= 0)
    self.items = items
    wins = Array(repeating: 0, count: items * items)
    ties = wins
  }

  /// Adds `count` choices of `winner` over `loser`, two different items in range.
  public mutating func add(winner: Int, loser: Int, count: Double = 1) {
    precondition((0..<items).contains(winner) && (0..<items).contains(loser) && winner != loser && count >= 0)
    wins[winner * items + loser] += count
  }

  /// Adds `count` answers that the two sound alike.
  public mutating func addTie(_ i: Int, _ j: Int, count: Double = 1) {
    precondition((0..<items).contains(i) && (0..<items).contains(j) && i != j && count >= 0)
    ties[i * items + j] += count
    ties[j * items + i] += count
  }

  typealias Pair = (i: Int, j: Int, wins: Double, losses: Double, ties: Double)

  /// All answers on the pairs i < j that were compared at all.
  var pairs: [Pair] {
    (0..<items).flatMap { i in
      ((i + 1)..<max(i + 1, items)).compactMap { j in
        let pair = (i: i, j: j, wins: wins[i * items + j], losses: wins[j * items + i], ties: ties[i * items + j])
        return pair.wins + pair.losses + pair.ties > 0 ? pair : nil
      }
    }
  }

  /// Whether any two items were called alike.
  public var hasTies: Bool { ties.contains { $0 > 0 } }

  /// Whether the likelihood has exactly one finite maximum, for the models with and without ties.
  ///
  /// Without ties: for every split of the items into two groups, an item of each group was chosen over one of the other
  /// (Ford 1957). With ties, which connect both ways, there must also be a cycle of items with more choices than ties
  /// along it; otherwise strengths and tie parameter can grow together without limit (two items, one choice, one tie).
  public var hasFiniteMaximum: Bool {
    guard items > 1 else { return false }
    func reached(forward: Bool) -> Int {
      var seen = Set([0]), open = [0]
      while let i = open.popLast() {
        for j in 0..<items where !seen.contains(j) {
          let linked = ties[i * items + j] > 0 || (forward ? wins[i * items + j] : wins[j * items + i]) > 0
          if linked {
            seen.insert(j)
            open.append(j)
          }
        }
      }
      return seen.count
    }
    guard reached(forward: true) == items, reached(forward: false) == items else { return false }
    return !hasTies || hasPositiveRing
  }

  /// A Bellman–Ford search for a cycle with a positive sum, where a choice counts 1 and a tie -1.
  private var hasPositiveRing: Bool {
    var longest = Array(repeating: 0.0, count: items)
    for _ in 0...items {
      var changed = false
      for i in 0..<items {
        for j in 0..<items {
          let step: Double
          if wins[i * items + j] > 0 { step = 1 } else if ties[i * items + j] > 0 { step = -1 } else { continue }
          if longest[i] + step > longest[j] {
            longest[j] = longest[i] + step
            changed = true
          }
        }
      }
      if !changed { return false }
    }
    return true
  }
}
