import Basics
import Foundation

/// The ratings, column by column: about 40 bytes per rating, so a million of them take 40 MB whatever their names are.
///
/// It is what the table says, row by row. `RatedPages` is what follows from it.
public struct RatingTable: Sendable {
  /// All columns that are used where a table has them; `participant`, `query`, `candidate` and `rating` must be there.
  public static let columns = [
    "participant", "query", "candidate", "rating", "condition", "session", "trial", "is_reference", "is_anchor",
    "is_catch", "is_repeat", "is_training", "scale_min", "scale_max", "plays", "response_ms", "submitted_at",
    "study_version",
  ]

  /// What a rating is besides one of a system.
  public struct Flags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let reference = Flags(rawValue: 1), anchor = Flags(rawValue: 2), catchTrial = Flags(rawValue: 4)
    public static let repeated = Flags(rawValue: 8), training = Flags(rawValue: 16)
    /// What belongs to a page, not to a candidate.
    public static let page: Flags = [.catchTrial, .repeated, .training]
  }

  /// How errors and the report call the table.
  public internal(set) var file: String
  public internal(set) var participants = Names()
  public internal(set) var queries = Names()
  public internal(set) var conditions = Names()
  public internal(set) var candidates = Names()
  /// Session and trial as the table tells them apart; one for all where it doesn't.
  public internal(set) var trials = Names()

  public internal(set) var participant: [Int32] = []
  public internal(set) var query: [Int32] = []
  public internal(set) var condition: [Int32] = []
  public internal(set) var candidate: [Int32] = []
  public internal(set) var trial: [Int32] = []
  public internal(set) var rating: [Double] = []
  public internal(set) var flags: [Flags] = []
  /// Milliseconds from the page's appearance to its answer; not-a-number where the table doesn't say.
  public internal(set) var responseTime: [Float] = []
  /// In the file, the header being line 1.
  public internal(set) var line: [Int32] = []
  /// Rows without a rating.
  public internal(set) var missing = 0
  /// The lowest and highest possible rating, where the table says it.
  public internal(set) var scale: ClosedRange<Double>?
  /// The earliest `submitted_at`, where the table says it.
  public internal(set) var firstRatingAt: String?
  public internal(set) var studyVersions = Names()
  /// By version: how many rows are of it.
  public internal(set) var studyVersionRows: [Int] = []
  /// Two rows that tell of different scales, where there are such: the first, and one that differs from it.
  public internal(set) var scalesDiffer: (first: ClosedRange<Double>, other: ClosedRange<Double>, line: Int)?
  /// Columns of `RatingTable.columns` that the table has.
  public internal(set) var present: Set<String> = []
  /// What parts the table was asked to be read in, by the texts of a few columns; and by rating, which it belongs to. Both
  /// empty where it was not.
  var parts = Names(), part: [Int32] = []

  public var count: Int { rating.count }

  /// Reads a ratings table row by row.
  /// - Parameters:
  ///   - plan: maps the columns' names and names the reference and the anchor.
  ///   - name: how errors call the table; the path as it was given, if nil.
  ///   - notes: is told how the table was read.
  /// - Throws: `Problems`: up to twenty that are wrong, each with file, row, column and mend.
  public static func read(
    _ url: URL, plan: AnalysisPlan = AnalysisPlan(), name: String? = nil, notes: TableNotes = TableNotes()
  ) throws -> RatingTable {
    var reader = try TableReader(url, name: name, notes: notes)
    ExcludedSessions(beside: url).apply(to: &reader, plan: plan)
    return try read(reader, plan: plan)
  }

  static let problemLimit = 20

  /// - Parameter parting: columns whose texts tell the parts of the table; those that it lacks count as empty.
  static func read(_ table: TableReader, plan: AnalysisPlan, parting: [String] = []) throws -> RatingTable {
    var reader = table
    if let block = plan.block { reader.keepOnly(block, in: StudyBlocks.column) }
    let column = plan.columns
    let wide = column.wide
    var header: [Problem] = []
    for ours in ["participant", "query"] + (wide.isEmpty ? ["candidate", "rating"] : []) where !reader.has(column(ours))
    {
      let theirs = column(ours)
      header.append(
        Problem(
          "the ratings table has no column '\(theirs)'", at: Place(file: reader.file, line: 1),
          mend: mend(forMissing: ours, theirs: theirs, in: reader.columns)))
    }
    for name in wide where !reader.has(name) {
      header.append(
        Problem(
          "the ratings table has no column '\(name)', which the plan's 'wide' names",
          at: Place(file: reader.file, line: 1), mend: "It has \(reader.columns.joined(separator: ", "))."))
    }
    for (ours, theirs) in column.names.sorted(by: { $0.key < $1.key })
    where !reader.has(theirs) && Self.columns.contains(ours)
      && !["participant", "query", "candidate", "rating"].contains(ours)
    {
      header.append(
        Problem(
          "the ratings table has no column '\(theirs)', which the plan maps to '\(ours)'",
          at: Place(file: reader.file, line: 1), mend: "It has \(reader.columns.joined(separator: ", "))."))
    }
    guard header.isEmpty else { throw Problems(header) }

    var ratings = RatingTable(file: reader.file)
    ratings.present = Set(columns.filter { reader.has(column($0)) && !column.isTaken($0) })
    let has = ratings.present
    let references = Set(plan.reference), anchors = Set(plan.anchor)
    var lowest: Double?, highest: Double?
    var scale: ClosedRange<Double>?
    var problems: [Problem] = []
    let partColumns = parting.map { column($0) }.map { reader.has($0) ? $0 : nil }
    while problems.count < problemLimit, let row = try reader.next() {
      do {
        let part =
          parting.isEmpty
          ? nil : ratings.parts.number(Self.part(partColumns.map { $0.flatMap(row.name(ifAny:)) ?? "" }))
        let participant = ratings.participants.number(try row.name(column("participant")))
        let query = ratings.queries.number(try row.name(column("query")))
        let condition = ratings.conditions.number(
          has.contains("condition") ? row.name(ifAny: column("condition")) ?? "" : "")
        var page: Flags = []
        if has.contains("is_catch"), try row.flag(column("is_catch")) == true { page.insert(.catchTrial) }
        if has.contains("is_repeat"), try row.flag(column("is_repeat")) == true { page.insert(.repeated) }
        if has.contains("is_training"), try row.flag(column("is_training")) == true { page.insert(.training) }
        let session = has.contains("session") ? row.name(ifAny: column("session")) ?? "" : ""
        let trial = has.contains("trial") ? row.name(ifAny: column("trial")) ?? "" : ""
        let trialNumber = ratings.trials.number(session.isEmpty ? trial : "\(session)\u{1f}\(trial)")
        let low = has.contains("scale_min") ? try row.number(column("scale_min")) : nil
        let high = has.contains("scale_max") ? try row.number(column("scale_max")) : nil
        if let low { lowest = min(lowest ?? low, low) }
        if let high { highest = max(highest ?? high, high) }
        if let low, let high, low < high {
          if scale == nil { scale = low...high }
          if let scale, ratings.scalesDiffer == nil, scale.lowerBound != low || scale.upperBound != high {
            ratings.scalesDiffer = (scale, low...high, row.line)
          }
        }
        let time =
          has.contains("response_ms") ? try row.number(column("response_ms")).map { Float($0) } ?? .nan : .nan
        if has.contains("submitted_at"), let at = row.name(ifAny: column("submitted_at")),
          at < ratings.firstRatingAt ?? "~"
        {
          ratings.firstRatingAt = at
        }
        if has.contains("study_version"), let version = row.name(ifAny: column("study_version")) {
          let number = Int(ratings.studyVersions.number(version))
          if number == ratings.studyVersionRows.count { ratings.studyVersionRows.append(0) }
          ratings.studyVersionRows[number] += 1
        }
        func add(_ candidate: String, _ value: Double?, _ flags: Flags) {
          guard let value else {
            ratings.missing += 1
            return
          }
          var flags = flags
          if references.contains(candidate) { flags.insert(.reference) }
          if anchors.contains(candidate) { flags.insert(.anchor) }
          if let part { ratings.part.append(part) }
          ratings.participant.append(participant)
          ratings.query.append(query)
          ratings.condition.append(condition)
          ratings.candidate.append(ratings.candidates.number(candidate))
          ratings.trial.append(trialNumber)
          ratings.rating.append(value)
          ratings.flags.append(flags)
          ratings.responseTime.append(time)
          ratings.line.append(Int32(row.line))
        }
        if wide.isEmpty {
          if has.contains("is_reference"), try row.flag(column("is_reference")) == true { page.insert(.reference) }
          if has.contains("is_anchor"), try row.flag(column("is_anchor")) == true { page.insert(.anchor) }
          add(try row.name(column("candidate")), try row.number(column("rating")), page)
        } else {
          for name in wide { add(name, try row.number(name), page) }
        }
      } catch let problem as Problem { problems.append(problem) }
    }
    if problems.count == problemLimit {
      problems.append(
        Problem(
          "there may be more problems after these \(problemLimit)", at: Place(file: ratings.file),
          mend: "Mend these and run again."))
    }
    guard problems.isEmpty else { throw Problems(problems) }
    guard ratings.count > 0 else {
      throw Problem(
        "the table holds no rating", at: Place(file: ratings.file, line: 1),
        mend: ratings.missing == 0
          ? "It needs a row for each rating." : "The cells of '\(column("rating"))' are all empty.")
    }
    try ratings.checkFigures(scale: (lowest, highest))
    if let lowest, let highest, lowest < highest { ratings.scale = lowest...highest }
    return ratings
  }

  init(file: String) { self.file = file }

  /// The name of a part by the texts of its columns.
  static func part(_ texts: [String]) -> String { texts.joined(separator: "\u{1f}") }

  /// The ratings of some parts, in which nothing tells of the others.
  func part(named names: Set<String>) -> RatingTable {
    let wanted = Set(names.compactMap { parts.find($0) })
    var table = empty
    for i in 0..<count where wanted.contains(part[i]) { table.add(row(i)) }
    return table
  }

  /// What it says of itself, without its ratings.
  var empty: RatingTable {
    var table = RatingTable(file: file)
    (table.present, table.scale, table.firstRatingAt) = (present, scale, firstRatingAt)
    (table.studyVersions, table.studyVersionRows) = (studyVersions, studyVersionRows)
    (table.missing, table.scalesDiffer) = (missing, scalesDiffer)
    return table
  }

  /// A rating as a table tells it.
  struct Row {
    var participant, query, condition, candidate, trial: String
    var rating: Double
    var flags: Flags
    var responseTime: Float
    var line: Int32
  }

  mutating func add(_ row: Row) {
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

  /// The rating at a place.
  func row(_ i: Int) -> Row {
    Row(
      participant: participants[participant[i]], query: queries[query[i]], condition: conditions[condition[i]],
      candidate: candidates[candidate[i]], trial: trials[trial[i]], rating: rating[i], flags: flags[i],
      responseTime: responseTime[i], line: line[i])
  }

  /// What a missing column is probably called here.
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
    return guess.map { "Say in the plan: columns: {\(ours): \($0)}, if that is the one. \(has)" }
      ?? "\(has) Map the right one in the plan, as in columns: {\(ours): its_name}."
  }
}
