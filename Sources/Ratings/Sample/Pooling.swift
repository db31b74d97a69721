import Study

/// Which candidates were on the pages because some system put them first, and what may be compared in spite of that.
///
/// A page that shows the first k of each system, perhaps with candidates drawn at random, has its candidates because of
/// the very orders that are judged. A random order then seems to disagree with listeners: what it put first is there by
/// chance, and is compared with what other systems selected. So for each system the candidates of an item are divided
/// into strata, and only candidates of the same stratum are compared:
///
/// - *anyway*: in another system's first k, or the hidden reference. They were there whatever the system said.
/// - *own or drawn*: in no other system's first k. Either the system itself put them first, or they were drawn at
///   random from all that no system put first. For a random order, which of these are its own is a matter of chance.
///
/// Given what the others proposed, each order within a stratum is equally likely for a system whose order has nothing
/// to do with the sounds, so its expected agreement is 0 (as if a random ranking were sent through the same pooling).
/// This does not hold between strata, so nothing is compared there.
///
/// If a page had no room for all, systems lose their last ranks, and whether a candidate stayed may depend on how much
/// a system's first candidates overlap with the others'. Only ranks that were shown in any case (`sureRanks`) are
/// *anyway*. Candidates of later ranks of other systems form two strata of their own: those that the system put among
/// its first k, and the rest.
public struct Pooling: Sendable, Equatable {
  /// How the pooling is known: from the plan, from the export, or inferred from the pages.
  public enum Source: String, Sendable { case plan, export, inferred }

  /// How the pooling is known.
  public let source: Source
  /// The systems whose first candidates were shown.
  public let systems: [String]
  /// How many of each system's first candidates were to be shown.
  public let topK: Int
  /// How many of each system's first candidates were shown on every page, whatever the room; at most `topK`.
  public let sureRanks: Int
  /// The number of items whose pages were pooled, and of the candidates on them that no system put among its first
  /// `topK`.
  public let items: Int, drawn: Int
  /// The number of items with such candidates.
  public let itemsWithDrawn: Int
  /// By item, judged system and candidate: its stratum.
  let strata: [[[Int]]]
  /// By item: its candidates that were drawn at random.
  package let drawnPlaces: [Set<Int>]
  /// By item: how many candidates of its list they were drawn from. Nil if that is unknown, because pages had no room
  /// for all that systems put first, or because lists hold candidates of other conditions.
  package let rest: [Int]?

  /// A limit that every ranked candidate is within, and no unranked one.
  fileprivate static let anyRank = Int.max - 1

  /// The numbers of the strata.
  enum Stratum: Int { case anyway, ownOrDrawn, laterOwn, laterOthers }

  /// - Parameters:
  ///   - study: the items and pages.
  ///   - stated: the rule; nil to infer it from which ranks are on all pages.
  /// - Returns: nil if the pages were not pooled from the rankings.
  init?(
    _ study: RatedStudy, rankings: [[Ranking?]], names: [String], stated: PoolSettings?, source: Source,
    unranked: AnalysisPlan.Unranked
  ) {
    let shown = ShownRanks(study, rankings: rankings), partly = shown.partly(unranked)
    guard !partly.isEmpty, let (pooled, topK, sure) = shown.pooled(on: partly, names: names, stated: stated),
      !pooled.isEmpty, topK > 0
    else { return nil }
    let fills = stated.map { $0.randomFillers > 0 } ?? true

    var drawnPlaces = study.items.map { _ in Set<Int>() }, rest = study.items.map { _ in 0 }
    var strata = study.items.map { item in study.systems.map { _ in item.candidates.map { _ in 0 } } }
    for i in partly {
      let item = PooledItem(
        isShown: shown.isShown[i], isSpecial: shown.isSpecial[i], ranks: pooled.map { shown.ranks[i][$0] }, topK: topK,
        sureRanks: sure)
      drawnPlaces[i] = item.drawn
      rest[i] = item.rest(
        of: shown.listed[i], names: study.items[i].candidates, rankings: pooled.compactMap { rankings[i][$0] })
      for (system, name) in study.systems.enumerated() {
        // A system that proposed nothing does not influence the pages that it is judged on.
        guard let own = pooled.firstIndex(where: { names[$0] == name }) else { continue }
        strata[i][system] = item.strata(own, apart: fills ? [] : drawnPlaces[i], unranked)
      }
    }
    self.source = source
    systems = pooled.map { names[$0] }
    (self.topK, sureRanks, items, self.strata, self.drawnPlaces) = (topK, sure, partly.count, strata, drawnPlaces)
    (drawn, itemsWithDrawn) = (drawnPlaces.reduce(0) { $0 + $1.count }, drawnPlaces.count { !$0.isEmpty })
    self.rest = sure < topK || topK == Self.anyRank || shown.listsOverlap ? nil : rest
  }

