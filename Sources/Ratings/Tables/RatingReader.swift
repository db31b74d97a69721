import Basics
import Foundation

/// Reads a table of ratings row by row.
struct RatingReader {
  private(set) var ratings: RatingTable
  private let columns: AnalysisPlan.Columns
  private let references: Set<String>, anchors: Set<String>
  /// The columns whose texts determine the part that a row belongs to; nil for one that the table lacks.
  private let parting: [String?]
  private var lowest: Double?, highest: Double?
  /// The first scale for which a row gave both ends.
  private var scale: ClosedRange<Double>?

  /// The columns that a table of ratings must have.
  private static let needed = ["participant", "query", "candidate", "rating"]
  private static let pageFlags: [(column: String, flag: RatingTable.Flags)] = [
    ("is_catch", .catchTrial), ("is_repeat", .repeated), ("is_training", .training),
  ]
  private static let candidateFlags: [(column: String, flag: RatingTable.Flags)] = [
    ("is_reference", .reference), ("is_anchor", .anchor),
  ]

  /// - Throws: `Problems` with the header.
  init(_ table: TableReader, plan: AnalysisPlan, parting: [String]) throws {
    columns = plan.columns
    (references, anchors) = (Set(plan.reference), Set(plan.anchor))
    let problems = Self.problems(ofHeader: table, columns)
    guard problems.isEmpty else { throw Problems(problems) }
    ratings = RatingTable(file: table.file)
    ratings.present = Set(
      RatingTable.columns.filter { [columns] in table.has(columns($0)) && !columns.isTaken($0) })
    self.parting = parting.map { [columns] in table.has(columns($0)) ? columns($0) : nil }
  }

  /// Problems for columns that the table should have but lacks.
  private static func problems(ofHeader table: TableReader, _ columns: AnalysisPlan.Columns) -> [Problem] {
    func lacks(_ column: String, _ why: String, mend: String? = nil) -> Problem? {
      if table.has(column) { return nil }
      return Problem(
        "the ratings table has no column '\(column)'\(why)", at: Place(file: table.file, line: 1),
        mend: mend ?? "It has \(table.columns.joined(separator: ", ")).")
    }
    return needed.prefix(columns.wide.isEmpty ? 4 : 2).compactMap {
      lacks(columns($0), "", mend: mend(forMissing: $0, theirs: columns($0), in: table.columns))
    }
      + columns.wide.compactMap { lacks($0, ", which the plan's 'wide' names") }
      + columns.names.sorted { $0.key < $1.key }.compactMap { ours, theirs in
        RatingTable.columns.contains(ours) && !needed.contains(ours)
          ? lacks(theirs, ", which the plan maps to '\(ours)'") : nil
      }
  }

  /// Adds a row, which holds one rating, or several if the table is wide.
  /// - Throws: the `Problem` with the row.
  mutating func add(_ row: TableRow) throws {
    let part: Int32? =
      parting.isEmpty
      ? nil : ratings.parts.number(RatingTable.part(parting.map { $0.flatMap(row.name(ifAny:)) ?? "" }))
    let participant = ratings.participants.number(try row.name(columns("participant")))
    let query = ratings.queries.number(try row.name(columns("query")))
    let condition = ratings.conditions.number(text("condition", row) ?? "")
    var flags = try flags(Self.pageFlags, row)
    if flags.contains(.catchTrial), ratings.present.contains("is_passed"),
      let isPassed = try row.flag(columns("is_passed"))
    {
      flags.insert(isPassed ? .passed : .failed)
    }
    let session = text("session", row) ?? "", trial = text("trial", row) ?? ""
    let trialNumber = ratings.trials.number(session.isEmpty ? trial : "\(session)\u{1f}\(trial)")
    try noteScale(row)
    let time = try number("response_ms", row).map { Float($0) } ?? .nan
    noteStudy(row)
    func add(_ candidate: String, _ value: Double?) {
      guard let value else {
        ratings.missing += 1
        return
      }
      var own = flags
      if references.contains(candidate) { own.insert(.reference) }
      if anchors.contains(candidate) { own.insert(.anchor) }
      if let part { ratings.part.append(part) }
      ratings.participant.append(participant)
      ratings.query.append(query)
      ratings.condition.append(condition)
      ratings.candidate.append(ratings.candidates.number(candidate))
      ratings.trial.append(trialNumber)
      ratings.rating.append(value)
      ratings.flags.append(own)
      ratings.responseTime.append(time)
      ratings.line.append(Int32(row.line))
    }
    if columns.wide.isEmpty {
      flags.formUnion(try self.flags(Self.candidateFlags, row))
      add(try row.name(columns("candidate")), try row.number(columns("rating")))
    } else {
      for name in columns.wide { add(name, try row.number(name)) }
    }
  }

