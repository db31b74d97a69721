import Basics
import Foundation
import Retrieval
import Sound

/// The fixed test: mixes whose drums are known, and the one-shots of all classes among which they are looked for.
public struct TestSet: Sendable {
  /// A drum that plays in a mix: what is to be found.
  public struct Target: Sendable, Equatable {
    /// In `mixes`.
    public var mix: Int
    /// The class that it belongs to.
    public var condition: String
    /// In `pool`.
    public var candidate: Int
    /// In `pool`: the other drums of its class that play in the mix. They are right as well, so they are left out where it
    /// is ranked.
    public var alsoRight: [Int]
    /// In `groups`: the instrument whose one-shots are resampled together.
    public var group: Int
    /// What may make it hard to find, by `Circumstance`; what the tables do not tell is not there.
    public var circumstances: [Circumstance: Double]
  }

  /// A mix with what the listening page says of it.
  public struct Mix: Sendable, Equatable {
    public var id: String
    public var file: URL
    public var licence: String
    public var source: String
  }

  /// A one-shot with what the listening page says of it.
  public struct Facts: Sendable, Equatable {
    public var group: String
    public var licence: String
    public var source: String
  }

  /// All classes together, in the order of the table.
  public let pool: [Candidate]
  /// One for each of `pool`.
  public let facts: [Facts]
  public let mixes: [Mix]
  public private(set) var targets: [Target]
  public let groups: [String]
  /// The classes, in the order in which the library names them.
  public let conditions: [String]
  /// Which split of the library the pool is; nil where the library is not split.
  public let split: String?
  /// What a system is asked: every mix for every class.
  public var catalogue: Catalogue {
    Catalogue(
      candidates: pool,
      queries: mixes.flatMap { mix in conditions.map { Query(id: mix.id, condition: $0, file: mix.file) } })
  }

  /// How many of the pool are of each class.
  public var sizes: [String: Int] { Dictionary(grouping: pool, by: \.condition).mapValues(\.count) }

