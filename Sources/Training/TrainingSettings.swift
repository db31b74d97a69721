import Basics
import Foundation
import Keys
import Mixing
import Neural

/// Everything, besides the sounds, that determines the trained model.
public struct TrainingSettings: Codable, Sendable, Equatable {
  /// The masks of a conditional model.
  public enum Masks: String, Codable, Sendable, CaseIterable {
    /// Disjoint blocks of equal size, one per condition: 1 inside the block, `offBlock` outside.
    case fixed
    /// The ReLU of parameters that start near those blocks, with an L1 penalty.
    case learned
  }

  /// How long a training lasts.
  public enum Length: Sendable, Equatable {
    case steps(Int)
    /// Minutes of training and validation together. What is learned then depends on the speed of the machine.
    case minutes(Double)
  }

  /// What the model is trained for.
  public var kind: ModelConfiguration.Kind = .conditional
  /// The system's name in rankings.
  public var name = "conditional"
  /// The front end. With a mean of 0 and a deviation of 1, both are measured at the start.
  public var mel = LogMel.Settings(
    size: 2048, hop: 441, mels: 96, low: 20, high: 18000, scale: .htk, unitArea: false, normalisation: .peak,
    // A full-scale sine has a power of 512² = 54.2 dB; the floor lies 80 dB under it, the mean 45 dB.
    constant: 0.0026, mean: 2.115, deviation: 4.605, hitFrames: 60)
  /// The layers of each encoder.
  public var shape = NetworkShape(
    blocks: [
      .init(channels: 16, kernelHeight: 5, kernelWidth: 5), .init(channels: 32), .init(channels: 64, strideWidth: 1),
      .init(channels: 96, strideWidth: 1),
    ], hidden: 192, embedding: 192)
  /// Length of the windows over which the encoder of mixes pools, and the distance from one window to the next, in
  /// seconds (`NetworkShape.Window`). At 0 it pools over the whole mix. Only for networks that compare mixes with
  /// one-shots.
  public var window = 0.0, windowHop = NetworkShape.Window.usualHop
  /// How masks are made. Only for a conditional model.
  public var masks = Masks.fixed
  /// Mask value of a dimension outside a condition's block, 0 to 1. If masks are learned, it is the starting value.
  public var offBlock: Float = 0
  /// The loss that training minimises.
  public var objective = Objective(crossesClasses: true)
  /// Temperature of the InfoNCE loss, 0.01 to 10. If it is learned, it is the starting value.
  public var temperature: Float = 0.07
  /// Whether the temperature is learned.
  public var learnsTemperature = false

  /// How much training mixes vary.
  public var mixing = Mixing.TrainingRecipe()
  /// Mixes per step, at least 2. Each is used for every condition.
  public var batch = 64
  /// Length of a training mix in seconds, 0.5 to 60.
  public var seconds = 2.0
  /// Number of mixes in the bank from which every step draws its batch, and how many of the oldest are replaced by new
  /// ones in each step. If `bank` is 0, all mixes of every step are new.
  public var bank = 2048, fresh = 16
  /// Number of additional one-shots per class, drawn at random for every batch to serve as negatives only. One that
  /// plays in a mix is no negative for that mix.
  public var extraNegatives = 0
  /// The share of mixes that come with twins: their one-shots a second time, altered in another way, as negatives. Only
  /// for networks that compare mixes with one-shots.
  public var twins = 0.0
  /// The share of mixes in which a stripe of mel bands is masked, and likewise of those in which a stripe of frames is
  /// (SpecAugment, Park et al. 2019); and the widest stripe of each kind, in bands and in frames.
  public var stripes = 0.5, widestBands = 6, widestFrames = 9

