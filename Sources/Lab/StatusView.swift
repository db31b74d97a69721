import Records

/// `GET /lab/api/status`: how the study is going, for the experimenter only.
struct StatusView: Encodable {
  var study, studyVersion, title: String
  var trialsPerParticipant: Int
  /// Since the server was started.
  var saves, errors: Int
  /// The conditions as listeners read them, by their names in the tables.
  var conditions: [String: String]
  var records: Overview

  init(_ stage: Stage, _ overview: Overview, saves: Int, errors: Int) {
    study = stage.name
    studyVersion = stage.design.version
    title = stage.definition.title
    trialsPerParticipant = stage.plan(1, stage.definition.trials.seed).trials.count
    self.saves = saves
    self.errors = errors
    let language = stage.definition.languages.first ?? ""
    conditions = Dictionary(
      stage.design.items.map { ($0.condition, stage.conditionText($0.condition, language)) }, uniquingKeysWith: { $1 })
    records = overview
    records.coverage = Self.complete(overview.coverage, stage)
  }

  /// All that the study asks for, in its own order, what nobody has rated too; behind it what only earlier versions
  /// asked for.
  private static func complete(_ counted: [Coverage], _ stage: Stage) -> [Coverage] {
    struct Name: Hashable { var query, condition: String }
    var left = Dictionary(
      counted.map { (Name(query: $0.query, condition: $0.condition), $0) }, uniquingKeysWith: { $1 })
    let asked = stage.design.items.map { item in
      left.removeValue(forKey: Name(query: item.query, condition: item.condition))
        ?? Coverage(query: item.query, condition: item.condition)
    }
    return asked + counted.filter { left[Name(query: $0.query, condition: $0.condition)] != nil }
  }
}
