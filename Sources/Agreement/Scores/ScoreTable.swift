import Basics
import Foundation
import Ratings

extension AnalysisPlan {
  /// The margin for a kind of scores: that of its scale, or else of its trial type, or else of all kinds.
  func scoreMargin(of kind: ScoreTable.Kind) -> Double? {
    scoreMargins[kind.scale] ?? scoreMargins[kind.type] ?? scoreMargins[""]
  }
}

/// Listeners' scores of what systems made, of one trial type and on one scale: ratings whose candidates are systems and
/// whose queries are items.
///
/// Each type's scores become ratings in its own way, so that one analysis serves them all:
/// - `mushra`, and a table from elsewhere: as they are, with one page per trial;
/// - `acr`, `dcr`, and a table from elsewhere with one score per trial: a listener's trials of an item in a sitting form
///   one page, so that systems are compared within it;
/// - `bs1116`: difference grades, the grade of the version minus that of the hidden reference beside it (ITU-R
///   BS.1116-3, 8);
/// - `ccr`: the score of the version against the reference, whichever came first. Where two versions are compared with each
///   other, each gets half of the score, so that their difference is the score of the comparison; if some items have a
///   reference and others have none, these are scores of their own;
/// - `rank`: place scores, from 100 for the first to 0 for the last in equal steps.
struct ScoreTable: Sendable {
  /// Trial type and scale; empty if a table from elsewhere gives neither.
  struct Kind: Sendable, Hashable {
    var type = "", scale = ""
    /// Whether the same sounds were rated on other scales of the study's own as well.
    var isOneOfScales = false

    /// The only scale of each type that has just one.
    private static let own = ["mushra": "quality", "bs1116": "impairment", "acr": "category", "dcr": "category"]

    /// The name in sentences and charts; empty if unknown.
    var title: String { scale.isEmpty || scale == Self.own[type] ? type : type.isEmpty ? scale : "\(scale) (\(type))" }

    /// The meaning of a score, in a sentence.
    var measure: String {
      type == "bs1116" ? "diff grade" : type == "ccr" ? "comparison score" : type == "rank" ? "place score" : "score"
    }

    /// Whether a score in an attention check alone fails the check, if the table does not say so: the upper half of the
    /// categories that were used, of five the best three. Nil if the reference has to be scored above all else, or if nobody
    /// can say what is right, because there are several scales: a low-passed copy has no louder background (ITU-T P.835).
    func failsCatch(on scale: ClosedRange<Double>) -> (@Sendable (Double) -> Bool)? {
      guard type == "acr" || type == "dcr", !isOneOfScales else { return nil }
      let limit = (scale.upperBound / 2).rounded(.down)
      return { $0 > limit }
    }

    /// The lowest and the highest score that the type allows; nil if unknown.
    var range: ClosedRange<Double>? {
      switch type {
      case "mushra", "rank": 0...100
      case "bs1116": -4...4
      case "acr", "dcr": 1...5
      case "ccr": -3...3
      default: nil
      }
    }
  }

  private(set) var kind: Kind
  private(set) var ratings: RatingTable
  /// The number of rows of the table that it was made from.
  private(set) var rows = 0
  /// The name of the study, if the table gives one.
  private(set) var study: String?

  /// Reads a table of scores, with one result per trial type and scale, in the order of their names.
  /// - Throws: `Problems` with file, row, column and fix.
  static func read(_ url: URL, plan: AnalysisPlan, notes: TableNotes) throws -> [ScoreTable] {
    var reader = try ForeignTable.reader(url, notes: notes)
    try ExcludedSessions(beside: url).apply(to: &reader, plan: plan)
    let table = try RatingTable.read(
      reader, plan: columns(plan, of: reader), parting: ["trial_type", "scale", "study"])
    return try parts(table)
  }

  /// Reads a table of comparisons of two versions, as `ccr` is exported.
  static func read(comparisons url: URL, plan: AnalysisPlan, notes: TableNotes) throws -> [ScoreTable] {
    var reader = try TableReader(url, notes: notes)
    try ExcludedSessions(beside: url).apply(to: &reader, plan: plan)
    var mapped = plan
    mapped.columns.names["candidate"] = plan.columns.names["second_system"] ?? "second_system"
    mapped.columns.names["rating"] = plan.columns.names["score"] ?? "score"
    let table = try RatingTable.read(
      reader, plan: mapped, parting: ["trial_type", "scale", "study", "first_system"])
    return ScoreTable.compared(table)
  }

