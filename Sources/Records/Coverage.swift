import GRDB

/// How often a query has been rated for a condition, in main trials: training, catches and second showings apart.
/// Sessions that are under way or were left count as well as finished ones, as the analysis takes them.
public struct Coverage: Sendable, Equatable, Encodable {
  public var query: String
  public var condition: String
  /// Pages that were answered, one a listener.
  public var pages: Int
  /// Everything that was said on them.
  public var ratings: Int

  public init(query: String, condition: String, pages: Int = 0, ratings: Int = 0) {
    self.query = query
    self.condition = condition
    self.pages = pages
    self.ratings = ratings
  }

  static func read(_ db: Database) throws -> [Coverage] {
    try Row.fetchAll(
      db,
      sql: "SELECT * FROM covered ORDER BY query, condition"
    ).map { Coverage(query: $0["query"], condition: $0["condition"], pages: $0["pages"], ratings: $0["ratings"]) }
  }
}
