import Statistics

/// Means of observations, each of which belongs to a listener and a query: for the crossed bootstrap of plain ratings.
struct WeightedMeans: CrossedStatistic {
  struct Observation: Sendable {
    var listener: Int, query: Int, value: Double
  }

  /// By output.
  let groups: [[Observation]]

  var outputs: Int { groups.count }

  func workspace() {}

  func evaluate(_ weights: CrossedWeights, _ workspace: inout Void, into values: inout [Double]) {
    for (i, group) in groups.enumerated() {
      var sum = 0.0, total = 0.0
      for observation in group {
        let weight = Double(weights.listeners[observation.listener] &* weights.queries[observation.query])
        sum += weight * observation.value
        total += weight
      }
      values[i] = total > 0 ? sum / total : .nan
    }
  }
}
