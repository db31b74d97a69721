import Agreement
import ArgumentParser
import Basics
import Foundation
import PowerAnalysis
import Ratings

/// The options of `earshot power` for a test of systems, or for ABX.
struct TestPowerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A pilot's scores of systems, for the claims better and equivalent (default: the study's export).",
      valueName: "file"))
  var scores: String?

  @Option(parsing: .unconditional, help: "The true difference between the two systems, in points.")
  var points = 5.0

  @Option(
    help:
      "Two systems closer than this count as equivalent, in points; for ABX, a share above chance (default: 0.15)."
  )
  var margin: Double?

  @Option(help: "SD over listeners of the difference between two systems (default: the pilot's, or 6 points).")
  var listenerSpread: Double?

  @Option(help: "SD of this difference over items (default: the pilot's, or 6 points).")
  var itemSpread: Double?

  @Option(help: "Residual SD of single differences (default: the pilot's, or 11 points).")
  var scoreNoise: Double?

  @Option(help: "True share of right answers to ABX, or to a triangle test.")
  var share = 0.75

  @Option(help: "How much listeners vary in it, from 0 to 1 (the γ of discrimination_spread).")
  var shareSpread = 0.05

  @Option(help: "Answers per listener and item of ABX.")
  var answers = 1

  @Flag(help: "A triangle test instead of ABX: one in three is right by guessing.")
  var triangle = false

  func validate() throws {
    guard [points, margin ?? 0].allSatisfy({ abs($0) <= 1e6 }) else {
      throw ValidationError("--points and --margin must be at most a million.")
    }
    guard (margin ?? 0) >= 0 else { throw ValidationError("--margin is 0 or more.") }
    guard [listenerSpread, itemSpread, scoreNoise].compactMap(\.self).allSatisfy({ (0...1e6).contains($0) }) else {
      throw ValidationError("--listener-spread, --item-spread and --score-noise must be between 0 and a million.")
    }
    guard (0...1).contains(share), (0..<1).contains(shareSpread), (1...1000).contains(answers) else {
      throw ValidationError(
        "--share must be between 0 and 1, --share-spread at least 0 and below 1, and --answers between 1 and 1000.")
    }
  }

  /// - Throws: a `Problem` if a pilot cannot be read, or if a margin is missing.
  func settings(
    _ claim: TestPower.Claim, plan: AnalysisPlan, scores: URL?, replicates: Int, seed: UInt64
  ) throws -> TestPower.Settings {
    var settings = TestPower.Settings()
    settings.claim = claim
    let stated = plan.scoreMargins.values.max()
    settings.margin = margin ?? (claim == .notHeard ? 0.15 : claim == .equivalent ? stated ?? 0 : 0)
    guard claim != .equivalent || settings.margin > 0 else {
      throw Problem(
        "there is no margin within which two systems count as equivalent",
        mend: "State it: --margin 5, or verdict: {score_margin: 5} in the plan.")
    }
    if let scores { settings.components = try TestPower.components(scores, plan: plan) }
    settings.components.listeners = listenerSpread ?? settings.components.listeners
    settings.components.items = itemSpread ?? settings.components.items
    settings.components.noise = scoreNoise ?? settings.components.noise
    (settings.difference, settings.share, settings.spread, settings.answers) = (points, share, shareSpread, answers)
    settings.chance = triangle ? 1.0 / 3 : 0.5
    (settings.alpha, settings.confidence) = (plan.alpha, plan.confidence)
    (settings.replicates, settings.seed) = (replicates, seed)
    return settings
  }

  /// Where the components come from.
  func origin(_ settings: TestPower.Settings) -> String {
    guard settings.claim == .better || settings.claim == .equivalent else {
      return "The share of right answers and its variation across listeners are assumed."
    }
    let own = settings.components
    let parts =
      "of the difference between two systems (\(own.listeners.cellText.prefix(6)) over listeners, \(own.items.cellText.prefix(6)) over items, \(own.noise.cellText.prefix(6)) residual)"
    return own.pilot.map {
      "Standard deviations \(parts), in points, come from a pilot of \($0.listeners, "listener") and \($0.items, "item"); their uncertainty is carried over."
    } ?? "Deviations \(parts), in points, are assumed."
  }
}
