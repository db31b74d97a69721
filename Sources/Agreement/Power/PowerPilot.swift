import Basics
import Foundation
import Statistics

/// The components of a pilot's ratings, by the method of moments.
///
/// - `candidate`, `taste` and `noise`: within each item, `rating = candidate + page + rest` (`VarianceComponents`), the
///   items' variances averaged. What pages repeated to a listener differ in is `noise`; without repeats all of the rest
///   is called noise, which changes no simulated study but by `keenness`.
/// - `query` and `bias`: the pages' means as `item + listener + rest`.
/// - `spread`: how far the logarithms of the items' variances differ, beyond what variances of so few candidates would
///   differ by themselves. (The variances themselves have so long a tail that one item of thirty decides.)
/// - `gain` and `keenness`: how far the listeners' slopes on the items' mean ratings and their scatter round it differ,
///   beyond what so few ratings would differ by themselves.
///
/// What comes out below 0 is 0. The ends of the scale, where ratings pile up, hide a part of the differences: so studies
/// of the pilot's size are simulated from what was found, estimated in the same way, and what they fall short of the pilot
/// is added, three times over (indirect inference: Gouriéroux, Monfort & Renault 1993; twenty studies each). The hidden reference and the anchor are left out unless the plan includes them.
public struct PowerPilot: Sendable, Equatable {
  public var components = PowerComponents()
  public var design = PowerDesign()
  public var listeners = 0
  public var queries = 0
  public var pages = 0
  public var repeats = 0

  /// - Parameter pooling: how systems filled the pilot's pages, so that what selection hid of the differences between
  ///   candidates is found as well; nil: they did not.
  /// - Throws: `Problem` where there is too little to tell the components apart.
  public init(_ table: RatingTable, plan: AnalysisPlan, pooling: PowerPooling? = nil) throws {
    var plan = plan
    (plan.systems, plan.pooling) = ([], .auto)
    try self.init(try RatedStudy(table, rankings: [], plan: plan), plan: plan, called: table.file, pooling: pooling)
  }

  /// The same of ratings that were put in order already.
  /// - Parameter name: how an error calls them.
  public init(
    _ study: RatedStudy, plan: AnalysisPlan, called name: String = "the pilot", pooling: PowerPooling? = nil
  ) throws {
    try self.init(moments: study, plan: plan, called: name)
    design.pooling = pooling
    let first = components, size = (listeners, queries)
    var paths: [WritableKeyPath<PowerComponents, Double>] = [\.candidate, \.spread, \.query, \.bias, \.gain]
    // Simulated studies repeat no page: their noise and how far it differs are those of pilots without repeats.
    if repeats == 0 { paths += [\.noise, \.keenness] }
    for round in 0..<3 {
      let model = PowerModel(
        components: components, design: design, systemError: pooling == nil ? 0 : PowerPooling.othersError)
      let found = pureMap(Array(0..<20)) { number -> PowerComponents? in
        var random = SeededRandom(seed: 1, "power pilot", "\(round)", "\(number)")
        let again = model.study(listeners: size.0, queries: size.1, &random)
        return (try? PowerPilot(moments: again, plan: plan, called: name))?.components
      }.compactMap(\.self)
      guard found.count > 10 else { return }
      for path in paths where first[keyPath: path] > 0 {
        let short = first[keyPath: path] - (mean(found.map { $0[keyPath: path] }) ?? first[keyPath: path])
        components[keyPath: path] = max(0, min(2 * first[keyPath: path], components[keyPath: path] + short))
      }
    }
  }

