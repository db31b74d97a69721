import Basics
import Foundation
import Neural

/// Trains a model: steps on batches that are made ahead, validations, checkpoints, and at the end the model file of the
/// best state.
///
/// For a seed, settings that count steps, the same sounds and the same number of threads a run gives the same model,
/// whether it was interrupted or not; batches are the same for any number of threads. libtorch's sums depend on how many
/// threads share them, so runs with different numbers of threads, or on different processors, agree only nearly.
public struct Trainer: Sendable {
  public var settings: TrainingSettings
  public var source: any MixSource
  public var validation: ValidationSounds
  /// Of the sounds; a checkpoint of others is refused.
  public var fingerprint: String
  /// Of the loops without drums, where there are any; a checkpoint of others is refused.
  public var loops = ""
  /// Where the model is written; its checkpoint stands beside it.
  public var output: URL
  public var threads: Int
  /// In seconds, from one checkpoint to the next.
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

  /// Makes the folder of a model file where there is none, so that a training does not end where it would be written.
  /// - Throws: a `Problem` that tells why the model cannot stand there.
  public static func makeRoom(for output: URL) throws {
    let folder = output.deletingLastPathComponent()
    func wrong(_ what: String) -> Problem {
      Problem(
        what, at: Place(file: output.relativePath),
        mend: "Give --out the path of a file, as in models/mine.safetensors.")
    }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: output.path, isDirectory: &isFolder), isFolder.boolValue {
      throw wrong("the model cannot be written where a folder stands")
    }
    do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
      throw wrong("the model's folder cannot be made: \(error.localizedDescription)")
    }
    guard FileManager.default.isWritableFile(atPath: folder.path) else {
      throw wrong("nothing can be written into the model's folder")
    }
    _ = try OutputFile.file(output)
  }

  /// - Parameters:
  ///   - goesOn: from the checkpoint, whose settings then count. Without it a checkpoint that is there is refused.
  ///   - length: another than the checkpoint's, to go on for.
  ///   - filling: told of mixes that are made before the first step.
  ///   - shouldStop: asked after every step; where it says yes, a checkpoint is written and the run ends.
  /// - Throws: a `Problem`, also where the written file does not give libtorch's embeddings when it is read back.
  public func run(
    goesOn: Bool = false, length: TrainingSettings.Length? = nil, filling: ProgressHandler? = nil,
    shouldStop: () -> Bool = { false },
    report: (TrainingEvent) -> Void = { _ in }
  ) throws -> TrainingResult {
    let classes = source.conditions.count
    var settings = settings
    try settings.check(conditions: classes)
    let checkpointFile = Checkpoint.url(of: output)
    var progress = Checkpoint.Progress()
    var bestState: [Float] = []
    var resumed: Checkpoint?
    if goesOn {
      let checkpoint = try Checkpoint.read(checkpointFile)
      guard checkpoint.fingerprint == fingerprint else {
        throw Problem(
          "the checkpoint is of a training on other sounds", at: Place(file: checkpointFile.relativePath),
          mend: "Give the library and mixes that it began with, or start without --resume.")
      }
      guard checkpoint.loops == loops else {
        throw Problem(
          "the checkpoint is of a training with other loops without drums",
          at: Place(file: checkpointFile.relativePath),
          mend: "Give the --backings, --backing-store and --soundfont that it began with, or start anew.")
      }
      // Mixes are the source's, which was made by the settings that were given.
      guard checkpoint.settings.mixing == settings.mixing else {
        throw Problem(
          "the checkpoint is of a training whose mixes were made in another way",
          at: Place(file: checkpointFile.relativePath), mend: "Give the --settings that it began with.")
      }
      settings = checkpoint.settings
      if let length { settings.length = length }
      try settings.check(conditions: classes)
      progress = checkpoint.progress
      bestState = checkpoint.bestState
      resumed = checkpoint
    } else if FileManager.default.fileExists(atPath: checkpointFile.path) {
      throw Problem(
        "a training that was interrupted left its checkpoint here", at: Place(file: checkpointFile.relativePath),
        mend: "Go on with --resume, or remove it to start anew.")
    } else if settings.mel.mean == 0, settings.mel.deviation == 1 {
      (settings.mel.mean, settings.mel.deviation) = try BatchMaker.levels(of: source, settings)
    }
    let network = try TorchNetwork(
      settings.design(conditions: classes, oneShots: source.conditions.indices.map(source.oneShotCount)),
      threads: threads)
    if let resumed { try network.restore(resumed.state) }
    let validation = try Validation(validation, settings)
    let batches = try BatchMaker(source, settings, from: progress.step + 1, progress: filling)
    report(
      .began(
        .init(
          parameterCount: network.parameterCount, step: progress.step, torchVersion: TorchNetwork.version,
          poolSize: validation.pool.count, queryCount: validation.sounds.mixes.count * classes,
          chance: ValidationScore.chance(pool: validation.pool.count))))

    func save() throws {
      try Checkpoint(
        settings: settings, fingerprint: fingerprint, loops: loops, progress: progress, state: try network.state,
        bestState: bestState
      ).write(to: checkpointFile)
      report(.saved(checkpoint: checkpointFile.relativePath))
    }
    func result(_ end: TrainingResult.End) -> TrainingResult {
      TrainingResult(
        end: end, steps: progress.step, elapsed: progress.elapsed, bestStep: progress.bestStep, best: progress.best,
        history: progress.history, parameterCount: network.parameterCount, settings: settings)
    }

    let clock = ContinuousClock()
    let start = clock.now, before = progress.elapsed
    var lastSave = start
    var end = TrainingResult.End.complete
    while share(settings, progress) < 1 {
      progress.step += 1
      let rate = settings.rate(step: progress.step, share: share(settings, progress))
      let outcome = try network.train(
        try batches.batch(), settings.objective,
        Update(
          learningRate: rate, weightDecay: settings.weightDecay, largestNorm: settings.largestNorm,
          beta1: settings.beta1, beta2: settings.beta2, step: progress.step))
      guard outcome.loss.isFinite else {
        throw Problem("the loss of step \(progress.step) is no number", mend: "Train with a lower learning rate.")
      }
      progress.loss = Self.running(progress.loss, Double(outcome.loss))
      progress.accuracy = Self.running(progress.accuracy, Double(outcome.accuracy))
      progress.elapsed = before + (clock.now - start) / .seconds(1)
      let share = share(settings, progress)
      report(
        .stepped(
          .init(
            step: progress.step, loss: progress.loss ?? 0, accuracy: progress.accuracy ?? 0, rate: rate, share: share,
            elapsed: progress.elapsed, left: share > 0 ? progress.elapsed * (1 - share) / share : 0,
            best: progress.best)))

      if progress.step.isMultiple(of: settings.validateEvery) || share >= 1 {
        let score = try score(network, validation)
        progress.elapsed = before + (clock.now - start) / .seconds(1)
        let isBest = score.meanMRR > progress.best?.meanMRR ?? -1
        if isBest {
          progress.best = score
          progress.bestStep = progress.step
          bestState = try network.state
        }
        let milestone = Milestone(
          step: progress.step, elapsed: progress.elapsed, loss: progress.loss ?? 0, score: score)
        progress.history.append(milestone)
        report(.validated(milestone, isBest: isBest))
        if settings.patience > 0, progress.step - progress.bestStep >= settings.patience * settings.validateEvery {
          end = .early
          break
        }
      }
      if shouldStop() {
        try save()
        return result(.stopped)
      }
      if (clock.now - lastSave) / .seconds(1) >= checkpointEvery {
        try save()
        lastSave = clock.now
      }
    }

    if !bestState.isEmpty { try network.restore(bestState) }
    let best = try progress.best ?? score(network, validation)
    progress.best = best
    var result = result(end)
    let model = try network.model(configuration: configuration(settings, result, best))
    result.readBack = try ModelFile.write(model, to: output) { try ReadBack.check($0, against: network, validation) }
    try? FileManager.default.removeItem(at: checkpointFile)
    return result
  }

  /// How much of the training is over, 0…1.
  private func share(_ settings: TrainingSettings, _ progress: Checkpoint.Progress) -> Double {
    switch settings.length {
    case .steps(let steps): min(1, Double(progress.step) / Double(steps))
    case .minutes(let minutes): min(1, progress.elapsed / (60 * minutes))
    }
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

  /// A mean over about fifty steps.
  private static func running(_ old: Double?, _ new: Double) -> Double { old.map { 0.98 * $0 + 0.02 * new } ?? new }
}

extension Validation {
  func embed(by network: TorchNetwork) throws -> Embedded {
    try embed(networks: network.design.networks) { images, side, n in
      // Hits that were cut out of mixes are heard by the encoder of one-shots where there is one for both.
      try network.embed(images.flatMap(\.values), frames: images[0].frames, by: side, network: n)
    }
  }
}

extension TorchNetwork {
  /// A row per condition.
  var masks: [[Float]] {
    get throws {
      guard design.learnsMasks else { return design.masks }
      let all = try tensors.last { $0.name == "masks" }?.values ?? []
      let width = design.shape.embedding
      return design.masks.indices.map { Array(all[$0 * width..<($0 + 1) * width]) }
    }
  }

  /// What is written.
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
