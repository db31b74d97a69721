import Agreement
import ArgumentParser
import Foundation
import Ratings
import Study
import Trials

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print a JSON Schema of study.yaml or analysis.yaml, with which editors complete and check it.",
    discussion: """
      Every key with what it may be, its default and its meaning, generated from the same declarations that read the file. \
      Only 'earshot check' can find problems that depend on other keys, on tables or on sounds.

      In VS Code with the extension YAML by Red Hat, a first line in study.yaml names it:
        # yaml-language-server: $schema=study.schema.json

      Examples:
        earshot schema > my-study/study.schema.json
        earshot schema analysis > my-study/analysis.schema.json
      """)

  enum Topic: String, ExpressibleByArgument, CaseIterable { case study, analysis }

  @Argument(help: "Which file: study (study.yaml) or analysis (analysis.yaml).")
  var about = Topic.study

  func run() throws {
    let schema =
      switch about {
      case .study: try StudyKeys.schema(types: TrialTypes.all.map(\.name))
      case .analysis: try AnalysisPlan.schema()
      }
    FileHandle.standardOutput.write(schema)
  }
}
