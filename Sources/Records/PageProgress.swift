import Foundation

/// How one page of the session went, over all sessions.
public struct PageProgress: Sendable, Encodable {
  /// A `Step.Kind` and, if there are several, which one; for a trial, its place in the session.
  public var step: String
  /// As in `Step`: a trial's index, from 1; for other steps, what tells them from others of their kind. 0 for `welcome`.
  public var number: Int
  /// How many have answered it.
  public var answered: Int
  /// How many answered nothing after it and have left: ended, or inactive for ten minutes.
  public var left: Int
  /// Median time from when it was shown until it was answered, in seconds; nil if no browser reported it.
  public var medianSeconds: Double?
}

extension Records {
  /// Each page that somebody has answered, in the order of the session; before them, as the step `welcome`, those who
  /// answered none. It reads every answer, so request it only now and then.
  public func pageFigures() throws -> [PageProgress] {
    let recently = Records.time(now().addingTimeInterval(-600))
    return try read { db in
      struct Page: Hashable { var step: String, number: Int }
      let gone = "finished_at IS NULL AND (outcome IS NOT NULL OR seen_at < ?1)"
      var left: [Page: Int] = [:]
      let rows = try db.rows(
        """
        SELECT coalesce(step, 'welcome') AS step, coalesce(trial, 0) AS number, count(*) AS count
        FROM session LEFT JOIN response
          ON response.id = (SELECT max(id) FROM response WHERE response.session = session.id)
        WHERE \(gone) GROUP BY 1, 2
        """, recently)
      for row in rows { left[Page(step: try row["step"], number: try row["number"])] = try row["count"] }
      let pages = try db.rows(
        """
        WITH answered AS (
          SELECT step, trial, response_ms,
            row_number() OVER (PARTITION BY session ORDER BY id) AS place,
            row_number() OVER (PARTITION BY step, trial ORDER BY response_ms NULLS FIRST) AS rank,
            count(response_ms) OVER (PARTITION BY step, trial) AS timed,
            count(*) OVER (PARTITION BY step, trial) - count(response_ms) OVER (PARTITION BY step, trial) AS untimed
          FROM response)
        SELECT step, trial, count(*) AS answered,
          avg(CASE WHEN rank - untimed IN ((timed + 1) / 2, timed / 2 + 1) THEN response_ms END) / 1000.0 AS median
        FROM answered GROUP BY step, trial ORDER BY avg(place), step, trial
        """)
      let begun: Int = try db.value("SELECT count(*) FROM session") ?? 0
      let first = PageProgress(
        step: "welcome", number: 0, answered: begun, left: left[Page(step: "welcome", number: 0)] ?? 0)
      return try [first]
        + pages.map { row in
          let page = Page(step: try row["step"], number: try row["trial"])
          return PageProgress(
            step: page.step, number: page.number, answered: try row["answered"], left: left[page] ?? 0,
            medianSeconds: try row["median"])
        }
    }
  }
}
