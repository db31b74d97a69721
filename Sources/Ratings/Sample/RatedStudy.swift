import Basics
import Foundation
import Statistics
import Study

/// Ratings and rankings joined: items with their candidates and every system's ranks, and the listeners' pages.
///
/// Nothing here assumes a complete design. What could not be joined is counted in `dropped`.
public struct RatedStudy: Sendable {
  /// Everyone who rated a page; numbers of listeners refer to this list.
  public var listeners: [String]
  /// The queries that were rated; numbers of queries refer to this list.
  public var queries: [String]
  /// In the plan's order, or else by name; a single empty name if the study has no conditions.
  public var conditions: [String]
  /// The systems that are judged, in the plan's order, or else in that of the rankings.
  public var systems: [String]
  /// What was rated: every query under every condition it was rated in.
  public var items: [Item]
  /// Every page that was answered, including training, attention checks and repeats.
  public var pages: [Page]
  /// The lowest and the highest possible rating.
  public var scale: ClosedRange<Double>
  /// Whether the table or the plan states the scale; if not, it was taken from the ratings.
  public var scaleIsStated: Bool
  /// What could not be used.
  public var dropped = Dropped()
  /// How many of a system's first ranks count (`AnalysisPlan.topK`).
  package private(set) var firsts: Int
  /// How candidates were selected for the pages; nil if they did not come from the rankings.
  public package(set) var pooling: Pooling?

  /// A query under a condition.
  public struct Item: Sendable {
    /// The number of the query in `queries`.
    public var query: Int
    /// The number of the condition in `conditions`.
    public var condition: Int
    /// The candidates that were rated on any of its pages, by name.
    public var candidates: [String]
    /// By candidate: whether it is the hidden reference or the anchor.
    public var flags: [RatingTable.Flags]
    /// By system, then by candidate: the rank in the system's whole ranking, from 1; NaN if unranked.
    public var ranks: [[Double]]
    /// By system, then by candidate: the distance from the query; NaN if the system gives none.
    public var distances: [[Double]]
    /// By system, then by candidate: the share of it that is among the system's first k (the plan's `top_k`): 1 or 0.
    /// Candidates that tie across place k share the remaining places equally.
    public var firstShares: [[Double]]
    /// By system: the number of candidates in its whole ranking.
    public var rankingSizes: [Int]

    package init(
      query: Int, condition: Int, candidates: [String], flags: [RatingTable.Flags], ranks: [[Double]],
      distances: [[Double]], firstShares: [[Double]], rankingSizes: [Int]
    ) {
      (self.query, self.condition, self.candidates, self.flags) = (query, condition, candidates, flags)
      (self.ranks, self.distances) = (ranks, distances)
      (self.firstShares, self.rankingSizes) = (firstShares, rankingSizes)
    }
  }

  /// Whether the table says which attention checks were passed.
  package private(set) var tellsChecks = false