  /// Whether a table without rankings holds scores of systems: it has a column for systems and none for candidates.
  static func isOne(_ url: URL, plan: AnalysisPlan) -> Bool {
    guard let reader = try? ForeignTable.reader(url), !reader.has(plan.columns("candidate")), plan.columns.wide.isEmpty
    else {
      return false
    }
    return reader.has(plan.columns("system"))
  }

  /// In tables of scores, `system` and `score` stand for candidate and rating.
  private static func columns(_ plan: AnalysisPlan, of reader: TableReader) -> AnalysisPlan {
    var mapped = plan
    let names = plan.columns.names
    mapped.columns.names["candidate"] = names["system"] ?? names["candidate"] ?? "system"
    mapped.columns.names["rating"] =
      names["score"] ?? names["rating"] ?? (reader.has("score") || !reader.has("rating") ? "score" : "rating")
    return mapped
  }

  private static func parts(_ table: RatingTable) throws -> [ScoreTable] {
    var names: [Kind: [String]] = [:], studies = Set<String>()
    for name in table.parts.all {
      let texts = name.split(separator: "\u{1f}", omittingEmptySubsequences: false).map(String.init)
      names[Kind(type: texts[0], scale: texts[1]), default: []].append(name)
      studies.insert(texts[2])
    }
    return try names.sorted { ($0.key.type, $0.key.scale) < ($1.key.type, $1.key.scale) }.map { kind, parts in
      var kind = kind
      kind.isOneOfScales = names.keys.count { $0.type == kind.type } > 1
      var found = ScoreTable(kind: kind, ratings: table.part(named: Set(parts)))
      found.rows = found.ratings.count
      found.study = studies.count == 1 ? studies.first.flatMap { $0.isEmpty ? nil : $0 } : nil
      return try found.prepared()
    }
  }

  private init(kind: Kind, ratings: RatingTable) { (self.kind, self.ratings) = (kind, ratings) }

  /// Makes scores from the place scores of orders.
  init(orders ratings: RatingTable, study: String?, rows: Int) {
    self.init(kind: Kind(type: "rank"), ratings: ratings)
    (self.study, self.rows) = (study, rows)
  }

  /// The plan adapted to these scores: systems are not a sample and rank nothing; of the plan's conditions, those that
  /// the table has.
  func plan(_ plan: AnalysisPlan) -> AnalysisPlan {
    var own = plan
    own.candidates = .fixed
    own.systems = []
    own.pooling = .none
    own.conditions = plan.conditions.filter { ratings.conditions.find($0) != nil }
    if let range = kind.range {
      let lowest = ratings.rating.min() ?? range.lowerBound, highest = ratings.rating.max() ?? range.upperBound
      // A scale with custom labels may have more than five points.
      own.scale =
        ["mushra", "rank"].contains(kind.type) ? range : min(range.lowerBound, lowest)...max(range.upperBound, highest)
    }
    return own
  }

  /// The number of scores in attention checks that are judged neither by the table nor here.
  var unjudgedChecks: Int {
    let judges = !(["acr", "dcr"].contains(kind.type) && kind.isOneOfScales)
    return ratings.flags.count {
      guard $0.contains(.catchTrial), !$0.contains(.training) else { return false }
      return ratings.present.contains("is_passed") ? $0.isDisjoint(with: [.passed, .failed]) : !judges
    }
  }

  /// The scores as ratings.
  private func prepared() throws -> ScoreTable {
    switch kind.type {
    case "acr", "dcr": merged
    case "bs1116": try differenceGrades()
    default: isOneByOne ? merged : self
    }
  }

  /// Whether each main trial holds a single score, and no system is scored twice for an item in a sitting. Sounds were
  /// then presented one by one; with a page for each of them, no two systems could be compared.
  private var isOneByOne: Bool {
    var trials = Set<[String]>(), scored = Set<[String]>()
    for i in 0..<ratings.count where ratings.flags[i].isDisjoint(with: .page) {
      let row = ratings.row(i), item = [row.participant, row.query, row.condition]
      guard trials.insert(item + [row.trial]).inserted,
        scored.insert(item + [Self.sitting(row.trial), row.candidate]).inserted
      else { return false }
    }
    return true
  }

  /// Merges the main trials of an item in a sitting into one page, whose time is the sum of theirs.
  private var merged: ScoreTable {
    var times: [String: Float] = [:]
    func page(_ row: RatingTable.Row) -> String {
      [row.participant, row.query, row.condition, Self.sitting(row.trial)].joined(separator: "\u{1f}")
    }
    for i in 0..<ratings.count where ratings.flags[i].isDisjoint(with: .page) {
      let row = ratings.row(i)
      times[page(row), default: 0] += row.responseTime
    }
    return replacing { row in
      guard row.flags.isDisjoint(with: .page) else { return row }
      var row = row
      row.responseTime = times[page(row)] ?? .nan
      row.trial = Self.sitting(row.trial)
      return row
    }
  }

