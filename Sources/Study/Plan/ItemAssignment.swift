import Basics

/// Which items each participant rates in the main block if there are more than one listener can rate.
///
/// Each participant in turn is given the items shown least often so far; among those, items whose query and condition
/// the participant has met least often. Hence, over the first n participants, the numbers of showings of any two items
/// differ by at most one, and over any n consecutive participants by at most two. After `roundLength` participants, all
/// items have been shown equally often, and a new round is drawn, so that no two items always go together.
struct ItemAssignment {
  let itemCount: Int
  let perParticipant: Int
  /// The number of participants after which all items have been shown equally often.
  let roundLength: Int
  private let queries: [Int]
  private let conditions: [Int]
  /// Items with the same query and condition are in the same cell.
  private let cells: [Int]
  private let seed: UInt64

  init(_ items: [StudyDesign.Item], perParticipant: Int, seed: UInt64) {
    func numbers(_ names: [String]) -> [Int] {
      var known: [String: Int] = [:]
      return names.map { name in
        if known[name] == nil { known[name] = known.count }
        return known[name] ?? 0
      }
    }
    itemCount = items.count
    self.perParticipant = perParticipant
    var (a, b) = (items.count, perParticipant)
    while b != 0 { (a, b) = (b, a % b) }
    roundLength = perParticipant == 0 ? 1 : items.count / a
    queries = numbers(items.map(\.query))
    conditions = numbers(items.map(\.condition))
    cells = numbers(zip(queries, conditions).map { "\($0) \($1)" })
    self.seed = seed
  }

  /// The items of a participant (from 1) in ascending order, and how often each item was shown to earlier participants.
  func items(of participant: Int) -> (shown: [Int], before: [Int]) {
    let (round, step) = (participant - 1).quotientAndRemainder(dividingBy: roundLength)
    // Each full round shows all items equally often. The limit keeps the count valid for participant numbers beyond any
    // population.
    let full = min(round, 1 << 32) * (roundLength * perParticipant / max(1, itemCount))
    if perParticipant == itemCount { return (Array(0..<itemCount), [Int](repeating: full, count: itemCount)) }
    var random = SeededRandom(seed: seed, "assignment", "round \(round)")
    var exposure = [Int](repeating: 0, count: itemCount)
    for other in 0...step {
      let chosen = choose(exposure, &random)
      if other == step { return (chosen, exposure.map { $0 + full }) }
      for item in chosen { exposure[item] += 1 }
    }
    return ([], [])
  }

  /// The best of a few greedy choices, because the last ones in a round have few items left to choose from.
  private func choose(_ exposure: [Int], _ random: inout SeededRandom) -> [Int] {
    var best: (items: [Int], cost: Int) = ([], .max)
    for _ in 0..<4 {
      let attempt = greedy(exposure, &random)
      if attempt.cost < best.cost { best = attempt }
    }
    return best.items.sorted()
  }

  /// Takes one item after the other: the one shown least often; among those, the one whose query, then whose condition, was
  /// taken least often; among those, the first in a random order.
  ///
  /// Only the first item that waits in each cell can be next, and only the counts of its query and condition change. Hence
  /// each condition has a heap of its cells, in which those of the query that was just taken are put in order when they
  /// come up.
  private func greedy(_ exposure: [Int], _ random: inout SeededRandom) -> (items: [Int], cost: Int) {
    let order = random.shuffled(Array(0..<itemCount))
    var ofQuery = [Int](repeating: 0, count: itemCount)
    var ofCondition = [Int](repeating: 0, count: itemCount)
    // The places of each cell's items, least shown first: the first one, and the one behind each.
    var first = [Int?](repeating: nil, count: (cells.max() ?? -1) + 1), last = first
    var behind = [Int?](repeating: nil, count: itemCount)
    var heaps = [Heap](repeating: Heap(), count: (conditions.max() ?? -1) + 1)
    for level in (exposure.min() ?? 0)...(exposure.max() ?? 0) {
      for (place, item) in order.enumerated() where exposure[item] == level {
        if let before = last[cells[item]] {
          behind[before] = place
        } else {
          first[cells[item]] = place
          heaps[conditions[item]].append(Next(exposure: level, ofQuery: 0, place: place))
        }
        last[cells[item]] = place
      }
    }
    func next(in cell: Int) -> Next? {
      first[cell].map { Next(exposure: exposure[order[$0]], ofQuery: ofQuery[queries[order[$0]]], place: $0) }
    }
    var chosen: [Int] = []
    while chosen.count < perParticipant {
      var best: (rank: (Int, Int, Int, Int), condition: Int)?
      for condition in heaps.indices {
        while let top = heaps[condition].first, let now = next(in: cells[order[top.place]]), top < now {
          heaps[condition].removeFirst()
          heaps[condition].insert(now)
        }
        guard let top = heaps[condition].first else { continue }
        let rank = (top.exposure, top.ofQuery, ofCondition[condition], top.place)
        if best.map({ rank < $0.rank }) ?? true { best = (rank, condition) }
      }
      guard let best else { break }
      let item = order[best.rank.3]
      ofQuery[queries[item]] += 1
      ofCondition[best.condition] += 1
      chosen.append(item)
      first[cells[item]] = behind[best.rank.3]
      heaps[best.condition].removeFirst()
      if let next = next(in: cells[item]) { heaps[best.condition].insert(next) }
    }
    func squares(_ counts: [Int]) -> Int { counts.reduce(0) { $0 + $1 * $1 } }
    return (chosen, squares(ofQuery) + squares(ofCondition))
  }
}

/// The first item that waits in a cell, as far as its rank within a condition goes.
private struct Next: Comparable {
  let exposure, ofQuery, place: Int

  static func < (one: Next, other: Next) -> Bool {
    (one.exposure, one.ofQuery, one.place) < (other.exposure, other.ofQuery, other.place)
  }
}

/// A binary heap with the smallest element first.
private struct Heap {
  private var elements: [Next] = []

  var first: Next? { elements.first }

  /// Adds an element that is not less than any other.
  mutating func append(_ element: Next) { elements.append(element) }

  mutating func insert(_ element: Next) {
    elements.append(element)
    var place = elements.count - 1
    while place > 0, element < elements[(place - 1) / 2] {
      elements[place] = elements[(place - 1) / 2]
      place = (place - 1) / 2
    }
    elements[place] = element
  }

  mutating func removeFirst() {
    guard let moved = elements.popLast(), !elements.isEmpty else { return }
    var place = 0
    while 2 * place + 1 < elements.count {
      var child = 2 * place + 1
      if child + 1 < elements.count, elements[child + 1] < elements[child] { child += 1 }
      guard elements[child] < moved else { break }
      elements[place] = elements[child]
      place = child
    }
    elements[place] = moved
  }
}
