/// The listeners and the queries that support a figure.
package struct Support: Sendable, Hashable {
  package var listeners: Set<Int>
  package var queries: Set<Int>

  package init(listeners: Set<Int>, queries: Set<Int>) { (self.listeners, self.queries) = (listeners, queries) }

  /// Whether it may share resamples with a larger one: both its listeners and its queries are at least nine tenths of
  /// the larger one's, so that intervals would hardly differ.
  func isNearly(_ larger: Support) -> Bool {
    func isNearly(_ part: Set<Int>, _ whole: Set<Int>) -> Bool {
      part.count * 10 >= whole.count * 9 && part.isSubset(of: whole)
    }
    return isNearly(listeners, larger.listeners) && isNearly(queries, larger.queries)
  }
}

/// Supports, each kept once. One that is nearly the same as another shares its number.
package struct Supports {
  package private(set) var all: [Support] = []

  package init() {}

  /// The number of a support. Larger supports have to be added first.
  package mutating func number(_ support: Support) -> Int {
    if let known = all.firstIndex(where: { support.isNearly($0) }) { return known }
    all.append(support)
    return all.count - 1
  }
}
