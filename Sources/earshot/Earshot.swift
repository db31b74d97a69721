import ArgumentParser
import Basics
import Foundation

/// The command line: one file per command.
@main
struct Earshot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "earshot",
    abstract: "Listening tests for audio retrieval: does the model hear what people hear?",
    version: "0.1.0",
    subcommands: [
      NewCommand.self,
      ImportCommand.self,
      CheckCommand.self,
      LibraryCommand.self,
      MixCommand.self,
      TrainCommand.self,
      RankCommand.self,
      EvaluateCommand.self,
      MapCommand.self,
      PrepareCommand.self,
      PreviewCommand.self,
      ServeCommand.self,
      RecordsCommand.self,
      LabUsersCommand.self,
      SimulateCommand.self,
      ExportCommand.self,
      BackupCommand.self,
      RestoreCommand.self,
      DoctorCommand.self,
      AnalyzeCommand.self,
      PowerCommand.self,
      SchemaCommand.self,
      OpenAPICommand.self,
      HelpCommand.self,
    ]
  )

  /// Prints problems, one per line, and exits with code 1. The argument parser reports everything else (code 64 for words that
  /// it does not understand).
  static func main() async {
    Signals.unblock([SIGINT, SIGTERM, SIGHUP])
    do {
      var command = try parseAsRoot()
      Kernels.takeBest(for: command)
      if var waiting = command as? any AsyncParsableCommand { try await waiting.run() } else { try command.run() }
    } catch let problems as Problems { fail(problems.description) } catch let problem as Problem {
      fail(problem.description)
    } catch let error as CocoaError {
      fail(
        Problem(
          error.localizedDescription, at: error.filePath.map { Place(file: $0) },
          mend: "Check that the disk has room, and that the path is right and yours."
        ).description)
    } catch { exit(withError: error) }
  }

  private static func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data((text + "\n").utf8))
    Foundation.exit(1)
  }
}
