/// How high each listener rates, all else being equal: the listener's term in
/// `rating = candidate of an item + listener`, by alternating least squares over all main pages. The terms sum to zero
/// over listeners, weighted by their numbers of ratings. If every listener rates the same candidates, the effect is the
/// listener's mean minus the grand mean.
package struct ListenerEffects {
  /// By listener, in points of the scale; zero without main pages.
  package let effects: [Double]

  package init(_ study: RatedStudy, pages: [RatedStudy.Page]) {
    let starts = study.candidateStarts
    var listener = Array(repeating: 0.0, count: study.listeners.count)
    var listenerCount = listener
    var cell = Array(repeating: 0.0, count: starts.last ?? 0), cellCount = cell
    for page in pages {
      listenerCount[page.listener] += Double(page.ratings.count)
      for candidate in page.candidates { cellCount[starts[page.item] + candidate] += 1 }
    }
    let span = study.scale.upperBound - study.scale.lowerBound
    for _ in 0..<200 {
      for i in cell.indices { cell[i] = 0 }
      for page in pages {
        for (candidate, rating) in zip(page.candidates, page.ratings) {
          cell[starts[page.item] + candidate] += rating - listener[page.listener]
        }
      }
      for i in cell.indices where cellCount[i] > 0 { cell[i] /= cellCount[i] }
      var next = Array(repeating: 0.0, count: listener.count)
      for page in pages {
        for (candidate, rating) in zip(page.candidates, page.ratings) {
          next[page.listener] += rating - cell[starts[page.item] + candidate]
        }
      }
      var weighted = 0.0, weight = 0.0
      for i in next.indices where listenerCount[i] > 0 {
        weighted += next[i]
        weight += listenerCount[i]
        next[i] /= listenerCount[i]
      }
      let mean = weight > 0 ? weighted / weight : 0
      var change = 0.0
      for i in next.indices where listenerCount[i] > 0 {
        next[i] -= mean
        change = max(change, abs(next[i] - listener[i]))
      }
      listener = next
      if change < 1e-10 * span { break }
    }
    effects = listener
  }
}
