/// How a page's candidates are pooled, as a study or a plan states it.
public struct PoolSettings: Sendable, Equatable, Codable {
  /// Systems whose first candidates are shown; empty for all in the rankings.
  public var systems: [String] = []
  /// The number of first candidates of each system that are shown.
  public var topK = 1
  /// The number of candidates drawn at random from those that no system proposed.
  public var randomFillers = 0
  /// The largest number of candidates on a page, including the hidden reference and the anchor; nil if all fit.
  public var maxPerTrial: Int?

  public init() {}

  /// The number of first ranks of every system that are always on the page, however the systems overlap.
  /// - Parameter fixed: the number of places that the reference and the anchor take.
  package func sureRanks(of systems: Int, beside fixed: Int) -> Int {
    maxPerTrial.map { max(0, min(topK, ($0 - fixed) / max(1, systems))) } ?? topK
  }
}
