/// The two crowd ceilings: the agreement of each listener's page with the mean of the others who rated the same list
/// (output 0, the lower bound) and with the mean of all (output 1, the upper bound; Nili et al. 2014). The mean over
/// pages weights each page by how often its listener times its query counts. All copies of a listener are left out
/// together.
///
/// For both bounds, only candidates count that the listener and another listener in the resample rated. Pages for which
/// the measure is undefined (such as constant ones) are left out of each bound separately.
public struct CrowdCeiling: CrossedStatistic {
  let pages: RatingPages
  let measure: PageMeasure

  public init(_ pages: RatingPages, measure: @escaping PageMeasure) {
    (self.pages, self.measure) = (pages, measure)
  }

  /// Sums of a page, whose storage is reused for the next one.
  public struct Workspace {
    var sums: [Double], counts: [Double], people: [Double] = [], others: [Double] = [], all: [Double] = []
    var items: [Int] = []
  }

  public var outputs: Int { 2 }

  public func workspace() -> Workspace {
    let zeros = Array(repeating: 0.0, count: pages.lists.map(\.items).max() ?? 0)
    return Workspace(sums: zeros, counts: zeros)
  }

  public func evaluate(_ weights: CrossedWeights, _ workspace: inout Workspace, into values: inout [Double]) {
    var totals = (0.0, 0.0), counts = (0.0, 0.0)
    for (l, list) in pages.lists.enumerated() where weights.queries[list.query] > 0 {
      pages.sum(l, weights.listeners, &workspace.sums, &workspace.counts)
      for p in pages.pagesOfList[l] {
        let page = pages.pages[p], copies = Double(weights.listeners[page.listener])
        guard copies > 0 else { continue }
        workspace.people.removeAll(keepingCapacity: true)
        workspace.others.removeAll(keepingCapacity: true)
        workspace.all.removeAll(keepingCapacity: true)
        workspace.items.removeAll(keepingCapacity: true)
        for (k, item) in page.items.enumerated() {
          let sum = workspace.sums[item], count = workspace.counts[item]
          guard count > copies else { continue }
          workspace.items.append(item)
          workspace.people.append(page.values[k])
          workspace.others.append((sum - copies * pages.scaled[pages.starts[p] + k]) / ((count - copies) * pages.scale))
          workspace.all.append(sum / (count * pages.scale))
        }
        tie(&workspace.others, within: pages.tolerance)
        tie(&workspace.all, within: pages.tolerance)
        let weight = copies * Double(weights.queries[list.query])
        if let score = pages.agreement(l, of: workspace.items, workspace.people, workspace.others, measure) {
          totals.0 += weight * score
          counts.0 += weight
        }
        if let score = pages.agreement(l, of: workspace.items, workspace.people, workspace.all, measure) {
          totals.1 += weight * score
          counts.1 += weight
        }
      }
    }
    values[0] = counts.0 > 0 ? totals.0 / counts.0 : .nan
    values[1] = counts.1 > 0 ? totals.1 / counts.1 : .nan
  }
}
