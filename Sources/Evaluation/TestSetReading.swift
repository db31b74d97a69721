import Basics
import Foundation
import Retrieval

/// Reads a test set from a library and mixes: the pool first, then what plays in each mix. It continues after a row
/// with errors.
struct TestSetReading {
  private let catalogue: Catalogue
  private let libraryTable: URL
  private let split: String
  private let isSplit: Bool
  /// The rows of the library that belong to the pool, with their one-shots and details.
  private let rows: [TableRow]
  private let pool: [Candidate]
  private let facts: [TestSet.Facts]
  /// The instruments, in the order of their first appearance in the pool.
  private let groups: [String]
  private var mixes: [TestSet.Mix] = []
  private var targets: [TestSet.Target] = []
  private var problems: [Problem] = []

  /// Reads the library.
  /// - Throws: `Problems` that make it impossible to continue: tables that cannot be read, or a split without any
  ///   one-shots.
  init(_ catalogue: Catalogue, libraryTable: URL, split: String) throws {
    let all = try TableReader.rows(libraryTable, require: ["candidate"])
    let isSplit = all.contains { $0.name(ifAny: "split") != nil }
    let kept = all.indices.filter { !isSplit || all[$0].name(ifAny: "split") == split }
    guard !kept.isEmpty else {
      let names = Set(all.compactMap { $0.name(ifAny: "split") }).sorted()
      throw Problem(
        "the library has no one-shots for '\(split)'", at: Place(file: libraryTable.relativePath),
        mend: "Its splits are \(names.joined(separator: ", ")); choose one with --split.")
    }
    (self.catalogue, self.libraryTable, self.split, self.isSplit) = (catalogue, libraryTable, split, isSplit)
    rows = kept.map { all[$0] }
    pool = kept.map { catalogue.candidates[$0] }
    facts = zip(rows, pool).map { row, candidate in
      TestSet.Facts(
        group: row.name(ifAny: "group") ?? candidate.id, licence: row["licence"] ?? "", source: row["source"] ?? "")
    }
    groups = Self.inOrder(facts.map(\.group))
    problems = Self.parted(all)
  }

  /// Reads what plays in the mixes.
  mutating func add(mixes table: URL) throws {
    let rows = try TableReader.rows(table, require: ["query", "file"])
    let rowsOfQuery = Dictionary(grouping: rows) { $0.name(ifAny: "query") ?? "" }
    let queries = Dictionary(uniqueKeysWithValues: catalogue.queries.map { ([$0.id, $0.condition], $0) })
    let candidates = Self.places(pool.map(\.id)), groups = Self.places(groups)
    var places: [String: Int] = [:]
    for row in rows {
      guard let query = queries[[row.name(ifAny: "query") ?? "", row.name(ifAny: "condition") ?? ""]] else { continue }
      do {
        let candidate = try played(row, query, candidates)
        let mix = places[query.id] ?? mixes.count
        if mix == mixes.count {
          places[query.id] = mix
          mixes.append(
            TestSet.Mix(id: query.id, file: query.file, licence: row["licence"] ?? "", source: row["source"] ?? ""))
        }
        let others = rowsOfQuery[query.id, default: []].filter {
          $0.name(ifAny: "condition") != row.name(ifAny: "condition")
        }
        targets.append(
          TestSet.Target(
            mix: mix, condition: query.condition, candidate: candidate,
            alsoRight: catalogue.references[query, default: []].compactMap { candidates[$0] }.filter {
              $0 != candidate
            },
            group: groups[facts[candidate].group] ?? 0,
            circumstances: try Circumstance.all(of: row, beside: others)))
      } catch let problem as Problem { problems.append(problem) }
    }
    problems += catalogue.dividedQueries(in: table)
  }

  /// Checks whether any targets are among the sounds that models were trained on.
  mutating func compare(with trainedOn: [URL]) throws {
    guard !trainedOn.isEmpty else { return }
    let sounds = Set(targets.map(\.candidate)).sorted().map { (id: pool[$0].id, hash: rows[$0]["sha256"]) }
    if let nameless = sounds.first(where: { $0.hash == nil }) {
      problems.append(
        Problem(
          "the target '\(nameless.id)' has no sha256, so Earshot cannot check whether a model learned from it",
          at: Place(file: libraryTable.relativePath), mend: "Build the library again, or leave out --trained-on."))
    }
    for url in trainedOn { problems += try Self.learned(sounds, from: Catalogue.table(url, "library.csv"), but: split) }
  }

  /// - Throws: `Problems` with everything that was wrong.
  func testSet() throws -> TestSet {
    guard problems.isEmpty else { throw Problems(problems) }
    return TestSet(
      pool: pool, facts: facts, mixes: mixes, targets: targets, groups: groups,
      conditions: Self.inOrder(pool.map(\.condition)), split: isSplit ? split : nil)
  }

  /// The index in the pool of the one-shot that a row of the mixes names.
  private func played(_ row: TableRow, _ query: Query, _ candidates: [String: Int]) throws -> Int {
    guard let reference = row.name(ifAny: "reference") else {
      throw Problem(
        "the table does not say which one-shot plays in '\(query.id)' (\(query.condition))", at: row.place("reference"),
        mend: "Evaluation needs mixes whose one-shots are known, as made by 'earshot mix'.")
    }
    guard let candidate = candidates[reference] else {
      throw Problem(
        "'\(reference)' plays in '\(query.id)' but is not in the split '\(split)'", at: row.place("reference"),
        mend: "Make mixes from that split alone ('earshot mix --split \(split)'), or name another with --split.")
    }
    return candidate
  }

  /// The names without duplicates, in the order of their first appearance.
  private static func inOrder(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  private static func places(_ names: [String]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: zip(names, names.indices))
  }

  /// Problems for sounds and groups that are in more than one split: a model trained on one has heard the other.
  private static func parted(_ rows: [TableRow]) -> [Problem] {
    var problems: [Problem] = []
    for (column, what) in [("sha256", "the same sound"), ("group", "the same instrument")] {
      var first: [String: TableRow] = [:]
      for row in rows {
        guard let split = row.name(ifAny: "split"), let value = row.name(ifAny: column) else { continue }
        guard let other = first[value] else {
          first[value] = row
          continue
        }
        guard let known = other["split"], known != split else { continue }
        problems.append(
          Problem(
            "'\(row["candidate"] ?? "")' (\(split)) is \(what) as '\(other["candidate"] ?? "")' (\(known)), line \(other.line)",
            at: row.place("split"), mend: "A model may have learned from it: split by instrument and build again."))
      }
    }
    return problems
  }

  /// Problems for targets that are among a table's sounds outside the split that is kept for the test.
  private static func learned(
    _ targets: [(id: String, hash: String?)], from table: URL, but split: String
  ) throws -> [Problem] {
    var heard: [String: TableRow] = [:]
    for row in try TableReader.rows(table, require: ["candidate", "sha256"]) where row.name(ifAny: "split") != split {
      if let hash = row["sha256"], heard[hash] == nil { heard[hash] = row }
    }
    return targets.compactMap { id, hash in
      guard let row = hash.flatMap({ heard[$0] }) else { return nil }
      return Problem(
        "the target '\(id)' is the same sound as '\(row["candidate"] ?? "")', which a model learned from",
        at: row.place("sha256"), mend: "Test with sounds that no model has heard.")
    }
  }
}
