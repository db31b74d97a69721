import Basics
import Foundation
import Statistics

/// How often a condition's interval contains the true value in a study of six conditions with four queries each: with
/// the resamples and the number of queries of the whole study, as in earlier versions, and with the condition's own.
func conditionsOfFewQueries(studies: Int, resamples: Int) throws {
  print(
    """

    ## Conditions of few queries
    Six conditions of four queries each, which all listeners rate. Coverage of the 95 % dual-factor interval of a \
    condition's agreement, over all six conditions: with resamples of all 24 queries and the degrees of freedom of 24 queries \
    or of the listeners, whichever are fewer, and with resamples of the condition's own four queries. \(studies) simulated \
    studies per row.

    | listeners | system | the whole study's queries | the condition's own |
    |--:|---|--:|--:|
    """)
  for listeners in [12, 24] {
    for effect in effects {
      let truth = population(effect, 200_000).system
      let held = try parallelMap(Array(0..<studies)) { number -> (Int, Int) in
        var random = SeededRandom(seed: 3, "conditions", "\(listeners)", effect.name, "\(number)")
        let queries = (0..<24).map { _ in query(effect, &random) }
        let noises = (0..<listeners).map { _ in listener(&random) }
        let values = noises.map { noise in
          queries.map { spearman(page($0.qualities, noise, &random), $0.system) }
        }
        func cells(_ condition: Int, from first: Int) -> [WeightedCells.Cell] {
          (0..<listeners).flatMap { l in
            (4 * condition..<4 * condition + 4).compactMap { q in
              values[l][q].map { WeightedCells.Cell(listener: l, query: q - first, value: $0) }
            }
          }
        }
        func dual(_ statistic: WeightedCells, queries: Int) -> DualFactor {
          DualFactor(
            listeners: listeners, queries: queries, resamples: resamples, seed: UInt64(number), statistic)
        }
        let whole = dual(WeightedCells((0..<6).map { cells($0, from: 0) }), queries: 24)
        var counts = (0, 0)
        for condition in 0..<6 {
          let own = dual(WeightedCells([cells(condition, from: 4 * condition)]), queries: 4)
          counts.0 += whole.interval(condition)?.contains(truth) ?? false ? 1 : 0
          counts.1 += own.interval()?.contains(truth) ?? false ? 1 : 0
        }
        return counts
      }
      print(
        "| \(listeners) | \(effect.name) | \(share(held.reduce(0) { $0 + $1.0 }, of: 6 * studies)) | \(share(held.reduce(0) { $0 + $1.1 }, of: 6 * studies)) |"
      )
    }
  }
}
