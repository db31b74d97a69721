import Ratings

/// What every table of answers has, whatever the question was.
protocol AnswerTable {
  /// The name of the table in remarks, such as `choices`.
  var name: String { get }
  /// The number of rows in the file, including rows without an answer and rows that do not count.
  var rows: Int { get }
  /// The listeners who answered.
  var people: [String] { get }
  /// The name of the study; nil if the rows disagree.
  var study: String? { get }
  /// The time of the first answer.
  var firstAt: String? { get }
  var studyVersions: Names { get }
  /// The number of rows of each study version, in the order of `studyVersions`.
  var studyVersionRows: [Int] { get }
  /// Who failed too many attention checks; nil if another table reports that.
  var screened: FailedChecks? { get }
}

extension AnswerTable {
  /// Remarks if the table mixes answers to several versions of the study, and on who is excluded by the plan's screening.
  func remarks(_ plan: AnalysisPlan) -> [Remark] {
    Integrity.versions(studyVersions, studyVersionRows, of: name)
      + (screened?.remarks(of: name, plan: plan) ?? [])
  }
}

extension ChoiceTable: AnswerTable {
  var name: String { kind.rawValue }
  var rows: Int { answers.count + missing + aside }
  var people: [String] { listeners.all }
  var screened: FailedChecks? { checks }
}

extension OrderTable: AnswerTable {
  var name: String { "orders" }
  var people: [String] { listeners }
  var screened: FailedChecks? { checks }
}

extension LikenessTable: AnswerTable {
  var name: String { kind.rawValue }
  var people: [String] { listeners }
  var screened: FailedChecks? { checks }
}

extension DiscriminationTable: AnswerTable {
  var name: String { "discriminations" }
  var people: [String] { listeners.all }
  var screened: FailedChecks? { checks }
}
