// How often the intervals and verdicts are right, in simulated studies with known true values. Prints tables in
// Markdown.
//
// Listeners differ in how keenly they hear, queries in how far apart their candidates are, and two listeners to the
// same query share some of what the system misses. The true values are means over the population of listeners and
// queries: of a system's Spearman correlation with a listener's page, of that minus the correlation of two listeners'
// pages, of the first as a share of the second, of the mean rating of the system's first candidates, and of its NDCG.
// One system is worse than another listener, one is better.
//
// Further parts are in their own files: few queries, conditions with few queries, the same candidates in every query,
// complete data with clusters, very different numbers of pages, scores of systems, other kinds of answers, two
// blocks, studies with a stopping rule, trials focused on where two systems disagree, and pages that systems fill.
// The estimates from pilots with known components are here.
//
//     Calibration [STUDIES] [RESAMPLES] [PART …]    parts: intervals few conditions recurring clusters unbalanced
//                                                    pilots systems system-models answers blocks stopping focus pooling
import Agreement
import Basics
import Foundation
import Ratings
import Statistics
import PowerAnalysis

let arguments = CommandLine.arguments
let studies = arguments.count > 1 ? Int(arguments[1]) ?? 400 : 400
let resamples = arguments.count > 2 ? Int(arguments[2]) ?? 999 : 999
let wanted = Set(arguments.dropFirst(3))
func isWanted(_ part: String) -> Bool { wanted.isEmpty || wanted.contains(part) }

func span(_ share: Double) -> String {
  let error = 1.96 * (share * (1 - share) / Double(studies)).squareRoot()
  return "\(percent(share - error)) to \(percent(min(1, share + error))) %"
}

func intervals() throws {
  let designs = [(10, 10), (20, 20), (10, 50), (50, 10), (50, 50)].flatMap { listeners, queries in
    [1.0, 0.4].map { Design(listeners: listeners, queries: queries, share: $0) }
  }
  let truths = effects.map { population($0, 400_000) }
  let outcomes = try zip(effects, truths).map { effect, truth in
    try designs.map { design in
      try parallelMap(Array(0..<studies)) { study(effect, design, $0, truth: truth, resamples: resamples) }
    }
  }
  /// Rates by design, then by method.
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

    Printed by `make calibrate`, from simulated studies whose true values are known (`Tests/Calibration`).

    \(studies) simulated studies per row, \(resamples) resamples each, \(candidates) candidates per query. All figures \
    are percentages. *Coverage* is how often an interval contains the true value; for a 95 % interval, 95 is right. In the \
    population, two listeners agree at \(number(truths[0].listeners)) (Spearman). By chance alone, the tables show \
    \(span(0.95)) where 95 is right, and \(span(0.05)) where 5 is right.

    ## In short
    Coverage of 95 % intervals over the ten designs of each table below, from lowest to highest:

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
      "| \u{201c}comparable\u{201d}, although false | \(effect.name) | \(methods.indices.map { m in ends(rates.map { $0[m] }) }.joined(separator: " | ")) |"
    )
  }
  print(
    """

    Reports show the dual-factor interval. Its coverage is off by more than three points (below 92 % or above 98 %) here:

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

      ## A system that is \(effect.name)
      In the population, its agreement is \(number(truths[e].system)), the mean rating of its first three is \
      \(number(truths[e].top, 1)) of 100, and its NDCG at three is \(number(truths[e].gain)).
      """)
    for (f, figure) in Figure.allCases.enumerated() {
      print("\nCoverage of the 95 % interval of \(figure.rawValue):")
      table(e) { $0.holds[f] }
    }
    print(
      """

      How often the verdict is "comparable" (the 90 % interval of the claim lies within the margin) although the true value \
      is at the margin. At most 5 is right:
      """)
    table(e, \.comparable)
  }
  print(
    """

    What follows: the dual-factor interval comes closest to its nominal coverage, in both directions, so reports show it \
    and base the verdict on it. Percentile and BCa intervals are too narrow with ten queries, and too wide if few listeners \
    rate sparsely. Expanded BCa intervals falsely say "comparable" least often, but they also miss many systems that are \
    comparable (see "Few queries" below). Intervals over listeners only describe these queries and do not generalise \
    to others: they are here for contrast only.
    """)
}

func pilotsOfKnownComponents() throws {
  // How accurately a pilot recovers the components that it was simulated with.
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

    ## What a pilot says about its components
    \(pilots) simulated pilots per column, in which each listener rates \(settings.design.pages ?? 0) pages: mean and \
    standard deviation of what `earshot power` estimates, beside the true value.

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
}

if isWanted("intervals") { try intervals() }
if isWanted("few") { try fewQueries(studies: studies / 2, resamples: min(resamples, 499)) }
if isWanted("conditions") { try conditionsOfFewQueries(studies: studies / 2, resamples: min(resamples, 499)) }
if isWanted("recurring") { try recurringCandidates(studies: studies / 4) }
if isWanted("clusters") { try clusters(studies: studies / 4) }
if isWanted("unbalanced") { try unbalanced(studies: studies, resamples: min(resamples, 499)) }
if isWanted("pilots") { try pilotsOfKnownComponents() }
for (part, withModels) in [("systems", false), ("system-models", true)] where isWanted(part) {
  try SystemsCalibration(studies: studies, resamples: min(resamples, 499), withModels: withModels).print()
}
if isWanted("answers") { try AnswersCalibration(studies: studies, resamples: min(resamples, 499)).print() }
if isWanted("blocks") { try BlocksCalibration(studies: studies, resamples: min(resamples, 499)).print() }
if isWanted("stopping") { try StoppingCalibration(studies: studies, resamples: min(resamples, 199)).print() }
if isWanted("focus") { try FocusCalibration(studies: studies, resamples: min(resamples, 499)).print() }
if isWanted("pooling") { try PoolingCalibration(studies: studies).print() }
