import Basics
import Foundation
import Neural

/// Trains a model: steps on batches that are made ahead, validations, checkpoints, and at the end a model file of the
/// best state.
///
/// With the same seed, sounds, number of threads, and settings that count steps (not minutes), a run gives the same
/// model, whether it was interrupted or not. Batches are the same for any number of threads, but libtorch's sums depend
/// on how many threads share them. Runs with different numbers of threads, or on different processors, therefore agree
/// only approximately.
public struct Trainer: Sendable {
  /// Everything, besides the sounds, that determines the model.
  public var settings: TrainingSettings
  /// Where mixes and one-shots come from.
  public var source: any MixSource
  /// What the states are compared on.
  public var validation: ValidationSounds
  /// Fingerprint of the sounds (see `DataFingerprint`). A checkpoint with another one is refused.
  public var fingerprint: String
  /// Fingerprint of the loops without drums; empty if there are none. A checkpoint with another one is refused.
  public var loops = ""
  /// The model file to be written. The checkpoint is beside it.
  public var output: URL
  /// How many threads libtorch uses; the batches are made on all cores.
  public var threads: Int
  /// Seconds from one checkpoint to the next.
  public var checkpointEvery = 60.0

  public init(
    settings: TrainingSettings, source: any MixSource, validation: ValidationSounds, fingerprint: String, output: URL,
    threads: Int
  ) {
    self.settings = settings
    self.source = source
    self.validation = validation
    self.fingerprint = fingerprint
    self.output = output
    self.threads = threads
  }

