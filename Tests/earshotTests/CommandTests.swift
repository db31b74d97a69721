import Foundation
import Study
import Testing

/// The program itself, run as a user runs it.
@Suite("The command line")
struct CommandTests {
  struct Outcome {
    var status: Int32
    var output: String
  }

  /// The program beside the tests that were built with it.
  static func earshot(_ arguments: String...) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "earshot")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
  }

  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-new-\(UUID().uuidString)")

  @Test("a new study can be read at once, and its check says what it asks of listeners", arguments: ["demo", "likert"])
  func new(template: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let made = try Self.earshot(
      "new", folder.path, "--template", template, "--loops", "4", "--per-class", "8")
    #expect(made.status == 0, "\(made.output)")
    let reading = StudyReading(folder: folder)
    #expect(reading.problems.map(\.description) == [])
    #expect(reading.design?.items.count == 12)
    let check = try Self.earshot("check", folder.path, "--participants", "12")
    #expect(check.status == 0 && check.output.contains("Over 12 listeners"), "\(check.output)")
    let json = try Self.earshot("check", folder.path, "--json")
    let told = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(told["version"] as? String == reading.design?.version)
    #expect(((told["design"] as? [String: Any])?["items"] as? [Any])?.count == 12)
    let again = try Self.earshot("new", folder.path)
    #expect(again.status != 0 && again.output.contains("already"))
  }

  @Test("a study without sounds of its own lists the tables that are missing")
  func noSounds() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try Self.earshot("new", folder.path, "--no-sounds").status == 0)
    let check = try Self.earshot("check", folder.path)
    #expect(check.status == 1)
    #expect(check.output.components(separatedBy: "error: there is no table").count == 4, "\(check.output)")
  }

  @Test("help teaches commands and topics")
  func help() throws {
    #expect(try Self.earshot("help").output.contains("SUBCOMMANDS"))
    #expect(try Self.earshot("help", "check").output.contains("Exit codes"))
    #expect(try Self.earshot("help", "study").output.contains("trials.per_participant"))
    #expect(try Self.earshot("help", "nothing").status != 0)
  }
}