  private init(moments study: RatedStudy, plan: AnalysisPlan, called name: String) throws {
    let span = study.scale.upperBound - study.scale.lowerBound
    // Ratings of the candidates that count, as shares of the scale.
    struct Page { var listener, item: Int, places: [Int], values: [Double], isRepeat: Bool }
    func page(_ page: RatedStudy.Page) -> Page? {
      let flags = study.items[page.item].flags
      let kept = page.candidates.indices.filter {
        plan.includeReference || flags[page.candidates[$0]].isDisjoint(with: [.reference, .anchor])
      }
      return kept.count < 2
        ? nil
        : Page(
          listener: page.listener, item: page.item, places: kept.map { page.candidates[$0] },
          values: kept.map { (page.ratings[$0] - study.scale.lowerBound) / span },
          isRepeat: page.flags.contains(.repeated))
    }
    let mains = study.pages.filter(\.isMain).compactMap(page)
    let again = study.pages.filter { $0.flags == .repeated }.compactMap(page)
    let tooLittle = Problem(
      "the pilot is too small to tell what its ratings are made of", at: Place(file: name),
      mend: "It takes several queries, each rated by two listeners or more; or leave it out and state the components.")
    var byItem = Array(repeating: [Page](), count: study.items.count)
    for page in mains { byItem[page.item].append(page) }

    var candidateVariances: [Double] = [], scales: [ItemScale] = [], rest = (sum: 0.0, weight: 0.0)
    var itemMeans = Array(repeating: [Int: Double](), count: study.items.count)
    for (i, pages) in byItem.enumerated() {
      let values = pages.enumerated().flatMap { p, page in
        zip(page.places, page.values).map { UnitRatings.Rating(rater: p, unit: $0, value: $1) }
      }
      var sums: [Int: (Double, Double)] = [:]
      for page in pages {
        let mean = page.values.reduce(0, +) / Double(page.values.count)
        for (place, value) in zip(page.places, page.values) {
          let known = sums[place] ?? (0, 0)
          sums[place] = (known.0 + value - mean, known.1 + 1)
        }
      }
      itemMeans[i] = sums.mapValues { $0.0 / $0.1 }
      guard
        let found = VarianceComponents(
          UnitRatings(raters: pages.count, units: study.items[i].candidates.count, ratings: values))
      else { continue }
      let units = Double(sums.count), each = found.residual / found.ratingsPerUnit
      candidateVariances.append(found.units)
      if units > 1, found.units + each > 0 {
        scales.append(ItemScale(of: found.units + each, error: each, freedom: units - 1))
      }
      let weight = Double(values.count) - units
      rest = (rest.sum + weight * found.residual, rest.weight + weight)
    }
    guard candidateVariances.count > 1, rest.weight > 0,
      let candidate = mean(candidateVariances), candidate > 0
    else { throw tooLittle }
    components.candidate = candidate.squareRoot()
    components.spread = ItemScale.spread(scales)

    // Whatever two showings of a page to a listener don't share is noise.
    struct Key: Hashable { var listener, item: Int }
    let first = Dictionary(mains.map { (Key(listener: $0.listener, item: $0.item), $0) }) { a, _ in a }
    var noise = (sum: 0.0, weight: 0.0)
    for page in again {
      guard let before = first[Key(listener: page.listener, item: page.item)] else { continue }
      let values = Dictionary(zip(before.places, before.values)) { a, _ in a }
      let differences = zip(page.places, page.values).compactMap { place, value in values[place].map { value - $0 } }
      guard let variance = variance(differences) else { continue }
      let weight = Double(differences.count - 1)
      noise = (noise.sum + weight * variance / 2, noise.weight + weight)
      repeats += 1
    }
    let residual = rest.sum / rest.weight
    let unshared = noise.weight > 0 ? min(residual, noise.sum / noise.weight) : residual
    components.noise = unshared.squareRoot()
    components.taste = max(0, residual - unshared).squareRoot()

    // A repeated main page would be a second rating of the unit: the first one counts.
    var means: [Key: Double] = [:]
    for page in mains {
      let key = Key(listener: page.listener, item: page.item)
      if means[key] == nil { means[key] = page.values.reduce(0, +) / Double(page.values.count) }
    }
    let levels = VarianceComponents(
      UnitRatings(
        raters: study.listeners.count, units: study.items.count,
        ratings: means.map { .init(rater: $0.key.listener, unit: $0.key.item, value: $0.value) }))
    let candidates = mean(mains.map { Double($0.values.count) }) ?? 2
    components.centre =
      mean(means.sorted { ($0.key.listener, $0.key.item) < ($1.key.listener, $1.key.item) }.map(\.value)) ?? 0.5
    components.query = max(0, (levels?.units ?? 0) - candidate / candidates).squareRoot()
    components.bias = max(0, levels?.raters ?? 0).squareRoot()

    // Each listener's slope on the items' mean ratings, and the scatter round it.
    var slopes: [Double] = [], slopeSampling: [Double] = [], scatters: [Double] = [], freedoms: [Double] = []
    var ofListener = Array(repeating: [Page](), count: study.listeners.count)
    for page in mains { ofListener[page.listener].append(page) }
    for pages in ofListener where !pages.isEmpty {
      var xx = 0.0, xy = 0.0, yy = 0.0, freedom = -1.0
      for page in pages {
        let mean = page.values.reduce(0, +) / Double(page.values.count)
        for (place, value) in zip(page.places, page.values) {
          let x = itemMeans[page.item][place] ?? 0, y = value - mean
          (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y)
        }
        freedom += Double(page.values.count - 1)
      }
      guard xx > 0, freedom > 3 else { continue }
      let scatter = max(0, yy - xy * xy / xx) / freedom
      slopes.append(xy / xx)
      slopeSampling.append(scatter / xx)
      scatters.append(scatter)
      freedoms.append(freedom)
    }
    if let slope = mean(slopes), slope > 0, let varies = variance(slopes), let sampling = mean(slopeSampling) {
      components.gain = log(1 + max(0, varies - sampling) / (slope * slope)).squareRoot()
    }
    if let scatter = mean(scatters), scatter > 0, let varies = variance(scatters), let freedom = mean(freedoms) {
      // Only the noise differs between listeners, and it is a part of the scatter.
      let share = residual > 0 ? max(0.2, unshared / residual) : 1
      components.keenness = min(
        1, Self.logDeviation(variance: varies, sampling: 2 * scatter * scatter / freedom, mean: scatter * share))
    }
    // The mean of squares over such listeners is above the square of the usual one; likewise over items.
    components.noise *= exp(-components.keenness * components.keenness)
    components.candidate *= exp(-components.spread * components.spread)

    listeners = Set(mains.map(\.listener)).count
    queries = Set(mains.map { study.items[$0.item].query }).count
    pages = mains.count
    design.conditions = study.conditions.count
    design.pages = max(1, Int((Double(pages) / Double(listeners)).rounded()))
    design.candidates = max(2, Int(candidates.rounded()))
    // A scale of more points than a whole number counts is as good as a continuous one.
    let ends = (study.scale.lowerBound.rounded(.down), study.scale.upperBound.rounded(.up))
    (design.lowest, design.highest) =
      ends.1 - ends.0 >= 3 && abs(ends.0) <= 1e9 && abs(ends.1) <= 1e9 ? (Int(ends.0), Int(ends.1)) : (0, 100)
  }

