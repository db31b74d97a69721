import Foundation
import TestSupport
import Testing

/// `earshot analyze --watch`, started before there is anything to analyse.
@Suite("Watching how certain a study's results are")
struct WatchTests {
  @Test("it announces that it waits for the first export, and then continues by itself")
  func beforeTheFirstExport() throws {
    let folder = try TemporaryFolder(), process = Process(), output = Pipe()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "earshot")
    process.arguments = ["analyze", folder.url.path, "--watch"]
    process.standardOutput = output
    process.standardError = output
    try process.run()
    defer {
      // Also if the thread that starts it has signals blocked, as those of the tests have.
      process.terminate()
      process.waitUntilExit()
    }
    /// The output up to a text, or all of it if the program ended before.
    func said(until text: String) -> String {
      var all = ""
      while !all.contains(text) {
        let more = output.fileHandleForReading.availableData
        if more.isEmpty { break }
        all += String(decoding: more, as: UTF8.self)
      }
      return all
    }
    let waiting = said(until: "has run.\n")
    #expect(
      waiting == "Nothing is exported yet. This goes on as soon as 'earshot export \(folder.url.path)' has run.\n")
    let export = folder.url.appending(path: "data/export", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: export, withIntermediateDirectories: true)
    try Data("participant,query,is_right\na,i,true\na,i,false\n".utf8)
      .write(to: export.appending(path: "discriminations.csv"), options: .atomic)
    #expect(said(until: "abx: ").contains("1 listener is too few for an interval"))
  }
}
