import Basics
import Foundation
import Ratings
import Statistics

/// The systems that were scored, by role, and the pages of a sample with their scores.
package struct SystemSample: Sendable {
  enum Role: String, Sendable {
    /// A system that the test is about.
    case contender
    /// The hidden reference, and anchors. They show how the scale was used, but do not compete.
    case reference, anchor
  }

  package let sample: Sample
  /// The names of what was scored, the candidates of the study: contenders first, by descending mean.
  let names: [String]
  let roles: [Role]
  /// By item of the study, then by its candidates: the index in `names`; nil for one that is left out.
  private let places: [[Int?]]
  private let weights: [Int?]

  /// The name of a pseudo-system whose score is the weight of its page, if pages do not count equally.
  static let weight = "\u{1f}weight"

  /// With fewer items than this, other items cannot be inferred about, so figures are about these items only.
  static let fewestItems = Verdict.leastQueries
  /// With fewer listeners than this, nothing is claimed.
  static let fewestListeners = Verdict.leastListeners

  /// The scores of a table of one kind, without the listeners whom the plan excludes.
  /// - Throws: a `Problem` if the table cannot be read, or holds no score, or scores of several kinds.
  package static func read(_ scores: URL, plan: AnalysisPlan) throws -> SystemSample {
    let tables = try ScoreTable.read(scores, plan: plan, notes: TableNotes())
    guard let table = tables.first, tables.count == 1 else {
      throw Problem(
        tables.isEmpty
          ? "the table holds no score"
          : "the table holds several kinds of scores: \(tables.map(\.kind.title).joined(separator: ", "))",
        at: Place(file: scores.relativePath),
        mend: tables.isEmpty ? "It needs a row for each score." : "Give a table with the rows of one of them.")
    }
    let own = table.plan(plan), study = try RatedStudy(table.ratings, rankings: [], plan: own)
    let excluded = Screening(study, plan: own, failsCatch: table.kind.failsCatch(on: study.scale))
      .excluded(by: plan.screening.apply)
    let sample = Sample(study, without: excluded, plan: own)
    guard !sample.pages.isEmpty || excluded.isEmpty else {
      throw Problem(
        "the screening rules exclude all \(excluded.count, "listener")", at: Place(file: scores.relativePath),
        mend: "Check 'screening' in the plan.")
    }
    return SystemSample(sample)
  }

  /// - Parameter wanted: the contenders to include, if they exist; all if empty.
  init(_ sample: Sample, wanted: [String] = []) {
    let study = sample.study
    var sums: [String: (sum: Double, count: Double)] = [:], flags: [String: RatingTable.Flags] = [:]
    let weights = study.items.map { $0.candidates.firstIndex(of: Self.weight) }
    for page in sample.pages {
      let item = study.items[page.item], weight = Self.weight(page, weights)
      for (candidate, rating) in zip(page.candidates, page.ratings) where item.candidates[candidate] != Self.weight {
        let name = item.candidates[candidate], known = sums[name] ?? (0, 0)
        sums[name] = (known.sum + weight * rating, known.count + weight)
        flags[name, default: []].formUnion(item.flags[candidate])
      }
    }
    func role(_ name: String) -> Role {
      flags[name]?.contains(.reference) == true
        ? .reference : flags[name]?.contains(.anchor) == true ? .anchor : .contender
    }
    func mean(_ name: String) -> Double { sums[name].map { $0.sum / $0.count } ?? .nan }
    let known = wanted.filter { sums[$0] != nil }
    let all = sums.keys.filter { role($0) != .contender || known.isEmpty || known.contains($0) }
    let order: [Role] = [.contender, .reference, .anchor]
    names = all.sorted { a, b in
      let x = order.firstIndex(of: role(a)) ?? 0, y = order.firstIndex(of: role(b)) ?? 0
      return (x, -mean(a), a) < (y, -mean(b), b)
    }
    roles = names.map(role)
    let number = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    places = study.items.map { $0.candidates.map { number[$0] } }
    self.sample = sample
    self.weights = weights
  }

  var contenders: Range<Int> { 0..<(roles.firstIndex { $0 != .contender } ?? roles.count) }

  /// Each two contenders, the one with the higher mean first.
  package var pairs: [(Int, Int)] {
    contenders.flatMap { a in contenders.filter { $0 > a }.map { (a, $0) } }
  }

  /// A page's score of a system; NaN if it has none.
  package func score(_ page: RatedStudy.Page, _ system: Int) -> Double {
    for (i, candidate) in page.candidates.enumerated() where places[page.item][candidate] == system {
      return page.ratings[i]
    }
    return .nan
  }

  /// The weight of a page; 1 if none is stated.
  /// - Parameter places: by item, the index of the weight among its candidates.
  private static func weight(_ page: RatedStudy.Page, _ places: [Int?]) -> Double {
    guard let place = places[page.item], let i = page.candidates.firstIndex(of: place) else { return 1 }
    return page.ratings[i]
  }

  /// Whether there are enough items to infer about other items too.
  var isOverItems: Bool { sample.study.queries.count >= Self.fewestItems }

  /// A figure with its uncertainty, and whether it may be claimed.
  struct Figure: Sendable {
    let sample: Sample
    let mean: Sample.PageMean
    let isOverItems: Bool

    var value: Double { mean.redrawn.estimate[0] }
    /// What was resampled, in words.
    var over: String { isOverItems ? "listeners and items" : "listeners" }
    var isClaimed: Bool {
      mean.listeners >= SystemSample.fewestListeners
        && (!isOverItems || mean.queries >= SystemSample.fewestItems)
    }

    /// The interval that the plan names (dual-factor or other), over listeners and items. With too few items, it is the
    /// estimate ± t times the standard error over resampled listeners, times √(n/(n − 1)); in a complete design this is
    /// Student's interval for the mean of the listeners' means.
    func interval(
      by method: AnalysisPlan.Interval, level: Double,
      within bounds: ClosedRange<Double> = -Double.infinity...Double.infinity, freedom: DualFactor.Freedom = .fewest
    ) -> Interval? {
      if isOverItems {
        return sample.interval(mean.redrawn, by: method, level: level, within: bounds, freedom: freedom)
      }
      guard let error,
        let t = StudentT(Double(mean.listeners - 1)).quantile((1 + sample.plan.atThisLook(level)) / 2)
      else { return nil }
      return Interval(low: max(bounds.lowerBound, value - t * error), high: min(bounds.upperBound, value + t * error))
    }

    /// How surely the truth is `limit` or less, by the same interval at this look alone.
    func level(of limit: Double, by method: AnalysisPlan.Interval, freedom: DualFactor.Freedom = .fewest) -> Double? {
      if isOverItems { return sample.level(of: limit, mean.redrawn, by: method, freedom: freedom) }
      guard let error else { return nil }
      return StudentT(Double(mean.listeners - 1)).upper((value - limit) / error)
    }

    /// The interval of a share, from 0 to 1, with Satterthwaite's degrees of freedom: single answers are so noisy that
    /// the smaller number of units would make it too wide (docs/calibration.md). A share that is exactly 0 or 1 does
    /// not vary between resamples, so its interval is Wilson's. The number of cases is that of the listeners or, with
    /// intervals over items too, of listeners or items, whichever is smaller.
    func share(by method: AnalysisPlan.Interval, level: Double) -> Interval? {
      interval(by: method, level: level, within: 0...1, freedom: .combined)
        ?? unvaried.flatMap { Interval.wilson($0, of: units, level: sample.plan.atThisLook(level)) }
    }

    /// How surely the share is `limit` or less, by the same interval.
    func level(ofShare limit: Double, by method: AnalysisPlan.Interval) -> Double? {
      level(of: limit, by: method, freedom: .combined)
        ?? unvaried.map { Normal().upper(($0 - limit) / (limit * (1 - limit) / Double(units)).squareRoot()) }
    }

    private var units: Int { isOverItems ? min(mean.listeners, mean.queries) : mean.listeners }

    /// The share if it is 0 or 1, apart from rounding; else nil.
    private var unvaried: Double? {
      let whole = value.rounded()
      return units > 0 && abs(value - whole) < 1e-12 && (0...1).contains(whole) ? whole : nil
    }

    /// Whether it is the same in all resamples.
    var isConstant: Bool {
      (isOverItems ? mean.redrawn.both : mean.redrawn.listeners ?? mean.redrawn.both).standardError(0) == 0
    }

    private var error: Double? {
      let n = Double(mean.listeners)
      guard n > 1, let spread = mean.redrawn.listeners?.standardError(0), spread > 1e-12 else { return nil }
      return spread * (n / (n - 1)).squareRoot()
    }

    /// The two-sided p-value of the hypothesis that there is no difference.
    func p(
      of interval: Interval?, by method: AnalysisPlan.Interval, confidence: Double,
      freedom: DualFactor.Freedom = .fewest
    ) -> Double? {
      guard let interval, let level = level(of: 0, by: method, freedom: freedom).map(sample.plan.overAllLooks)
      else { return nil }
      return interval.p(of: 0, level: level, confidence: confidence)
    }
  }

  /// By group, in the order of `sample.groups`: the mean score of each system, and the mean difference of each pair
  /// over pages that have both.
  func figures(
    differences: Bool = true, resamples: Int? = nil, progress: ProgressHandler? = nil
  ) -> [(means: [Figure], differences: [Figure])] {
    let pairs = differences ? pairs : [], count = names.count
    let found = sample.bootstrap(
      resamples: resamples, for: .verdictToo, progress: progress, figures: count + pairs.count
    ) { _ in
      { page, k in
        let value = k < count ? score(page, k) : score(page, pairs[k - count].0) - score(page, pairs[k - count].1)
        if value.isNaN { return (0, 0) }
        let weight = Self.weight(page, weights)
        return (weight * value, weight)
      }
    }
    return found.map { group in
      let figures = group.map { Figure(sample: sample, mean: $0, isOverItems: isOverItems) }
      return (Array(figures[..<count]), Array(figures[count...]))
    }
  }

  /// How often a contender takes each place when listeners are resampled, and items too if there are enough.
  struct Places: Sendable {
    /// By contender: the share of resamples in which it has the highest mean; ties share equally.
    var best: [Double]
    /// By contender: the range of its places at the plan's confidence level.
    var ranks: [Interval]
  }

  /// Places over all conditions together. Nil with too few listeners for a claim, since the few are drawn again and
  /// again, or if no resample has a mean for every contender.
  func placesDrawnAnew() -> Places? {
    let contenders = contenders, conditions = sample.study.conditions.count
    guard contenders.count > 1, sample.study.listeners.count >= Self.fewestListeners else { return nil }
    var sums = FigureSums(width: contenders.count, groups: conditions)
    for page in sample.pages {
      let item = sample.study.items[page.item]
      sums.add(group: item.condition, listener: page.listener, query: item.query) { k in
        let score = score(page, k)
        return score.isNaN ? (0, 0) : (score, 1)
      }
    }
    let count = min(sample.plan.resamples, 2000), means = FigureMeans(sums)
    let drawn =
      isOverItems
      ? sample.bootstrap(means, resamples: count, for: .standardErrorOnly).both
      : sample.listenersOnly(means, resamples: count)
    let columns = contenders.map { drawn.values[conditions * contenders.count + $0] }
    var best = Array(repeating: 0.0, count: contenders.count), ranks = best.map { _ in [Double]() }
    for r in columns[0].indices {
      let values = columns.map { $0[r] }
      guard !values.contains(where: \.isNaN), let highest = values.max() else { continue }
      // Rounding errors of sums in a different order break no tie.
      let noise = 1e-9 * max(1, abs(highest)), shared = Double(values.count { highest - $0 <= noise })
      for k in contenders {
        if highest - values[k] <= noise { best[k] += 1 / shared }
        ranks[k].append(Double(1 + values.count { $0 - values[k] > noise }))
      }
    }
    let all = Double(ranks[0].count), tail = (1 - sample.plan.confidence) / 2
    guard all > 0 else { return nil }
    return Places(
      best: best.map { $0 / all },
      ranks: ranks.map { values in
        let sorted = values.sorted()
        return Interval(
          low: quantile(sorted: sorted, tail).rounded(.down), high: quantile(sorted: sorted, 1 - tail).rounded(.up))
      })
  }
}