  /// At its highest, above 0 and below 1.
  public var learningRate: Float = 2e-3
  /// The learning rate rises linearly over `warmup` steps, and falls along half a cosine to `finalShare` of its value
  /// at the end.
  public var warmup = 60, finalShare: Float = 0.01
  /// Of AdamW, 0 to 1.
  public var weightDecay: Float = 1e-4
  /// Decay of Adam's running means of the gradient and of its square.
  public var beta1: Float = 0.9, beta2: Float = 0.98
  /// Largest norm of the gradient. A longer gradient is scaled down to it; 0 means no clipping.
  public var largestNorm: Float = 5
  /// Decay per step of the running average of the weights, which is what is validated and kept; 0 means no average.
  public var averageDecay: Float = 0.995

  /// How long training lasts, unless it stops early.
  public var length = Length.minutes(60)
  /// Steps from one validation to the next.
  public var validateEvery = 100
  /// Number of validations without improvement after which training stops early; 0 means never.
  public var patience = 20
  /// The seed of all that is drawn.
  public var seed: UInt64 = 1

  public init() {}

  /// The default settings of a kind, which also gives the system its name.
  public init(kind: ModelConfiguration.Kind) {
    self.kind = kind
    name = kind.rawValue
  }

  /// Whether the networks are trained on mixes.
  public var hearsMixes: Bool { kind != .autoencoder }

  /// Whether one-shots are compared with mixes in training.
  public var comparesTwins: Bool { kind != .autoencoder && kind != .classification }

  /// The initial masks, one row per condition.
  public func startingMasks(conditions: Int) -> [[Float]] {
    let size = shape.embedding
    guard kind == .conditional else { return Array(repeating: Array(repeating: 1, count: size), count: conditions) }
    return (0..<conditions).map { c in
      (0..<size).map { d in d * conditions / size == c ? 1 : offBlock }
    }
  }

  /// Checks that a model can be trained with these settings on this machine.
  /// - Parameters:
  ///   - conditions: number of classes.
  ///   - memory: the machine's memory, in bytes.
  /// - Throws: a `Problem` that says why it cannot.
  public func check(conditions: Int, memory: UInt64 = ProcessInfo.processInfo.physicalMemory) throws {
    if let wrong = KeyReader.problems(of: self, TrainingKeys.all).first {
      throw Problem("this cannot be trained: \(wrong.what)", mend: wrong.mend)
    }
    if let flaw = flaw(conditions: conditions) {
      throw Problem("this cannot be trained: \(flaw)", mend: "See 'earshot help training'.")
    }
    let needed = leastMemory(conditions: conditions)
    guard needed <= Double(memory) else {
      let sizes = [needed, Double(memory)].map { String(format: "%.1f GB", $0 / 1e9) }
      throw Problem(
        "this cannot be trained: its mixes and weights take \(sizes[0]) of memory, and this machine has \(sizes[1])",
        mend: "Make 'bank', 'batch', 'extraNegatives', 'seconds' or the network smaller.")
    }
  }

  /// Lower bound of the memory for the bank, a batch and the weights, in bytes.
  func leastMemory(conditions: Int) -> Double {
    let hit = Double(mel.hitFrames) * Double(mel.mels)
    let mix = hearsMixes ? (seconds * Double(LogMel.sampleRate) / Double(mel.hop) + 1) * Double(mel.mels) : 0
    let drums = Double(conditions) * (1 + mixing.companions * (1 + mixing.companions))
    let images = Double(bank) * (mix + drums * hit)
    let batch = Double(batch) * mix + Double(batch + extraNegatives) * Double(conditions) * hit
    // Each weight comes with its gradient and Adam's two running means.
    return 4 * (images + batch + 4 * encoderSize)
  }

  /// Number of weights of one encoder.
  private var encoderSize: Double {
    shape.layers(mels: mel.mels).reduce(0) { $0 + $1.dimensions.reduce(1) { $0 * Double($1) } }
  }

  /// Why a model cannot be trained with these settings though each is within its range; nil if it can.
  private func flaw(conditions: Int) -> String? {
    flawOfModel(conditions: conditions) ?? flawOfBatches() ?? flawOfSteps()
  }

