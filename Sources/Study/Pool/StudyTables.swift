import Basics
import Foundation

/// The tables that a study names, read and joined by their names.
struct StudyTables {
  /// A query for one condition.
  struct Query {
    var query: String
    var condition: String
    var file: URL
    var reference: String?
    var licence: String
    var source: String
    var row: TableRow
  }

  struct Candidate {
    var candidate: String
    var condition: String
    var file: URL
    var licence: String
    var source: String
    var row: TableRow
  }

  /// One version of an item.
  struct Rendering {
    var system: String
    var file: URL
    var isReference: Bool
    var licence: String
    var source: String
    var row: TableRow
  }

  /// An item, and the versions that systems made of it.
  struct RenderedItem {
    var item: String
    var condition: String
    /// In the order of the table, including the reference.
    var renderings: [Rendering]
    var row: TableRow

    var reference: Rendering? { renderings.first(where: \.isReference) }

    /// The name of a version's stimulus. A sound that no system made has the item's own name.
    func stimulus(_ rendering: Rendering) -> String {
      rendering.system.isEmpty ? item : "\(item)/\(rendering.system)"
    }
  }

  struct Asked: Hashable { var query, condition, system: String }

  /// In the order of the table.
  private(set) var queries: [Query] = []
  private(set) var candidates: [String: Candidate] = [:]
  /// Names in the order of the table.
  private(set) var candidateOrder: [String] = []
  private(set) var rankings: [Asked: Ranking] = [:]
  /// In the order of their first row in the rankings.
  private(set) var systems: [String] = []
  /// In the order of the table.
  private(set) var renderedItems: [RenderedItem] = []
  /// The candidates as individual sounds: items with a single version that no system made.
  var soundItems: [RenderedItem] {
    candidateOrder.compactMap { candidates[$0] }.map { one in
      RenderedItem(
        item: one.candidate, condition: one.condition,
        renderings: [
          Rendering(
            system: "", file: one.file, isReference: false, licence: one.licence, source: one.source, row: one.row)
        ], row: one.row)
    }
  }
  private(set) var problems: [Problem] = []
  /// Remarks on how ambiguous tables were read, and on names that a person could confuse.
  private(set) var warnings: [Problem] = []
  private let notes = TableNotes()
  /// The tables' roles and bytes, for the version.
  private(set) var contents: [(role: String, data: Data)] = []

  private let folder: URL
  private let display: String

  /// - Parameters:
  ///   - display: what problems call the study's folder.
  ///   - sources: what the study's blocks ask about. Only their tables are read.
  ///   - place: the place of a `sounds` key in study.yaml.
  init(
    _ sounds: StudyDefinition.Sounds, sources: Set<StudyDefinition.SoundSource>, folder: URL, display: String,
    place: (String) -> Place
  ) {
    self.folder = folder
    self.display = display
    var tables: [(role: String, path: String, make: String)] = []
    if sources.contains(.rankings) {
      tables = [
        ("queries", sounds.queries, "Make mixes with 'earshot mix'"),
        ("candidates", sounds.candidates, "Make a library with 'earshot library build'"),
        ("rankings", sounds.rankings, "Make rankings with 'earshot rank'"),
      ]
    } else if sources.contains(.sounds) {
      tables = [("candidates", sounds.candidates, "Write one row per sound: candidate, file")]
    }
    if sources.contains(.renderings) {
      tables.append(("renderings", sounds.renderings, "Write one row per version: item, system, file"))
    }
    for (role, path, make) in tables {
      let url = NamedFile.url(path, from: folder)
      let missing = Problem(
        "there is no table '\(path)'", at: place("sounds.\(role)"),
        mend: NamedFile.lookalike(url) ?? "\(make), or fix the path ('sounds.\(role)').")
      problems += StudyTables.caught {
        contents.append((role, try InputFile.data(url, name: name(path), missing: missing)))
      }
    }
    guard contents.count == tables.count else { return }
    if sources.contains(.renderings) {
      let found = StudyTables.caught { try readRenderings(sounds.renderings) }
      problems += found
    }
    if sources.contains(.rankings) {
      var found = StudyTables.caught { try readQueries(sounds.queries) }
      found += StudyTables.caught { try readCandidates(sounds.candidates) }
      problems += found
      guard problems.isEmpty else { return }
      found = StudyTables.caught { try readRankings(sounds.rankings) }
      problems += found
      checkReferences()
    } else if sources.contains(.sounds) {
      let found = StudyTables.caught { try readCandidates(sounds.candidates) }
      problems += found
    }
    warnings = notes.warnings + alike(sounds)
  }

