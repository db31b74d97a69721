/// How a page's candidates are pooled, as a study or a plan states it.
public struct PoolSettings: Sendable, Equatable, Codable {
  /// Systems whose first candidates are shown; empty: all in the rankings.
  public var systems: [String] = []
  /// The first so many of each.
  public var topK = 1
  /// Drawn at random from what no system gave.
  public var randomFillers = 0
  /// The most candidates of a page, hidden reference and anchor among them; nil: all fit.
  public var maxPerTrial: Int?

  public init() {}

  /// Ranks of every system that are on the page however the systems overlap.
  /// - Parameter fixed: places that reference and anchor take.
  func sureRanks(of systems: Int, beside fixed: Int) -> Int {
    maxPerTrial.map { max(0, min(topK, ($0 - fixed) / max(1, systems))) } ?? topK
  }
}