  /// The deviation s of the logarithm of a spread whose squares, `exp(2 s z)`, vary so, beyond the sampling variance.
  private static func logDeviation(variance: Double, sampling: Double, mean: Double) -> Double {
    (log(1 + max(0, variance - sampling) / (mean * mean))).squareRoot() / 2
  }
}

/// How far the candidates of one item lie apart.
private struct ItemScale {
  /// The logarithm of the variance of its candidates' mean ratings.
  let logarithm: Double
  /// What `logarithm` varies by where all items are alike: of n candidates, the trigamma function of (n - 1) / 2.
  let sampling: Double
  /// How much of that variance is the candidates' own, rather than the error of their means: by so much less does its
  /// logarithm follow theirs.
  let share: Double

  init(of variance: Double, error: Double, freedom: Double) {
    logarithm = log(variance)
    sampling = Self.trigamma(freedom / 2)
    share = max(0.1, 1 - error / variance)
  }

  /// The deviation of the logarithm of the items' spreads, half that of their variances.
  static func spread(_ items: [ItemScale]) -> Double {
    guard let varies = variance(items.map(\.logarithm)), let sampling = mean(items.map(\.sampling)),
      let share = mean(items.map(\.share))
    else { return 0 }
    return max(0, varies - sampling).squareRoot() / (2 * share)
  }

  /// By its recurrence up to 10 and its asymptotic series from there on (Abramowitz & Stegun 6.4.6, 6.4.12).
  private static func trigamma(_ x: Double) -> Double {
    var x = x, sum = 0.0
    while x < 10 {
      sum += 1 / (x * x)
      x += 1
    }
    let y = 1 / (x * x)
    return sum + 1 / x + y / 2 + y / x * (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y / 30)))
  }
}