  private func flawOfModel(conditions: Int) -> String? {
    if window != 0, window < 0.01 || windowHop > window {
      return
        "windows of \(window) s, each \(windowHop) s after the one before, are not 0.01 s to 60 s with no gap between them"
    }
    if window != 0, !comparesTwins { return "windows are for networks that compare mixes with one-shots" }
    let names = (0..<conditions).map { "class \($0)" }
    if let flaw = configuration(conditions: names).flaw() { return "no model can be made from it, because \(flaw)" }
    if 4 * encoderSize > Double(ModelFile.largest) {
      return
        "an encoder of \(Int(encoderSize)) weights does not fit into a model file of \(ModelFile.largest >> 20) MiB"
    }
    if shape.embedding < conditions {
      return "an embedding of \(shape.embedding) dimensions has no room for each class"
    }
    return nil
  }

  private func flawOfBatches() -> String? {
    if bank != 0, bank < batch || !(1...bank).contains(fresh) {
      return "a bank of \(bank, "mix"), \(fresh) of them new in a step, has no batch of \(batch)"
    }
    return nil
  }

  private func flawOfSteps() -> String? {
    if learningRate <= 0 || learningRate >= 1 { return "the learning rate is \(learningRate), not between 0 and 1" }
    for (value, what) in [
      (averageDecay, "average's decay"), (objective.dropout, "dropout"), (objective.labelSmoothing, "label smoothing"),
    ] where value >= 1 {
      return "the \(what) is \(value), not below 1"
    }
    if objective.labelSmoothing > 0, kind != .classification {
      return "label smoothing of \(objective.labelSmoothing) is for a classification"
    }
    return nil
  }

  /// The learning rate at a step.
  /// - Parameters:
  ///   - step: number of the step, from 1.
  ///   - share: how much of the training is done, 0…1.
  public func rate(step: Int, share: Double) -> Float {
    let rising = min(1, Float(step) / Float(max(1, warmup)))
    let falling = finalShare + (1 - finalShare) * Float(0.5 + 0.5 * cos(Double.pi * min(1, max(0, share))))
    return learningRate * rising * falling
  }
}

extension TrainingSettings {
  /// How the trained model hears mixes.
  public var hearing: ModelConfiguration.Hearing { hearsMixes ? .wholeMix : .hits }

  /// The shape, with its windows measured in frames after the convolutions.
  var windowedShape: NetworkShape {
    window > 0 ? shape.withWindows(of: window, hop: windowHop, mel: mel) : shape
  }

  /// The configuration that the model file will have, without the results of the training.
  func configuration(conditions: [String]) -> ModelConfiguration {
    ModelConfiguration(
      name: name, kind: kind, conditions: conditions, hearing: hearing, mel: mel, shape: windowedShape, seed: seed)
  }

  /// The design of the network.
  /// - Parameters:
  ///   - conditions: number of classes.
  ///   - oneShots: number of one-shots of each class.
  func design(conditions: Int, oneShots: [Int]) -> TorchNetwork.Design {
    var design = TorchNetwork.Design(
      mels: mel.mels, shape: windowedShape, masks: startingMasks(conditions: conditions), seed: seed)
    switch kind {
    case .classification: design.kind = .classification
    case .autoencoder: design.kind = .autoencoder
    case .conditional, .joint, .perClass: design.kind = .metric
    }
    design.learnsMasks = kind == .conditional && masks == .learned
    design.networks = kind == .perClass ? conditions : 1
    design.temperature = temperature
    design.learnsTemperature = learnsTemperature && objective.loss == .infonce && design.kind == .metric
    design.identities = oneShots
    design.hitFrames = mel.hitFrames
    design.averageDecay = averageDecay
    return design
  }
}

/// Coded as `{"steps": 600}` or `{"minutes": 60}`.
extension TrainingSettings.Length: Codable {
  private enum Key: String, CodingKey { case steps, minutes }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    if let steps = try values.decodeIfPresent(Int.self, forKey: .steps) {
      self = .steps(steps)
    } else {
      self = .minutes(try values.decode(Double.self, forKey: .minutes))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    switch self {
    case .steps(let steps): try values.encode(steps, forKey: .steps)
    case .minutes(let minutes): try values.encode(minutes, forKey: .minutes)
    }
  }
}
