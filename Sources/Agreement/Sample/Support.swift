/// The listeners and the queries that a figure stands on.
struct Support: Sendable, Hashable {
  var listeners: Set<Int>
  var queries: Set<Int>

  /// Whether it may be resampled with a larger one: so nearly the same, nine tenths of both, that intervals would hardly
  /// tell them apart, and a resample serves both.
  func isNearly(_ larger: Support) -> Bool {
    func isNearly(_ part: Set<Int>, _ whole: Set<Int>) -> Bool {
      part.count * 10 >= whole.count * 9 && part.isSubset(of: whole)
    }
    return isNearly(listeners, larger.listeners) && isNearly(queries, larger.queries)
  }
}

/// Supports, each kept once; one that is nearly another is told by that one's number.
struct Supports {
  private(set) var all: [Support] = []

  /// Larger ones have to be numbered first.
  mutating func number(_ support: Support) -> Int {
    if let known = all.firstIndex(where: { support.isNearly($0) }) { return known }
    all.append(support)
    return all.count - 1
  }
}
