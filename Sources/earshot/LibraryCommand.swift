import ArgumentParser
import Basics
import Foundation
import Library
import Synthesis

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
          demo    Debian packages of 52 MB: drum kits, collections and two soundfonts
          full    those and 325 MB more: everything Debian is known to have, and for training the presets of \
        DrumSynth, variants of them, and the built-in synthesiser
          synth   the built-in synthesiser; needs no network
          own     nothing but the folders that --add names; needs no network
        The full set is split: the column 'split' of library.csv says of every sound whether it is for training, \
        validation or test. No drum is in two of them; the report says how near the nearest sounds are.

        Packages are fetched by apt, checked, and unpacked into $EARSHOT_CACHE (~/.cache/earshot): nothing is installed, \
        root is not needed, and what is there already is not fetched again. Without any package the synthesiser steps in.

        Examples:
          earshot library build
          earshot library build --set full --add ~/drums --out drums
          earshot library build --set own --add ~/drums --out drums
          earshot library build --set synth --per-class 100 --seed 7
        """)

    @Option(help: "Which sounds: \(LibrarySet.allCases.map(\.rawValue).joined(separator: ", ")).")
    var set: LibrarySet = .demo

    @Option(
      parsing: .upToNextOption,
      help: ArgumentHelp(
        "Folders of your own one-shots, classed by their names as 'docs/library.md' tells.", valueName: "folders"))
    var add: [String] = []

    @Option(help: ArgumentHelp("The folder to build.", valueName: "folder"))
    var out: String?

    @Option(help: "How many sounds of each class the synthesiser makes.")
    var perClass = 40

    @Option(help: "How many variants of each DrumSynth preset the full set has; they are for training alone.")
    var variants = 16

    @Option(help: "Of the synthesiser and of the split: the same seed gives the same library.")
    var seed: UInt64 = 1

    func validate() throws {
      guard set != .own || !add.isEmpty else {
        throw ValidationError("--set own is made of your folders alone: name them with --add.")
      }
      guard (0...1000).contains(variants) else { throw ValidationError("--variants goes from 0 to 1000.") }
      guard (1...10_000).contains(perClass) else { throw ValidationError("--per-class goes from 1 to 10000.") }
    }

    func run() throws {
      let folder =
        out.map { URL(filePath: $0, directoryHint: .isDirectory) } ?? CacheFolder.folder("library/\(set.rawValue)")
      let own = try add.map { path in
        let url = URL(filePath: path, directoryHint: .isDirectory)
        guard (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true else {
          throw Problem("there is no such folder", at: Place(file: path), mend: "Check what --add says.")
        }
        return FolderSource(url)
      }
      var sources: [any SoundSource] = []
      if set == .synth {
        sources.append(SynthSource(perClass: perClass, seed: seed))
      } else if set != .own {
        let store = PackageStore()
        let download = ProgressBar("packages, kB")
        let (ready, failures) = store.fetch(set.packages, progress: download.handler)
        download.finish()
        for failure in failures { tell("\(failure)") }
        sources += store.sources(ready)
        if set == .full { sources += store.synthetic(ready, variants: variants, perClass: perClass, seed: seed) }
      }
      sources += own
      if sources.isEmpty {
        tell("No package could be had: the library is made of synthesised sounds instead.")
        sources.append(SynthSource(perClass: perClass, seed: seed))
      }
      let bar = ProgressBar("sounds")
      var builder = LibraryBuilder()
      if set == .full { builder.splitter = Splitter(seed: seed) }
      let outcome = try builder.build(sources, into: folder, progress: bar.handler)
      bar.finish()
      print(LibraryReport.text(outcome))
      guard !outcome.library.oneShots.isEmpty else {
        throw Problem(
          "the library is empty", at: Place(file: folder.path),
          mend: "Names must say the drum, as 'docs/library.md' tells; rejected.csv has what was left out.")
      }
      print("\nThe library is in \(folder.path).")
    }

    private func tell(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
  }
}

extension LibrarySet: ExpressibleByArgument {}
