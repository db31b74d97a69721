import Trials

extension AnsweredTrial {
  /// Reads the answered trials of some types, session by session, in the order of presentation.
  static func forEach(_ db: any Snapshot, ofTypes types: [String], _ body: (AnsweredTrial) throws -> Void) throws {
    let marks = types.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    let from = """
      FROM session
      JOIN response ON response.session = session.id AND response.step = 'trial'
      JOIN trial ON trial.response = response.id
      """
    let (those, values) = ("WHERE type IN (\(marks))", types.map(\.stored))
    let trials = try db.cursor(
      """
      SELECT response.id, study, study_version.version, session.participant, response.session, sitting, response.trial,
        type, block, query, condition, is_catch, is_repeat, is_training, is_passed, response_ms, saved_at, scale_min,
        scale_max, block_name, chance
      \(from)
      JOIN sitting ON sitting.session = session.id
      JOIN participant ON participant.number = session.participant
      JOIN study_version ON study_version.version = participant.study_version
      \(those) ORDER BY session.id, response.trial
      """, values)
    // Three answers in one order are read side by side.
    var slots = try Following(
      db.cursor(
        """
        SELECT slot.* \(from) JOIN slot ON slot.response = response.id
        \(those) ORDER BY session.id, response.trial, slot.position
        """, values))
    var judgements = try Following(
      db.cursor(
        """
        SELECT judgement.* \(from) JOIN judgement ON judgement.response = response.id
        \(those) ORDER BY session.id, response.trial, judgement.position, judgement.scale
        """, values))
    while let row = try trials.next() {
      let response: Int = try row["id"]
      try body(
        try AnsweredTrial(
          study: row["study"], studyVersion: row["version"], participant: row["participant"], session: row["session"],
          sitting: row["sitting"], index: row["trial"], type: row["type"], block: row["block"], query: row["query"],
          condition: row["condition"], isCatch: row["is_catch"], isRepeat: row["is_repeat"],
          isTraining: row["is_training"], isPassed: row["is_passed"], responseMs: row["response_ms"],
          savedAt: row["saved_at"],
          blockName: row["block_name"], chance: row["chance"], scaleMinimum: row["scale_min"],
          scaleMaximum: row["scale_max"],
          slots: try slots.rows(of: response).map { slot in
            try Slot(
              stimulus: slot["stimulus"], isReference: slot["is_reference"], isAnchor: slot["is_anchor"],
              system: slot["system"],
              heard: Heard(position: slot["position"], plays: slot["plays"], listenedMs: slot["listened_ms"]))
          },
          judgements: try judgements.rows(of: response).map { said in
            try Judgement(
              position: said["position"], scale: said["scale"], number: said["number"], text: said["text"])
          }))
    }
  }
}

/// The rows that belong to responses, in the order of the responses.
private struct Following {
  private let cursor: any StoredRows
  private var waiting: StoredRow?

  init(_ cursor: any StoredRows) throws {
    self.cursor = cursor
    waiting = try cursor.next()
  }

  mutating func rows(of response: Int) throws -> [StoredRow] {
    var rows: [StoredRow] = []
    while let row = waiting, try row["response"] == response {
      rows.append(row)
      waiting = try cursor.next()
    }
    return rows
  }
}
