import Basics
import Foundation
import Retrieval

/// A system that takes part: a baseline, a model file, or vectors from outside.
public struct Entrant: Sendable {
  public var system: any RankingSystem
  /// Runs of one kind share a family (a model trained with several seeds); it is what tables and comparisons speak of.
  public var family: String
  /// Whether it is one of the features made by hand, without training.
  public var isHandmade: Bool

  /// - Parameter family: the system's name without a run's ending `-s1`, `-seed3` …, if nil.
  public init(_ system: any RankingSystem, family: String? = nil, isHandmade: Bool = false) {
    self.system = system
    self.family = family ?? Entrant.family(of: system.name)
    self.isHandmade = isHandmade
  }

  /// `conditional-s3`, `conditional-seed3` and `conditional` are all of `conditional`.
  public static func family(of name: String) -> String {
    guard let ending = name.firstMatch(of: /-(s|seed-?)\d+$/) else { return name }
    return String(name[..<ending.range.lowerBound])
  }
}