  /// By candidate: its stratum for one of several systems.
  /// - Parameters:
  ///   - ranks: the candidates' ranks, by system, then by candidate.
  ///   - own: the index of the system.
  package static func strata(_ ranks: [[Int]], own: Int, topK: Int, sureRanks: Int) -> [Int] {
    let others = ranks.indices.filter { $0 != own }
    return ranks[own].indices.map { candidate in
      let stratum: Stratum =
        if others.contains(where: { ranks[$0][candidate] <= sureRanks }) {
          .anyway
        } else if !others.contains(where: { ranks[$0][candidate] <= topK }) {
          .ownOrDrawn
        } else {
          ranks[own][candidate] <= topK ? .laterOwn : .laterOthers
        }
      return stratum.rawValue
    }
  }

  /// A pooling that is constructed together with a study, rather than found in its tables.
  package init(made strata: [[[Int]]], drawn: [Set<Int>], systems: [String], topK: Int, sureRanks: Int) {
    (source, self.systems, self.topK, self.sureRanks, self.strata) = (.plan, systems, topK, sureRanks, strata)
    (drawnPlaces, rest, items) = (drawn, nil, strata.count)
    (self.drawn, itemsWithDrawn) = (drawn.reduce(0) { $0 + $1.count }, drawn.count { !$0.isEmpty })
  }

  /// Whether only candidates of the same stratum of this item may be compared, rather than all.
  func restricts(_ item: Int, _ system: Int) -> Bool { strata[item][system].contains { $0 != 0 } }
}

/// The candidates of an item whose pages were pooled.
private struct PooledItem {
  /// By candidate: whether it was on a main page, and whether it is the hidden reference or the anchor.
  let isShown: [Bool], isSpecial: [Bool]
  /// By pooled system, then by candidate: its rank.
  let ranks: [[Int]]
  let topK: Int, sureRanks: Int

  private func isJudged(_ candidate: Int) -> Bool { isShown[candidate] && !isSpecial[candidate] }

  /// The candidates that no system put among its first k.
  var drawn: Set<Int> {
    Set(
      isShown.indices.filter { candidate in
        isJudged(candidate) && !ranks.contains { $0[candidate] <= topK }
      })
  }

  /// The number of candidates of the item's list that were left to draw from, without those that systems put first.
  func rest(of listed: Set<String>, names: [String], rankings: [Ranking]) -> Int {
    var first = Set(names.indices.filter { isSpecial[$0] }.map { names[$0] })
    first.formIntersection(listed)
    for ranking in rankings { first.formUnion(ranking.entries.prefix { $0.rank <= topK }.map(\.candidate)) }
    return listed.count - first.count
  }

  /// By candidate: its stratum for one of the pooled systems.
  /// - Parameter apart: candidates that count as *anyway*, in addition to the hidden reference and the anchor.
  func strata(_ own: Int, apart: Set<Int>, _ unranked: AnalysisPlan.Unranked) -> [Int] {
    // A system that ranks nothing but its own first k is judged within these, whoever else proposed them.
    let compared = isShown.indices.filter { isJudged($0) && (ranks[own][$0] < .max || unranked == .last) }
    if compared.allSatisfy({ ranks[own][$0] <= topK && ranks[own][$0] < .max }) { return isShown.map { _ in 0 } }
    return Pooling.strata(ranks, own: own, topK: topK, sureRanks: sureRanks).enumerated().map { candidate, stratum in
      isSpecial[candidate] || apart.contains(candidate) ? Pooling.Stratum.anyway.rawValue : stratum
    }
  }
}

/// Which ranks of each system were on the pages of each item.
private struct ShownRanks {
  /// The items with a main page.
  let ratedItems: [Int]
  /// By item, then by candidate: whether it was on a main page.
  let isShown: [[Bool]]
  /// By item, then by candidate: whether it is the hidden reference or the anchor.
  let isSpecial: [[Bool]]
  /// By item, ranked system and candidate: its rank; `max` if the system does not rank it.
  let ranks: [[[Int]]]
  /// By item, then by ranked system: how many of its first candidates were on the pages before the first that was not;
  /// nil if it ranks nothing.
  private let depths: [[Int?]]
  /// By item: the candidates that any system ranks, and how many of them were on the pages.
  let listed: [Set<String>]
  private let listedAndShown: [Int]
  /// Whether a candidate is ranked under several conditions.
  let listsOverlap: Bool