  private mutating func readRenderings(_ path: String) throws {
    let url = NamedFile.url(path, from: folder)
    var reader = try TableReader(url, name: name(path), notes: notes)
    try reader.require("item", "system", "file")
    var places: [String: Int] = [:]
    while let row = try reader.next() {
      let found = StudyTables.caught { try take(row, of: url, &places) }
      problems += found
    }
    if renderedItems.isEmpty, problems.isEmpty {
      throw Problem("the table has no rows", at: Place(file: name(path), line: 1), mend: "Add a row for each version.")
    }
  }

  /// Reads a row of the table of renderings.
  /// - Parameter places: the indices in `renderedItems` of the items found so far.
  private mutating func take(_ row: TableRow, of url: URL, _ places: inout [String: Int]) throws {
    let item = try row.name("item"), system = try row.name("system")
    let condition = row.name(ifAny: "condition") ?? ""
    try StudyTables.checkName(item, row, "item")
    try StudyTables.checkName(system, row, "system")
    if system.contains("/") {
      throw Problem(
        "the name '\(system)' contains a slash", at: row.place("system"), mend: "Use another character in names.")
    }
    func rendering(_ system: String, _ file: String, isReference: Bool) -> Rendering {
      Rendering(
        system: system, file: resolve(file, beside: url), isReference: isReference, licence: row["licence"] ?? "",
        source: row["source"] ?? "", row: row)
    }
    let place = places[item] ?? renderedItems.count
    if place == renderedItems.count {
      places[item] = place
      renderedItems.append(RenderedItem(item: item, condition: condition, renderings: [], row: row))
    } else if renderedItems[place].condition != condition {
      throw Problem(
        "'\(item)' has a different condition in line \(renderedItems[place].row.line)", at: row.place("condition"),
        mend: "An item has one condition.")
    }
    // The column either marks the reference's row, or contains the reference's file in each row.
    let marked = row.name(ifAny: "reference")
    let flag = marked.flatMap { _ in try? row.flag("reference") }
    let isReference = system == "reference" || flag == true
    if let first = renderedItems[place].renderings.first(where: { $0.system == system }) {
      throw Problem(
        "'\(system)' is listed twice for '\(item)', first in line \(first.row.line)", at: row.place("system"),
        mend: "Keep one of the two rows.")
    }
    renderedItems[place].renderings.append(rendering(system, try row.path("file"), isReference: isReference))
    if let marked, flag == nil {
      let named = rendering("reference", marked, isReference: true)
      if let known = renderedItems[place].reference {
        guard known.file == named.file else {
          throw Problem(
            "'\(item)' has a different reference in an earlier line", at: row.place("reference"),
            mend: "An item has one reference: its file, or yes in its row.")
        }
      } else {
        renderedItems[place].renderings.append(named)
      }
    }
    if renderedItems[place].renderings.count(where: \.isReference) > 1 {
      throw Problem(
        "'\(item)' has two references", at: row.place("reference"), mend: "Mark one row, or leave one of them out.")
    }
  }

  /// Warns of names within one table that differ only in capitals or the like.
  private func alike(_ sounds: StudyDefinition.Sounds) -> [Problem] {
    let all = [
      (sounds.queries, "queries", queries.map(\.query)), (sounds.candidates, "candidates", candidateOrder),
      (sounds.rankings, "systems", systems), (sounds.queries, "conditions", queries.map(\.condition)),
      (sounds.renderings, "items", renderedItems.map(\.item)),
      (sounds.renderings, "systems", renderedItems.flatMap { $0.renderings.map(\.system) }),
    ]
    return all.flatMap { path, kind, names in
      Name.alikeGroups(names).prefix(5).map { group in
        Problem(
          "\(kind) that look alike: \(group.prefix(3).map { "'\($0)'" }.joined(separator: ", "))",
          at: Place(file: name(path)), mend: "They count as different names. Rename one if they are the same.",
          severity: .warning)
      }
    }
  }

