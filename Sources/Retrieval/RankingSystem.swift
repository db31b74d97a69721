import Basics

/// A system that ranks: a baseline, a trained model, or vectors from elsewhere. To add one, add a file with a type that
/// conforms, and a line in `Systems.swift`.
///
/// It gets the library once, to encode it or estimate its scales, and then single queries from many threads. It never
/// gets the true answers. Its distances must not depend on the number of threads or the order of queries.
public protocol RankingSystem: Sendable {
  /// The name in the column `system` of rankings.csv: lower case, words joined by `-`.
  var name: String { get }
  /// Which sounds it hears: the mixes' own, or none, where distances come from a table.
  var hears: Hearing { get }
  /// One line for `earshot rank --list-systems`.
  var summary: String { get }

  /// Prepares the library for queries.
  func prepare(_ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler?) throws
    -> any PreparedSystem
}

/// A system that has prepared the library.
public protocol PreparedSystem: Sendable {
  /// Distances from the query to the candidates at the indices `places` of the prepared library, in that order. They
  /// are finite and in the system's own unit; smaller is nearer, and equal distances are ties.
  func distances(of query: Query, to places: [Int]) throws -> [Double]

  /// The same, and where in the query each candidate was found.
  func matches(of query: Query, to places: [Int]) throws -> [Match]
}

/// How near a candidate is to a query.
public struct Match: Sendable, Equatable {
  /// As in `PreparedSystem.distances(of:to:)`.
  public var distance: Double
  /// Where in the query the candidate begins, or the part of it to which the candidate is nearest, in seconds. Nil if the query
  /// was heard as a whole.
  public var start: Double?

  public init(distance: Double, start: Double? = nil) {
    self.distance = distance
    self.start = start
  }
}

extension PreparedSystem {
  /// For systems that hear queries as a whole.
  public func matches(of query: Query, to places: [Int]) throws -> [Match] {
    try distances(of: query, to: places).map { Match(distance: $0) }
  }
}

/// What a system hears of a query.
public enum Hearing: String, Sendable {
  case nothing = "nothing"
  case wholeMix = "the mix as a whole"
  case hit = "drum hits cut out of the mix at detected onsets"
  case outside = "depends on how the vectors were made"

  /// Whether the system itself hears the query. Systems that do not, because a researcher used sound elsewhere, know
  /// queries only by name and cannot use excerpts.
  public var isOwn: Bool { self == .wholeMix || self == .hit }
}

/// Names of runs: `conditional-s3` and `conditional-seed3` are runs of the family `conditional`.
public enum RunName {
  /// The family, and the ending that names the run. The ending is empty if the name has none.
  public static func parts(of name: String) -> (family: String, run: String) {
    guard let ending = name.firstMatch(of: /-(s|seed-?)\d+$/) else { return (name, "") }
    return (String(name[..<ending.range.lowerBound]), String(name[ending.range]))
  }
}
