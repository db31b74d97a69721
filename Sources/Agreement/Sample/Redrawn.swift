import Statistics

/// Figures on listeners and queries drawn anew and, where they are wanted, on only the listeners and only the queries
/// drawn anew, with the same draws.
package struct Redrawn: Sendable {
  package var both: Resamples
  package var listeners: Resamples?
  package var queries: Resamples?
  /// Where candidates recur over queries: the figures without each of them (or each group of them), in the place of
  /// resamples. They tell how far other candidates would change a figure.
  var candidates: Resamples?
  /// How many listeners and queries were drawn from: those that the figures stand on.
  var listenerCount: Int
  var queryCount: Int

  package var estimate: [Double] { both.estimate }
  /// The smaller number of units that were drawn from.
  var units: Int { min(listenerCount, queryCount) }

  /// Takes some figures from elsewhere, where they were resampled less often.
  mutating func take(_ outputs: [Int], from other: Redrawn, listeners others: Resamples?) {
    for output in outputs {
      both.estimate[output] = other.both.estimate[output]
      both.values[output] = other.both.values[output]
      if let others {
        listeners?.estimate[output] = others.estimate[output]
        listeners?.values[output] = others.values[output]
      }
    }
  }

  /// A figure made from a few outputs; the others are left aside, of which there may be hundreds.
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
