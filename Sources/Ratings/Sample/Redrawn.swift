import Statistics

/// Figures on resamples of both listeners and queries and, if needed, of only the listeners and only the queries, with
/// the same draws.
package struct Redrawn: Sendable {
  package var both: Resamples
  package var listeners: Resamples?
  package var queries: Resamples?
  /// If candidates recur over queries: the figures without each of them (or without each group of them), in place of
  /// resamples. They show how much other candidates would change a figure.
  package var candidates: Resamples?
  /// The numbers of listeners and queries that were resampled: those that support the figures.
  package var listenerCount: Int
  package var queryCount: Int

  package var estimate: [Double] { both.estimate }
  /// The smaller number of resampled units.
  package var units: Int { min(listenerCount, queryCount) }

  /// Replaces some figures by those from another set with fewer resamples.
  package mutating func take(_ outputs: [Int], from other: Redrawn, listeners others: Resamples?) {
    for output in outputs {
      both.estimate[output] = other.both.estimate[output]
      both.values[output] = other.both.values[output]
      if let others {
        listeners?.estimate[output] = others.estimate[output]
        listeners?.values[output] = others.values[output]
      }
    }
  }

  /// A figure derived from a few outputs. The others, of which there may be hundreds, are not copied.
  package func derived(_ outputs: [Int], _ function: ([Double]) -> Double) -> Redrawn {
    func pick(_ resamples: Resamples) -> Resamples {
      func columns(_ all: [[Double]]) -> [[Double]] { all.isEmpty ? [] : outputs.map { all[$0] } }
      return Resamples(
        estimate: outputs.map { resamples.estimate[$0] }, values: columns(resamples.values),
        withoutListener: columns(resamples.withoutListener), withoutQuery: columns(resamples.withoutQuery)
      ).derived(function)
    }
    return Redrawn(
      both: pick(both), listeners: listeners.map(pick), queries: queries.map(pick), candidates: candidates.map(pick),
      listenerCount: listenerCount, queryCount: queryCount)
  }
}
