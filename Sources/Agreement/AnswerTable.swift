/// What every table of answers tells, whatever was asked.
protocol AnswerTable {
  /// How remarks call it.
  var name: String { get }
  /// Of its file, those without an answer and those that do not count too.
  var rows: Int { get }
  /// Who answered.
  var people: [String] { get }
  /// The name of the study, where all rows tell the same.
  var study: String? { get }
  /// When the first answer was given.
  var firstAt: String? { get }
  var studyVersions: Names { get }
  /// By version: how many rows are of it.
  var studyVersionRows: [Int] { get }
}

extension AnswerTable {
  /// Whether answers of several versions of the study stand beside one another.
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
