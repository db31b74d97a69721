import ArgumentParser
import Basics
import Foundation
import Library
import Retrieval
import Stimuli
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
        mushra   all versions of a sound on a page, scored beside the reference (ITU-R BS.1534-3)
        bs1116   a version and the reference itself, graded beside the reference (ITU-R BS.1116-3)
        acr      one version at a time, in five words (ITU-T P.800); dcr: beside the reference
        ab       two versions of a sound a page: which of them is better?
        abx      which of two versions is X?

      Examples:
        earshot new my-study
        earshot new my-study --template likert
        earshot new my-study --type triplet     # the template that shows a trial type
        earshot new codecs --type mushra --from sounds/   # sounds/reference/x.wav, sounds/opus_24k/x.wav …
        earshot new --list-types
        earshot new my-study --no-sounds        # for tables of your own
      """)

  enum Template: String, CaseIterable, ExpressibleByArgument {
    case demo, likert, triplet, mushra, bs1116, acr, dcr, ab, abx

    /// Whether its sounds are versions that systems made, instead of what they retrieve.
    var isOfRenderings: Bool { TrialTypes.named(rawValue)?.sources.first == .renderings }
  }

  @Argument(help: ArgumentHelp("The folder to make.", valueName: "name"))
  var name: String?

  @Flag(help: "List the trial types.")
  var listTypes = false

  @Option(
    help: ArgumentHelp(
      "Sounds of your own, for a type that compares versions: a folder a system, the same file names in each, 'reference' among them where there is one.",
      valueName: "folder"))
  var from: String?

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
    guard listTypes || name != nil else {
      throw ValidationError("Name the folder to make, as in 'earshot new my-study'.")
    }
    if from != nil, !chosen.isOfRenderings {
      let types = TrialTypes.all.filter { $0.sources.contains(.renderings) }.map(\.name)
      throw ValidationError("--from is for types that compare versions: --type \(types.joined(separator: " or ")).")
    }
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
    if listTypes {
      for type in TrialTypes.all {
        print(type.name.padding(toLength: 12, withPad: " ", startingAt: 0) + type.summary)
      }
      return
    }
    guard let name else { return }
    let layout = try from.map { try RenderingsFolder(URL(filePath: $0, directoryHint: .isDirectory)) }
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
      if let layout {
        // The part is a neighbour of the study that it becomes, so that paths from it stay right.
        try use(layout, in: part)
      } else if sounds {
        try makeSounds(part.appending(path: "sounds"))
      }
      try files.moveItem(at: part, to: folder)
    } catch {
      try? files.removeItem(at: part)
      throw error is Problem || error is Problems
        ? error : Problem("cannot write here", at: Place(file: name), mend: "Check that the folder above it is yours.")
    }
    if let layout { tell(layout, folder) }
    print(
      """
      \(name) is ready.

        earshot check \(name)    what it asks of its listeners
        earshot serve \(name)    open it on this machine
      \(sounds || layout != nil ? "" : "\nIts tables are missing yet: study.yaml names them under 'sounds'.\n")
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

  /// Writes the table of the folder's sounds, and trials as many as they allow.
  private func use(_ layout: RenderingsFolder, in study: URL) throws {
    let table = study.appending(path: "sounds/renderings.csv")
    try FileManager.default.createDirectory(at: table.deletingLastPathComponent(), withIntermediateDirectories: true)
    try RenderingsFolder.write(layout.rows(for: table), to: table)
    let yaml = study.appending(path: "study.yaml")
    let ready = try String(contentsOf: yaml, encoding: .utf8)
    func write(_ trials: String) throws {
      try Data(ready.replacing(/trials: \{.*\}/) { _ in "trials: {\(trials)}" }.utf8).write(to: yaml)
    }
    try write("training: 0, repeats: 0, catches: 0")
    let pages = try StudyDesign.load(folder: study).blocks[0].count
    let main = min(pages, chosen == .mushra ? 12 : 30)
    let checks = layout.reference == nil ? 0 : main / 8 + 1
    try write(
      "per_participant: \(main), training: 1, repeats: \(min(2, main / 4)), catches: \(checks), seconds_per_candidate: 8"
    )
  }

  /// Says what was taken for what, and what does not match.
  private func tell(_ layout: RenderingsFolder, _ study: URL) {
    print(
      "items      \(layout.items.count): \(layout.items.prefix(6).joined(separator: ", "))\(layout.items.count > 6 ? " …" : "")"
    )
    print("systems    \(layout.systems.count): \(layout.systems.joined(separator: ", "))")
    print("reference  \(layout.reference ?? "none: no hidden reference, no anchors and no attention checks are made")")
    for note in layout.notes.prefix(20) { print("note       \(note)") }
    if layout.notes.count > 20 { print("note       and \(layout.notes.count - 20) more") }
    for problem in StudyReading(folder: study).design.map({ VersionCheck.warnings($0) }) ?? [] {
      print(problem)
    }
    print("")
  }

  private func makeSounds(_ folder: URL) throws {
    guard !chosen.isOfRenderings else {
      try DemoRenderings.make(min(loops, 6), seed: seed, into: folder)
      return
    }
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
