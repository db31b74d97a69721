import Foundation

/// The rows of a ratings table in the order of their pages: by listener, item, kind of page and trial, then as in the
/// file.
struct PagedRows {
  let table: RatingTable
  /// Names in alphabetical order, so that no figure depends on the order of rows.
  let listeners: (names: [String], places: [Int]), queries: (names: [String], places: [Int])
  /// By the condition's number in the table: its position; nil if it does not count.
  private let conditions: [Int?]
  /// The row numbers, without rows of conditions that do not count.
  private(set) var rows: [Int]
  /// Whether nearly every rating had a `trial` of its own, so that pages were made by listener and item instead.
  private(set) var trialsMerged = false

  /// What a row belongs to.
  struct Place: Comparable {
    var listener: Int, query: Int, condition: Int
    /// Whether the page is an attention check, a repeat or training.
    var flags: RatingTable.Flags

    static func < (a: Place, b: Place) -> Bool {
      (a.listener, a.query, a.condition, a.flags.rawValue) < (b.listener, b.query, b.condition, b.flags.rawValue)
    }
  }

  /// - Parameters:
  ///   - names: the conditions that count, in their order.
  ///   - keepsTrials: whether trials are pages even if each has only one rating.
  init(_ table: RatingTable, conditions names: [String], keepsTrials: Bool) {
    self.table = table
    (listeners, queries) = (table.participants.sorted(), table.queries.sorted())
    let numbers = table.conditions.all.map { names.firstIndex(of: $0) }
    conditions = numbers
    rows = (0..<table.count).filter { numbers[Int(table.condition[$0])] != nil }
    rows = rows.sorted(by: isBefore)
    let byTrial = pages.count
    trialsMerged = true
    trialsMerged = !keepsTrials && byTrial * 10 > rows.count * 9 && pages.count * 2 < byTrial
  }

  func place(_ row: Int) -> Place {
    Place(
      listener: listeners.places[Int(table.participant[row])], query: queries.places[Int(table.query[row])],
      condition: conditions[Int(table.condition[row])] ?? 0, flags: table.flags[row].intersection(.page))
  }

  /// The rows of each page.
  var pages: [ArraySlice<Int>] {
    var pages: [ArraySlice<Int>] = [], start = 0
    for end in rows.indices.dropFirst() where !isSamePage(rows[end - 1], rows[end]) {
      pages.append(rows[start..<end])
      start = end
    }
    return rows.isEmpty ? [] : pages + [rows[start...]]
  }

  private func isSamePage(_ a: Int, _ b: Int) -> Bool {
    place(a) == place(b) && (trialsMerged || table.trial[a] == table.trial[b])
  }

  private func isBefore(_ a: Int, _ b: Int) -> Bool {
    let x = place(a), y = place(b)
    if x != y { return x < y }
    // Sorts trial 2 before trial 10.
    let one = table.trials[table.trial[a]], other = table.trials[table.trial[b]]
    if one == other { return a < b }
    let order = one.compare(other, options: .numeric)
    return order == .orderedSame ? one < other : order == .orderedAscending
  }
}
