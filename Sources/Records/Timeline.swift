/// The course of one session, from beginning to end.
public struct Timeline: Sendable, Encodable {
  /// Something that happened in the session.
  public struct Entry: Sendable, Encodable {
    /// ISO 8601 in UTC.
    public var at: String
    /// `began`, `further_browser`, `answered`, `refused`, `excluded`, `included`, `ended` or `finished`.
    public var what: String
    /// Of what was answered or refused.
    public var step: String?
    /// As in `Step`; 0 for events that were refused; nil where there is no step.
    public var number: Int?
    /// How long the page was open before it was answered, in milliseconds.
    public var responseMs: Int?
    /// A reason, a refusal's code, an outcome.
    public var why: String?
    /// Who decided; missing for somebody with the study's secret.
    public var who: String?
  }

  /// The session, as the dashboard lists it.
  public var participant: Overview.Participant
  /// The oldest first.
  public var entries: [Entry]
}

extension Records {
  /// nil if there is no such session.
  public func timeline(session: Int) throws -> Timeline? {
    guard let participant = try participants(where: "session.id = ?1", [session], limit: 1).first else { return nil }
    return try read { db in
      let rows = try db.rows(
        """
        SELECT started_at AS at, 'began' AS what, CAST(NULL AS TEXT) AS step, CAST(NULL AS BIGINT) AS number,
          CAST(NULL AS BIGINT) AS ms, CAST(NULL AS TEXT) AS why, CAST(NULL AS TEXT) AS who FROM session WHERE id = ?1
        UNION ALL SELECT joined_at, 'further_browser', NULL, NULL, NULL, NULL, NULL
          FROM further_browser WHERE session = ?1
        UNION ALL SELECT saved_at, 'answered', step, trial, response_ms, NULL, NULL FROM response WHERE session = ?1
        UNION ALL SELECT saved_at, 'refused', step, trial, NULL, code, NULL FROM refused WHERE session = ?1
        UNION ALL SELECT decided_at, CASE WHEN is_excluded THEN 'excluded' ELSE 'included' END, NULL, NULL, NULL,
          reason, nullif(who, '') FROM exclusion WHERE session = ?1
        UNION ALL SELECT ended_at, 'ended', NULL, NULL, NULL, outcome, NULL
          FROM session WHERE id = ?1 AND ended_at IS NOT NULL AND finished_at IS NULL
        UNION ALL SELECT finished_at, 'finished', NULL, NULL, NULL, flags, NULL
          FROM session WHERE id = ?1 AND finished_at IS NOT NULL
        ORDER BY 1
        """, session)
      return Timeline(
        participant: participant,
        entries: try rows.map {
          try Timeline.Entry(
            at: $0["at"], what: $0["what"], step: $0["step"], number: $0["number"], responseMs: $0["ms"],
            why: $0["why"], who: $0["who"])
        })
    }
  }
}
