import ArgumentParser
import Foundation
import Interface

struct OpenAPICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "openapi",
    abstract: "Print the HTTP interface of a served study as an OpenAPI 3.1 document.",
    discussion: """
      Every address, with the JSON that is sent and returned, as the server decodes and encodes it.

      Examples:
        earshot openapi > openapi.json
      """)

  func run() throws {
    FileHandle.standardOutput.write(try OpenAPI.document(version: Earshot.configuration.version))
  }
}
