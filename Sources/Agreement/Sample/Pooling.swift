import Study

/// Which candidates stood on the pages because some system put them first, and what may be compared in spite of that.
///
/// A page that shows the first k of each system, perhaps with candidates drawn at random, holds its candidates because of
/// the very orders that are judged. A random order then looks opposed to listeners: what it put first, it put first by
/// chance, and what it is compared with was picked by others. For each system the candidates of an item fall into
/// strata, and only candidates of one stratum are compared:
///
/// - *anyway*: in another system's first k, or the hidden reference. They were there whatever the system said.
/// - *own or drawn*: in no other system's first k; either the system itself put them first, or they were drawn at random
///   from all that no system did. For a random order, which of these are its own is a matter of chance.
///
/// Given what the others proposed, each order within a stratum is as likely as any other for a system whose order has
/// nothing to do with the sounds, so that its expected agreement is 0 (as if a random ranking were sent through the same
/// pooling). Between strata this does not hold: nothing is compared there.
///
/// Where a page had no room for all, systems lose their last ranks, and whether a candidate was left may depend on how
/// much a system's first ones overlap with the others'. Only ranks that were shown in any case (`sureRanks`) are there
/// anyway; candidates of later ranks of other systems make up two strata of their own, those that the system put among its first
/// k and those that it did not.
public struct Pooling: Sendable, Equatable {
  /// Where it is known from.
  public enum Source: String, Sendable { case plan, export, inferred }

  public let source: Source
  /// Whose first candidates were shown.
  public let systems: [String]
  public let topK: Int
  public let sureRanks: Int
  /// Items whose pages were pooled, and the candidates on them that no system put among its first `topK`.
  public let items: Int, drawn: Int
  /// Items that hold such candidates.
  public let itemsWithDrawn: Int
  /// By item, judged system and candidate: its stratum.
  let strata: [[[Int]]]
  /// By item: its candidates that were drawn.
  let drawnPlaces: [Set<Int>]
  /// By item: how many of its list they were drawn from; nil where that cannot be said, since pages were too full for all
  /// that systems put first, or lists hold what is asked for under other conditions.
  let rest: [Int]?

  /// A rank that every ranked candidate has, and no unranked one.
  fileprivate static let anyRank = Int.max - 1

  /// Strata by number.
  enum Stratum: Int { case anyway, ownOrDrawn, laterOwn, laterOthers }

  /// - Parameters:
  ///   - study: its items and pages.
  ///   - stated: the rule; nil: it is inferred from which ranks are on all pages.
  /// - Returns: nil where pages were not pooled from the rankings.
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
        // What a system that proposed nothing is judged on does not depend on it.
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
  /// - Parameter ranks: by system, then by candidate.
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

  /// Made together with a study rather than found in its tables.
  package init(made strata: [[[Int]]], drawn: [Set<Int>], systems: [String], topK: Int, sureRanks: Int) {
    (source, self.systems, self.topK, self.sureRanks, self.strata) = (.plan, systems, topK, sureRanks, strata)
    (drawnPlaces, rest, items) = (drawn, nil, strata.count)
    (self.drawn, itemsWithDrawn) = (drawn.reduce(0) { $0 + $1.count }, drawn.count { !$0.isEmpty })
  }

  /// Whether only candidates of one stratum of this item may be compared, rather than all.
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

  /// What no system put among its first.
  var drawn: Set<Int> {
    Set(
      isShown.indices.filter { candidate in
        isJudged(candidate) && !ranks.contains { $0[candidate] <= topK }
      })
  }

  /// How many of the item's list were left to draw from, once what systems put first was taken out.
  func rest(of listed: Set<String>, names: [String], rankings: [Ranking]) -> Int {
    var first = Set(names.indices.filter { isSpecial[$0] }.map { names[$0] })
    first.formIntersection(listed)
    for ranking in rankings { first.formUnion(ranking.entries.prefix { $0.rank <= topK }.map(\.candidate)) }
    return listed.count - first.count
  }

  /// By candidate: its stratum for one of the pooled systems.
  /// - Parameter apart: what is there anyway, beside the hidden reference and the anchor.
  func strata(_ own: Int, apart: Set<Int>, _ unranked: AnalysisPlan.Unranked) -> [Int] {
    // A system that ranks nothing but its own first is judged within these, whoever else proposed them.
    let compared = isShown.indices.filter { isJudged($0) && (ranks[own][$0] < .max || unranked == .last) }
    if compared.allSatisfy({ ranks[own][$0] <= topK && ranks[own][$0] < .max }) { return isShown.map { _ in 0 } }
    return Pooling.strata(ranks, own: own, topK: topK, sureRanks: sureRanks).enumerated().map { candidate, stratum in
      isSpecial[candidate] || apart.contains(candidate) ? Pooling.Stratum.anyway.rawValue : stratum
    }
  }
}

/// Which ranks of each system were on the pages of each item.
private struct ShownRanks {
  /// Items with a main page.
  let ratedItems: [Int]
  /// By item, then by candidate: whether it was on a main page.
  let isShown: [[Bool]]
  /// By item, then by candidate: whether it is the hidden reference or the anchor.
  let isSpecial: [[Bool]]
  /// By item, ranked system and candidate: its rank, `max` where the system doesn't rank it.
  let ranks: [[[Int]]]
  /// By item, then by ranked system: how many of its first candidates were on the pages before one was not; nil where it
  /// ranks nothing.
  private let depths: [[Int?]]
  /// By item: candidates that any system ranks, and how many of them were on the pages.
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
        // Ties at the last rank are drawn, so any of them may be the ones that are shown.
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

  /// Items whose whole list was not on their pages, so that something was selected. Systems that rank a part of it only, the
  /// rest sharing the last place, were pooled all the same.
  func partly(_ unranked: AnalysisPlan.Unranked) -> [Int] {
    ratedItems.filter { item in
      !isWhole(item) || unranked == .last && ranks[item].indices.contains { ranksAPart(item, $0) }
    }
  }

  /// The systems whose first candidates are on the pages of some items, how many of each, and how many of them in any case:
  /// as stated, or as the pages show; nil where they don't.
  func pooled(on items: [Int], names: [String], stated: PoolSettings?) -> (systems: [Int], topK: Int, sureRanks: Int)? {
    if let stated {
      let pooled = names.indices.filter { stated.systems.isEmpty || stated.systems.contains(names[$0]) }
      let fixed = items.map { item in isShown[item].indices.count { isShown[item][$0] && isSpecial[item][$0] } }
      return (pooled, stated.topK, stated.sureRanks(of: pooled.count, beside: fixed.max() ?? 0))
    }
    if items.allSatisfy(isWhole) { return (Array(names.indices), Pooling.anyRank, Pooling.anyRank) }
    return inferred()
  }

  /// Whether a system ranks some of an item's candidates but not all that were shown.
  func ranksAPart(_ item: Int, _ system: Int) -> Bool {
    let shown = isShown[item].indices.filter { isShown[item][$0] }
    let ranked = shown.count { ranks[item][system][$0] < .max }
    return ranked > 0 && ranked < listed[item].count
  }

  /// The systems whose first candidates are on every page though it is no whole list, which less than once in a hundred
  /// would come about by chance; how many of their first are on all pages, or may be on some; nil without any.
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
    // The last rank that is needed to explain all that was shown; if it is far down, they were drawn rather than ranked.
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