  private func name(_ path: String) -> String { path.hasPrefix("/") ? path : "\(display)/\(path)" }

  private static func caught(_ body: () throws -> Void) -> [Problem] {
    do {
      try body()
      return []
    } catch let all as Problems { return all.list } catch let one as Problem { return [one] } catch {
      return [Problem("\(error)", mend: "")]
    }
  }

  private mutating func readQueries(_ path: String) throws {
    let url = NamedFile.url(path, from: folder)
    var reader = try TableReader(url, name: name(path), notes: notes)
    try reader.require("query", "file")
    var lines: [String: [String: Int]] = [:]
    var files: [String: (file: String, line: Int)] = [:]
    while let row = try reader.next() {
      let found = StudyTables.caught {
        let query = try row.name("query"), condition = row.name(ifAny: "condition") ?? "", file = try row.path("file")
        try StudyTables.checkName(query, row, "query")
        if let first = lines[query, default: [:]].updateValue(row.line, forKey: condition) {
          throw Problem(
            "'\(query)' is listed twice\(condition.isEmpty ? "" : " for '\(condition)'"), first in line \(first)",
            at: row.place("query"), mend: "Keep one of the two rows.")
        }
        if let first = files[query], first.file != file {
          throw Problem(
            "'\(query)' has a different file in line \(first.line)", at: row.place("file"),
            mend: "A query is one sound, under whatever condition. Give the other sound a different name.")
        }
        files[query] = (file, row.line)
        queries.append(
          Query(
            query: query, condition: condition, file: resolve(file, beside: url),
            reference: row.name(ifAny: "reference"),
            licence: row["licence"] ?? "", source: row["source"] ?? "", row: row))
      }
      problems += found
    }
    if queries.isEmpty, problems.isEmpty {
      throw Problem("the table has no rows", at: Place(file: name(path), line: 1), mend: "Add a row for each query.")
    }
  }

  private mutating func readCandidates(_ path: String) throws {
    let url = NamedFile.url(path, from: folder)
    var reader = try TableReader(url, name: name(path), notes: notes)
    try reader.require("candidate", "file")
    while let row = try reader.next() {
      let found = StudyTables.caught {
        let candidate = try row.name("candidate")
        try StudyTables.checkName(candidate, row, "candidate")
        if let first = candidates[candidate] {
          throw Problem(
            "'\(candidate)' is listed twice, first in line \(first.row.line)", at: row.place("candidate"),
            mend: "Keep one of the two rows, or rename one.")
        }
        candidates[candidate] = Candidate(
          candidate: candidate, condition: row.name(ifAny: "condition") ?? "",
          file: resolve(try row.path("file"), beside: url),
          licence: row["licence"] ?? "", source: row["source"] ?? "", row: row)
        candidateOrder.append(candidate)
      }
      problems += found
    }
    if candidates.isEmpty, problems.isEmpty {
      throw Problem(
        "the table has no rows", at: Place(file: name(path), line: 1), mend: "Add a row for each candidate.")
    }
  }

  /// Names must not contain colons, which mark anchors (`anchor:` and the reference).
  private static func checkName(_ name: String, _ row: TableRow, _ column: String) throws {
    if name.contains(":") {
      throw Problem(
        "the name '\(name)' contains a colon", at: row.place(column), mend: "Use another character in names.")
    }
  }

  private func resolve(_ file: String, beside table: URL) -> URL {
    NamedFile.url(file, from: table.deletingLastPathComponent())
  }

