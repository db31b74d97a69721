import ArgumentParser
import Foundation
import Study
import Trials

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print a JSON Schema of study.yaml, by which editors complete and check it.",
    discussion: """
      Every key with what it may be, its default and its meaning, made from the same declarations that read the file. \
      What depends on other keys, on tables or on sounds only 'earshot check' can tell.

      In VS Code with the extension YAML by Red Hat, a first line in study.yaml names it:
        # yaml-language-server: $schema=study.schema.json

      Examples:
        earshot schema > my-study/study.schema.json
      """)

  func run() throws {
    FileHandle.standardOutput.write(try StudySchema.document(types: TrialTypes.all.map(\.name)))
  }
}
