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
}

extension AnswerTable {
  /// A remark if the table mixes answers to several versions of the study.
  var versionRemarks: [Remark] { Integrity.versions(studyVersions, studyVersionRows, of: name) }
}

extension ChoiceTable: AnswerTable {
  var name: String { kind.rawValue }
  var rows: Int { answers.count + missing + aside }
  var people: [String] { listeners.all }
}

extension OrderTable: AnswerTable {
  var name: String { "orders" }
  var people: [String] { listeners }
}

extension LikenessTable: AnswerTable {
  var name: String { kind.rawValue }
  var people: [String] { listeners }
}

extension DiscriminationTable: AnswerTable {
  var name: String { "discriminations" }
  var people: [String] { listeners.all }
}
