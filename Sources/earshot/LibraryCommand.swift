import ArgumentParser
import Basics
import Foundation
import Library
import Synthesis

struct LibraryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "library", abstract: "Collect the one-shots that systems retrieve for a query.",
    subcommands: [Build.self])
}

extension LibraryCommand {
  struct Build: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Build a library of kick, snare and hi-hat one-shots.",
      discussion: """
        The library is a folder: library.csv names every one-shot with its class, kit, tags, licence and source, and \
        sounds/ contains the decoded sounds. rejected.csv lists the sounds that could not be used, with reasons.

        Sets:
          demo    Debian packages of 52 MB: drum kits, collections and two soundfonts
          full    those and 325 MB more: all suitable Debian packages, and for training the presets of DrumSynth, \
        variants of them, and the built-in synthesiser
          synth   the built-in synthesiser; needs no network
          own     only the folders that --add names; needs no network
        The full set is split: the column 'split' of library.csv says whether a sound is for training, validation or \
        test. No drum is in two splits; the report says how close the closest sounds of different splits are.

        Packages are fetched by apt, checked, and unpacked into $EARSHOT_CACHE (~/.cache/earshot). Nothing is installed, \
        you need not be root, and no package is fetched twice. If no package can be fetched, the synthesiser is used instead.

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
        "Folders of your own one-shots; their names say the class, as 'docs/library.md' explains.", valueName: "folders"
      ))
    var add: [String] = []

    @Option(help: ArgumentHelp("The folder to build.", valueName: "folder"))
    var out: String?

    @Option(help: "How many sounds of each class the synthesiser makes.")
    var perClass = 40

    @Option(help: "How many variants of each DrumSynth preset the full set has; they are for training only.")
    var variants = 16

    @Option(help: "The seed of the synthesiser and of the split; the same seed gives the same library.")
    var seed: UInt64 = 1

    func validate() throws {
      guard set != .own || !add.isEmpty else {
        throw ValidationError("--set own uses only your own folders: name them with --add.")
      }
      guard (0...1000).contains(variants) else { throw ValidationError("--variants must be between 0 and 1000.") }
      guard (1...10_000).contains(perClass) else { throw ValidationError("--per-class must be between 1 and 10000.") }
    }

    func run() throws {
      let folder =
        out.map { URL(filePath: $0, directoryHint: .isDirectory) } ?? CacheFolder.folder("library/\(set.rawValue)")
      var prefixes: Set<String> = []
      let own = try add.map { path in
        let url = URL(filePath: path, directoryHint: .isDirectory)
        guard (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true else {
          throw Problem("there is no such folder", at: Place(file: path), mend: "Check the folders of --add.")
        }
        let name = url.lastPathComponent
        let prefix = ([name] + (2...).lazy.prefix(add.count).map { "\(name) \($0)" }).first { !prefixes.contains($0) }
        prefixes.insert(prefix ?? name)
        return FolderSource(url, prefix: prefix)
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
        tell("No package could be fetched: the library is made of synthesised sounds instead.")
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
          mend: "File names must name the drum, as docs/library.md explains; rejected.csv lists what was left out.")
      }
      print("\nThe library is in \(folder.path).")
    }

    private func tell(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
  }
}

extension LibrarySet: ExpressibleByArgument {}
