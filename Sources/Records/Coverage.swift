/// How often a query has been rated for a condition, in main trials: training, catches and second showings apart.
/// Sessions that are in progress or abandoned count like finished ones, and excluded ones do not count, as in the analysis.
public struct Coverage: Sendable, Equatable, Encodable {
  /// The name of the item: a query, or a piece of material in several versions.
  public var query: String
  /// Empty for an item without a condition.
  public var condition: String
  /// Pages that were answered, one per listener.
  public var pages: Int
  /// Everything that was said on them.
  public var ratings: Int

  /// Without numbers: what nobody has rated yet.
  public init(query: String, condition: String, pages: Int = 0, ratings: Int = 0) {
    self.query = query
    self.condition = condition
    self.pages = pages
    self.ratings = ratings
  }

  /// - Parameter excluded: what was said in excluded sessions.
  static func read(_ db: any Snapshot, without excluded: Tally = Tally()) throws -> [Coverage] {
    try db.rows(
      """
      SELECT query, condition, sum(pages) AS pages, sum(ratings) AS ratings FROM covered
      GROUP BY query, condition HAVING sum(pages) > 0 ORDER BY query, condition
      """
    ).map {
      var one = Coverage(
        query: try $0["query"], condition: try $0["condition"], pages: try $0["pages"], ratings: try $0["ratings"])
      let gone = excluded.covered[.init(query: one.query, condition: one.condition)] ?? (0, 0)
      (one.pages, one.ratings) = (one.pages - gone.pages, one.ratings - gone.ratings)
      return one
    }
  }
}
