import Basics
import Foundation
import Ratings
import Statistics
import Study

/// What ratings say about dissimilarities.
protocol DissimilaritySource: Sendable {
  var names: [String] { get }
  /// The names that make a map; nil if they are too few, too many, or too sparsely connected.
  var usable: [Int]? { get }
  /// Why there is no map.
  var lack: String { get }
  /// A square table of dissimilarities between the given names, with each listener counted the given number of times.
  func table(_ kept: [Int], _ listeners: [Int32]?) -> [[Double?]]
  /// The same table for a system.
  func table(_ kept: [Int], of system: String, in distances: SystemDistances) -> [[Double?]]
}

extension DissimilaritySource {
  /// The names that remain when those with fewer than `least` known pairs are dropped repeatedly.
  fileprivate func core(_ known: [[Double?]], least: Int) -> [Int] {
    var kept = Array(known.indices)
    while true {
      let next = kept.filter { i in kept.count { $0 != i && known[i][$0] != nil } >= least }
      if next.count == kept.count { return kept }
      kept = next
    }
  }

  /// A sound's two coordinates are two unknowns, so a map needs every pair, or twice as many pairs as unknowns.
  fileprivate func suffices(_ table: [[Double?]]) -> Bool {
    let n = table.count, pairs = PerceptualSpace.pairs(n).count { table[$0.0][$0.1] != nil }
    let differ = Set(PerceptualSpace.pairs(n).compactMap { table[$0.0][$0.1] }).count > 1
    return (PerceptualSpace.fewestItems...PerceptualSpace.mostItems).contains(n) && differ
      && (pairs == n * (n - 1) / 2 || pairs >= 4 * n)
  }
}

/// What says directly how alike two sounds are, as opposed to what follows from their profiles.
private protocol PairSource: DissimilaritySource {
  var judgements: [LikenessTable.Judgement] { get }

  /// The dissimilarity of two sounds whose judgements have this mean.
  func dissimilarity(_ mean: Double) -> Double
}

extension PairSource {
  var usable: [Int]? {
    guard names.count <= 4 * PerceptualSpace.mostItems, !judgements.isEmpty else { return nil }
    let all = table(Array(names.indices), nil), kept = core(all, least: 3)
    return suffices(kept.map { i in kept.map { all[i][$0] } }) ? kept : nil
  }

  func table(_ kept: [Int], _ listeners: [Int32]?) -> [[Double?]] {
    var place = Array(repeating: -1, count: names.count)
    for (new, old) in kept.enumerated() { place[old] = new }
    let n = kept.count
    var sums = Array(repeating: 0.0, count: n * n), counts = sums
    for judgement in judgements {
      let weight = listeners.map { Double($0[judgement.listener]) } ?? 1
      guard weight > 0, place[judgement.first] >= 0, place[judgement.second] >= 0 else { continue }
      let at = place[judgement.first] * n + place[judgement.second]
      sums[at] += weight * judgement.value
      counts[at] += weight
    }
    return (0..<n).map { i in
      (0..<n).map { j in
        if i == j { return 0 }
        let at = min(i, j) * n + max(i, j)  // the first of two has the lower number, and places rise with numbers
        return counts[at] > 0 ? dissimilarity(sums[at] / counts[at]) : nil
      }
    }
  }

  func table(_ kept: [Int], of system: String, in distances: SystemDistances) -> [[Double?]] {
    let known = table(kept, nil), own = distances.between(kept.map { names[$0] }, of: system)
    return known.indices.map { i in known.indices.map { known[i][$0] == nil ? nil : own[i][$0] } }
  }
}

/// Sounds that were judged two at a time.
struct JudgedPairs: PairSource {
  let names: [String]
  fileprivate let judgements: [LikenessTable.Judgement]

  /// Listeners are renumbered, so that those of other sets are not drawn.
  init(_ set: LikenessTable.SoundSet) {
    names = set.sounds
    var numbers = Numbering()
    judgements = set.judgements.map { judgement in
      var judgement = judgement
      judgement.listener = numbers.number(judgement.listener)
      return judgement
    }
  }

  var lack: String {
    "A map needs \(PerceptualSpace.fewestItems) to \(PerceptualSpace.mostItems, "sound") that are not all equally similar, with every pair judged or at least four pairs per sound; there \(OneAndMany.words(names.count, "is", "are")) \(names.count, "sound")."
  }

  fileprivate func dissimilarity(_ mean: Double) -> Double { 1 - mean }
}

/// Ratings of sounds for one another.
struct RatedPairs: PairSource {
  let names: [String]
  /// Ratings without the listener's own level.
  fileprivate let judgements: [LikenessTable.Judgement]
  private let scale: ClosedRange<Double>

  init(_ sample: Sample) {
    let study = sample.study, effects = ListenerEffects(study, pages: sample.pages).effects
    var queries = Names(), candidates = Names()
    for page in sample.pages {
      _ = queries.number(study.queries[study.items[page.item].query])
      for candidate in page.candidates { _ = candidates.number(study.items[page.item].candidates[candidate]) }
    }
    let shared = queries.all.filter { candidates.find($0) != nil }
    var names = Names(), ratings: [LikenessTable.Judgement] = []
    if 2 * shared.count >= Set(queries.all + candidates.all).count {
      for name in Set(queries.all + candidates.all).sorted() { _ = names.number(name) }
      for page in sample.pages {
        let item = study.items[page.item], query = Int(names.find(study.queries[item.query]) ?? 0)
        for (candidate, rating) in zip(page.candidates, page.ratings) {
          let other = Int(names.find(item.candidates[candidate]) ?? 0)
          guard other != query else { continue }
          ratings.append(
            .init(
              listener: page.listener, first: min(query, other), second: max(query, other),
              value: rating - effects[page.listener]))
        }
      }
    }
    self.names = names.all
    judgements = ratings
    scale = study.scale
    sharedNames = shared.count
  }

