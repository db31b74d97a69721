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

  private func greedy(_ exposure: [Int], _ random: inout SeededRandom) -> (items: [Int], cost: Int) {
    var rest = random.shuffled(Array(0..<itemCount))
    var ofQuery = [Int](repeating: 0, count: itemCount)
    var ofCondition = [Int](repeating: 0, count: itemCount)
    var chosen: [Int] = []
    while chosen.count < perParticipant {
      var best = 0
      func rank(_ place: Int) -> (Int, Int, Int) {
        let item = rest[place]
        return (exposure[item], ofQuery[queries[item]], ofCondition[conditions[item]])
      }
      for place in rest.indices.dropFirst() where rank(place) < rank(best) { best = place }
      let item = rest.remove(at: best)
      ofQuery[queries[item]] += 1
      ofCondition[conditions[item]] += 1
      chosen.append(item)
    }
    func squares(_ counts: [Int]) -> Int { counts.reduce(0) { $0 + $1 * $1 } }
    return (chosen, squares(ofQuery) + squares(ofCondition))
  }
}
