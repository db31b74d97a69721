import Basics
import Foundation

/// Makes a study's report in a separate process, so that its memory and errors do not affect the server.
enum ReportProcess {
  /// - Parameter data: the tables are in its folder `export`.
  /// - Throws: a `Problem` with the message of the analysis.
  static func make(of place: StudyPlace, from data: URL, into folder: URL) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "nice", "-n", "10", URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path, "analyze", place.folder.path,
      "--data", data.path, "--out", folder.path,
    ]
    let told = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = told
    try process.run()
    let words = told.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Problem(
        String(decoding: words, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines),
        mend: "'earshot analyze \(place.folder.lastPathComponent)' says the same.")
    }
  }
}
