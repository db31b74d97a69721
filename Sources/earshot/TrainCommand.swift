import ArgumentParser
import Basics
import Foundation
import Library
import Mixing
import Neural
import Synchronization
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model that retrieves drums from mixes.",
    discussion: """
      Mixes are made on the fly from the library's training one-shots and from loops without drums. At intervals, the \
      network ranks the validation one-shots of all classes for fixed validation mixes. The state with the best mean MRR \
      is written as a model file, with a model card in Markdown next to it. Every build can rank with the file: 'earshot \
      rank --model FILE'.

      This command needs libtorch. 'make train' installs it, builds, makes the sounds and trains. To build by hand:
        swift build -c release --product earshot --traits LibTorch --scratch-path .build-train

      Kinds:
        conditional     one network, a mask per class selects the dimensions that are compared (the paper's)
        joint           the same without masks
        per-class       one network per class
        classification  trained to name class and one-shot; embeddings are compared
        autoencoder     trained on one-shots only; hits are cut out of the mix

      A checkpoint is kept next to the model file. After Ctrl-C, a kill or a power cut, --resume continues from it. With \
      --steps, the resulting model is the same as without the interruption. With --minutes, the learning rate follows \
      the clock, and the result depends on the machine's speed.

      It needs these sounds:
        earshot library build --set full --per-class 96 --out world/library
        earshot mix --library world/library --split validation --chain hard --count 160 --seed 5 --out world/validation

      Examples:
        earshot train --library world/library --mixes world/validation --out conditional.safetensors --minutes 240
        earshot train --library world/library --mixes world/validation --out conditional.safetensors --resume
        earshot train --library world/library --mixes world/validation --kind joint --out joint.safetensors --steps 8000
        earshot train --library world/library --mixes world/validation --loss triplet --masks learned --seed 3 \
      --out triplet.safetensors
        earshot train --print-settings > my.json; earshot train --settings my.json …
      """)

  @Option(
    help: ArgumentHelp("A split library, made by 'earshot library build --set full'.", valueName: "folder"))
  var library: String?

  @Option(
    help: ArgumentHelp(
      "Fixed mixes of its validation one-shots; may be given several times, and all their queries have the same weight.",
      valueName: "folder"))
  var mixes: [String] = []

  @Option(
    help: ArgumentHelp(
      "The model file; its card is written next to it as .md. The default is KIND.safetensors.", valueName: "file"))
  var out: String?

  @Option(
    help:
      "The kind of model: \(ModelConfiguration.Kind.allCases.map(\.rawValue).joined(separator: ", ")). The default is conditional."
  )
  var kind: ModelConfiguration.Kind?

  @Option(help: "The system's name in rankings: lower-case words joined by '-'. The default is its kind.")
  var name: String?

  @Option(help: "The loss that is minimised: \(Objective.Loss.allCases.map(\.rawValue).joined(separator: ", ")).")
  var loss: Objective.Loss?

  @Option(
    help: "Masks of a conditional model: \(TrainingSettings.Masks.allCases.map(\.rawValue).joined(separator: ", ")).")
  var masks: TrainingSettings.Masks?

  @Option(
    help: "Which negatives triplets use: \(Objective.Mining.allCases.map(\.rawValue).joined(separator: ", ")).")
  var mining: Objective.Mining?

  @Option(help: "Mixes per step; each is used for every class.")
  var batch: Int?

  @Option(help: "The highest learning rate.")
  var rate: Float?

  @Option(help: "How many minutes to train.")
  var minutes: Double?

  @Option(help: "How many steps to train.")
  var steps: Int?

  @Option(help: "Steps from one validation to the next.")
  var validateEvery: Int?

  @Option(help: "Stop early after this many validations without a better one; 0: never stop early.")
  var patience: Int?

  @Option(help: "The same seed, --steps, sounds and number of threads give the same model.")
  var seed: UInt64?

  @Option(help: "How many threads libtorch uses. The default is all cores.")
  var threads: Int?

  @Option(
    help: ArgumentHelp("All other settings, as JSON; options on the command line override them.", valueName: "file"))
  var settings: String?

  @Option(help: "Learn from only this share of each class's training instruments (0 to 1), for learning curves.")
  var share = 1.0

  @Option(help: "How many loops without drums to make for the training mixes.")
  var backings = 400

  @Option(
    help: ArgumentHelp(
      "Where those loops are kept. The default is the folder 'backings' next to the library.", valueName: "folder"))
  var backingStore: String?

  @Option(help: ArgumentHelp("The soundfont that plays accompaniments.", valueName: "file"))
  var soundfont: String?

  @Option(help: "Seconds from one checkpoint to the next.")
  var checkpointEvery = 60.0

  @Flag(help: "Continue from the checkpoint next to --out, with its settings; --steps or --minutes set another length.")
  var resume = false

  @Flag(help: "Print the settings as JSON, and exit.")
  var printSettings = false

  func validate() throws {
    if printSettings { return }
    guard library != nil, !mixes.isEmpty else { throw ValidationError("Give --library and --mixes.") }
    guard minutes == nil || steps == nil else { throw ValidationError("Give --minutes or --steps, not both.") }
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be between 1 and 256.") }
    guard share > 0, share <= 1 else { throw ValidationError("--share must be more than 0 and at most 1.") }
    guard (0...20_000).contains(backings) else { throw ValidationError("--backings must be between 0 and 20000.") }
  }

  func run() throws {
    let chosen = try chosenSettings()
    if printSettings {
      print(chosen.json)
      return
    }
    guard TorchNetwork.isBuilt else { throw TorchNetwork.notBuilt }
    try chosen.check(conditions: DrumClass.allCases.count)
    let output = URL(filePath: out ?? "\(chosen.kind.rawValue).safetensors")
    try Trainer.makeRoom(for: output)
    Self.waitQuietly()
    let table = try LibraryTable.read(URL(filePath: library ?? "")).thinned(toTraining: share)
    let fixed = try mixes.map { try MixTable.read(URL(filePath: $0)) }
    let training = try table.only(.train)
    let validation = try withBar("validation sounds") { try ValidationSounds.read(table, fixed, progress: $0) }
    let loops = try trainingLoops(table)
    let source = try withBar("training one-shots") {
      try LibrarySource(training, backings: loops, recipe: chosen.mixing, progress: $0)
    }
    var trainer = Trainer(
      settings: chosen, source: source, validation: validation,
      fingerprint: try DataFingerprint.of(table, validation: fixed), output: output,
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
    trainer.checkpointEvery = checkpointEvery
    trainer.loops = TrainingBacking.fingerprint(of: loops)

    let log = TrainingLog()
    StopRequest.listen()
    let result = try trainer.run(
      goesOn: resume, length: minutes == nil && steps == nil ? nil : chosen.length, filling: log.filling,
      shouldStop: { StopRequest.isMade }, report: { log.tell($0) })
    log.finish()
    guard result.end != .stopped else {
      print("Stopped after step \(result.steps). To continue, give the same command with --resume.")
      throw ExitCode(130)
    }
    let model = try ModelFile.read(output)
    let bytes = try FileManager.default.attributesOfItem(atPath: output.path)[.size] as? Int ?? 0
    let card = ModelCard(
      result: result, model: model, library: table, validation: validation, backingCount: loops.count,
      file: output.lastPathComponent, bytes: bytes)
    try OutputFile.write(card.text, to: ModelCard.url(of: output))
    print(TrainingLog.summary(result, conditions: source.conditions, model: output, bytes: bytes))
  }

  /// Lets libtorch's threads sleep while they wait for each other, and gives OpenBLAS, whose matrices are small here, no threads
  /// that could wait: busy waiting takes the cores on which batches are made (on two cores, a quarter of the time). The libraries
  /// read these settings only when they are loaded, so the program starts itself again.
  private static func waitQuietly() {
    let wanted = ["OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1"].filter { getenv($0.key) == nil }
    guard !wanted.isEmpty else { return }
    for (name, value) in wanted { setenv(name, value, 1) }
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }

  /// The defaults of the kind, overridden by the file's settings and then by the command line's.
  private func chosenSettings() throws -> TrainingSettings {
    var chosen = TrainingSettings(kind: kind ?? .conditional)
    if let settings {
      let file = URL(filePath: settings)
      // What is usual depends on the kind, which the file may state.
      let stated = try TrainingSettings.reading(file, over: chosen).kind
      chosen = try .reading(file, over: TrainingSettings(kind: kind ?? stated))
      if let kind, kind != stated {
        if chosen.name == stated.rawValue { chosen.name = kind.rawValue }
        chosen.kind = kind
      }
    }
    if let name { chosen.name = name }
    if let loss { chosen.objective.loss = loss }
    if let masks { chosen.masks = masks }
    if let mining { chosen.objective.mining = mining }
    if let batch { chosen.batch = batch }
    if let rate { chosen.learningRate = rate }
    if let minutes { chosen.length = .minutes(minutes) }
    if let steps { chosen.length = .steps(steps) }
    if let validateEvery { chosen.validateEvery = validateEvery }
    if let patience { chosen.patience = patience }
    if let seed { chosen.seed = seed }
    return chosen
  }

  private func trainingLoops(_ table: LibraryTable) throws -> [TrainingBacking] {
    guard backings > 0 else { return [] }
    let folder =
      backingStore.map { URL(filePath: $0, directoryHint: .isDirectory) }
      ?? table.folder.deletingLastPathComponent().appending(path: "backings", directoryHint: .isDirectory)
    let (all, notices) = try BackingSources.all(folders: [], soundFont: soundfont.map { URL(filePath: $0) })
    let (sources, more) = BackingSources.limited(all, to: .train)
    for notice in notices + more { FileHandle.standardError.write(Data("\(notice)\n".utf8)) }
    return try withBar("loops without drums") {
      try BackingStore(folder: folder).loops(backings, from: sources, seed: 1, progress: $0)
    }
  }

  private func withBar<Result>(_ label: String, _ body: (@escaping ProgressHandler) throws -> Result) throws -> Result {
    let bar = ProgressBar(label)
    defer { bar.finish() }
    return try body(bar.handler)
  }
}

/// Whether Ctrl-C or SIGTERM has requested that the training stop; a second one ends the process at once.
enum StopRequest {
  private static let made = Atomic<Bool>(false)

  static var isMade: Bool { made.load(ordering: .relaxed) }

  static func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        StopRequest.made.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
    Signals.unblock([SIGINT, SIGTERM])
  }
}

extension ModelConfiguration.Kind: ExpressibleByArgument {}
extension Objective.Loss: ExpressibleByArgument {}
extension Objective.Mining: ExpressibleByArgument {}
extension TrainingSettings.Masks: ExpressibleByArgument {}
