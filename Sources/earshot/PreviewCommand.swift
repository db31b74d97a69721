import ArgumentParser
import Basics
import Foundation
import Logging

struct PreviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Walk through any participant's session; nothing is kept.",
    discussion: """
      Serves the study on this machine until Ctrl-C, for you to look at: every page as that participant will see it, with \
      a list to jump to any part. Answers and sounds go into a temporary folder, which is removed at the end; the study's \
      data are not touched. The last page does not follow finish.redirect.

      Examples:
        earshot preview studies/demo
        earshot preview studies/demo --participant 7
      """)

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "study"))
  var study: String

  @Option(help: "The participant whose session to show: a number from 1.")
  var participant = 1

  @Option(help: "The port (the next free one if it is taken).")
  var port = 8090

  func validate() throws {
    guard (1...1_000_000).contains(participant) else {
      throw ValidationError("--participant must be between 1 and 1000000.")
    }
    guard (0...65535).contains(port) else { throw ValidationError("--port is a number from 0 to 65535.") }
  }

  func run() throws {
    let signals = StopSignals()
    let files = FileManager.default
    let data = files.temporaryDirectory.appending(path: "earshot-preview-\(UUID().uuidString)")
    defer { try? files.removeItem(at: data) }
    var logger = Logger(label: "earshot")
    logger.logLevel = .warning
    let served = try ServedStudy(
      StudyPlace(study: study, data: data.path), host: "127.0.0.1", ports: port...min(65535, port + 20),
      preview: participant, logger: logger)
    defer { served.stop() }
    let text = """
      Preview of "\(served.design.definition.title)", participant \(participant). Nothing is kept.

        \(served.link)/

      Stop with Ctrl-C.

      """
    FileHandle.standardOutput.write(Data(text.utf8))
    signals.wait()
  }
}
