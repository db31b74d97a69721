import Basics
import Foundation
import Records
import RecordsSQLite

/// Which answers of a study a command reads by default.
enum AnswersFolder {
  /// The folder of simulated listeners, whose records are kept separate from people's.
  static func simulated(in study: URL) -> URL { study.appending(path: "data/simulated", directoryHint: .isDirectory) }

  /// The study's `data`; as long as nobody has taken part there, the folder of its simulated listeners, if there are any.
  ///
  /// So a new study gets from simulated listeners to a report without further options, and no simulated answer is read once a
  /// person has taken part.
  /// - Throws: a `Problem` if the records cannot be opened.
  static func of(_ study: URL) throws -> URL {
    let own = study.appending(path: "data", directoryHint: .isDirectory)
    let simulated = simulated(in: study)
    func isThere(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
    guard isThere(simulated.appending(path: "records.sqlite")) else { return own }
    let file = own.appending(path: "records.sqlite")
    // Tables may have been brought here without their records.
    guard isThere(file) else { return isThere(own.appending(path: "export/datapackage.json")) ? own : simulated }
    let records = try Records(file)
    defer { records.close() }
    return try records.sessionCounts().allSatisfy { $0.count == 0 } ? simulated : own
  }

  /// The named folder, or otherwise the study's; simulated listeners are mentioned on standard error.
  static func chosen(_ named: String?, of study: URL, isTold: Bool = true) throws -> URL {
    if let named { return URL(filePath: named, directoryHint: .isDirectory) }
    let folder = try of(study)
    if isTold, folder == simulated(in: study) {
      let line = "Nobody has taken part yet: these are the answers of simulated listeners, in \(folder.relativePath).\n"
      FileHandle.standardError.write(Data(line.utf8))
    }
    return folder
  }
}
