import ArgumentParser
import Basics
import Evaluation
import Foundation
import Neural
import Retrieval

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure how well systems find the drums that really play, with intervals.",
    discussion: """
      For each mix and class, every system ranks the one-shots of all classes together. The target is the one-shot that \
      really plays. Prints MRR, R@1/5/10, the median normalised rank and the share of wrong classes among the first ten, \
      by class and as means over classes, next to chance. Writes evaluation.html, evaluation.json, one CSV file per \
      table, and targets.csv with one row per target. docs/evaluation.md defines everything.

      If the library is split, only the one-shots of --split are ranked, and mixes must be made from them only \
      ('earshot mix --split test --chain hard').

      Model files of one name, and systems whose names differ only by an ending -s1, -s2 …, are runs of one system. Tables \
      give the mean over runs; one table gives each run separately. Every system is compared with --against on the same \
      resamples of mixes and instruments.

      Examples:
        earshot evaluate --library world/library --mixes world/test
        earshot evaluate --library world/library --mixes world/test --system mfcc-hit --system auditory-image-hit
        earshot evaluate --library world/library --mixes world/test --model s1.safetensors --model s2.safetensors
        earshot evaluate --library world/library --mixes world/test --system conditional --refine 60
        earshot evaluate --library world/library --mixes world/test --vectors clap=clap.npy --against clap
        earshot evaluate --library world/library --mixes world/test --rankings mine.csv --against mine
        earshot evaluate --library world/library --mixes world/test --examples listening --example-system mfcc-hit
      """)

  @Option(help: ArgumentHelp("The library: its folder or its table.", valueName: "folder"))
  var library: String

  @Option(help: ArgumentHelp("The test mixes: their folder or their table.", valueName: "folder"))
  var mixes: String

  @OptionGroup var chosen: SystemOptions

  @Option(
    name: .customLong("rankings"),
    help: ArgumentHelp(
      "Rankings of your own, in which the one-shots of all classes are ranked together for every mix and class; may be given several times.",
      valueName: "file"))
  var rankings: [String] = []

  @Option(help: "The part of a split library that is ranked and played: test, validation or train.")
  var split = "test"

  @Option(
    name: .customLong("trained-on"),
    help: ArgumentHelp(
      "Another library from which a model learned: targets that are in it are refused. May be given several times.",
      valueName: "folder"))
  var trainedOn: [String] = []

  @Option(
    help: ArgumentHelp(
      "The system with which the others are compared. The default is the first model.", valueName: "name"))
  var against: String?

  @Option(help: ArgumentHelp("The folder for the results.", valueName: "folder"))
  var out = "evaluation"

  @Option(
    help: ArgumentHelp(
      "Write a page with playable examples into this folder: mixes, and what each system ranks first for each drum.",
      valueName: "folder"
    ))
  var examples: String?

  @Option(
    name: .customLong("example-system"),
    help: ArgumentHelp(
      "A system on the page of examples; the cases are chosen by the first one. The default is --against and its best rival.",
      valueName: "name"))
  var exampleSystems: [String] = []

  @Flag(
    help: ArgumentHelp(
      "On the page of examples, show only the nearest one-shot of each instrument (the column group of library.csv), and how many more of it were ranked there."
    ))
  var onePerGroup = false

  @Option(help: "How many times mixes and instruments are resampled for the intervals.")
  var resamples = 2000

  @Option(help: "The seed of the system 'random', of the intervals and of the choice of examples.")
  var seed: UInt64 = 0

  @Flag(help: "Print evaluation.json instead of the table.")
  var json = false

  func validate() throws {
    guard (100...1_000_000).contains(resamples) else {
      throw ValidationError("--resamples must be between 100 and 1000000.")
    }
    guard examples != nil || exampleSystems.isEmpty else {
      throw ValidationError("--example-system needs --examples.")
    }
    guard examples != nil || !onePerGroup else { throw ValidationError("--one-per-group needs --examples.") }
  }

  func run() throws {
    let notes = TableNotes()
    let test = try TestSet.read(
      library: URL(filePath: library), mixes: URL(filePath: mixes), split: split,
      trainedOn: trainedOn.map { URL(filePath: $0) }, notes: notes)
    let models = try runs()
    let handmade = Set(Systems.all().map(\.name)).subtracting(["random"])
    // A model file takes the place of a system of its name that nobody asked for by name.
    let given = Set(models.map(\.family))
    let known = try chosen.known(seed: seed).filter { !chosen.systems.isEmpty || !given.contains($0.name) }
    let heard =
      try known.map { Entrant($0, family: $0.name, isHandmade: handmade.contains($0.name)) } + models
      + chosen.vectors(for: test.catalogue).map { Entrant($0) }
    let entrants =
      try heard + chosen.refined(heard.map(\.system)).map { Entrant($0) }
      + rankings.flatMap { try TableSystem.read(URL(filePath: $0), for: test.catalogue, notes: notes) }.map {
        Entrant($0)
      }
    notes.tell()
    let remarks = try chosen.remarks(on: entrants.map(\.system))
    try Examples.check(exampleSystems, among: entrants)
    let bars = Bars()
    var evaluation = try chosen.withExcerpts(of: test.catalogue) { excerpts in
      try Evaluation(
        entrants, on: test, in: excerpts, against: against, features: .standard(), resamples: resamples, seed: seed,
        progress: { bars.handler($0) })
    }
    bars.finish()
    evaluation.notices = remarks + Self.notices(entrants)
    let findings = EvaluationFindings(evaluation, version: Earshot.configuration.version)
    let files = try findings.write(to: URL(filePath: out, directoryHint: .isDirectory))
    let listening = try examples.map { folder in
      try Examples(findings, systems: exampleSystems, seed: seed, onePerGroup: onePerGroup).write(
        to: URL(filePath: folder, directoryHint: .isDirectory))
    }
    print(json ? findings.json : findings.summary)
    if !json {
      print("\nThe page is \(files[0].relativePath), with evaluation.json and \(files.count - 2, "table") next to it.")
      if let listening { print("The examples to listen to are \(listening.relativePath).") }
    }
  }

  /// The models in the files; runs of one name are called `NAME-s1`, `NAME-s2` … by their training seeds.
  private func runs() throws -> [Entrant] {
    let models = try chosen.models()
    let counts = Dictionary(grouping: models, by: \.name).mapValues(\.count)
    return models.map { model in
      guard counts[model.name, default: 0] > 1 else { return Entrant(model) }
      let run = ModelSystem(
        model.model, name: "\(model.name)-s\(model.model.configuration.seed)", transpose: model.transpose)
      return Entrant(run, family: model.name)
    }
  }

  /// Remarks about the models that take part.
  private static func notices(_ entrants: [Entrant]) -> [String] {
    let prints = Dictionary(
      grouping: entrants.compactMap { $0.system as? ModelSystem }, by: \.model.configuration.dataFingerprint)
    guard prints.count > 1 else { return [] }
    let parts = prints.sorted { $0.key < $1.key }.map { print, models in
      "\(models.map(\.name).joined(separator: ", ")) (\(print.isEmpty ? "unknown" : String(print.prefix(8))))"
    }
    return ["The models were not all trained on the same sounds: \(parts.joined(separator: "; "))."]
  }
}
