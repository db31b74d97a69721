import Agreement
import Foundation
import Ratings
import Statistics

/// A pilot's ratings of the candidates that count, and their variance by source.
struct PilotPages {
  /// A page of ratings, as shares of the scale.
  struct Page {
    var listener: Int, item: Int
    /// The places of the candidates among those of the item.
    var places: [Int]
    var values: [Double]

    var mean: Double { values.reduce(0, +) / Double(values.count) }
  }

  let study: RatedStudy
  /// The main pages, and the pages that were shown to a listener a second time.
  let mains: [Page], repeated: [Page]

  init(_ study: RatedStudy, plan: AnalysisPlan) {
    self.study = study
    let span = study.scale.upperBound - study.scale.lowerBound
    func page(_ page: RatedStudy.Page) -> Page? {
      let flags = study.items[page.item].flags
      let kept = page.candidates.indices.filter {
        plan.includeReference || flags[page.candidates[$0]].isDisjoint(with: [.reference, .anchor])
      }
      return kept.count < 2
        ? nil
        : Page(
          listener: page.listener, item: page.item, places: kept.map { page.candidates[$0] },
          values: kept.map { (page.ratings[$0] - study.scale.lowerBound) / span })
    }
    mains = study.pages.filter(\.isMain).compactMap(page)
    repeated = study.pages.filter { $0.flags == .repeated }.compactMap(page)
  }

  /// Within items: the variance of candidates, how much that differs between items, and the residual variance; and by
  /// item, the candidates' means after subtracting page means. Nil if too few items were rated by several listeners.
  var items: (candidate: Double, spread: Double, rest: Double, means: [[Int: Double]])? {
    var byItem = Array(repeating: [Page](), count: study.items.count)
    for page in mains { byItem[page.item].append(page) }
    var variances: [Double] = [], scales: [ItemScale] = [], rest = (sum: 0.0, weight: 0.0)
    var means = Array(repeating: [Int: Double](), count: study.items.count)
    for (i, pages) in byItem.enumerated() {
      let values = pages.enumerated().flatMap { p, page in
        zip(page.places, page.values).map { UnitRatings.Rating(rater: p, unit: $0, value: $1) }
      }
      var sums: [Int: (Double, Double)] = [:]
      for page in pages {
        let mean = page.mean
        for (place, value) in zip(page.places, page.values) {
          let known = sums[place] ?? (0, 0)
          sums[place] = (known.0 + value - mean, known.1 + 1)
        }
      }
      means[i] = sums.mapValues { $0.0 / $0.1 }
      guard
        let found = VarianceComponents(
          UnitRatings(raters: pages.count, units: study.items[i].candidates.count, ratings: values))
      else { continue }
      let units = Double(sums.count), each = found.residual / found.ratingsPerUnit
      variances.append(found.units)
      if units > 1, found.units + each > 0 {
        scales.append(ItemScale(of: found.units + each, error: each, freedom: units - 1))
      }
      let weight = Double(values.count) - units
      rest = (rest.sum + weight * found.residual, rest.weight + weight)
    }
    guard variances.count > 1, rest.weight > 0, let candidate = mean(variances), candidate > 0 else { return nil }
    return (candidate, ItemScale.spread(scales), rest.sum / rest.weight, means)
  }

  private struct Key: Hashable { var listener, item: Int }

  /// The variance that two presentations of a page to a listener do not share, and the number of pages presented twice.
  var noise: (variance: Double?, pages: Int) {
    let first = Dictionary(mains.map { (Key(listener: $0.listener, item: $0.item), $0) }) { a, _ in a }
    var sum = 0.0, weight = 0.0, pages = 0
    for page in repeated {
      guard let before = first[Key(listener: page.listener, item: page.item)] else { continue }
      let values = Dictionary(zip(before.places, before.values)) { a, _ in a }
      let differences = zip(page.places, page.values).compactMap { place, value in values[place].map { value - $0 } }
      guard let variance = variance(differences) else { continue }
      let own = Double(differences.count - 1)
      (sum, weight) = (sum + own * variance / 2, weight + own)
      pages += 1
    }
    return (weight > 0 ? sum / weight : nil, pages)
  }

  /// The mean of the pages' means, and its variance over items and over listeners.
  var levels: (centre: Double, items: Double, listeners: Double) {
    // A second main page of the same item would be a second rating of the unit; the first one counts.
    let means = Dictionary(mains.map { (Key(listener: $0.listener, item: $0.item), $0.mean) }) { a, _ in a }
    let parts = VarianceComponents(
      UnitRatings(
        raters: study.listeners.count, units: study.items.count,
        ratings: means.map { .init(rater: $0.key.listener, unit: $0.key.item, value: $0.value) }))
    let sorted = means.sorted { ($0.key.listener, $0.key.item) < ($1.key.listener, $1.key.item) }
    return (mean(sorted.map(\.value)) ?? 0.5, parts?.units ?? 0, parts?.raters ?? 0)
  }

  /// A listener's slope on the items' mean ratings with its sampling variance, the residual variance about it, and that
  /// variance's degrees of freedom.
  struct Slope { var slope: Double, sampling: Double, scatter: Double, freedom: Double }

  /// - Parameter means: the mean ratings, by item and candidate.
  func slopes(on means: [[Int: Double]]) -> [Slope] {
    var ofListener = Array(repeating: [Page](), count: study.listeners.count)
    for page in mains { ofListener[page.listener].append(page) }
    return ofListener.compactMap { pages in
      var xx = 0.0, xy = 0.0, yy = 0.0, freedom = -1.0
      for page in pages {
        let mean = page.mean
        for (place, value) in zip(page.places, page.values) {
          let x = means[page.item][place] ?? 0, y = value - mean
          (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y)
        }
        freedom += Double(page.values.count - 1)
      }
      guard xx > 0, freedom > 3 else { return nil }
      let scatter = max(0, yy - xy * xy / xx) / freedom
      return Slope(slope: xy / xx, sampling: scatter / xx, scatter: scatter, freedom: freedom)
    }
  }
}

/// How far apart the candidates of one item are.
private struct ItemScale {
  /// The logarithm of the variance of its candidates' mean ratings.
  let logarithm: Double
  /// The variance of `logarithm` if all items are alike: for n candidates, the trigamma function of (n - 1) / 2.
  let sampling: Double
  /// The share of that variance that is the candidates' own, rather than the error of their means. Its logarithm varies
  /// with the logarithm of the candidates' own variance only to this extent.
  let share: Double

  init(of variance: Double, error: Double, freedom: Double) {
    logarithm = log(variance)
    sampling = trigamma(freedom / 2)
    share = max(0.1, 1 - error / variance)
  }

  /// The standard deviation of the logarithm of the items' spreads, which is half that of the logarithm of their
  /// variances.
  static func spread(_ items: [ItemScale]) -> Double {
    guard let varies = variance(items.map(\.logarithm)), let sampling = mean(items.map(\.sampling)),
      let share = mean(items.map(\.share))
    else { return 0 }
    return max(0, varies - sampling).squareRoot() / (2 * share)
  }
}
