import Basics
import Foundation
import Statistics

/// How far a verdict may be trusted with few queries, by the interval that it rests on.
func fewQueries(studies: Int, resamples: Int) throws {
  let shown = [3, 2]
  print(
    """

    ## Few queries
    The claim, the system's agreement less that of two listeners, with 2, 3, 4 and 8 queries that all listeners rate: how \
    often its 90 % interval holds the truth (over a system worse, better and as good as another listener, \(3 * studies) \
    simulated studies a line), how often it lies above and how often below the truth (5 are right), and its median width. \
    Then how often something is falsely claimed of a system exactly as good as another listener (inferior or superior, \
    margin 0.1), how often "comparable" is said of it, and how often falsely where the truth lies at the margin. A verdict \
    is given from four queries and four listeners on.

    | listeners × queries | interval | holds | above | below | width | false claim | comparable | falsely comparable |
    |---|---|--:|--:|--:|--:|--:|--:|--:|
    """)
  let all = effects + [equal], truths = all.map { population($0, 200_000) }
  for design in [(24, 2), (80, 2), (24, 3), (80, 3), (24, 4), (80, 4), (24, 8), (80, 8)].map({
    Design(listeners: $0.0, queries: $0.1, share: 1)
  }) {
    let outcomes = try zip(all, truths).map { effect, truth in
      try parallelMap(Array(0..<studies)) { study(effect, design, $0, truth: truth, resamples: resamples) }
    }
    for method in shown {
      let pairs = zip(outcomes, truths).flatMap { outcomes, truth in
        outcomes.map { ($0.claim[method], truth.system - truth.listeners) }
      }
      let widths = pairs.map { $0.0.map { $0.high - $0.low } ?? .infinity }.sorted()
      let ofEqual = outcomes[2].map { $0.claim[method] }
      let cells = [
        share(pairs.count { $0.0?.contains($0.1) ?? false }, of: pairs.count),
        share(pairs.count { ($0.0?.low ?? -.infinity) > $0.1 }, of: pairs.count),
        share(pairs.count { ($0.0?.high ?? .infinity) < $0.1 }, of: pairs.count),
        number(widths[widths.count / 2], 2),
        share(ofEqual.count { $0.map { $0.low > 0.1 || $0.high < -0.1 } ?? false }, of: studies),
        share(ofEqual.count { $0.map { $0.low > -0.1 && $0.high < 0.1 } ?? false }, of: studies),
        share(outcomes[..<2].joined().count { $0.comparable[method] }, of: 2 * studies),
      ]
      print("| \(design.listeners) × \(design.queries) | \(methods[method]) | \(cells.joined(separator: " | ")) |")
    }
  }
  print(
    """

    What the default of the verdict costs and brings: how often "comparable" is said of a system exactly as good as another \
    listener, and how often falsely at the margin (mean over a worse and a better one), with more queries.

    | listeners × queries | each rates | dual factor | falsely | expanded BCa | falsely |
    |---|--:|--:|--:|--:|--:|
    """)
  for design in [(20, 20, 1.0), (20, 20, 0.4), (20, 50, 0.4), (50, 50, 0.4)].map({
    Design(listeners: $0.0, queries: $0.1, share: $0.2)
  }) {
    let outcomes = try zip(all, truths).map { effect, truth in
      try parallelMap(Array(0..<studies / 2)) { study(effect, design, $0, truth: truth, resamples: resamples) }
    }
    let cells = shown.flatMap { method in
      [
        share(
          outcomes[2].count { $0.claim[method].map { $0.low > -0.1 && $0.high < 0.1 } ?? false }, of: outcomes[2].count),
        share(outcomes[..<2].joined().count { $0.comparable[method] }, of: 2 * outcomes[2].count),
      ]
    }
    print(
      "| \(design.listeners) × \(design.queries) | \(percent(design.share)) % | \(cells.joined(separator: " | ")) |")
  }
}