  /// By item: where its candidates begin in the concatenated list of all items' candidates. The length of that list
  /// comes last.
  package var candidateStarts: [Int] { items.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.candidates.count) } }

  /// The answers of one listener on one page, or on one presentation of an item if the table does not identify pages.
  public struct Page: Sendable {
    /// The number of the listener in `listeners`.
    public var listener: Int
    /// The number of the item in `items`.
    public var item: Int
    /// Whether the page is an attention check, a repeat or training.
    public var flags: RatingTable.Flags
    /// The places of the candidates among those of the item.
    public var candidates: [Int]
    /// One per candidate of the page.
    public var ratings: [Double]
    /// The time that the answer took, in seconds; nil if the table does not say.
    public var seconds: Double?
    /// Whether the page counts in the main figures: not an attention check, a repeat or training.
    public var isMain: Bool { flags.intersection(.page).isEmpty }

    package init(
      listener: Int, item: Int, flags: RatingTable.Flags, candidates: [Int], ratings: [Double], seconds: Double? = nil
    ) {
      (self.listener, self.item, self.flags) = (listener, item, flags)
      (self.candidates, self.ratings, self.seconds) = (candidates, ratings, seconds)
    }
  }

  /// What could not be used, and how often.
  public struct Dropped: Sendable, Equatable {
    /// Rows that rate a candidate of a page a second time; the first rating counts.
    public var duplicates = 0
    /// Where the first few of them are.
    public var duplicatePlaces: [Place] = []
    /// Rows without a rating.
    public var missing = 0
    /// Ratings outside the scale; they count as they are.
    public var outside = 0
    /// Where the first few of them are.
    public var outsidePlaces: [Place] = []
    /// Rankings for queries (or conditions) that were never rated.
    public var rankingsWithoutRatings = 0
    /// Items that no system ranks.
    public var itemsWithoutRanking = 0
    /// Ratings of conditions that the plan leaves out.
    public var otherConditions = 0
    /// Whether nearly every rating had a `trial` of its own, so that pages were made by listener and item instead.
    public var trialsMerged = false
  }

  /// - Parameters:
  ///   - recorded: how the study pooled its candidates, if its export says so.
  ///   - keepsTrials: whether trials are pages even if each has only one rating.
  /// - Throws: `Problems` if the plan, the ratings and the rankings name different things.
  public init(
    _ table: RatingTable, rankings: [Ranking], plan: AnalysisPlan, recorded: PoolSettings? = nil,
    keepsTrials: Bool = false
  ) throws {
    let rankedSystems = rankings.map(\.system).reduce(into: Names()) { _ = $0.number($1) }.all
    var planned = plan.systems
    if case .rule(let rule) = plan.pooling { planned += rule.systems.filter { !plan.systems.contains($0) } }
    let problems =
      Self.lacking("system", planned, in: rankedSystems, of: "rankings")
      + Self.lacking("condition", plan.conditions, in: table.conditions.all, of: "ratings")
    guard problems.isEmpty else { throw Problems(problems) }
    systems = plan.systems.isEmpty ? rankedSystems : plan.systems
    conditions = plan.conditions.isEmpty ? table.conditions.all.sorted() : plan.conditions
    let lowest = table.rating.min() ?? 0, highest = table.rating.max() ?? 1
    scaleIsStated = plan.scale != nil || table.scale != nil
    scale = plan.scale ?? table.scale ?? (lowest < highest ? lowest...highest : lowest...(lowest + 1))
    let paged = PagedRows(table, conditions: conditions, keepsTrials: keepsTrials)
    (listeners, queries) = (paged.listeners.names, paged.queries.names)
    (items, pages, firsts) = ([], [], plan.topK)
    dropped.missing = table.missing
    tellsChecks = table.present.contains("is_passed")
    dropped.otherConditions = table.count - paged.rows.count
    dropped.trialsMerged = paged.trialsMerged
    let named = add(paged)
    try join(rankings, plan: plan, candidates: named.map(\.names), flags: named.map(\.flags))
    if plan.pooling != .none, !systems.isEmpty {
      let stated: PoolSettings? = if case .rule(let rule) = plan.pooling { rule } else { recorded }
      pooling = Pooling(
        self, rankings: ranked(rankings, rankedSystems), names: rankedSystems, stated: stated,
        source: plan.pooling != .auto ? .plan : recorded != nil ? .export : .inferred, unranked: plan.unranked)
    }
    if let pooling, plan.statedTopK == nil { firsts = min(firsts, max(1, pooling.sureRanks)) }
    countFirsts(rankings)
  }

  /// Problems for what the plan names but the tables lack.
  private static func lacking(_ kind: String, _ names: [String], in known: [String], of table: String) -> [Problem] {
    names.filter { !known.contains($0) }.map { name in
      Problem(
        "the plan names the \(kind) '\(name)', which is not in the \(table)",
        mend: Suggestion.nearest(name, among: known).map { "Did you mean '\($0)'?" }
          ?? "They contain \(known.joined(separator: ", ")).")
    }
  }

  /// Adds the items and pages of the rows.
  /// - Returns: by item, its candidates in the order of their first appearance, and their flags.
  private mutating func add(_ paged: PagedRows) -> [(names: Names, flags: [RatingTable.Flags])] {
    let table = paged.table, margin = 1e-9 * (scale.upperBound - scale.lowerBound)
    var numbers: [[Int]: Int] = [:], named: [(names: Names, flags: [RatingTable.Flags])] = []
    for rows in paged.pages {
      let place = paged.place(rows[rows.startIndex]), item = numbers[[place.query, place.condition]] ?? items.count
      if item == items.count {
        numbers[[place.query, place.condition]] = item
        items.append(
          Item(
            query: place.query, condition: place.condition, candidates: [], flags: [], ranks: [], distances: [],
            firstShares: [], rankingSizes: []))
        named.append((Names(), []))
      }
      let time = table.responseTime[rows[rows.startIndex]]
      var page = Page(
        listener: place.listener, item: item, flags: place.flags, candidates: [], ratings: [],
        seconds: time.isNaN ? nil : Double(time) / 1000)
      for row in rows {
        let candidate = Int(named[item].names.number(table.candidates[table.candidate[row]]))
        if candidate == named[item].flags.count { named[item].flags.append([]) }
        named[item].flags[candidate].formUnion(table.flags[row].subtracting(.page))
        let rating = table.rating[row], line = Place(file: table.file, line: Int(table.line[row]))
        if rating < scale.lowerBound - margin || rating > scale.upperBound + margin {
          dropped.outside += 1
          if dropped.outsidePlaces.count < 3 { dropped.outsidePlaces.append(line) }
        }
        if page.candidates.contains(candidate) {
          dropped.duplicates += 1
          if dropped.duplicatePlaces.count < 3 { dropped.duplicatePlaces.append(line) }
          continue
        }
        page.candidates.append(candidate)
        page.ratings.append(rating)
      }
      pages.append(page)
    }
    return named
  }

  /// By item and ranked system: its ranking of the item.
  private func ranked(_ rankings: [Ranking], _ systems: [String]) -> [[Ranking?]] {
    let number = Dictionary(uniqueKeysWithValues: systems.enumerated().map { ($1, $0) })
    var byQuery: [String: [Ranking]] = [:]
    for ranking in rankings { byQuery[ranking.query, default: []].append(ranking) }
    return items.map { item in
      var found: [Ranking?] = systems.map { _ in nil }
      let condition = conditions[item.condition]
      for ranking in byQuery[queries[item.query]] ?? []
      where ranking.condition == condition || ranking.condition.isEmpty || condition.isEmpty {
        if let place = number[ranking.system], found[place] == nil { found[place] = ranking }
      }
      return found
    }
  }

  /// Fills in the systems' ranks, and sorts each item's candidates by name.
  private mutating func join(
    _ rankings: [Ranking], plan: AnalysisPlan, candidates: [Names], flags: [[RatingTable.Flags]]
  ) throws {
    var byQuery: [String: [Int]] = [:]
    for (i, ranking) in rankings.enumerated() { byQuery[ranking.query, default: []].append(i) }
    var used = Set<Int>()
    var newPlaces: [[Int]] = []
    for i in items.indices {
      let names = candidates[i].all
      let order = names.indices.sorted { names[$0] < names[$1] }
      var places = Array(repeating: 0, count: names.count)
      for (new, old) in order.enumerated() { places[old] = new }
      newPlaces.append(places)
      items[i].candidates = order.map { names[$0] }
      items[i].flags = order.map { flags[i][$0] }
      let numbers = Dictionary(uniqueKeysWithValues: items[i].candidates.enumerated().map { ($1, $0) })
      let unknown = Array(repeating: Double.nan, count: names.count)
      items[i].ranks = Array(repeating: unknown, count: systems.count)
      items[i].distances = items[i].ranks
      items[i].firstShares = Array(repeating: Array(repeating: 0, count: names.count), count: systems.count)
      items[i].rankingSizes = Array(repeating: 0, count: systems.count)
      let condition = conditions[items[i].condition]
      for r in byQuery[queries[items[i].query]] ?? [] {
        // A table without conditions matches every condition of the query.
        guard rankings[r].condition == condition || rankings[r].condition.isEmpty || condition.isEmpty else { continue }
        used.insert(r)
        guard let system = systems.firstIndex(of: rankings[r].system) else { continue }
        guard items[i].rankingSizes[system] == 0 else {
          throw Problem(
            "the ratings have no conditions, but \(rankings[r].system) ranks '\(rankings[r].query)' under several",
            mend: "Add the column 'condition' to the ratings.")
        }
        items[i].rankingSizes[system] = rankings[r].entries.count
        for entry in rankings[r].entries {
          guard let place = numbers[entry.candidate] else { continue }
          items[i].ranks[system][place] = Double(entry.rank)
          items[i].distances[system][place] = entry.distance ?? .nan
        }
      }
    }
    for i in pages.indices {
      let places = newPlaces[pages[i].item]
      let order = pages[i].candidates.indices.sorted {
        places[pages[i].candidates[$0]] < places[pages[i].candidates[$1]]
      }
      pages[i].candidates = order.map { [page = pages[i]] in places[page.candidates[$0]] }
      pages[i].ratings = order.map { [page = pages[i]] in page.ratings[$0] }
    }
    dropped.rankingsWithoutRatings = rankings.count - used.count
    dropped.itemsWithoutRanking = rankings.isEmpty ? 0 : items.count { $0.rankingSizes.allSatisfy { $0 == 0 } }
  }

  /// Notes which candidates are among each system's first.
  private mutating func countFirsts(_ rankings: [Ranking]) {
    for (i, own) in ranked(rankings, systems).enumerated() {
      let places = Dictionary(uniqueKeysWithValues: items[i].candidates.enumerated().map { ($1, $0) })
      for (system, ranking) in own.enumerated() {
        guard let ranking else { continue }
        for (entry, share) in zip(ranking.entries, ranking.shares(ofFirst: firsts)) {
          if let place = places[entry.candidate] { items[i].firstShares[system][place] = share }
        }
      }
    }
  }

  /// The decimal places that distinguish mean ratings: one on a scale of 10 or 100, more on shorter ones.
  package var ratingDigits: Int {
    let span = scale.upperBound - scale.lowerBound
    return span > 0 && span.isFinite ? max(1, min(12, Int((2 - log10(span)).rounded(.up)))) : 1
  }

  /// The name of a condition in tables; `all` if the study has none.
  public func conditionName(_ condition: Int) -> String {
    conditions[condition].isEmpty ? "all" : conditions[condition]
  }

  /// The name of an item: its query, with the condition if there are several.
  public func itemName(_ item: Int) -> String {
    let query = queries[items[item].query], condition = conditions[items[item].condition]
    return condition.isEmpty ? query : "\(query) · \(condition)"
  }
}

extension Ranking {
  /// By entry: the share of it that is among the first k. Entries that tie across place k share the remaining places
  /// equally.
  func shares(ofFirst k: Int) -> [Double] {
    let tied = Dictionary(grouping: entries, by: \.rank).mapValues(\.count)
    return entries.map { max(0, min(1, (Double(k) - Double($0.rank) + 1) / Double(tied[$0.rank] ?? 1))) }
  }
}

extension RatedStudy {
  /// A study that is constructed rather than read.
  package init(
    made listeners: [String], queries: [String], conditions: [String], systems: [String], items: [Item],
    pages: [Page], scale: ClosedRange<Double>, firsts: Int
  ) {
    self.firsts = firsts
    (self.listeners, self.queries, self.conditions, self.systems) = (listeners, queries, conditions, systems)
    (self.items, self.pages, self.scale, scaleIsStated) = (items, pages, scale, true)
  }
}
