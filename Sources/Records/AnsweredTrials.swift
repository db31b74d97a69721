import GRDB
import Trials

extension AnsweredTrial {
  /// Reads the answered trials of some types, session by session, in the order of presentation.
  static func forEach(_ db: Database, ofTypes types: [String], _ body: (AnsweredTrial) throws -> Void) throws {
    let trials = try Row.fetchCursor(
      db,
      sql: """
        SELECT response.id, study, study_version.version, session.participant, response.session, sitting, response.trial,
          type, block, query, condition, is_catch, is_repeat, is_training, response_ms, saved_at, scale_min, scale_max,
          block_name
        FROM session
        JOIN sitting ON sitting.session = session.id
        JOIN participant ON participant.number = session.participant
        JOIN study_version ON study_version.version = participant.study_version
        JOIN response ON response.session = session.id AND response.step = 'trial'
        JOIN trial ON trial.response = response.id
        WHERE type IN (\(databaseQuestionMarks(count: types.count)))
        ORDER BY session.id, response.trial
        """, arguments: StatementArguments(types))
    let slots = try db.cachedStatement(sql: "SELECT * FROM slot WHERE response = ? ORDER BY position")
    let judgements = try db.cachedStatement(sql: "SELECT * FROM judgement WHERE response = ? ORDER BY position, scale")
    while let row = try trials.next() {
      let response: Int64 = row["id"]
      try body(
        AnsweredTrial(
          study: row["study"], studyVersion: row["version"], participant: row["participant"], session: row["session"],
          sitting: row["sitting"], index: row["trial"], type: row["type"], block: row["block"], query: row["query"],
          condition: row["condition"], isCatch: row["is_catch"], isRepeat: row["is_repeat"],
          isTraining: row["is_training"], responseMs: row["response_ms"], savedAt: row["saved_at"],
          blockName: row["block_name"], scaleMinimum: row["scale_min"], scaleMaximum: row["scale_max"],
          slots: Row.fetchAll(slots, arguments: [response]).map { slot in
            Slot(
              stimulus: slot["stimulus"], isReference: slot["is_reference"], isAnchor: slot["is_anchor"],
              system: slot["system"],
              heard: Heard(position: slot["position"], plays: slot["plays"], listenedMs: slot["listened_ms"]))
          },
          judgements: Row.fetchAll(judgements, arguments: [response]).map { said in
            Judgement(
              position: said["position"], scale: said["scale"], number: said["number"], text: said["text"])
          }))
    }
  }
}