  init(_ study: RatedStudy, rankings: [[Ranking?]]) {
    var isShown = study.items.map { $0.candidates.map { _ in false } }, rated = Set<Int>()
    for page in study.pages where page.isMain {
      rated.insert(page.item)
      for candidate in page.candidates { isShown[page.item][candidate] = true }
    }
    var ranks: [[[Int]]] = [], depths: [[Int?]] = [], listed: [Set<String>] = [], listedAndShown: [Int] = []
    for (i, item) in study.items.enumerated() {
      let numbers = Dictionary(uniqueKeysWithValues: item.candidates.enumerated().map { ($1, $0) })
      func isOnPage(_ name: String) -> Bool { numbers[name].map { isShown[i][$0] } ?? false }
      var own: [[Int]] = [], ownDepths: [Int?] = [], names = Set<String>()
      for ranking in rankings[i] {
        var places = item.candidates.map { _ in Int.max }
        for entry in ranking?.entries ?? [] {
          if let place = numbers[entry.candidate] { places[place] = entry.rank }
        }
        own.append(places)
        guard let entries = ranking?.entries, rated.contains(i) else {
          ownDepths.append(nil)
          continue
        }
        for entry in entries { names.insert(entry.candidate) }
        // Ties at the last rank are broken at random, so any of them may have been shown.
        if let missing = entries.firstIndex(where: { !isOnPage($0.candidate) }) {
          let rank = entries[missing].rank
          ownDepths.append(entries.count { $0.rank < rank || $0.rank == rank && isOnPage($0.candidate) })
        } else {
          ownDepths.append(entries.count)
        }
      }
      ranks.append(own)
      depths.append(ownDepths)
      listed.append(names)
      listedAndShown.append(names.count(where: isOnPage))
    }
    ratedItems = study.items.indices.filter(rated.contains)
    isSpecial = study.items.map { $0.flags.map { !$0.isDisjoint(with: [.reference, .anchor]) } }
    (self.isShown, self.ranks, self.depths) = (isShown, ranks, depths)
    (self.listed, self.listedAndShown) = (listed, listedAndShown)
    var conditionOf: [String: Int] = [:]
    listsOverlap = zip(study.items, listed).contains { item, names in
      names.contains { conditionOf.updateValue(item.condition, forKey: $0).map { $0 != item.condition } ?? false }
    }
  }

  func isWhole(_ item: Int) -> Bool { listed[item].count == listedAndShown[item] }

  /// The items whose pages did not show the whole list, so that candidates were selected. Items with a system that
  /// ranks only some of the candidates, the rest sharing the last place, are pooled too.
  func partly(_ unranked: AnalysisPlan.Unranked) -> [Int] {
    ratedItems.filter { item in
      !isWhole(item) || unranked == .last && ranks[item].indices.contains { ranksAPart(item, $0) }
    }
  }

  /// The systems whose first candidates are on the pages of some items, how many of each, and how many of them in any
  /// case: as stated, or as inferred from the pages; nil if there are none.
  func pooled(on items: [Int], names: [String], stated: PoolSettings?) -> (systems: [Int], topK: Int, sureRanks: Int)? {
    if let stated {
      let pooled = names.indices.filter { stated.systems.isEmpty || stated.systems.contains(names[$0]) }
      let fixed = items.map { item in isShown[item].indices.count { isShown[item][$0] && isSpecial[item][$0] } }
      return (pooled, stated.topK, stated.sureRanks(of: pooled.count, beside: fixed.max() ?? 0))
    }
    if items.allSatisfy(isWhole) { return (Array(names.indices), Pooling.anyRank, Pooling.anyRank) }
    return inferred()
  }

  /// Whether a system ranks some of an item's shown candidates, but fewer than all that any system ranks.
  func ranksAPart(_ item: Int, _ system: Int) -> Bool {
    let shown = isShown[item].indices.filter { isShown[item][$0] }
    let ranked = shown.count { ranks[item][system][$0] < .max }
    return ranked > 0 && ranked < listed[item].count
  }

  /// The systems whose first candidates are on every page that is not a whole list, to an extent with a probability
  /// below 1 % by chance; how many of their first are on all pages, and how many on any; nil if there are none.
  func inferred() -> (systems: [Int], topK: Int, sureRanks: Int)? {
    let partly = ratedItems.filter { !isWhole($0) }
    guard let systems = depths.first?.indices else { return nil }
    let pooled = systems.filter { system in
      var chance = 1.0
      for item in partly {
        guard let depth = depths[item][system] else { continue }
        if depth == 0 { return false }
        chance *= Double(listedAndShown[item]) / Double(listed[item].count)
      }
      return chance < 0.01
    }
    guard !pooled.isEmpty else { return nil }
    let sure = pooled.flatMap { system in partly.compactMap { depths[$0][system] } }.min() ?? 0
    // The last rank that is needed to explain everything that was shown. If it is far down, candidates were drawn
    // rather than ranked.
    var covering = sure
    for item in partly {
      for candidate in isShown[item].indices where isShown[item][candidate] && !isSpecial[item][candidate] {
        covering = max(covering, pooled.map { ranks[item][$0][candidate] }.min() ?? .max)
      }
    }
    let shortest = partly.map { listed[$0].count }.min() ?? 0
    let isThinned = covering > sure && covering <= 2 * sure + 1 && 2 * covering < shortest
    return (pooled, isThinned ? covering : sure, sure)
  }
}
