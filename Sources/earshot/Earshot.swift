import ArgumentParser

/// The command line: one file a command.
@main
struct Earshot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "earshot",
    abstract: "Listening tests for audio retrieval: does the model hear what people hear?",
    version: "0.1.0",
    subcommands: [
      LibraryCommand.self,
      MixCommand.self,
      RankCommand.self,
      Prepare.self,
      Serve.self,
      Simulate.self,
      AnalyzeCommand.self,
      Check.self,
      Help.self,
    ]
  )
}