  private let sharedNames: Int

  var lack: String {
    sharedNames == 0
      ? "No sound is both a query and a candidate, so none were rated for one another;"
        + " a map needs \(PerceptualSpace.fewestItems) or more sounds, each rated for most of the others."
      : "\(sharedNames, "sound is", "sounds are") both query and candidate, too few or rated for too few of the others;"
        + " a map needs \(PerceptualSpace.fewestItems) or more, with every pair rated or at least four pairs per sound."
  }

  fileprivate func dissimilarity(_ mean: Double) -> Double {
    max(0, (scale.upperBound - mean) / (scale.upperBound - scale.lowerBound))
  }
}

/// Ratings of the same candidates for several queries.
struct RatedProfiles: DissimilaritySource {
  let names: [String]
  /// The query and condition of each item.
  private let items: [(query: String, condition: String)]
  private struct Rating { var listener: Int, item: Int, candidate: Int, value: Double }
  private let ratings: [Rating]
  private let queries: Int

  init(_ sample: Sample) {
    let study = sample.study, effects = ListenerEffects(study, pages: sample.pages).effects
    var itemsOf: [String: Set<Int>] = [:]
    for page in sample.pages {
      for candidate in page.candidates {
        itemsOf[study.items[page.item].candidates[candidate], default: []].insert(page.item)
      }
    }
    // Only candidates that recur have a profile; a large pool is not checked pair by pair.
    let recurring = itemsOf.filter { $0.value.count >= PerceptualSpace.fewestShared }.keys.sorted()
    names = recurring.count > 4 * PerceptualSpace.mostItems ? [] : recurring
    items = study.items.map { (study.queries[$0.query], study.conditions[$0.condition]) }
    queries = Set(sample.pages.map(\.item)).count
    mostShared = itemsOf.values.map(\.count).max() ?? 0
    recurringCount = recurring.count
    let number = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    ratings = sample.pages.flatMap { page in
      zip(page.candidates, page.ratings).compactMap { candidate, rating in
        number[study.items[page.item].candidates[candidate]].map {
          Rating(listener: page.listener, item: page.item, candidate: $0, value: rating - effects[page.listener])
        }
      }
    }
  }

  private let mostShared: Int, recurringCount: Int

  var usable: [Int]? {
    guard names.count >= PerceptualSpace.fewestItems else { return nil }
    let all = table(Array(names.indices), nil), kept = core(all, least: 3)
    return suffices(kept.map { i in kept.map { all[i][$0] } }) ? kept : nil
  }

  var lack: String {
    "\(recurringCount, "candidate recurs", "candidates recur") in \(PerceptualSpace.fewestShared) or more of \(queries, "query") (the most frequent one in \(mostShared));"
      + " a map of rating profiles needs \(PerceptualSpace.fewestItems) to \(PerceptualSpace.mostItems, "candidate"), with every pair"
      + " (or at least four pairs per candidate) rated for \(PerceptualSpace.fewestShared) or more of the same queries."
  }

  /// - Parameter profiles: by candidate, then by item: a value, or nil if there is none.
  private func distances(_ profiles: [[Double?]]) -> [[Double?]] {
    let n = profiles.count
    var table = Array(repeating: [Double?](repeating: nil, count: n), count: n)
    for i in 0..<n {
      table[i][i] = 0
      let known = profiles[i].enumerated().compactMap { item, value in value.map { (item, $0) } }
      for j in 0..<i {
        let others = profiles[j]
        var sum = 0.0, shared = 0
        for (item, value) in known {
          guard let other = others[item] else { continue }
          sum += (value - other) * (value - other)
          shared += 1
        }
        guard shared >= PerceptualSpace.fewestShared else { continue }
        table[i][j] = (sum / Double(shared)).squareRoot()
        table[j][i] = table[i][j]
      }
    }
    return table
  }

  func table(_ kept: [Int], _ listeners: [Int32]?) -> [[Double?]] {
    var place = Array(repeating: -1, count: names.count)
    for (new, old) in kept.enumerated() { place[old] = new }
    var sums = Array(repeating: 0.0, count: kept.count * items.count), counts = sums
    for rating in ratings where place[rating.candidate] >= 0 {
      let weight = listeners.map { Double($0[rating.listener]) } ?? 1
      guard weight > 0 else { continue }
      let at = place[rating.candidate] * items.count + rating.item
      sums[at] += weight * rating.value
      counts[at] += weight
    }
    return distances(
      kept.indices.map { candidate in
        items.indices.map { item in
          let at = candidate * items.count + item
          return counts[at] > 0 ? sums[at] / counts[at] : nil
        }
      })
  }

  func table(_ kept: [Int], of system: String, in orders: SystemDistances) -> [[Double?]] {
    let rated = Set(ratings.map { [$0.candidate, $0.item] })
    return distances(
      kept.map { candidate in
        items.enumerated().map { number, item in
          rated.contains([candidate, number])
            ? orders.value(system, item.query, item.condition, names[candidate]) : nil
        }
      })
  }
}