  /// Makes the folder of a model file if there is none, so that a training does not fail at the end, when the model is
  /// written.
  /// - Throws: a `Problem` that says why the model cannot be written there.
  public static func makeRoom(for output: URL) throws {
    let folder = output.deletingLastPathComponent()
    func wrong(_ what: String) -> Problem {
      Problem(
        what, at: Place(file: output.relativePath),
        mend: "Give --out the path of a file, as in models/mine.safetensors.")
    }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: output.path, isDirectory: &isFolder), isFolder.boolValue {
      throw wrong("the model cannot be written: this is a folder")
    }
    do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
      throw wrong("the model's folder cannot be created: \(error.localizedDescription)")
    }
    guard FileManager.default.isWritableFile(atPath: folder.path) else {
      throw wrong("the model's folder is not writable")
    }
    _ = try OutputFile.file(output)
  }

  /// Runs the training.
  /// - Parameters:
  ///   - goesOn: whether to resume from the checkpoint, whose settings then apply. If false, an existing checkpoint is
  ///     refused.
  ///   - length: a new length, in place of the checkpoint's; for resuming only.
  ///   - filling: called with the number of mixes made before the first step.
  ///   - shouldStop: called after every step. If it returns true, a checkpoint is written and the run ends.
  ///   - report: called with every event.
  /// - Throws: a `Problem`, also if the written file does not reproduce libtorch's embeddings when it is read back.
  public func run(
    goesOn: Bool = false, length: TrainingSettings.Length? = nil, filling: ProgressHandler? = nil,
    shouldStop: () -> Bool = { false },
    report: (TrainingEvent) -> Void = { _ in }
  ) throws -> TrainingResult {
    var checkpoint = try beginning(goesOn: goesOn, length: length)
    let settings = checkpoint.settings, classes = source.conditions.count
    let network = try TorchNetwork(
      settings.design(conditions: classes, oneShots: source.conditions.indices.map(source.oneShotCount)),
      threads: threads)
    if !checkpoint.state.isEmpty { try network.restore(checkpoint.state) }
    checkpoint.state = []
    let validation = try Validation(validation, settings)
    let batches = try BatchMaker(source, settings, from: checkpoint.progress.step + 1, progress: filling)
    report(
      .began(
        .init(
          parameterCount: network.parameterCount, step: checkpoint.progress.step, torchVersion: TorchNetwork.version,
          poolSize: validation.pool.count,
          queryCount: validation.sounds.mixes.reduce(0) { $0 + $1.targets.joined().count },
          chance: ValidationScore.chance(pool: validation.pool.count))))

    let clock = ContinuousClock(), start = clock.now, before = checkpoint.progress.elapsed
    func elapsed() -> Double { before + (clock.now - start) / .seconds(1) }
    var lastSave = start, end = TrainingResult.End.complete
    while checkpoint.share < 1, end == .complete {
      try step(network, batches, &checkpoint, elapsed, report)
      if checkpoint.progress.step.isMultiple(of: settings.validateEvery) || checkpoint.share >= 1 {
        try validate(network, validation, &checkpoint, elapsed, report)
        let since = checkpoint.progress.step - checkpoint.progress.bestStep
        if settings.patience > 0, since >= settings.patience * settings.validateEvery {
          end = .early
          break
        }
      }
      if shouldStop() { end = .stopped }
      if end == .stopped || (clock.now - lastSave) / .seconds(1) >= checkpointEvery {
        var saved = checkpoint
        saved.state = try network.state
        try saved.write(to: checkpointFile)
        report(.saved(checkpoint: checkpointFile.relativePath))
        lastSave = clock.now
      }
    }

    if end != .stopped {
      if !checkpoint.bestState.isEmpty { try network.restore(checkpoint.bestState) }
      checkpoint.progress.best = try checkpoint.progress.best ?? score(network, validation)
    }
    let progress = checkpoint.progress
    var result = TrainingResult(
      end: end, steps: progress.step, elapsed: progress.elapsed, bestStep: progress.bestStep, best: progress.best,
      history: progress.history, parameterCount: network.parameterCount, settings: settings)
    guard end != .stopped, let best = progress.best else { return result }
    let model = try network.model(configuration: configuration(settings, result, best))
    result.readBack = try ModelFile.write(model, to: output) { try ReadBack.check($0, against: network, validation) }
    try? FileManager.default.removeItem(at: checkpointFile)
    return result
  }

  private var checkpointFile: URL { Checkpoint.url(of: output) }

  /// The state in which a training begins: the checkpoint that it resumes, or one at step 0.
  /// - Throws: a `Problem` if the checkpoint is of another training, or if there is one although the training is not to
  ///   be resumed.
  private func beginning(goesOn: Bool, length: TrainingSettings.Length?) throws -> Checkpoint {
    let place = Place(file: checkpointFile.relativePath), classes = source.conditions.count
    try settings.check(conditions: classes)
    guard goesOn else {
      guard !FileManager.default.fileExists(atPath: checkpointFile.path) else {
        throw Problem(
          "there is a checkpoint of an interrupted training here", at: place,
          mend: "Continue with --resume, or remove it to start again.")
      }
      var settings = settings
      if settings.mel.mean == 0, settings.mel.deviation == 1 {
        (settings.mel.mean, settings.mel.deviation) = try BatchMaker.levels(of: source, settings)
      }
      return Checkpoint(
        settings: settings, fingerprint: fingerprint, loops: loops, progress: .init(), state: [], bestState: [])
    }
    var checkpoint = try Checkpoint.read(checkpointFile)
    guard checkpoint.fingerprint == fingerprint else {
      throw Problem(
        "the checkpoint is from a training on other sounds", at: place,
        mend: "Give the library and mixes with which it started, or start without --resume.")
    }
    guard checkpoint.loops == loops else {
      throw Problem(
        "the checkpoint is from a training with other loops without drums", at: place,
        mend: "Give the --backings, --backing-store and --soundfont with which it started, or start again.")
    }
    // The source makes the mixes, and it was made with the settings that were passed in.
    guard checkpoint.settings.mixing == settings.mixing else {
      throw Problem(
        "the checkpoint is from a training whose mixes were made in another way", at: place,
        mend: "Give the --settings with which it started.")
    }
    if let length { checkpoint.settings.length = length }
    try checkpoint.settings.check(conditions: classes)
    return checkpoint
  }

  private func step(
    _ network: TorchNetwork, _ batches: BatchMaker, _ checkpoint: inout Checkpoint, _ elapsed: () -> Double,
    _ report: (TrainingEvent) -> Void
  ) throws {
    let settings = checkpoint.settings
    checkpoint.progress.step += 1
    let step = checkpoint.progress.step, rate = settings.rate(step: step, share: checkpoint.share)
    let outcome = try network.train(
      try batches.batch(), settings.objective,
      Update(
        learningRate: rate, weightDecay: settings.weightDecay, largestNorm: settings.largestNorm,
        beta1: settings.beta1, beta2: settings.beta2, step: step))
    guard outcome.loss.isFinite else {
      throw Problem("the loss of step \(step) is not a number", mend: "Train with a lower learning rate.")
    }
    checkpoint.progress.loss = Self.running(checkpoint.progress.loss, Double(outcome.loss))
    checkpoint.progress.accuracy = Self.running(checkpoint.progress.accuracy, Double(outcome.accuracy))
    checkpoint.progress.elapsed = elapsed()
    let progress = checkpoint.progress, share = checkpoint.share
    report(
      .stepped(
        .init(
          step: step, loss: progress.loss ?? 0, accuracy: progress.accuracy ?? 0, rate: rate, share: share,
          elapsed: progress.elapsed, left: share > 0 ? progress.elapsed * (1 - share) / share : 0,
          best: progress.best)))
  }

  private func validate(
    _ network: TorchNetwork, _ validation: Validation, _ checkpoint: inout Checkpoint, _ elapsed: () -> Double,
    _ report: (TrainingEvent) -> Void
  ) throws {
    let score = try score(network, validation)
    checkpoint.progress.elapsed = elapsed()
    let isBest = score.meanMRR > checkpoint.progress.best?.meanMRR ?? -1
    if isBest {
      (checkpoint.progress.best, checkpoint.progress.bestStep) = (score, checkpoint.progress.step)
      checkpoint.bestState = try network.state
    }
    let milestone = Milestone(
      step: checkpoint.progress.step, elapsed: checkpoint.progress.elapsed, loss: checkpoint.progress.loss ?? 0,
      score: score)
    checkpoint.progress.history.append(milestone)
    report(.validated(milestone, isBest: isBest))
  }

  private func score(_ network: TorchNetwork, _ validation: Validation) throws -> ValidationScore {
    validation.score(validation.distances(try validation.embed(by: network), masks: try network.masks))
  }

  private func configuration(_ settings: TrainingSettings, _ result: TrainingResult, _ best: ValidationScore)
    -> ModelConfiguration
  {
    var metrics = [
      "validation_mrr": best.meanMRR, "validation_hit1": best.meanFirst, "validation_hit5": best.meanFirstFive,
    ]
    for (c, name) in source.conditions.enumerated() {
      metrics["validation_mrr_\(name)"] = best.mrr[c]
      metrics["validation_hit1_\(name)"] = best.first[c]
      metrics["validation_hit5_\(name)"] = best.firstFive[c]
    }
    var configuration = settings.configuration(conditions: source.conditions)
    (configuration.training, configuration.dataFingerprint) = (settings.words(result), fingerprint)
    configuration.metrics = metrics
    return configuration
  }

  /// Running mean over about fifty steps.
  private static func running(_ old: Double?, _ new: Double) -> Double { old.map { 0.98 * $0 + 0.02 * new } ?? new }
}

