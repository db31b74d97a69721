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
    let table = Catalogue.table(library, "library.csv")
    var reading = try TestSetReading(
      Catalogue.read(library: library, mixes: mixes, notes: notes), libraryTable: table, split: split)
    try reading.add(mixes: Catalogue.table(mixes, "mixes.csv"))
    try reading.compare(with: trainedOn)
    return try reading.testSet()
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
}
