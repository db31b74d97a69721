/// The agreement of systems with the consensus: in each list, the candidates' mean ratings over the listeners are
/// compared with each system's scores. The mean over lists weights each list by how often its query counts.
///
/// The means are exact sums divided once, so that equal means tie (see `FixedPoint`). Candidates that nobody in the
/// resample rated, or that the system does not rank, are left out of the list. A list in which the measure is then
/// undefined is left out of the mean. An output is undefined if no list is left.
public struct ConsensusAgreement: CrossedStatistic {
  let pages: RatingPages
  let systems: [[[Double]]]
  let measure: PageMeasure

  /// - Parameter systems: by system, by list, the score of each candidate (larger is better); NaN if the system does
  ///   not rank it. There is one output per system.
  public init(_ pages: RatingPages, systems: [[[Double]]], measure: @escaping PageMeasure) {
    for lists in systems {
      precondition(lists.count == pages.lists.count)
      precondition(zip(lists, pages.lists).allSatisfy { $0.count == $1.items }, "a score is missing")
    }
    (self.pages, self.systems, self.measure) = (pages, systems, measure)
  }

  /// Sums of a page, whose storage is reused for the next one.
  public struct Workspace {
    var sums: [Double], counts: [Double], people: [Double] = [], system: [Double] = []
    var totals: [Double], weights: [Double], items: [Int] = []
  }

  public var outputs: Int { systems.count }

  public func workspace() -> Workspace {
    let most = pages.lists.map(\.items).max() ?? 0
    let zeros = Array(repeating: 0.0, count: most)
    let none = Array(repeating: 0.0, count: systems.count)
    return Workspace(sums: zeros, counts: zeros, totals: none, weights: none)
  }

  public func evaluate(_ weights: CrossedWeights, _ workspace: inout Workspace, into values: inout [Double]) {
    for s in systems.indices { (workspace.totals[s], workspace.weights[s]) = (0, 0) }
    for (l, list) in pages.lists.enumerated() where weights.queries[list.query] > 0 {
      let weight = Double(weights.queries[list.query])
      pages.sum(l, weights.listeners, &workspace.sums, &workspace.counts)
      for s in systems.indices {
        workspace.people.removeAll(keepingCapacity: true)
        workspace.system.removeAll(keepingCapacity: true)
        workspace.items.removeAll(keepingCapacity: true)
        for i in pages.order[l] where workspace.counts[i] > 0 && !systems[s][l][i].isNaN {
          workspace.items.append(i)
          workspace.people.append(workspace.sums[i] / (workspace.counts[i] * pages.scale))
          workspace.system.append(systems[s][l][i])
        }
        tie(&workspace.people, within: pages.tolerance)
        guard let score = pages.agreement(l, of: workspace.items, workspace.people, workspace.system, measure) else {
          continue
        }
        workspace.totals[s] += weight * score
        workspace.weights[s] += weight
      }
    }
    for s in systems.indices {
      values[s] = workspace.weights[s] > 0 ? workspace.totals[s] / workspace.weights[s] : .nan
    }
  }
}
