import Basics
import Foundation
import Study

/// The sounds of a study as listeners hear them, ready to be served: decoded, resampled, trimmed or made to loop,
/// matched in loudness, and written as FLAC under names that reveal nothing. `docs/stimuli.md` explains the rules.
///
/// ```swift
/// let prepared = try PreparedStimuli.prepare(design, into: study.appending(path: "data"))
/// let loop = prepared.file(of: "mix-007")
/// ```
///
/// The data folder contains `stimuli/`, with one file per stimulus; `stimuli.csv`, which says what was done; and
/// `prepared.csv`, which shows at the next start what is still valid.
public struct PreparedStimuli: Sendable {
  /// In the order of the design.
  public let stimuli: [PreparedStimulus]
  /// How many of them this call had to prepare. The others were still valid.
  public let freshCount: Int
  /// The study's data folder.
  public let folder: URL
  private let files: [String: Parcel.Item]

  /// The file of a query or a candidate. Nil if the design contains none of that name.
  public func file(of stimulus: String) -> URL? { files[stimulus].map { URL(filePath: $0.path) } }

  /// The same file as an item for a parcel, with its size.
  public func item(of stimulus: String) -> Parcel.Item? { files[stimulus] }

  /// The path of stimuli.csv. Preparing another design in the same folder replaces the file; `tableContents` stays.
  public var table: URL { folder.appending(path: Self.tableName) }

  /// The content of stimuli.csv for these sounds.
  public var tableContents: Data { get throws { try PreparedStimulus.table(stimuli) } }

  static let tableName = "stimuli.csv"

  /// Prepares what is new or changed, on all cores, and removes what is no longer needed.
  ///
  /// A stimulus is still valid if its source's content, the rules and the prepared file are unchanged. Files are read
  /// only if their size or time of change differs from the record. If there is nothing to do, two tables are compared
  /// and nothing is written.
  ///
  /// Files contain nothing but what their sounds need. New files get new random names, the tables are replaced once all
  /// files are complete, and old files are removed last, so that an interruption leaves either the old state or the new
  /// one (and files that the next call removes).
  ///
  /// - Parameters:
  ///   - data: the study's data folder. It is created if missing.
  ///   - isServing: whether the caller is the server that owns the folder (`serving.lock`). Old files are removed only
  ///     by that server, or while no server owns the folder.
  ///   - progress: called after every prepared sound, from any thread. Not called if there is nothing to do.
  /// - Throws: `Problems` with every source that cannot be used, each naming its file; the data folder is then
  ///   unchanged. A `Problem` if the folder cannot be written.
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