  /// Grades minus that of the hidden reference of their trial; trials without one are left out. Attention checks keep
  /// their reference, at 0.
  /// - Throws: a `Problem` if a trial has several grades of the reference, so that it is unknown which belongs to which
  ///   version.
  private func differenceGrades() throws -> ScoreTable {
    var references: [String: Double] = [:]
    func trial(_ row: RatingTable.Row) -> String {
      [row.participant, row.query, row.condition, row.trial, "\(row.flags.intersection(.page).rawValue)"]
        .joined(separator: "\u{1f}")
    }
    for i in 0..<ratings.count where ratings.flags[i].contains(.reference) {
      let row = ratings.row(i), known = references.updateValue(row.rating, forKey: trial(row))
      guard known == nil || known == row.rating else {
        throw Problem(
          "listener '\(row.participant)' gave the hidden reference of '\(row.query)' \(known?.cellText ?? "") and \(row.rating.cellText) in one trial",
          at: Place(file: ratings.file, line: Int(row.line)),
          mend: "Give each version and the reference beside it a 'trial' of their own.")
      }
    }
    return replacing { row in
      guard let reference = references[trial(row)], row.flags.contains(.catchTrial) || !row.flags.contains(.reference)
      else { return nil }
      var row = row
      row.rating -= reference
      return row
    }.merged
  }

  /// Scores of the second of two versions against the first: a table of the versions that were compared with the reference,
  /// and a table of those that were compared with each other, as far as there are any. The two cannot be one, since the
  /// reference is 0 in the first, and the mean of all versions in the second.
  private static func compared(_ table: RatingTable) -> [ScoreTable] {
    let texts = table.parts.all.map { $0.split(separator: "\u{1f}", omittingEmptySubsequences: false).map(String.init) }
    let reference = "reference"
    var own = ScoreTable(kind: Kind(type: "ccr"), ratings: table)
    let studies = Set(texts.map { $0[2] })
    own.rows = table.count
    own.study = studies.count == 1 ? studies.first.flatMap { $0.isEmpty ? nil : $0 } : nil
    func part(_ expand: (_ first: RatingTable.Row, _ second: RatingTable.Row) -> [RatingTable.Row]?) -> ScoreTable {
      var place = 0
      return own.expanding { second in
        defer { place += 1 }
        var first = second
        first.candidate = texts[Int(table.part[place])][3]
        return expand(first, second) ?? []
      }
    }
    let withReference = part { first, second in
      guard [first.candidate, second.candidate].contains(reference) else { return nil }
      // The version against the reference, which has 0 against itself.
      var version = first.candidate == reference ? second : first
      version.rating = first.candidate == reference ? second.rating : -second.rating
      guard second.flags.contains(.catchTrial) else { return [version] }
      var zero = second
      (zero.candidate, zero.rating) = (reference, 0)
      zero.flags.insert(.reference)
      return [version, zero]
    }
    var withoutReference = part { first, second in
      guard ![first.candidate, second.candidate].contains(reference) else { return nil }
      var (first, second) = (first, second)
      (first.rating, second.rating) = (-second.rating / 2, second.rating / 2)
      return [first, second]
    }
    // Attention checks have the reference, whatever the trials have.
    let isCompared = withReference.ratings.flags.contains { $0.isDisjoint(with: .page) }
    guard withoutReference.ratings.count > 0 else { return [withReference.merged] }
    for i in 0..<withReference.ratings.count where withReference.ratings.flags[i].contains(.catchTrial) {
      withoutReference.ratings.add(withReference.ratings.row(i))
    }
    guard isCompared else { return [withoutReference] }
    withoutReference.kind.scale = "without reference"
    withoutReference.rows = 0  // All are counted once.
    return [withReference.merged, withoutReference]
  }

  /// The sitting in which a trial was answered; empty if the table does not say, and has trials only.
  private static func sitting(_ trial: String) -> String {
    trial.contains("\u{1f}") ? String(trial.prefix { $0 != "\u{1f}" }) : ""
  }

  private func replacing(_ change: (RatingTable.Row) -> RatingTable.Row?) -> ScoreTable {
    expanding { change($0).map { [$0] } ?? [] }
  }

  private func expanding(_ change: (RatingTable.Row) -> [RatingTable.Row]) -> ScoreTable {
    var table = ratings.empty
    for i in 0..<ratings.count { for row in change(ratings.row(i)) { table.add(row) } }
    var copy = ScoreTable(kind: kind, ratings: table)
    (copy.study, copy.rows) = (study, rows)
    return copy
  }
}
