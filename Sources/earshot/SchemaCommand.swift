import Agreement
import ArgumentParser
import Foundation
import Ratings
import Study
import Training
import Trials

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract:
      "Print a JSON Schema of study.yaml, analysis.yaml or the settings of a training, with which editors complete and check them.",
    discussion: """
      Every key with what it may be, its default and its meaning, generated from the same declarations that read the file. \
      Only 'earshot check' can find problems that depend on other keys, on tables or on sounds.

      In VS Code with the extension YAML by Red Hat, a first line in study.yaml names it:
        # yaml-language-server: $schema=study.schema.json

      Examples:
        earshot schema > my-study/study.schema.json
        earshot schema analysis > my-study/analysis.schema.json
        earshot schema training > training.schema.json
      """)

  enum Topic: String, ExpressibleByArgument, CaseIterable { case study, analysis, training }

  @Argument(help: "Which file: study (study.yaml), analysis (analysis.yaml) or training (for train --settings).")
  var about = Topic.study

  func run() throws {
    let schema =
      switch about {
      case .study: try StudyKeys.schema(types: TrialTypes.all.map(\.name))
      case .analysis: try AnalysisPlan.schema()
      case .training: try TrainingSettings.schema()
      }
    FileHandle.standardOutput.write(schema)
  }
}
