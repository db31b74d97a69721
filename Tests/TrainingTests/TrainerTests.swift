import Basics
import Foundation
import Neural
import Testing
import Training

/// The small training that all of these tests run.
private func settings(_ kind: ModelConfiguration.Kind = .conditional, steps: Int) -> TrainingSettings {
  var settings = TrainingSettings(kind: kind)
  settings.mel = LogMel.Settings(
    size: 1024, hop: 512, mels: 32, low: 30, high: 16000, scale: .htk, unitArea: false, normalisation: .peak,
    constant: 0.001, hitFrames: 30)
  settings.shape = NetworkShape(
    blocks: [.init(channels: 8), .init(channels: 16), .init(channels: 16, strideWidth: 1)], hidden: 32, embedding: 24)
  (settings.batch, settings.bank, settings.fresh, settings.seconds) = (16, 96, 8, 1)
  settings.warmup = 10
  settings.length = .steps(steps)
  settings.validateEvery = 20
  settings.patience = 0
  return settings
}

private func folder() throws -> URL {
  let url = FileManager.default.temporaryDirectory.appending(path: "earshot-training-\(UUID())")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  return url
}

private func trainer(_ settings: TrainingSettings, into folder: URL) -> Trainer {
  let source = MadeSource()
  return Trainer(
    settings: settings, source: source, validation: source.validation(12), fingerprint: "made",
    output: folder.appending(path: "model.safetensors"), threads: 1)
}

@Suite("Without libtorch", .enabled(if: !TorchNetwork.isBuilt)) struct NotBuiltTests {
  @Test("without libtorch a training says how to build it, and leaves nothing behind")
  func says() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let problem = #expect(throws: Problem.self) { try trainer(settings(steps: 2), into: folder).run() }
    #expect(problem?.description.contains("make train") == true)
    #expect(problem?.description.contains("--traits LibTorch") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}

@Suite("Where a model is written") struct MakeRoomTests {
  @Test("its folder is created, and an impossible place is reported before training")
  func makesRoom() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let output = folder.appending(path: "deep/er/model.safetensors")
    try Trainer.makeRoom(for: output)
    #expect(FileManager.default.fileExists(atPath: folder.appending(path: "deep/er").path))
    try Data().write(to: output)
    try Trainer.makeRoom(for: output)
    for (place, words) in [
      (folder.appending(path: "deep"), "cannot be written: this is a folder"),
      (output.appending(path: "m.safetensors"), "folder cannot be created"),
    ] {
      let problem = #expect(throws: Problem.self) { try Trainer.makeRoom(for: place) }
      #expect(problem?.description.contains(words) == true)
    }
  }
}