extension Validation {
  func embed(by network: TorchNetwork) throws -> Embedded {
    try embed(networks: network.design.networks) { images, side, n in
      // If there is one encoder for both, it also encodes the hits that were cut out of mixes.
      try network.embed(images.flatMap(\.values), frames: images[0].frames, by: side, network: n)
    }
  }
}

extension TorchNetwork {
  /// The current masks, one row per condition, after the ReLU if they are learned.
  var masks: [[Float]] {
    get throws {
      guard design.learnsMasks else { return design.masks }
      let all = try tensors.last { $0.name == "masks" }?.values ?? []
      let width = design.shape.embedding
      return design.masks.indices.map { Array(all[$0 * width..<($0 + 1) * width]) }
    }
  }

  /// The model as it is written to its file.
  func model(configuration: ModelConfiguration) throws -> Model {
    let values = Dictionary(uniqueKeysWithValues: try tensors.map { ($0.name, $0.values) })
    func encoder(_ network: Int, _ side: Side) -> EncoderWeights {
      EncoderWeights(
        layers: configuration.shape.layers(mels: configuration.mel.mels).map {
          let name = "\(network)/\(side.rawValue)/\($0.name)"
          return Layer(weight: values["\(name)/weight"] ?? [], bias: values["\(name)/bias"] ?? [])
        })
    }
    let networks = configuration.networks.enumerated().map { n, name in
      (name, NetworkWeights(mix: encoder(n, .mix), hit: encoder(n, .hit)))
    }
    return try Model(
      configuration: configuration, networks: Dictionary(uniqueKeysWithValues: networks), masks: try masks)
  }
}
