import Basics
import Foundation
import Study

/// The sounds of a study as listeners hear them, ready to be served: decoded, resampled, trimmed or seamed,
/// loudness-matched, and written as FLAC under names that say nothing. `docs/stimuli.md` has the rules.
///
/// ```swift
/// let prepared = try PreparedStimuli.prepare(design, into: study.appending(path: "data"))
/// let loop = prepared.file(of: "mix-007")
/// ```
///
/// In the data folder lie `stimuli/`, with a file a stimulus, `stimuli.csv`, which says what was done, and
/// `prepared.csv`, by which the next start knows what is still good.
public struct PreparedStimuli: Sendable {
  /// In the order of the design.
  public let stimuli: [PreparedStimulus]
  /// How many of them this call had to prepare; the others were good from before.
  public let freshCount: Int
  /// The study's data folder.
  public let folder: URL
  private let files: [String: Parcel.Item]

  /// The file of a query or a candidate, or nil if the design had none of that name.
  public func file(of stimulus: String) -> URL? { files[stimulus].map { URL(filePath: $0.path) } }

  /// The same as it goes into a parcel, with its size.
  public func item(of stimulus: String) -> Parcel.Item? { files[stimulus] }

  /// stimuli.csv. Whoever prepares another design in the same folder replaces it: `tableContents` stays.
  public var table: URL { folder.appending(path: Self.tableName) }

  /// What stimuli.csv holds of these sounds.
  public var tableContents: Data { get throws { try PreparedStimulus.table(stimuli) } }

  static let tableName = "stimuli.csv"

  /// Prepares what is new or changed, on all cores, and removes what is no longer asked for.
  ///
  /// A stimulus is good from before if its source's content, the rules and the prepared file are unchanged; files are
  /// only read where size or time of change differ from what is on record. With nothing to do, two tables are compared
  /// and nothing is written.
  ///
  /// Files hold nothing but what their sounds need. New files take new random names, the tables are replaced when all
  /// files are there, and old files go last, so that an interruption leaves either the old state or the new one (and
  /// files that the next call sweeps away).
  ///
  /// - Parameters:
  ///   - data: the study's data folder; made if it is missing.
  ///   - isServing: it is the server that asks, which has the folder (`serving.lock`): old files go only where it does, or
  ///     nobody has it.
  ///   - progress: told after every sound that was prepared, from any thread. Not called when there is nothing to do.
  /// - Throws: `Problems` with every source that cannot be used, each naming its file; the data folder is then as
  ///   before. A `Problem` when the folder cannot be written.
  public static func prepare(
    _ design: StudyDesign, into data: URL, isServing: Bool = false, progress: ProgressHandler? = nil
  ) throws -> PreparedStimuli {
    let records = try Preparation(
      requests: design.stimuli, rules: design.definition.sounds, data: data, isServing: isServing, progress: progress
    ).run()
    let files = records.kept.map { record in
      let path = data.appending(path: record.row.file).path
      return (record.row.stimulus, Parcel.Item(path: path, size: record.preparedPrint.size))
    }
    return PreparedStimuli(
      stimuli: records.kept.map(\.row), freshCount: records.freshCount, folder: data,
      files: Dictionary(uniqueKeysWithValues: files))
  }
}
