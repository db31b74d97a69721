import Basics
import Foundation
import Retrieval

/// A system that takes part: a baseline, a model file, or external vectors.
public struct Entrant: Sendable {
  /// Ranks the pool of the test.
  public var system: any RankingSystem
  /// The name that runs of one kind share (a model trained with several seeds). Tables and comparisons refer to
  /// families.
  public var family: String
  /// Whether it was made by hand, without training.
  public var isHandmade: Bool

  /// - Parameter family: the family; nil for the system's name without a run's suffix `-s1`, `-seed3` ….
  public init(_ system: any RankingSystem, family: String? = nil, isHandmade: Bool = false) {
    self.system = system
    self.family = family ?? RunName.parts(of: system.name).family
    self.isHandmade = isHandmade
  }
}
