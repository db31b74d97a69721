import Agreement
import Basics
import Foundation
import Statistics
import PowerAnalysis

/// How accurate the figures are if systems fill the pages: studies by the model of `earshot power`, in which five
/// systems contribute the first k of their lists of 40, with and without random fillers.
struct PoolingCalibration {
  let studies: Int
  private let cell = Power.Cell(listeners: 20, queries: 24)

  private struct Case {
    var topK: Int, fillers: Int
  }
  private let cases = [0, 4].flatMap { fillers in [1, 2, 3, 5].map { Case(topK: $0, fillers: fillers) } }

  private func settings(_ pooled: Case, _ claim: Power.Claim) -> Power.Settings {
    var settings = Power.Settings(), pooling = PowerPooling()
    (pooling.systems, pooling.topK, pooling.randomFillers, pooling.list) = (5, pooled.topK, pooled.fillers, 40)
    settings.claim = claim
    (settings.design.pooling, settings.design.pages) = (pooling, 12)
    // All use the same method of intervals, at 95 %.
    (settings.plan.verdictInterval, settings.plan.alpha, settings.plan.permutations) = (.dual, 0.025, 199)
    (settings.resamples, settings.seed) = (299, 3)
    return settings
  }

  /// The bias of the mean estimate, the share of intervals that contain the true value, and twice the standard error of
  /// the bias.
  private func calibrate(_ settings: Power.Settings, truth: Double?) throws -> (
    bias: Double, holds: Double, error: Double
  ) {
    let power = try Power(settings)
    let truth = truth ?? (settings.claim == .aboveChance ? power.systemAgreement : settings.difference)
    let found = try parallelMap(Array(0..<studies)) { power.figure($0, cell) }
    let estimates = found.map(\.estimate).filter { !$0.isNaN }
    let mean = estimates.reduce(0, +) / Double(max(1, estimates.count))
    let variance = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, estimates.count - 1))
    let holds = found.count { $0.interval?.contains(truth) ?? false }
    return (
      mean - truth, Double(holds) / Double(max(1, estimates.count)),
      2 * (variance / Double(max(1, estimates.count))).squareRoot()
    )
  }

  func print() throws {
    Swift.print(
      """

      # Pages that systems fill
      \(studies) simulated studies per row, of \(cell.listeners) listeners who each rate 12 of \(cell.queries) queries. Each of \
      five systems puts its first k of 40 candidates on the page, and random fillers may join them. Three of the five have \
      errors as large as the differences between candidates. Intervals are dual-factor intervals at 95 %, with \
      \(settings(cases[0], .comparable).resamples) resamples.

      ## A random system
      Its true agreement is 0. *Before*: all candidates of a page are compared with each other. *After*: only those of the same \
      stratum are ([results.md](results.md#pooled-pages)). Mean agreement (± twice its standard error), and how often it is \
      significant, in percent: by its interval, by permutation, and compared with another random system by the interval of the \
      difference.

      | k | fillers | mean before | significant before | mean after | by interval | by permutation | difference |
      |--:|--:|--:|--:|--:|--:|--:|--:|
      """)
    for pooled in cases {
      var settings = settings(pooled, .aboveChance)
      settings.agreement = 0
      let after = try calibrate(settings, truth: 0)
      let power = try Power(settings)
      let tests = try parallelMap(Array(0..<studies)) { power.chance($0, cell) }.compactMap(\.self)
      let found = tests.filter { $0.twoSided < 0.05 }
      let byPermutation = Double(found.count) / Double(max(1, tests.count))
      settings.claim = .betterThanBaseline
      let difference = try calibrate(settings, truth: 0)
      settings.claim = .aboveChance
      settings.plan.pooling = .none
      let before = try calibrate(settings, truth: 0)
      Swift.print(
        "| \(pooled.topK) | \(pooled.fillers) | \(signed(before)) | \(share(1 - before.holds)) | \(signed(after)) | \(share(1 - after.holds)) | \(share(byPermutation)) | \(share(1 - difference.holds)) |"
      )
    }
    Swift.print(
      """

      ## A system that hears
      First a system whose true agreement within strata is 0.25, then one that is as good as another listener in the same \
      strata. Mean error (± twice its standard error) of its agreement, and of its agreement minus another listener's; each with \
      the coverage of its interval, in percent.

      | k | fillers | error, agreement | coverage | error, minus another listener's | coverage |
      |--:|--:|--:|--:|--:|--:|
      """)
    for pooled in cases {
      var settings = settings(pooled, .aboveChance)
      settings.agreement = 0.25
      let agreement = try calibrate(settings, truth: nil)
      (settings.claim, settings.agreement) = (.comparable, nil)
      let claim = try calibrate(settings, truth: nil)
      Swift.print(
        "| \(pooled.topK) | \(pooled.fillers) | \(signed(agreement)) | \(share(agreement.holds)) | \(signed(claim)) | \(share(claim.holds)) |"
      )
    }
  }

  private func signed(_ found: (bias: Double, holds: Double, error: Double)) -> String {
    String(format: "%+.3f ± %.3f", found.bias, found.error)
  }

  private func share(_ value: Double) -> String { String(format: "%.1f", 100 * value) }
}
