import Study

/// A session that is over, of somebody who has a name with a panel or with the person who invited them.
public struct Submission: Sendable {
  /// How the session ended.
  public var outcome: Outcome
  /// Where the person came from, according to the link: a panel's name or any other text; nil if it does not say.
  public var panel: String?
  /// The person's name with the panel, or with the person who invited them.
  public var externalID: String
  /// The panel's names for its study and for this session, according to the link; nil if it does not say.
  public var panelStudy, panelSession: String?
  /// The flags by the study's rules, and why the study team excludes the session; nil if there are none.
  public var flags, excluded: String?
}

extension Records {
  /// In the order of sessions.
  public func submissions() throws -> [Submission] {
    try read { db in
      try db.rows(
        """
        SELECT recruited_from, external_id, flags, excluded,
          CASE WHEN finished_at IS NULL THEN outcome ELSE 'completed' END AS outcome,
          (SELECT value FROM link_value WHERE participant = number AND name = 'panel_study') AS panel_study,
          (SELECT value FROM link_value WHERE participant = number AND name = 'panel_session') AS panel_session
        FROM session JOIN participant ON participant.number = session.participant
        WHERE (finished_at IS NOT NULL OR outcome IS NOT NULL) AND external_id IS NOT NULL ORDER BY session.id
        """
      ).map {
        let outcome: String = try $0["outcome"]
        return try Submission(
          outcome: Outcome(rawValue: outcome) ?? .withdrawn, panel: $0["recruited_from"], externalID: $0["external_id"],
          panelStudy: $0["panel_study"],
          panelSession: $0["panel_session"], flags: $0["flags"], excluded: $0["excluded"])
      }
    }
  }
}