  private func text(_ ours: String, _ row: TableRow) -> String? {
    ratings.present.contains(ours) ? row.name(ifAny: columns(ours)) : nil
  }

  private func number(_ ours: String, _ row: TableRow) throws -> Double? {
    ratings.present.contains(ours) ? try row.number(columns(ours)) : nil
  }

  private func flags(_ all: [(column: String, flag: RatingTable.Flags)], _ row: TableRow) throws -> RatingTable.Flags {
    var flags: RatingTable.Flags = []
    for (column, flag) in all where ratings.present.contains(column) {
      if try row.flag(columns(column)) == true { flags.insert(flag) }
    }
    return flags
  }

  private mutating func noteScale(_ row: TableRow) throws {
    let low = try number("scale_min", row), high = try number("scale_max", row)
    if let low { lowest = min(lowest ?? low, low) }
    if let high { highest = max(highest ?? high, high) }
    guard let low, let high, low < high else { return }
    let first = scale ?? low...high
    scale = first
    if ratings.scalesDiffer == nil, first != low...high { ratings.scalesDiffer = (first, low...high, row.line) }
  }

  /// Notes the time of the first rating, and the study with its versions.
  private mutating func noteStudy(_ row: TableRow) {
    if let at = text("submitted_at", row), at < ratings.firstRatingAt ?? "~" { ratings.firstRatingAt = at }
    if let study = text("study", row) { _ = ratings.studies.number(study) }
    if let version = text("study_version", row) {
      let number = Int(ratings.studyVersions.number(version))
      if number == ratings.studyVersionRows.count { ratings.studyVersionRows.append(0) }
      ratings.studyVersionRows[number] += 1
    }
  }

  /// The table, once all rows are read.
  /// - Throws: a `Problem` if it holds no rating, or a value that is too large to compute with.
  func finished() throws -> RatingTable {
    guard ratings.count > 0 else {
      throw Problem(
        "the table holds no rating", at: Place(file: ratings.file, line: 1),
        mend: ratings.missing == 0
          ? "It needs a row for each rating." : "All cells of '\(columns("rating"))' are empty.")
    }
    try ratings.checkFigures(scale: (lowest, highest))
    var whole = ratings
    if let lowest, let highest, lowest < highest { whole.scale = lowest...highest }
    return whole
  }

  /// A suggestion for a missing column: the column that is probably meant.
  private static func mend(forMissing ours: String, theirs: String, in columns: [String]) -> String {
    let aliases: [String: [String]] = [
      "participant": ["listener", "subject", "rater", "user", "session_uuid", "annotator", "participant_id", "judge"],
      "query": ["item", "signal", "trial_id", "page", "stimulus", "query_id", "excerpt"],
      "candidate": ["condition", "sample", "rating_stimulus", "stimulus", "system", "candidate_id"],
      "rating": ["score", "rating_score", "value", "response", "similarity"],
    ]
    let lower = Dictionary(columns.map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
    let guess = (aliases[ours] ?? []).lazy.compactMap { lower[$0] }.first ?? Suggestion.nearest(theirs, among: columns)
    let has = "It has \(columns.joined(separator: ", "))."
    return guess.map { "If '\($0)' is the one, write in the plan: columns: {\(ours): \($0)}. \(has)" }
      ?? "\(has) Map the right one in the plan, as in columns: {\(ours): its_name}."
  }
}
