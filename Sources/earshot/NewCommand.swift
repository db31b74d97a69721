import ArgumentParser
import Basics
import Foundation
import Library
import Retrieval
import Study
import Trials

struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write a study that runs at once.",
    discussion: """
      Copies a ready study, whose study.yaml explains itself, and makes sounds for it without a network: synthesised \
      one-shots, loops in which they play, and what each built-in system retrieves for them. Then change it: put your \
      own tables in place of the ones in sounds, your own words in texts.

      Templates:
        demo     sliders from 0 to 100, hidden reference and anchor, English and German
        likert   seven points, one drum after another, shorter
        triplet  two samples a page: which of them is nearer?

      Examples:
        earshot new my-study
        earshot new my-study --template likert
        earshot new my-study --type triplet     # the template that shows a trial type
        earshot new my-study --no-sounds        # for tables of your own
      """)

  enum Template: String, CaseIterable, ExpressibleByArgument { case demo, likert, triplet }

  @Argument(help: ArgumentHelp("The folder to make.", valueName: "name"))
  var name: String

  @Option(help: "The study to copy: \(Template.allCases.map(\.rawValue).joined(separator: ", ")) (default: demo).")
  var template: Template?

  @Option(help: "A trial type, instead of a template: \(TrialTypes.all.map(\.name).joined(separator: " or ")).")
  var type: String?

  @Flag(inversion: .prefixedNo, help: "Make sounds and rankings.")
  var sounds = true

  @Option(help: "How many loops to make.")
  var loops = 12

  @Option(help: "How many one-shots of each drum to make.")
  var perClass = 40

  @Option(help: "The same seed makes the same sounds.")
  var seed: UInt64 = 1

  /// What shows the type that is wanted.
  private var chosen: Template { template ?? type.flatMap(Template.init) ?? .demo }

  func validate() throws {
    if let type {
      guard template == nil else { throw ValidationError("Give --template or --type, not both.") }
      guard TrialTypes.named(type) != nil else {
        throw ValidationError(
          "There is no trial type '\(type)'. There are: \(TrialTypes.all.map(\.name).joined(separator: ", ")).")
      }
    }
    guard (4...1000).contains(loops) else { throw ValidationError("--loops goes from 4 to 1000.") }
    guard (8...10_000).contains(perClass) else { throw ValidationError("--per-class goes from 8 to 10000.") }
  }

  func run() throws {
    let folder = URL(filePath: name, directoryHint: .isDirectory)
    let files = FileManager.default
    guard !files.fileExists(atPath: folder.path) else {
      throw Problem("there is something of this name already", at: Place(file: name), mend: "Choose another name.")
    }
    let ready = try Home.item("studies/\(chosen.rawValue)/study.yaml").deletingLastPathComponent()
    // Under another name until it is whole, so that an interruption leaves no half study behind.
    let part = folder.deletingLastPathComponent().appending(path: ".\(folder.lastPathComponent).part")
    try? files.removeItem(at: part)
    do {
      try NewCommand.copy(ready, to: part)
      if sounds { try makeSounds(part.appending(path: "sounds")) }
      try files.moveItem(at: part, to: folder)
    } catch {
      try? files.removeItem(at: part)
      throw error is Problem || error is Problems
        ? error : Problem("cannot write here", at: Place(file: name), mend: "Check that the folder above it is yours.")
    }
    print(
      """
      \(name) is ready.

        earshot check \(name)    what it asks of its listeners
        earshot serve \(name)    open it on this machine
      \(sounds ? "" : "\nIts tables are missing yet: study.yaml names them under 'sounds'.\n")
      study.yaml explains itself; 'earshot help study' has every key.
      """)
  }

  /// All of a ready study but what was generated in it.
  private static func copy(_ ready: URL, to folder: URL) throws {
    let files = FileManager.default
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    for item in try files.contentsOfDirectory(atPath: ready.path)
    where !["sounds", "data", "README.md"].contains(item) && !item.hasPrefix(".") {
      try files.copyItem(at: ready.appending(path: item), to: folder.appending(path: item))
    }
  }

  private func makeSounds(_ folder: URL) throws {
    let library = folder.appending(path: "library"), mixes = folder.appending(path: "mixes")
    for folder in [library, mixes] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    let shots = ProgressBar("one-shots")
    let built = try LibraryBuilder().build(
      [SynthSource(perClass: perClass, seed: seed)], into: library, progress: shots.handler)
    shots.finish()
    let mixing = ProgressBar("loops")
    _ = try Mixer(library: built.library, backings: [SynthBackings()]).make(
      loops, seed: seed, into: mixes, progress: mixing.handler)
    mixing.finish()
    let catalogue = try Catalogue.read(library: library, mixes: mixes)
    var rankings: [Ranking] = []
    for system in try Home.systems(seed: seed) {
      let bar = ProgressBar(system.name)
      rankings += try system.rank(catalogue, features: FeatureStore(folder: nil), progress: bar.handler)
      bar.finish()
    }
    try Ranking.write(rankings, to: folder.appending(path: "rankings.csv"))
  }
}