  private mutating func readRankings(_ path: String) throws {
    var conditions: [String: [String]] = [:]
    for query in queries { conditions[query.query, default: []].append(query.condition) }
    var strangers = Strangers()
    let read = try Ranking.read(NamedFile.url(path, from: folder), name: name(path), notes: notes) { row in
      let query = row.name(ifAny: "query"), given = row.name(ifAny: "condition")
      if let query, let condition = given ?? (conditions[query]?.count == 1 ? "" : nil) {
        if conditions[query] == nil {
          strangers.meet(row, "query", query)
        } else if !condition.isEmpty, conditions[query]?.contains(condition) == false {
          strangers.meet(row, "condition", condition)
        }
      } else if let query {
        if conditions[query] == nil {
          strangers.meet(row, "query", query)
        } else {
          strangers.meet(row, "condition", "")
        }
      }
      if let candidate = row.name(ifAny: "candidate"), candidates[candidate] == nil {
        strangers.meet(row, "candidate", candidate)
      }
      if let system = row.name(ifAny: "system"), ["reference", "anchor"].contains(system) {
        strangers.meet(row, "system", system)
      }
    }
    problems += strangers.problems(
      queries: Array(conditions.keys).sorted(), candidates: candidateOrder,
      conditions: Set(queries.map(\.condition)).sorted())
    for var ranking in read {
      if !systems.contains(ranking.system) { systems.append(ranking.system) }
      if ranking.condition.isEmpty, let only = conditions[ranking.query], only.count == 1 {
        ranking.condition = only[0]
      }
      rankings[Asked(query: ranking.query, condition: ranking.condition, system: ranking.system)] = ranking
    }
  }

  private mutating func checkReferences() {
    for query in queries {
      guard let reference = query.reference else { continue }
      guard let candidate = candidates[reference] else {
        problems.append(
          Problem(
            "the reference '\(reference)' is not among the candidates", at: query.row.place("reference"),
            mend: Suggestion.didYouMean(reference, among: candidateOrder) ?? "Add it to the table of candidates."))
        continue
      }
      if candidate.condition != query.condition, !candidate.condition.isEmpty {
        problems.append(
          Problem(
            "the reference '\(reference)' is a \(candidate.condition), and the query asks for '\(query.condition)'",
            at: query.row.place("reference"), mend: "Fix the reference, or its condition in the table of candidates."))
      }
    }
  }
}

/// Unknown names in rankings. Each is reported once, however many rows contain it.
private struct Strangers {
  private struct Name: Hashable { var column, text: String }
  private var order: [Name] = []
  private var met: [Name: (place: Place, count: Int)] = [:]

  mutating func meet(_ row: TableRow, _ column: String, _ text: String) {
    let name = Name(column: column, text: text)
    if met[name] == nil {
      order.append(name)
      met[name] = (row.place(column), 0)
    }
    met[name]?.count += 1
  }

  /// Reports at most 20 per column, because a wrong file contains thousands.
  func problems(queries: [String], candidates: [String], conditions: [String]) -> [Problem] {
    var told: [String: Int] = [:]
    var problems: [Problem] = []
    for name in order {
      guard let (place, count) = met[name] else { continue }
      told[name.column, default: 0] += 1
      guard told[name.column, default: 0] <= 20 else { continue }
      let rows = count == 1 ? "" : " (in \(count) rows)"
      switch name.column {
      case "system":
        problems.append(
          Problem(
            "'\(name.text)' is not a system that ranks\(rows)", at: place,
            mend: "Leave these rows out: 'pool.hidden_reference' and 'pool.anchor_lowpass_hz' add reference and anchor."
          ))
      case "condition" where name.text.isEmpty:
        problems.append(
          Problem(
            "the ranking does not say for which condition it is\(rows)", at: place,
            mend: "Fill in the column 'condition'."))
      case "condition":
        problems.append(
          Problem(
            "the query is not asked for '\(name.text)'\(rows)", at: place,
            mend: Suggestion.didYouMean(name.text, among: conditions) ?? "Add it to the table of queries."))
      case "query":
        problems.append(
          Problem(
            "there is no query '\(name.text)'\(rows)", at: place,
            mend: Suggestion.didYouMean(name.text, among: queries) ?? "Add it to the table of queries."))
      default:
        problems.append(
          Problem(
            "there is no candidate '\(name.text)'\(rows)", at: place,
            mend: Suggestion.didYouMean(name.text, among: candidates) ?? "Add it to the table of candidates."))
      }
    }
    for (column, count) in told.sorted(by: { $0.key < $1.key }) where count > 20 {
      let next = order.filter { $0.column == column }[20]
      problems.append(
        Problem(
          "\(count - 20) more names in the column '\(column)' are unknown, from here on", at: met[next]?.place,
          mend: "Is this the right table?"))
    }
    return problems
  }
}
