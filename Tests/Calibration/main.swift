// How often the intervals and verdicts are right, on simulated studies whose truth is known. Prints a table in
// Markdown.
//
// Listeners differ in how keenly they hear, queries in how far their candidates lie apart, and two listeners of the
// same query share some of what the system misses. The truth is the mean over the population of listeners and queries:
// of a system's Spearman correlation with a listener's page, of that less the correlation of two listeners' pages, of
// the first as a share of the second, of the mean rating of the system's first candidates, and of its NDCG. One system
// is worse than another listener, one better.
//
// At the end: what pilots of known components are estimated to be made of.
import Agreement
import Basics
import Foundation
import Statistics

// `Calibration pooling [studies]` prints the part on pooled pages alone.
if CommandLine.arguments.dropFirst().first == "pooling" {
  try PoolingCalibration(studies: CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 200).print()
  exit(0)
}

let candidates = 8
let first = 3

/// What a system's order is made of: the qualities, with a noise of its own.
struct Effect: Sendable {
  var name: String, noise: Double
}
let effects = [Effect(name: "worse than another listener", noise: 1.3), Effect(name: "better", noise: 0.3)]

/// Qualities, and the system's scores, of one query's candidates.
func query(_ effect: Effect, _ random: inout SeededRandom) -> (qualities: [Double], system: [Double]) {
  let spread = exp(0.4 * random.normal())
  let qualities = (0..<candidates).map { _ in spread * random.normal() }
  return (qualities, qualities.map { $0 + effect.noise * random.normal() })
}

/// The mean rating of the system's first candidates, and its NDCG at as many.
func topRating(_ ratings: [Double], _ system: [Double]) -> Double {
  let order = system.indices.sorted { system[$0] > system[$1] }.prefix(first)
  return order.reduce(0) { $0 + ratings[$1] } / Double(first)
}
func gain(_ ratings: [Double], _ system: [Double]) -> Double? {
  RankedList(scores: system)?.ndcg(relevance: ratings.map { $0 / 100 }, at: first, gain: .linear)
}

/// A listener's noise.
func listener(_ random: inout SeededRandom) -> Double { 0.8 * exp(0.4 * random.normal()) }

/// Ratings on a slider of 0 to 100.
func page(_ qualities: [Double], _ noise: Double, _ random: inout SeededRandom) -> [Double] {
  qualities.map { max(0, min(100, (50 + 15 * ($0 + noise * random.normal())).rounded())) }
}

/// What is true of a system in the population.
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
  case claim = "the claim, the system's agreement less that of two listeners"
  case share = "the system's agreement as a share of that of two listeners"
  case top = "the mean rating of the system's first three"
  case gain = "the system's NDCG at three"
}

/// What was right in one study.
struct Outcome: Sendable {
  /// By figure, then by method: whether the 95 % interval holds the truth.
  var holds: [[Bool]]
  /// Whether the 90 % interval of the claim lies within the margin, which is false: the truth lies at the margin.
  var comparable: [Bool]
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
  let margin = abs(truth.system - truth.listeners)
  return Outcome(
    holds: truth.figures.enumerated().map { number, value in
      intervals(0.95, figure(number)).map { $0?.contains(value) ?? false }
    }, comparable: intervals(0.9, figure(1)).map { $0.map { $0.low > -margin && $0.high < margin } ?? false })
}

let studies = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 400 : 400
let resamples = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 999 : 999
func percent(_ share: Double) -> String { String(format: "%.1f", 100 * share) }
func number(_ value: Double, _ digits: Int = 3) -> String { String(format: "%.\(digits)f", value) }

func span(_ share: Double) -> String {
  let error = 1.96 * (share * (1 - share) / Double(studies)).squareRoot()
  return "\(percent(share - error)) to \(percent(min(1, share + error))) %"
}

let designs = [(10, 10), (20, 20), (10, 50), (50, 10), (50, 50)].flatMap { listeners, queries in
  [1.0, 0.4].map { Design(listeners: listeners, queries: queries, share: $0) }
}
let truths = effects.map { population($0, 400_000) }
let outcomes = try zip(effects, truths).map { effect, truth in
  try designs.map { design in
    try parallelMap(Array(0..<studies)) { study(effect, design, $0, truth: truth, resamples: resamples) }
  }
}
/// By design, then by method.
func rates(_ effect: Int, _ column: (Outcome) -> [Bool]) -> [[Double]] {
  outcomes[effect].map { outcomes in
    methods.indices.map { i in Double(outcomes.count { column($0)[i] }) / Double(studies) }
  }
}
func table(_ effect: Int, _ column: (Outcome) -> [Bool]) {
  print("\n| listeners × queries | each rates | \(methods.joined(separator: " | ")) |")
  print("|---|--:|\(methods.map { _ in "--:" }.joined(separator: "|"))|")
  for (design, rates) in zip(designs, rates(effect, column)) {
    print(
      "| \(design.listeners) × \(design.queries) | \(percent(design.share)) % | \(rates.map(percent).joined(separator: " | ")) |"
    )
  }
}

