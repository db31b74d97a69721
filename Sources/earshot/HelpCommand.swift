import Agreement
import ArgumentParser
import Keys
import Ratings
import Study
import Training

/// Replaces the built-in `help`, to explain topics that are not commands as well.
struct HelpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "help",
    abstract: """
      Explain a command, or a topic: study (every key of study.yaml), analysis (every key of analysis.yaml), training \
      (every setting of a training), man (the manual page).
      """,
    discussion: """
      Examples:
        earshot help serve
        earshot help library build
        earshot help study
        earshot help analysis
        earshot help training
      """)

  @Argument(help: "A command with its subcommands, or a topic; without one, all are listed.")
  var about: [String] = []

  @Flag(help: "For a topic: print it as the Markdown in docs/.")
  var markdown = false

  func run() throws {
    if about == ["man"] { return print(try ManPage.text(), terminator: "") }
    if about.count == 1, let topic = HelpCommand.topics.first(where: { $0.name == about[0] }) {
      let text =
        markdown ? KeyReference.markdown(of: topic.keys) : topic.words + KeyReference.text(of: topic.keys, width: 96)
      return print(text, terminator: "")
    }
    var command: any ParsableCommand.Type = Earshot.self
    for name in about {
      let below = command.configuration.subcommands
      guard let next = below.first(where: { $0._commandName == name || $0.configuration.aliases.contains(name) }) else {
        let names = (below.map { $0._commandName } + (command == Earshot.self ? HelpCommand.topics.map(\.name) : []))
          .joined(
            separator: ", ")
        throw ValidationError("There is no command or topic '\(name)'. There are: \(names).")
      }
      command = next
    }
    print(Earshot.helpMessage(for: command))
  }

  /// The files whose keys are explained.
  private static let topics: [(name: String, words: String, keys: [DocumentedKey])] = [
    ("study", study, StudyKeys.all), ("analysis", analysis, AnalysisPlan.keys),
    ("training", training, TrainingSettings.keys),
  ]

  private static let analysis = """
    analysis.yaml says how the ratings are to be analysed. Put it next to study.yaml, and write it before
    the first rating comes in. You may leave out any key. 'earshot analyze --print-plan' writes the
    default plan, and 'earshot check NAME' says what does not fit the study.

    Keys


    """

  private static let training = """
    A settings file, JSON or YAML, says what a training differs in from the default:
    'earshot train --settings FILE'. You may leave out any key. 'earshot train --print-settings' writes
    all of them, with the defaults for --kind.

    Keys


    """

  private static let study = """
    study.yaml says what a study is. It is in the study's folder, next to its texts and tables;
    paths start at that folder. 'earshot new NAME' writes one that runs, and 'earshot check NAME'
    lists everything that is wrong with one.

    A text is one of
      welcome: Hello!                                 in the default language
      welcome: {en: Hello!, de: Hallo!}               by language
      welcome: {file: texts/welcome.md}               from a Markdown file
      welcome: {file: "texts/{language}/welcome.md"}  from a file for each language

    Keys


    """
}
