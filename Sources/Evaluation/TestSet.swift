import Basics
import Foundation
import Retrieval
import Sound

/// The fixed test: mixes with known drums, and the one-shots of all classes among which the drums are to be found.
public struct TestSet: Sendable {
  /// A drum that plays in a mix and is to be found.
  public struct Target: Sendable, Equatable {
    /// The index in `mixes`.
    public var mix: Int
    /// The class that it belongs to.
    public var condition: String
    /// The index in `pool`.
    public var candidate: Int
    /// The indices in `pool` of the other drums of its class that play in the mix. They are right as well, so they are
    /// left out when the target is ranked.
    public var alsoRight: [Int]
    /// The index in `groups`: the instrument, whose one-shots are resampled together.
    public var group: Int
    /// What may make it hard to find. Circumstances that the tables do not give are missing.
    public var circumstances: [Circumstance: Double]
  }

  /// A mix with its details for the listening page.
  public struct Mix: Sendable, Equatable {
    public var id: String
    /// The sound.
    public var file: URL
    /// As its table has it. Empty if not said.
    public var licence: String
    /// Where the mix comes from. Empty if not said.
    public var source: String
  }

  /// A one-shot with its details for the listening page.
  public struct Facts: Sendable, Equatable {
    /// The instrument, whose one-shots are near-duplicates.
    public var group: String
    /// As the library has it. Empty if not said.
    public var licence: String
    /// Where the one-shot comes from. Empty if not said.
    public var source: String
  }

  /// The one-shots of all classes together, in the order of the table.
  public let pool: [Candidate]
  /// The details of each one-shot in `pool`.
  public let facts: [Facts]
  /// In the order of the table.
  public let mixes: [Mix]
  /// In the order of the mixes.
  public private(set) var targets: [Target]
  /// The instruments of the pool; `Target.group` refers to them.
  public let groups: [String]
  /// The classes, in the order in which the library names them.
  public let conditions: [String]
  /// The split of the library that the pool is; nil if the library is not split.
  public let split: String?
  /// The task for a system: every mix for every class.
  public var catalogue: Catalogue {
    Catalogue(
      candidates: pool,
      queries: mixes.flatMap { mix in conditions.map { Query(id: mix.id, condition: $0, file: mix.file) } })
  }

  /// The number of one-shots of the pool in each class.
  public var sizes: [String: Int] { Dictionary(grouping: pool, by: \.condition).mapValues(\.count) }

  /// Reads `library.csv` and `mixes.csv`.
  ///
  /// Of the library, the columns group, split, sha256, licence and source are used if present; a one-shot without a
  /// group is a group of its own. In the mixes, every row must name its reference.
  /// - Parameters:
  ///   - library: the table, or the folder that contains it.
  ///   - mixes: the table, or the folder that contains it.
  ///   - split: the part of a split library that is the pool. A library that is not split is the pool as a whole.
  ///   - trainedOn: other libraries that a model was trained on, as tables or folders: everything in a library that is
  ///     not split, otherwise everything outside `split`. Sounds are identified by `sha256`, the hash of their decoded
  ///     audio.
  ///   - notes: records how the tables were read.
  /// - Throws: `Problems` with everything that is wrong in both tables: mixes made from one-shots outside the pool,
  ///   targets without a known truth or on which a model was trained, one-shots and groups in more than one split.
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

  /// The same test with the loudness of each target's file, from its attack on, added to its gain, so that `level` is
  /// the loudness of the drum in the mix. If a file has no loudness (silence) or the table no gain, the target has no
  /// level.
  /// - Throws: `Problems` with all files that cannot be read.
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
