import ArgumentParser
import Basics
import Foundation
import Library
import Mixing
import Retrieval
import Stimuli
import Study
import Synthesis
import Trials

struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Create a study that runs at once.",
    discussion: """
      Copies a ready study, whose study.yaml explains itself, and makes sounds for it without a network connection: \
      synthesised one-shots, loops in which they play, and what each built-in system retrieves for them. Then change it: \
      replace the tables in sounds and the words in texts with your own.

      Templates:
        demo         sliders from 0 to 100, hidden reference and anchor, English and German
        likert       seven points, one drum after another, shorter
      \(ofTypes.map { "  " + line($0) }.joined(separator: "\n"))

      Examples:
        earshot new my-study
        earshot new my-study --template likert
        earshot new my-study --language en      # the texts of that language alone
        earshot new my-study --type triplet     # the template for a trial type
        earshot new codecs --type mushra --from sounds/   # sounds/reference/x.wav, sounds/opus_24k/x.wav …
        earshot new timbres --type sort --from sounds/    # sounds/a.wav, sounds/b.wav …
        earshot new --list-types
        earshot new my-study --no-sounds        # for your own tables
      """)

  /// The types that have a ready study with their name; the one for similarity is the demo.
  private static let ofTypes = TrialTypes.all.filter { !($0 is Similarity) }
  private static let templates = ["demo", "likert"] + ofTypes.map(\.name)

  private static func line(_ type: any TrialType) -> String {
    type.name.padding(toLength: 13, withPad: " ", startingAt: 0) + type.summary
  }

  @Argument(help: ArgumentHelp("The folder to make.", valueName: "name"))
  var name: String?

  @Flag(help: "List the trial types.")
  var listTypes = false

  @Option(
    help: ArgumentHelp(
      "Your own sounds: for a type that compares versions, one folder per system with the same file names in each, optionally with a folder 'reference'; for a type that asks about single sounds, one folder of sounds.",
      valueName: "folder"))
  var from: String?

  @Option(help: "The study to copy: \(templates.joined(separator: ", ")) (default: demo).")
  var template: String?

  @Option(help: "A trial type, instead of a template: \(TrialTypes.all.map(\.name).joined(separator: " or ")).")
  var type: String?

  @Option(
    help: ArgumentHelp(
      "A language of the ready study's texts; may be given several times, the first is the default (default: all).",
      valueName: "code"))
  var language: [String] = []

  @Flag(inversion: .prefixedNo, help: "Make sounds and rankings.")
  var sounds = true

  @Option(help: "How many loops to make.")
  var loops = 12

  @Option(help: "How many one-shots of each drum to make.")
  var perClass = 40

  @Option(help: "The same seed makes the same sounds.")
  var seed: UInt64 = 1

  /// The ready study for the requested type.
  private var chosen: String { template ?? type.flatMap { Self.templates.contains($0) ? $0 : nil } ?? "demo" }
  private var chosenType: any TrialType { TrialTypes.named(chosen) ?? Similarity() }

  func validate() throws {
    guard listTypes || name != nil else {
      throw ValidationError("Name the folder to make, as in 'earshot new my-study'.")
    }
    if let template, !Self.templates.contains(template) {
      throw ValidationError("There is no template '\(template)'. There are: \(Self.templates.joined(separator: ", ")).")
    }
    if from != nil, chosenType.sources == [.rankings] {
      let types = TrialTypes.all.filter { $0.sources != [.rankings] }.map(\.name)
      throw ValidationError(
        "--from is for types that ask about versions or sounds: --type \(types.joined(separator: " or ")).")
    }
    if let type {
      guard template == nil else { throw ValidationError("Give --template or --type, not both.") }
      guard TrialTypes.named(type) != nil else {
        throw ValidationError(
          "There is no trial type '\(type)'. There are: \(TrialTypes.all.map(\.name).joined(separator: ", ")).")
      }
    }
    guard (4...1000).contains(loops) else { throw ValidationError("--loops must be between 4 and 1000.") }
    guard (8...10_000).contains(perClass) else { throw ValidationError("--per-class must be between 8 and 10000.") }
  }

  func run() throws {
    if listTypes {
      for type in TrialTypes.all { print(Self.line(type)) }
      return
    }
    guard let name else { return }
    let layout = try from.map { try self.layout(of: URL(filePath: $0, directoryHint: .isDirectory)) }
    let folder = URL(filePath: name, directoryHint: .isDirectory)
    try NewFolder.make(folder, name: name) { part in
      try NewCommand.copy(try Home.item("studies/\(chosen)/study.yaml").deletingLastPathComponent(), to: part)
      try keepLanguages(in: part)
      if let layout {
        try use(layout, in: part)
      } else if sounds {
        try makeSounds(part.appending(path: "sounds"))
      }
    }
    if let layout {
      tell(layout, folder)
      print("texts      check the question in study.yaml and texts/: they are those of the ready study\n")
    }
    print(
      """
      \(name) is ready.

        earshot check \(name)    what it asks of its listeners
        earshot serve \(name)    open it on this machine
      \(sounds || layout != nil ? "" : "\nIts tables are missing yet: study.yaml names them under 'sounds'.\n")
      study.yaml explains itself; 'earshot help study' has every key.
      """)
  }

  /// The files of a ready study, except generated ones.
  private static func copy(_ ready: URL, to folder: URL) throws {
    try copyFolder(ready, to: folder) { !["sounds", "data", "README.md"].contains($0) && !$0.hasPrefix(".") }
  }

  /// Copies belong to the user. `FileManager` would give a copied folder to the owner of the original, which the user of an
  /// installed Earshot may not do.
  private static func copyFolder(_ from: URL, to folder: URL, where isWanted: (String) -> Bool = { _ in true }) throws {
    let files = FileManager.default
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    for item in try files.contentsOfDirectory(atPath: from.path) where isWanted(item) {
      let (source, target) = (from.appending(path: item), folder.appending(path: item))
      let isFolder = try source.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true
      if isFolder { try copyFolder(source, to: target) } else { try files.copyItem(at: source, to: target) }
    }
  }

  /// Removes the texts in languages that are not wanted.
  private func keepLanguages(in study: URL) throws {
    guard !language.isEmpty else { return }
    let yaml = study.appending(path: "study.yaml")
    let languages = TemplateLanguages(try String(contentsOf: yaml, encoding: .utf8))
    try Data(try languages.only(language).utf8).write(to: yaml)
    for other in languages.all where !language.contains(other) {
      try? FileManager.default.removeItem(at: study.appending(path: "texts/\(other)"))
    }
  }

  /// The contents of a user's own folder.
  private enum Layout {
    case versions(RenderingsFolder)
    case sounds(FolderOfSounds)

    var source: StudyDefinition.SoundSource {
      switch self {
      case .versions: .renderings
      case .sounds: .sounds
      }
    }
  }

  /// A folder of folders is read as versions, if the type compares versions.
  /// - Throws: a `Problem` if the folder does not have the layout that the type needs.
  private func layout(of folder: URL) throws -> Layout {
    let sources = chosenType.sources
    return sources.contains(.renderings) && (!sources.contains(.sounds) || FolderOfSounds.isOfFolders(folder))
      ? .versions(try RenderingsFolder(folder)) : .sounds(try FolderOfSounds(folder))
  }

  /// Writes the table of the folder's sounds, names it in study.yaml, and requests as many trials as the sounds allow.
  private func use(_ layout: Layout, in study: URL) throws {
    let sounds = study.appending(path: "sounds")
    try FileManager.default.createDirectory(at: sounds, withIntermediateDirectories: true)
    let table: String
    switch layout {
    case .versions(let folder):
      table = "renderings: sounds/renderings.csv"
      let url = sounds.appending(path: "renderings.csv")
      try RenderingsFolder.write(folder.rows(for: url), to: url)
    case .sounds(let folder):
      table = "candidates: sounds/sounds.csv"
      try folder.write(to: sounds.appending(path: "sounds.csv"))
    }
    let yaml = study.appending(path: "study.yaml")
    var ready = try String(contentsOf: yaml, encoding: .utf8)
    ready = ready.replacing(/(?m)^# (A|Three) tables?, relative[^\n]*\n/) { _ in "# A table, relative to this folder.\n"
    }
    ready = ready.replacing(/(?m)^sounds:\n(  [^\n]*\n)+/) { _ in
      "sounds:\n  \(table)\n  renderings_level: item # \(layout.source == .sounds ? "the same loudness for all" : "one gain for all versions of an item; each: the same loudness"); as_is: no gain\n"
    }
    // What a pool of candidates is, sounds by themselves and versions do not have.
    ready = ready.replacing(/(?m)^#[^\n]*\npool:\n(  [^\n]*\n)+\n?/) { _ in "" }
    ready = ready.replacing(/(?m)^    source: [^\n]*\n/) { _ in "" }
    let type = "    type: \(chosen)\n"
    ready = ready.replacing(type, with: "\(type)    source: \(layout.source.rawValue)\n")
    func write(_ trials: String) throws {
      try Data(
        ready.replacing(#/    trials:(?: \{.*\}\n|\n(?:      .*\n)+)/#) { _ in "    trials: {\(trials)}\n" }.utf8
      )
      .write(to: yaml)
    }
    try write("training: 0, repeats: 0, catches: 0")
    let pages = try StudyDesign.load(folder: study).blocks[0]
    let most = pages.map(\.candidates.count).max() ?? 0
    let main = min(pages.count, most > 4 ? 12 : 30)
    let checks = pages.allSatisfy(\.catchCandidates.isEmpty) || pages.count < 2 ? 0 : main / 8 + 1
    let training = pages.count < 2 ? 0 : 1
    try write(
      "per_participant: \(main), training: \(training), repeats: \(min(2, main / 4)), catches: \(checks), seconds_per_candidate: 8"
    )
  }

  /// Prints what each folder was taken for, and what does not match.
  private func tell(_ layout: Layout, _ study: URL) {
    func few(_ names: [String]) -> String {
      "\(names.count): \(names.prefix(6).joined(separator: ", "))\(names.count > 6 ? " …" : "")"
    }
    let notes: [String]
    switch layout {
    case .versions(let folder):
      print("items      \(few(folder.items))")
      print("systems    \(folder.systems.count): \(folder.systems.joined(separator: ", "))")
      print(
        "reference  \(folder.reference ?? "none: no hidden reference, no anchors and no attention checks are made")")
      notes = folder.notes
    case .sounds(let folder):
      print("sounds     \(few(folder.sounds.map(\.name)))")
      notes = folder.notes
    }
    for note in notes.prefix(20) { print("note       \(note)") }
    if notes.count > 20 { print("note       and \(notes.count - 20) more") }
    for problem in StudyReading(folder: study).design.map({ VersionCheck.warnings($0) }) ?? [] {
      print(problem)
    }
    print("")
  }

  private func makeSounds(_ folder: URL) throws {
    // The ready studies ask about what their types ask about most often, but for an order, which asks about versions.
    switch chosenType is Rank ? .renderings : chosenType.sources[0] {
    case .renderings: return try DemoSounds.makeVersions(min(loops, 6), seed: seed, into: folder)
    case .sounds: return try DemoSounds.makeSet(8, seed: seed, into: folder)
    case .rankings: break
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
    for system in try Systems.all(seed: seed, model: Home.model()) where !Systems.onRequest.contains(system.name) {
      let bar = ProgressBar(system.name)
      rankings += try system.rank(catalogue, features: FeatureStore(folder: nil), progress: bar.handler)
      bar.finish()
    }
    try Ranking.write(rankings, to: folder.appending(path: "rankings.csv"))
  }
}
