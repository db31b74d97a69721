import Basics
import Foundation

/// The ratings, column by column: about 40 bytes per rating, so a million take 40 MB however long the names are.
///
/// This is what the table says, row by row. `RatedStudy` is what follows from it.
public struct RatingTable: Sendable {
  /// The columns that are used if present. `participant`, `query`, `candidate` and `rating` are required.
  public static let columns = [
    "participant", "query", "candidate", "rating", "condition", "session", "trial", "is_reference", "is_anchor",
    "is_catch", "is_passed", "is_repeat", "is_training", "scale_min", "scale_max", "plays", "response_ms",
    "submitted_at", "study", "study_version",
  ]

  /// What a rating is, other than a rating of a system in a main trial.
  public struct Flags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The hidden reference, the low anchor, and an attention check.
    public static let reference = Flags(rawValue: 1), anchor = Flags(rawValue: 2), catchTrial = Flags(rawValue: 4)
    /// A repeated page, and a page of training.
    public static let repeated = Flags(rawValue: 8), training = Flags(rawValue: 16)
    /// The outcome of an attention check; neither if it was not judged, or if the table does not say.
    public static let passed = Flags(rawValue: 32), failed = Flags(rawValue: 64)
    /// The flags that belong to a page rather than to a candidate.
    public static let page: Flags = [.catchTrial, .repeated, .training, .passed, .failed]
  }

  /// The table's name in errors and in the report.
  public internal(set) var file: String
  /// Their names, in the order in which they first appear.
  public internal(set) var participants = Names()
  /// The names of queries and of conditions, in the order in which they first appear.
  public internal(set) var queries = Names()
  public internal(set) var conditions = Names()
  /// Their names, in the order in which they first appear.
  public internal(set) var candidates = Names()
  /// The combinations of session and trial; a single one if the table does not have these columns.
  public internal(set) var trials = Names()

  /// By row: its number in `participants`.
  public internal(set) var participant: [Int32] = []
  /// By row: its number in `queries`.
  public internal(set) var query: [Int32] = []
  /// By row: its number in `conditions`.
  public internal(set) var condition: [Int32] = []
  /// By row: its number in `candidates`.
  public internal(set) var candidate: [Int32] = []
  /// By row: its number in `trials`.
  public internal(set) var trial: [Int32] = []
  /// By row, in points of the scale.
  public internal(set) var rating: [Double] = []
  /// By row.
  public internal(set) var flags: [Flags] = []
  /// Milliseconds from the page's appearance to its answer; NaN if the table does not say.
  public internal(set) var responseTime: [Float] = []
  /// The line in the file; the header is line 1.
  public internal(set) var line: [Int32] = []
  /// The number of rows without a rating.
  public package(set) var missing = 0
  /// The lowest and highest possible rating, if the table states them.
  public package(set) var scale: ClosedRange<Double>?
  /// The earliest `submitted_at`, if the table has it.
  public package(set) var firstRatingAt: String?
  package var studies = Names()
  /// The name of the study; nil if the table does not say, or names several.
  package var study: String? { studies.count == 1 ? studies.all[0] : nil }
  /// In the order in which they first appear.
  public package(set) var studyVersions = Names()
  /// The number of rows of each study version, in the order of `studyVersions`.
  public package(set) var studyVersionRows: [Int] = []
  /// Two rows that state different scales, if there are any: the first scale, and the line of a row that differs from
  /// it.
  public internal(set) var scalesDiffer: (first: ClosedRange<Double>, other: ClosedRange<Double>, line: Int)?
  /// The columns of `RatingTable.columns` that the table has.
  public package(set) var present: Set<String> = []
  /// The parts that the table is divided into by the texts of a few columns; and by rating, the number of its part.
  /// Both are empty if no such columns were given.
  package internal(set) var parts = Names(), part: [Int32] = []

  public var count: Int { rating.count }

  /// Reads a ratings table row by row.
  /// - Parameters:
  ///   - plan: maps the columns' names, and names the reference and the anchor.
  ///   - name: the table's name in errors; nil for its path as given.
  ///   - notes: records how the table was read.
  /// - Throws: `Problems`: up to twenty errors, each with its file, row, column and fix.
  public static func read(
    _ url: URL, plan: AnalysisPlan = AnalysisPlan(), name: String? = nil, notes: TableNotes = TableNotes()
  ) throws -> RatingTable {
    var reader = try TableReader(url, name: name, notes: notes)
    try ExcludedSessions(beside: url).apply(to: &reader, plan: plan)
    return try read(reader, plan: plan)
  }

  package static let problemLimit = 20

  /// - Parameter parting: the columns whose texts divide the table into parts; missing columns count as empty.
  package static func read(_ table: TableReader, plan: AnalysisPlan, parting: [String] = []) throws -> RatingTable {
    var reader = table
    if let block = plan.block { reader.keepOnly(block, in: StudyBlocks.column) }
    var ratings = try RatingReader(reader, plan: plan, parting: parting)
    var problems: [Problem] = []
    while problems.count < problemLimit, let row = try reader.next() {
      do { try ratings.add(row) } catch let problem as Problem { problems.append(problem) }
    }
    if problems.count == problemLimit {
      problems.append(
        Problem(
          "there may be more problems after these \(problemLimit)", at: Place(file: reader.file),
          mend: "Fix these and run again."))
    }
    guard problems.isEmpty else { throw Problems(problems) }
    return try ratings.finished()
  }

  package init(file: String) { self.file = file }

  /// The name of a part, from the texts of its columns.
  static func part(_ texts: [String]) -> String { texts.joined(separator: "\u{1f}") }

  /// The ratings of some parts, without any trace of the others.
  package func part(named names: Set<String>) -> RatingTable {
    let wanted = Set(names.compactMap { parts.find($0) })
    var table = empty
    for i in 0..<count where wanted.contains(part[i]) { table.add(row(i)) }
    return table
  }

  /// The table's metadata, without its ratings.
  package var empty: RatingTable {
    var table = RatingTable(file: file)
    (table.present, table.scale, table.firstRatingAt) = (present, scale, firstRatingAt)
    table.studies = studies
    (table.studyVersions, table.studyVersionRows) = (studyVersions, studyVersionRows)
    (table.missing, table.scalesDiffer) = (missing, scalesDiffer)
    return table
  }

  /// A rating with names in place of numbers.
  package struct Row {
    package var participant, query, condition, candidate, trial: String
    package var rating: Double
    package var flags: Flags
    package var responseTime: Float
    package var line: Int32

    package init(
      participant: String, query: String, condition: String, candidate: String, trial: String, rating: Double,
      flags: Flags, responseTime: Float, line: Int32
    ) {
      (self.participant, self.query, self.condition) = (participant, query, condition)
      (self.candidate, self.trial, self.rating) = (candidate, trial, rating)
      (self.flags, self.responseTime, self.line) = (flags, responseTime, line)
    }
  }

  package mutating func add(_ row: Row) {
    participant.append(participants.number(row.participant))
    query.append(queries.number(row.query))
    condition.append(conditions.number(row.condition))
    candidate.append(candidates.number(row.candidate))
    trial.append(trials.number(row.trial))
    rating.append(row.rating)
    flags.append(row.flags)
    responseTime.append(row.responseTime)
    line.append(row.line)
  }

  /// The rating at an index.
  package func row(_ i: Int) -> Row {
    Row(
      participant: participants[participant[i]], query: queries[query[i]], condition: conditions[condition[i]],
      candidate: candidates[candidate[i]], trial: trials[trial[i]], rating: rating[i], flags: flags[i],
      responseTime: responseTime[i], line: line[i])
  }
}