  /// Reads `library.csv` and `mixes.csv`.
  ///
  /// Of the library group, split, sha256, licence and source are used where they are there; a one-shot without a group is
  /// its own. Of the mixes every row must name its reference.
  /// - Parameters:
  ///   - library: the table, or the folder that holds it; `mixes` likewise.
  ///   - split: which part of a split library is the pool. A library that is not split is the pool as a whole.
  ///   - trainedOn: other libraries that a model learned from, tables or folders: all of one that is not split, else all
  ///     but its `split`. Sounds are told by `sha256`, the hash of their decoded audio.
  ///   - notes: are told how the tables were read.
  /// - Throws: `Problems`: all that is wrong with both tables, mixes made of other one-shots than the pool's, targets of
  ///   which nothing names the truth or that a model learned from, one-shots and groups in more than one split.
  public static func read(
    library: URL, mixes: URL, split: String = "test", trainedOn: [URL] = [], notes: TableNotes = TableNotes()
  ) throws -> TestSet {
    let catalogue = try Catalogue.read(library: library, mixes: mixes, notes: notes)
    let libraryTable = Catalogue.table(library, "library.csv"), mixTable = Catalogue.table(mixes, "mixes.csv")
    let rows = try TableReader.rows(libraryTable, require: ["candidate"])
    let isSplit = rows.contains { $0.name(ifAny: "split") != nil }
    func isInPool(_ row: TableRow) -> Bool { !isSplit || row.name(ifAny: "split") == split }

    var problems: [Problem] = []
    if isSplit, !rows.contains(where: isInPool) {
      let names = Set(rows.compactMap { $0.name(ifAny: "split") }).sorted()
      throw Problem(
        "the library has no one-shots for '\(split)'", at: Place(file: libraryTable.relativePath),
        mend: "Its splits are \(names.joined(separator: ", ")); choose one with --split.")
    }
    problems += parted(rows)

    let kept = rows.indices.filter { isInPool(rows[$0]) }
    let pool = kept.map { catalogue.candidates[$0] }
    let place = Dictionary(uniqueKeysWithValues: pool.enumerated().map { ($1.id, $0) })
    let facts = kept.map { i in
      Facts(
        group: rows[i].name(ifAny: "group") ?? catalogue.candidates[i].id, licence: rows[i]["licence"] ?? "",
        source: rows[i]["source"] ?? "")
    }
    var groups: [String: Int] = [:]
    var groupNames: [String] = []
    for fact in facts where groups[fact.group] == nil {
      groups[fact.group] = groupNames.count
      groupNames.append(fact.group)
    }

    let mixRows = try TableReader.rows(mixTable, require: ["query", "file"])
    var found: [Mix] = []
    var mixPlace: [String: Int] = [:]
    var targets: [Target] = []
    let onsets = Dictionary(grouping: mixRows) { $0.name(ifAny: "query") ?? "" }
    let queries = Dictionary(uniqueKeysWithValues: catalogue.queries.map { ([$0.id, $0.condition], $0) })
    for row in mixRows {
      guard let query = queries[[row.name(ifAny: "query") ?? "", row.name(ifAny: "condition") ?? ""]] else { continue }
      guard let reference = row.name(ifAny: "reference") else {
        problems.append(
          Problem(
            "nothing says which one-shot plays in '\(query.id)' (\(query.condition))", at: row.place("reference"),
            mend: "Evaluation needs mixes whose drums are known, as 'earshot mix' makes them."))
        continue
      }
      guard let candidate = place[reference] else {
        problems.append(
          Problem(
            "'\(reference)' plays in '\(query.id)' but is not of the split '\(split)'", at: row.place("reference"),
            mend: "Make mixes of that split alone: 'earshot mix --split \(split)', or name another with --split."))
        continue
      }
      if mixPlace[query.id] == nil {
        mixPlace[query.id] = found.count
        found.append(
          Mix(id: query.id, file: query.file, licence: row["licence"] ?? "", source: row["source"] ?? ""))
      }
      let others = onsets[query.id, default: []].filter {
        $0.name(ifAny: "condition") != row.name(ifAny: "condition")
      }
      var circumstances: [Circumstance: Double] = [:]
      do { circumstances = try Circumstance.all(of: row, beside: others) } catch let problem as Problem {
        problems.append(problem)
      }
      targets.append(
        Target(
          mix: mixPlace[query.id] ?? 0, condition: query.condition, candidate: candidate,
          alsoRight: catalogue.references[query, default: []].filter { $0 != reference }.compactMap { place[$0] },
          group: groups[facts[candidate].group] ?? 0, circumstances: circumstances))
    }
    let hashes = Dictionary(uniqueKeysWithValues: zip(pool.indices, kept.map { rows[$0]["sha256"] }))
    let sounds = Set(targets.map(\.candidate)).sorted().map { (id: pool[$0].id, hash: hashes[$0] ?? nil) }
    if !trainedOn.isEmpty, let nameless = sounds.first(where: { $0.hash == nil }) {
      problems.append(
        Problem(
          "the target '\(nameless.id)' has no sha256, so whether a model learned from it cannot be told",
          at: Place(file: libraryTable.relativePath), mend: "Build the library anew, or leave --trained-on out."))
    }
    for url in trainedOn {
      problems += try learned(sounds, from: Catalogue.table(url, "library.csv"), but: split)
    }
    problems += catalogue.dividedQueries(in: mixTable)
    guard problems.isEmpty else { throw Problems(problems) }
    var conditions: [String] = []
    for candidate in pool where !conditions.contains(candidate.condition) { conditions.append(candidate.condition) }
    return TestSet(
      pool: pool, facts: facts, mixes: found, targets: targets, groups: groupNames, conditions: conditions,
      split: isSplit ? split : nil)
  }

  /// The same with the loudness of each target's file added to its gain, so that `level` says how loud the drum stands in
  /// the mix. Where a file has no loudness (silence) or the table no gain, a target has no level.
  /// - Throws: `Problems`: all files that cannot be read.
  public func measuringLevels(progress: ProgressHandler? = nil) throws -> TestSet {
    let wanted = Set(targets.filter { $0.circumstances[.level] != nil }.map(\.candidate)).sorted()
    let loudness = try parallelMapTellingAll(wanted, progress: progress) { candidate -> Double in
      let clip = try AudioFile.read(pool[candidate].file)
      let first = Attack.find(in: clip)?.frame ?? 0
      return try Loudness.measure(clip.frames(first..<clip.frameCount)).maximumMomentary
    }
    let known = Dictionary(uniqueKeysWithValues: zip(wanted, loudness))
    var measured = self
    for i in targets.indices {
      guard let gain = targets[i].circumstances[.level], let own = known[targets[i].candidate] else { continue }
      measured.targets[i].circumstances[.level] = own.isFinite ? gain + own : nil
    }
    return measured
  }

  /// Sounds and groups that are in more than one split: a model that learned from one has heard the other.
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

  /// Targets that are among the sounds of a table that are not of the split that is kept for the test.
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
