import Basics
import Foundation
import Retrieval
import Statistics

/// An evaluation: how well systems find the drums that play in the mixes of a test. Each figure has a 95 % interval.
///
/// Intervals come from resampling mixes and, independently, groups of one-shots (`CrossedBootstrap`: another sample of
/// mixes, another sample of instruments). They are percentile intervals, expanded for few units
/// (`Resamples.percentile`). All figures use the same resamples, so differences are paired. A family's figure for a
/// target is the mean over its runs. "All classes" is the mean of the classes' figures.
public struct Evaluation: Sendable {
  /// The mixes and the one-shots that every system ranked.
  public var test: TestSet
  /// One per entrant, in the order given.
  public var runs: [Run]
  /// The families, in the order of the entrants.
  public var families: [String]
  /// The family that the others are compared with.
  public var against: String
  /// The families whose every member was made by hand, without training.
  public var handmade: Set<String>
  /// The families that the bars and the summary compare `against` with: all others but its own refinement, which is no rival.
  public var rivals: [String]
  /// The number of resamples behind each interval.
  public var resamples: Int
  /// The seed of the resamples.
  public var seed: UInt64
  /// Notices from the entrants' creator about the entrants, for the remarks.
  public var notices: [String] = []

  /// Lets every entrant rank the pool for every mix.
  /// - Parameters:
  ///   - excerpts: excerpts of the test's catalogue, if long mixes are to be heard in parts.
  ///   - against: a family; nil for the first that is neither handmade nor `random`, or else the first.
  ///   - progress: returns a handler for each step, by its name.
  /// - Throws: a `Problem` for an unknown `against` or two systems with the same name, and any error of a system.
  public init(
    _ entrants: [Entrant], on test: TestSet, in excerpts: Excerpts? = nil, against: String? = nil,
    features: FeatureStore, resamples: Int = 2000, seed: UInt64 = 0,
    progress: (String) -> ProgressHandler? = { _ in nil }
  ) throws {
    guard !entrants.isEmpty else { throw Problem("there is no system to evaluate", mend: "Name one with --system.") }
    let names = entrants.map(\.system.name)
    if let twice = Dictionary(grouping: names, by: \.self).filter({ $1.count > 1 }).keys.sorted().first {
      throw Problem("the system '\(twice)' is given twice", mend: "Give each system a name of its own.")
    }
    if let run = entrants.first(where: { $0.family != $0.system.name && names.contains($0.family) }) {
      throw Problem(
        "'\(run.system.name)' would count as a run of '\(run.family)', which is itself a system here",
        mend: "Rename one of them: an ending such as -s1 marks the runs of one system.")
    }
    var families: [String] = []
    for entrant in entrants where !families.contains(entrant.family) { families.append(entrant.family) }
    let models = entrants.filter { !$0.isHandmade && $0.family != "random" }
    let chosen = against ?? models.first?.family ?? families.first { $0 != "random" } ?? families[0]
    guard families.contains(chosen) else {
      let hint = Suggestion.didYouMean(chosen, among: families)
      throw Problem(
        "there is no system '\(chosen)'", mend: hint ?? "There are \(families.joined(separator: ", ")).")
    }
    self.test = try test.measuringLevels(progress: progress("levels"))
    self.families = families
    self.against = chosen
    let refined = Set(entrants.filter { $0.system is RefinedSystem }.map(\.family))
    rivals = families.filter { $0 != chosen && refined.contains($0) == refined.contains(chosen) }
    handmade = Set(entrants.filter(\.isHandmade).map(\.family))
    self.resamples = resamples
    self.seed = seed
    runs = []
    for entrant in entrants {
      runs.append(
        try Run(entrant, on: self.test, in: excerpts, features: features, progress: progress(entrant.system.name)))
    }
  }

  /// The number of units behind a figure of some targets: their mixes or their groups, whichever are fewer.
  func units(of targets: [Int]) -> Int {
    min(Set(targets.map { test.targets[$0].mix }).count, Set(targets.map { test.targets[$0].group }).count)
  }

  /// The number of units behind a figure of a class; for a mean over classes (nil), that of the class with the fewest.
  func units(of condition: String?) -> Int {
    conditions.filter { condition == nil || $0 == condition }.map { units(of: targets(of: $0)) }.min() ?? 0
  }

  func runs(of family: String) -> [Run] { runs.filter { $0.family == family } }

  /// The index of a target's own class in `TestSet.conditions`.
  func ownPlace(_ target: Int) -> Int { test.conditions.firstIndex(of: test.targets[target].condition) ?? 0 }

  /// The mean, over a family's runs, of a figure of a target when the class with index `asked` is asked for.
  func value(_ family: String, _ target: Int, asked: Int, _ figure: (Placing) -> Double) -> Double {
    let own = runs(of: family)
    return own.reduce(0) { $0 + figure($1.findings[target][asked]) } / Double(own.count)
  }

  /// The classes that have targets, in order.
  var conditions: [String] {
    test.conditions.filter { condition in test.targets.contains { $0.condition == condition } }
  }

  func targets(of condition: String) -> [Int] {
    test.targets.indices.filter { test.targets[$0].condition == condition }
  }

  /// Resamples the cells, always with the same draws.
  func resample(_ cells: [WeightedMeans.Cell]) -> Resamples {
    // Only groups with targets are resampled.
    var place: [Int: Int] = [:]
    for group in Set(test.targets.map(\.group)).sorted() { place[group] = place.count }
    let statistic = WeightedMeans(
      cells: cells, mixes: test.targets.map(\.mix), groups: test.targets.map { place[$0.group] ?? 0 })
    return CrossedBootstrap(
      listeners: max(1, place.count), queries: max(1, test.mixes.count), resamples: resamples, seed: seed
    ).run(statistic)
  }
}
