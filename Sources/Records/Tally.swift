/// Counts that are kept while a study runs, so that its state can be shown equally fast however large it grows.
public struct Tally: Sendable, Equatable {
  /// What a column of the table `tally` counts.
  public enum Counter: String, Sendable, CaseIterable {
    case joined, finished, ended, flagged, excluded
    /// In progress, with no trial answered yet.
    case untouched
    case headphones
    case headphonesPassed = "headphones_passed"
    /// Sessions of people who had one before.
    case further
    /// Participants whose link was wrong.
    case spoilt
    case responses, ratings, events, catches
    case catchesPassed = "catches_passed"
    case repeats
    case repeatPairs = "repeat_pairs"
    case repeatDifference = "repeat_difference"
  }

  /// What pages are counted by.
  public struct Page: Sendable, Hashable, Comparable {
    /// As in `Coverage`.
    public var query, condition: String

    /// By query, then by condition.
    public static func < (a: Page, b: Page) -> Bool { (a.query, a.condition) < (b.query, b.condition) }
  }

  /// Counters that are missing are 0. Some values are sums of shares (`repeatDifference`), and changes may be negative.
  public private(set) var counts: [Counter: Double] = [:]
  /// Main trials by query and condition: pages, and all judgements on them.
  public private(set) var covered: [Page: (pages: Int, ratings: Int)] = [:]

  public init() {}

  /// A counter that is missing equals one that is 0.
  public static func == (a: Tally, b: Tally) -> Bool {
    a.counts.filter { $0.value != 0 } == b.counts.filter { $0.value != 0 }
      && a.covered.keys == b.covered.keys && a.covered.allSatisfy { b.covered[$0.key]! == $0.value }
  }

  /// Whether all counters are 0 and no page is counted.
  public var isEmpty: Bool { counts.allSatisfy { $0.value == 0 } && covered.isEmpty }

  /// The value of a counter.
  public subscript(_ counter: Counter) -> Double { counts[counter] ?? 0 }

  mutating func add(_ counter: Counter, _ amount: Double) {
    if amount != 0 { counts[counter, default: 0] += amount }
  }

  mutating func add(_ counter: Counter, if isSo: Bool) { add(counter, isSo ? 1 : 0) }

  mutating func add(_ page: Page, pages: Int = 1, ratings: Int) {
    let before = covered[page] ?? (0, 0)
    covered[page] = (before.pages + pages, before.ratings + ratings)
  }

  mutating func add(_ other: Tally, times: Double = 1) {
    for (counter, amount) in other.counts { add(counter, amount * times) }
    for (page, seen) in other.covered { add(page, pages: seen.pages * Int(times), ratings: seen.ratings * Int(times)) }
  }

  /// All counts, except those of pages.
  static func read(_ db: any Snapshot) throws -> Tally {
    let sums = Counter.allCases.map { "coalesce(sum(\($0.rawValue)), 0) AS \($0.rawValue)" }.joined(separator: ", ")
    var tally = Tally()
    guard let row = try db.row("SELECT \(sums) FROM tally") else { return tally }
    for counter in Counter.allCases { tally.add(counter, try row[counter.rawValue]) }
    return tally
  }

  /// What was said in trials of some sessions.
  /// - Parameter sessions: SQL of their numbers.
  static func said(_ db: any Snapshot, in sessions: String, _ values: any Storable...) throws -> Tally {
    var tally = Tally()
    let trials = "FROM response JOIN trial ON trial.response = response.id WHERE response.session IN (\(sessions))"
    let values = values.map(\.stored)
    let counts = try db.rows(
      """
      SELECT coalesce(sum(said), 0) AS ratings, count(is_passed) AS catches,
        count(CASE WHEN is_passed THEN 1 END) AS catches_passed, count(again_pairs) AS repeats,
        coalesce(sum(again_pairs), 0) AS repeat_pairs, coalesce(sum(again_difference), 0) AS repeat_difference \(trials)
      """, values
    ).first
    for counter in [Counter.ratings, .catches, .catchesPassed, .repeats, .repeatPairs, .repeatDifference] {
      tally.add(counter, try counts?[counter.rawValue] ?? 0)
    }
    for row in try db.rows(
      """
      SELECT query, condition, count(*) AS pages, sum(said) AS ratings \(trials)
        AND NOT is_training AND NOT is_catch AND NOT is_repeat GROUP BY query, condition
      """, values)
    {
      tally.add(
        Page(query: try row["query"], condition: try row["condition"]), pages: try row["pages"],
        ratings: try row["ratings"])
    }
    return tally
  }

  func whole(_ counter: Counter) -> Int { Int(self[counter].rounded()) }
}