print(
  """
  # How often the intervals and the verdict are right

  Printed by `make calibrate`, from simulated studies whose truth is known (`Tests/Calibration`).

  \(studies) simulated studies a line, \(resamples) resamples each, \(candidates) candidates a query. All figures are \
  percent. Two listeners agree at \(number(truths[0].listeners)) (Spearman, population). By chance alone \(span(0.95)) \
  would be shown where 95 are right, and \(span(0.05)) where 5 are.

  ## In short
  How often 95 % intervals hold the truth, over the ten designs of each table below, from least to most:

  | figure | system | \(methods.joined(separator: " | ")) |
  |---|---|\(methods.map { _ in "--:" }.joined(separator: "|"))|
  """)
func ends(_ values: [Double]) -> String { "\(percent(values.min() ?? 0)) to \(percent(values.max() ?? 0))" }
for (f, figure) in Figure.allCases.enumerated() {
  for (e, effect) in effects.enumerated() {
    let rates = rates(e) { $0.holds[f] }
    print(
      "| \(figure.rawValue) | \(effect.name) | \(methods.indices.map { m in ends(rates.map { $0[m] }) }.joined(separator: " | ")) |"
    )
  }
}
for (e, effect) in effects.enumerated() {
  let rates = rates(e, \.comparable)
  print(
    "| \u{201c}comparable\u{201d}, where that is false | \(effect.name) | \(methods.indices.map { m in ends(rates.map { $0[m] }) }.joined(separator: " | ")) |"
  )
}
print(
  """

  Off by more than three points (below 92 % or above 98 %), by the dual factor, which reports show:

  """)
for (f, figure) in Figure.allCases.enumerated() {
  for (e, effect) in effects.enumerated() {
    let off = zip(designs, rates(e) { $0.holds[f] }).filter { abs($0.1[3] - 0.95) > 0.03 + 1e-9 }
    if off.isEmpty { continue }
    let told = off.map { design, rates in
      "\(percent(rates[3])) at \(design.listeners) × \(design.queries)\(design.share < 1 ? " sparse" : "")"
    }
    print("- \(figure.rawValue), system \(effect.name): \(told.joined(separator: ", "))")
  }
}
for (e, effect) in effects.enumerated() {
  print(
    """

    ## A system \(effect.name)
    In the population its agreement is \(number(truths[e].system)), the mean rating of its first three \
    \(number(truths[e].top, 1)) of 100 and its NDCG at three \(number(truths[e].gain)).
    """)
  for (f, figure) in Figure.allCases.enumerated() {
    print("\nHow often the 95 % interval of \(figure.rawValue) holds the truth:")
    table(e) { $0.holds[f] }
  }
  print(
    """

    How often "comparable" is said, the 90 % interval of the claim lying within the margin, where the truth lies at the \
    margin and 5 or less are right:
    """)
  table(e, \.comparable)
}
print(
  """

  What follows from it: the dual-factor interval keeps nearest to what it promises, and is the one to show. Percentile and \
  BCa intervals are too short with ten queries and too long where few listeners rate sparsely. "Comparable" should rest on \
  the expanded BCa interval, which says it falsely least often; the others take a skewed difference for a symmetric one, \
  or few queries for many. Intervals over listeners only speak of these queries and no others: they are no more than a \
  contrast.
  """)

// What a pilot shows of the components it was made by.
let pilots = 100
var settings = Power.Settings()
settings.design.pages = 10
let planted = settings.components
let power = try Power(settings)
// Without repeats, taste counts as noise.
let unshared = (planted.noise * planted.noise + planted.taste * planted.taste).squareRoot()
let parts: [(String, Double, @Sendable (PowerComponents) -> Double)] = [
  ("candidate", planted.candidate, { $0.candidate }), ("spread", planted.spread, { $0.spread }),
  ("query", planted.query, { $0.query }), ("bias", planted.bias, { $0.bias }), ("gain", planted.gain, { $0.gain }),
  ("noise and taste", unshared, { $0.noise }), ("keenness", planted.keenness, { $0.keenness }),
]
print(
  """

  ## What a pilot tells of its components
  \(pilots) simulated pilots a column, each listener rating \(settings.design.pages ?? 0) pages: mean and standard \
  deviation of what `earshot power` estimates, beside what was planted.

  | component | planted | 10 × 10 | 20 × 20 | 40 × 40 |
  |---|--:|--:|--:|--:|
  """)
let columns = try [10, 20, 40].map { size in
  try parallelMap(Array(0..<pilots)) { number in
    try? PowerPilot(power.study(number, .init(listeners: size, queries: size)).study, plan: AnalysisPlan()).components
  }.compactMap(\.self)
}
for (name, truth, part) in parts {
  let cells = columns.map { found in
    let values = found.map(part), mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    return "\(number(mean)) ± \(number(variance.squareRoot()))"
  }
  print("| \(name) | \(number(truth)) | \(cells.joined(separator: " | ")) |")
}
try PoolingCalibration(studies: studies).print()
