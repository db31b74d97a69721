import ArgumentParser
import Basics
import Foundation
import Library

struct LibraryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "library", abstract: "Gather the one-shots that queries are answered with.", subcommands: [Build.self])
}

extension LibraryCommand {
  struct Build: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Build a library of kick, snare and hi-hat one-shots.",
      discussion: """
        The library is a folder: library.csv names every one-shot with its class, kit, tags, licence and source, and \
        sounds/ holds the decoded sounds. What could not serve is in rejected.csv, each with the reason.

        Sets:
          synth   the built-in synthesiser; needs no network

        Examples:
          earshot library build --set synth
          earshot library build --set synth --per-class 100 --seed 7 --out drums
        """)

    @Option(help: "Which sounds: \(LibrarySet.allCases.map(\.rawValue).joined(separator: ", ")).")
    var set: LibrarySet = .synth

    @Option(help: ArgumentHelp("The folder to build.", valueName: "folder"))
    var out: String?

    @Option(help: "How many sounds of each class the synthesiser makes.")
    var perClass = 40

    @Option(help: "The synthesiser's seed: the same seed gives the same sounds.")
    var seed: UInt64 = 1

    func validate() throws {
      guard (1...10_000).contains(perClass) else { throw ValidationError("--per-class goes from 1 to 10000.") }
    }

    func run() throws {
      let folder =
        out.map { URL(filePath: $0, directoryHint: .isDirectory) } ?? CacheFolder.folder("library/\(set.rawValue)")
      let bar = ProgressBar("sounds")
      let outcome = try LibraryBuilder().build(
        [SynthSource(perClass: perClass, seed: seed)], into: folder, progress: bar.handler)
      bar.finish()
      print(LibraryReport.text(outcome))
      print("\nThe library is in \(folder.path).")
    }
  }
}

extension LibrarySet: ExpressibleByArgument {}
