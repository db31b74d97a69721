import Basics
import Statistics

extension Sample {
  /// How well a listener agrees with the mean of n others, by n. The others are drawn at random for each page, or for
  /// about 20,000 pages if there are more.
  package func agreementByListeners(_ system: Int, _ group: Int) -> [(listeners: Double, agreement: Double)] {
    let pages = ratingPages(system, group, effects: ListenerEffects(study, pages: self.pages).effects)
    var byList = Array(repeating: [RatingPages.Page](), count: pages.lists.count)
    for page in pages.pages { byList[page.list].append(page) }
    let most = (byList.map(\.count).max() ?? 1) - 1
    let sizes = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192].filter { $0 <= most }
    let measure = measure, grid = MeanGrid(of: self.pages)
    let step = max(1, pages.pages.count / 20_000), draws = pages.pages.count > 5000 ? 1 : 4
    var curve: [(listeners: Double, agreement: Double)] = []
    for size in sizes {
      var random = SeededRandom(seed: plan.seed, "effective listeners", "\(size)")
      var sum = 0.0, count = 0.0
      for (list, own) in byList.enumerated() where own.count > size {
        let items = pages.lists[list].items
        var sums = Array(repeating: 0.0, count: items), counts = sums
        var shuffled = Array(own.indices), left: [Double] = [], right: [Double] = [], shared: [Int] = []
        for page in own {
          if step > 1, random.below(step) != 0 { continue }
          for _ in 0..<draws {
            for i in 0..<items { (sums[i], counts[i]) = (0, 0) }
            // A partial shuffle, which ends as soon as enough other listeners are drawn.
            var found = 0, drawn = 0
            while found < size, drawn < shuffled.count {
              shuffled.swapAt(drawn, drawn + random.below(shuffled.count - drawn))
              let other = own[shuffled[drawn]]
              drawn += 1
              if other.listener == page.listener { continue }
              found += 1
              for (item, value) in zip(other.items, other.values) {
                sums[item] += value
                counts[item] += 1
              }
            }
            guard found == size else { continue }
            left.removeAll(keepingCapacity: true)
            right.removeAll(keepingCapacity: true)
            shared.removeAll(keepingCapacity: true)
            for (item, value) in zip(page.items, page.values) where counts[item] > 0 {
              shared.append(item)
              left.append(value)
              right.append(grid.mean(sums[item], counts[item]))
            }
            guard let value = pages.agreement(list, of: shared, left, right, measure) else { continue }
            sum += value
            count += 1
          }
        }
      }
      if count > 0 { curve.append((Double(size), sum / count)) }
    }
    return curve
  }
}
