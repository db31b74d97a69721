import Basics
import Foundation
import Statistics

let candidates = 8
let first = 3

/// A system that orders candidates by their qualities plus its own noise. If `noise` is nil, the noise is a listener's,
/// so that the system agrees with listeners exactly as they do with one another.
struct Effect: Sendable {
  var name: String, noise: Double?
}
let effects = [Effect(name: "worse than another listener", noise: 1.3), Effect(name: "better", noise: 0.3)]
let equal = Effect(name: "as good as another listener", noise: nil)

/// The true qualities of one query's candidates, and the system's scores of them.
func query(_ effect: Effect, _ random: inout SeededRandom) -> (qualities: [Double], system: [Double]) {
  let spread = exp(0.4 * random.normal())
  let qualities = (0..<candidates).map { _ in spread * random.normal() }
  let noise = effect.noise ?? listener(&random)
  return (qualities, qualities.map { $0 + noise * random.normal() })
}

/// The mean rating of the system's first candidates. `gain` is its NDCG at the same number of candidates.
func topRating(_ ratings: [Double], _ system: [Double]) -> Double {
  let order = system.indices.sorted { system[$0] > system[$1] }.prefix(first)
  return order.reduce(0) { $0 + ratings[$1] } / Double(first)
}
func gain(_ ratings: [Double], _ system: [Double]) -> Double? {
  RankedList(scores: system)?.ndcg(relevance: ratings.map { $0 / 100 }, at: first, gain: .linear)
}

/// Draws a listener's noise.
func listener(_ random: inout SeededRandom) -> Double { 0.8 * exp(0.4 * random.normal()) }

/// Ratings of a page on a scale from 0 to 100.
func page(_ qualities: [Double], _ noise: Double, _ random: inout SeededRandom) -> [Double] {
  qualities.map { max(0, min(100, (50 + 15 * ($0 + noise * random.normal())).rounded())) }
}

/// The true values of a system in the population.
struct Truth: Sendable {
  var system = 0.0, listeners = 0.0, top = 0.0, gain = 0.0
  /// The figures of `Figure.allCases`.
  var figures: [Double] { [system, system - listeners, system / listeners, top, gain] }
}

func population(_ effect: Effect, _ draws: Int) -> Truth {
  let sums = try? parallelMap(Array(0..<100)) { part -> Truth in
    var random = SeededRandom(seed: 1, "population", "\(part)"), sums = Truth()
    for _ in 0..<(draws / 100) {
      let (qualities, system) = query(effect, &random)
      let a = page(qualities, listener(&random), &random), b = page(qualities, listener(&random), &random)
      sums.system += spearman(a, system) ?? 0
      sums.listeners += spearman(a, b) ?? 0
      sums.top += topRating(a, system)
      sums.gain += gain(a, system) ?? 0
    }
    return sums
  }
  func mean(_ part: KeyPath<Truth, Double>) -> Double {
    (sums ?? []).reduce(0) { $0 + $1[keyPath: part] } / Double(draws)
  }
  return Truth(system: mean(\.system), listeners: mean(\.listeners), top: mean(\.top), gain: mean(\.gain))
}

struct Design: Sendable {
  var listeners: Int, queries: Int
  /// The share of the queries that a listener rates.
  var share: Double
}

enum Figure: String, CaseIterable {
  case agreement = "the system's agreement"
  case claim = "the claim (the system's agreement minus that of two listeners)"
  case share = "the system's agreement as a share of that of two listeners"
  case top = "the mean rating of the system's first three"
  case gain = "the system's NDCG at three"
}

/// What was right in one study.
struct Outcome: Sendable {
  /// By figure, then by method: whether the 95 % interval contains the true value.
  var holds: [[Bool]]
  /// Whether the 90 % interval of the claim lies within the margin. This is false, as the true value lies at the
  /// margin.
  var comparable: [Bool]
  /// The 90 % interval of the claim, from which a verdict is read.
  var claim: [Interval?]
}

let methods = ["percentile", "BCa", "expanded BCa", "dual factor", "listeners only"]

func study(_ effect: Effect, _ design: Design, _ number: Int, truth: Truth, resamples: Int) -> Outcome {
  var random = SeededRandom(seed: 2, "study", "\(design)", "\(number)")
  let queries = (0..<design.queries).map { _ in query(effect, &random) }
  let listeners = (0..<design.listeners).map { _ in listener(&random) }
  var pages: [RatingPages.Page] = []
  for (l, noise) in listeners.enumerated() {
    for q in random.shuffled(Array(queries.indices)).prefix(Int((design.share * Double(design.queries)).rounded())) {
      let values = page(queries[q].qualities, noise, &random)
      pages.append(.init(listener: l, list: q, items: Array(0..<candidates), values: values))
    }
  }
  let table = RatingPages(
    listeners: design.listeners, queries: design.queries,
    lists: queries.indices.map { .init(query: $0, items: candidates) }, pages: pages)
  let scores = table.scores([queries.map(\.system)]) { spearman($0, $1) }[0]
  func cells(_ value: (Int) -> Double?) -> [WeightedCells.Cell] {
    table.pages.indices.compactMap { i in
      value(i).map { WeightedCells.Cell(listener: table.pages[i].listener, query: table.pages[i].list, value: $0) }
    }
  }
  let statistic = WeightedCells([
    cells { scores[$0] }, table.pairs { spearman($0, $1) },
    cells { topRating(table.pages[$0].values, queries[table.pages[$0].list].system) },
    cells { gain(table.pages[$0].values, queries[table.pages[$0].list].system) },
  ])

  func bootstrap(_ factors: CrossedBootstrap.Factors) -> Resamples {
    CrossedBootstrap(
      listeners: design.listeners, queries: design.queries, resamples: resamples, seed: UInt64(number), factors: factors
    ).run(statistic, jackknife: factors == .both)
  }
  let both = bootstrap(.both), byListeners = bootstrap(.listeners), byQueries = bootstrap(.queries)
  let units = min(design.listeners, design.queries)
  func intervals(_ level: Double, _ figure: ([Double]) -> Double) -> [Interval?] {
    let crossed = both.derived(figure), contrast = byListeners.derived(figure)
    let dual = DualFactor(
      both: crossed, listeners: contrast, queries: byQueries.derived(figure), listenerCount: design.listeners,
      queryCount: design.queries)
    return [
      crossed.percentile(level: level), crossed.bca(level: level), crossed.bca(level: level, units: units),
      dual.interval(level: level), contrast.percentile(level: level),
    ]
  }
  func figure(_ number: Int) -> ([Double]) -> Double {
    switch Figure.allCases[number] {
    case .agreement: { $0[0] }
    case .claim: { $0[0] - $0[1] }
    case .share: { $0[0] / $0[1] }
    case .top: { $0[2] }
    case .gain: { $0[3] }
    }
  }
  let margin = abs(truth.system - truth.listeners), claim = intervals(0.9, figure(1))
  return Outcome(
    holds: truth.figures.enumerated().map { number, value in
      intervals(0.95, figure(number)).map { $0?.contains(value) ?? false }
    }, comparable: claim.map { $0.map { $0.low > -margin && $0.high < margin } ?? false }, claim: claim)
}
