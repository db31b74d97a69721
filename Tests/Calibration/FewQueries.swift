import Basics
import Foundation
import Statistics

/// How reliable a verdict is with few queries, by the method of its interval.
func fewQueries(studies: Int, resamples: Int) throws {
  let shown = [3, 2]
  print(
    """

    ## Few queries
    The claim (the system's agreement minus that of two listeners) with 2, 3, 4 and 8 queries that all listeners rate. \
    Coverage of its 90 % interval, over a system that is worse than another listener, one that is better and one that is as \
    good (\(3 * studies) simulated studies per row); how often the interval lies above and how often below the true value \
    (5 is right for each); and its median width. Then, for a system exactly as good as another listener, how often it is \
    falsely called inferior or superior (margin 0.1), and how often "comparable". Last, how often a system is falsely called \
    "comparable" if the true value is at the margin. Reports give a verdict from four queries and four listeners on.

    | listeners × queries | interval | coverage | above | below | width | false claim | comparable | falsely comparable |
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

    What the verdict's default interval gains and costs with more queries: how often a system exactly as good as another \
    listener is called "comparable", and how often one at the margin falsely is (mean over a worse and a better one).

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