@Suite("Training", .enabled(if: TorchNetwork.isBuilt)) struct TrainerTests {
  @Test("training finds what plays far better than chance, and the file equals what was trained")
  func learns() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let trainer = trainer(settings(steps: 120), into: folder)
    let result = try trainer.run()
    #expect(result.end == .complete)
    #expect(try #require(result.best).meanMRR > 3 * ValidationScore.chance(pool: 36))
    #expect(try #require(result.history.last).loss < #require(result.history.first).loss)
    #expect(try #require(result.readBack).largestDifference <= ReadBack.tolerance)
    let model = try ModelFile.read(trainer.output)
    #expect(model.configuration.metrics["validation_mrr"] == result.best?.meanMRR)
    #expect(model.masks == trainer.settings.startingMasks(conditions: 3))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["model.safetensors"])
  }

  @Test(
    "training with windows finds what plays, and the file hears mixes as libtorch does",
    arguments: Objective.Loss.allCases)
  func windows(loss: Objective.Loss) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var settings = settings(steps: 120)
    (settings.window, settings.windowHop) = (0.3, 0.12)
    settings.objective.loss = loss
    let trainer = trainer(settings, into: folder)
    let result = try trainer.run()
    // Triplets learn more slowly.
    let least = loss == .infonce ? 3.0 : 1.5
    #expect(try #require(result.best).meanMRR > least * ValidationScore.chance(pool: 36))
    #expect(try #require(result.readBack).largestDifference <= ReadBack.tolerance)
    // Frames of 512 samples, of which the convolutions combine four: 46 ms.
    #expect(try ModelFile.read(trainer.output).configuration.shape.window == .init(frames: 6, hop: 3))
  }

  @Test("a training that is stopped and resumed gives the same model, byte for byte")
  func resumes() throws {
    let (whole, parted) = (try folder(), try folder())
    defer { for url in [whole, parted] { try? FileManager.default.removeItem(at: url) } }
    let one = trainer(settings(steps: 40), into: whole)
    let other = trainer(settings(steps: 40), into: parted)
    let expected = try one.run()
    var steps = 0
    let stopped = try other.run(shouldStop: {
      steps += 1; return steps == 13
    })
    #expect(stopped.end == .stopped)
    #expect(stopped.steps == 13)
    #expect(stopped.readBack == nil)
    let result = try other.run(goesOn: true)
    #expect(result.steps == 40)
    #expect(result.best == expected.best)
    #expect(result.history.map(\.loss) == expected.history.map(\.loss))
    let (a, b) = (try ModelFile.read(one.output), try ModelFile.read(other.output))
    #expect(a.networks == b.networks)
  }

  @Test("a training that cannot be resumed is refused with a reason")
  func refusals() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var trainer = trainer(settings(steps: 4), into: folder)
    let none = #expect(throws: Problem.self) { try trainer.run(goesOn: true) }
    #expect(none?.description.contains("no checkpoint") == true)
    _ = try trainer.run(shouldStop: { true })
    // A new training never overwrites a checkpoint.
    let checkpoint = folder.appending(path: "model.safetensors.checkpoint")
    let before = try Data(contentsOf: checkpoint)
    let again = #expect(throws: Problem.self) { try trainer.run() }
    #expect(again?.description.contains("--resume") == true)
    #expect(try Data(contentsOf: checkpoint) == before)
    trainer.loops = "others"
    let loops = #expect(throws: Problem.self) { try trainer.run(goesOn: true) }
    #expect(loops?.description.contains("other loops") == true)
    trainer.loops = ""
    trainer.settings.mixing.pitch = 1
    let mixing = #expect(throws: Problem.self) { try trainer.run(goesOn: true) }
    #expect(mixing?.description.contains("in another way") == true)
    trainer.settings.mixing = settings(steps: 4).mixing
    trainer.fingerprint = "others"
    let others = #expect(throws: Problem.self) { try trainer.run(goesOn: true) }
    #expect(others?.description.contains("other sounds") == true)
    try Data("nonsense".utf8).write(to: folder.appending(path: "model.safetensors.checkpoint"))
    #expect(throws: Problem.self) { try trainer.run(goesOn: true) }
  }

  @Test("a resumed training keeps the checkpoint's length, unless another is given")
  func length() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    _ = try trainer(settings(steps: 9), into: folder).run(shouldStop: { true })
    let other = trainer(settings(steps: 400), into: folder)
    let stopped = try other.run(goesOn: true, length: .steps(12), shouldStop: { true })
    #expect(stopped.steps == 2 && stopped.settings.length == .steps(12))
    #expect(try other.run(goesOn: true).steps == 12)
  }

  @Test("training stops early once validation no longer improves")
  func stopsEarly() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var still = settings(steps: 400)
    (still.learningRate, still.averageDecay, still.validateEvery, still.patience) = (1e-12, 0, 2, 3)
    let result = try trainer(still, into: folder).run()
    #expect(result.end == .early)
    #expect(result.steps < 40)
  }

  @Test(
    "every kind of model trains and is read back",
    arguments: [ModelConfiguration.Kind.joint, .perClass, .classification, .autoencoder])
  func kinds(_ kind: ModelConfiguration.Kind) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let trainer = trainer(settings(kind, steps: 20), into: folder)
    let result = try trainer.run()
    #expect(try #require(result.readBack).largestDifference <= ReadBack.tolerance)
    let model = try ModelFile.read(trainer.output)
    #expect(model.configuration.kind == kind)
    #expect(model.networks.count == (kind == .perClass ? 3 : 1))
    #expect(model.configuration.hearing == (kind == .autoencoder ? .hits : .wholeMix))
  }

  @Test("triplets, with every kind of mining, and learned masks can be trained", arguments: Objective.Mining.allCases)
  func triplets(_ mining: Objective.Mining) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var other = settings(steps: 60)
    other.objective = Objective(loss: .triplet, mining: mining, margin: 0.3, maskPenalty: 1e-3)
    (other.masks, other.offBlock) = (.learned, 0.1)
    let trainer = trainer(other, into: folder)
    let result = try trainer.run()
    #expect(try #require(result.history.last).loss < #require(result.history.first).loss)
    let masks = try ModelFile.read(trainer.output).masks
    #expect(masks != other.startingMasks(conditions: 3))
    #expect(masks.allSatisfy { $0.allSatisfy { $0 >= 0 } })
  }

  @Test("a learning rate at which the numbers diverge ends with a problem, not with a model")
  func runsAway() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let batch = try BatchMaker(MadeSource(), settings(steps: 1)).batch()
    var broken = batch
    broken.mixes[0] = .nan
    let design = TorchNetwork.Design(
      mels: 32, shape: settings(steps: 1).shape, masks: settings(steps: 1).startingMasks(conditions: 3), seed: 1)
    let network = try TorchNetwork(design, threads: 1)
    #expect(throws: Problem.self) {
      try network.train(
        broken, Objective(), Update(learningRate: 1e-3, weightDecay: 0, largestNorm: 0, step: 1))
    }
  }
}
