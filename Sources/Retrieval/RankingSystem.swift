import Basics

/// A system that ranks: a baseline, a trained model, or vectors that came from outside. A new one is a new file with a
/// type that conforms, and a line in `Systems.swift`.
///
/// It gets the library once, to encode it or learn its scales, and then queries one by one, from many threads. It never
/// gets the true answers. Its distances must be the same whatever the number of threads and the order of the queries.
public protocol RankingSystem: Sendable {
  /// As in the column `system` of rankings.csv; lower case, words joined by `-`.
  var name: String { get }
  var hears: Hearing { get }
  /// One line for `earshot rank --list-systems`.
  var summary: String { get }

  /// Makes the library ready to be asked.
  func prepare(_ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler?) throws
    -> any PreparedSystem
}

/// A system that has heard the library.
public protocol PreparedSystem: Sendable {
  /// Distances from the query to the candidates at `places` in the prepared library, in that order. In the system's own
  /// unit, finite, smaller is nearer; equal distances are ties.
  func distances(of query: Query, to places: [Int]) throws -> [Double]
}

/// What a system hears of a query.
public enum Hearing: String, Sendable {
  case nothing = "nothing"
  case wholeMix = "the mix as a whole"
  case hit = "the drum hit cut out of the mix at its detected onsets"
  case outside = "what made the vectors decides"

  /// Whether it is the system itself that hears, and not what a researcher used elsewhere: what does not hear knows
  /// queries by their names, and has no use for excerpts.
  public var isOwn: Bool { self == .wholeMix || self == .hit }
}
