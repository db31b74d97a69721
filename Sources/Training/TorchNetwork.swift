import Basics
import CTorchBridge
import Foundation
import Neural

/// A network in training, which owns the handle of libtorch's side. No other file calls the library.
///
/// To be used by one thread at a time.
public final class TorchNetwork {
  /// The network's architecture. Its first convolution takes one channel of `mels` rows.
  public struct Design: Sendable, Equatable {
    /// What the network is trained to do.
    public enum Kind: Sendable { case metric, classification, autoencoder }

    /// What the network is trained to do.
    public var kind: Kind = .metric
    /// The number of bands of the input.
    public var mels: Int
    /// The layers of each encoder.
    public var shape: NetworkShape
    /// One row per condition, `shape.embedding` numbers each. If masks are learned, a mask is the ReLU of its row.
    public var masks: [[Float]]
    /// Whether masks are learned.
    public var learnsMasks = false
    /// Number of networks: 1 for all conditions together, or one per condition.
    public var networks = 1
    /// Of the InfoNCE loss. If it is learned, the starting value.
    public var temperature: Float = 0.1
    /// Whether the temperature is learned.
    public var learnsTemperature = false
    /// Classification only: the number of one-shots of each condition.
    public var identities: [Int] = []
    /// Autoencoder only: length of a one-shot, in frames.
    public var hitFrames = 0
    /// Decay of the running average of the weights per step; 0 means no average.
    public var averageDecay: Float = 0
    /// The seed of the starting weights and of dropout.
    public var seed: UInt64

    /// Whether conditions are told apart by their masks, that is, whether the masks differ.
    var tellsByMask: Bool { masks.contains { $0 != masks[0] } }

    public init(mels: Int, shape: NetworkShape, masks: [[Float]], seed: UInt64) {
      self.mels = mels
      self.shape = shape
      self.masks = masks
      self.seed = seed
    }
  }

  /// The result of a training step.
  public struct Outcome: Sendable {
    /// Of the batch, before the step.
    public var loss: Float
    /// Share of the drums in mixes whose nearest one-shot in the batch is the right one, 0…1; of a classification, of the
    /// mixes whose one-shot is named rightly; 0 for an autoencoder.
    public var accuracy: Float
    /// The norm of the gradient before it was clipped.
    public var gradientNorm: Float
  }

  /// A tensor of the model file, with batch normalisation folded into the convolutions.
  public struct Tensor: Sendable {
    /// Name as in the model file, but with the number of the network in place of its name: `0/mix/block0/weight`,
    /// `masks`.
    public var name: String
    /// The length of each dimension, outermost first.
    public var shape: [Int]
    /// In row-major order.
    public var values: [Float]
  }

  /// Whether this program was built with libtorch.
  public static var isBuilt: Bool { TorchLibrary.bridge != nil }

  /// The problem that is reported if it was not.
  public static var notBuilt: Problem {
    Problem(
      "this program was built without training",
      mend: "Run 'make train', or build it by 'swift build -c release --traits LibTorch' where libtorch-dev is "
        + "installed. Ranking with trained models needs neither.")
  }

  /// libtorch's version, or `none`.
  public static var version: String { TorchLibrary.bridge?.version().map { String(cString: $0) } ?? "none" }

  /// The architecture that it was made with.
  public let design: Design
  private let bridge: torch_bridge
  private let handle: OpaquePointer

  /// - Parameter threads: how many threads libtorch uses, in the whole process.
  /// - Throws: a `Problem` that says how to build with libtorch if this program was built without it.
  public init(_ design: Design, threads: Int) throws {
    guard let bridge = TorchLibrary.bridge else { throw Self.notBuilt }
    self.bridge = bridge
    bridge.set_threads(Int32(threads))
    self.design = design
    let blocks = design.shape.blocks.map {
      torch_block(
        channels: Int32($0.channels), kernel_height: Int32($0.kernelHeight), kernel_width: Int32($0.kernelWidth),
        stride_height: Int32($0.strideHeight), stride_width: Int32($0.strideWidth))
    }
    let masks = design.masks.flatMap(\.self)
    precondition(masks.count == design.masks.count * design.shape.embedding)
    let identities = design.identities.map(Int32.init)
    let made = blocks.withUnsafeBufferPointer { blocks in
      masks.withUnsafeBufferPointer { masks in
        identities.withUnsafeBufferPointer { identities in
          var c = torch_design()
          switch design.kind {
          case .metric: c.kind = TORCH_METRIC
          case .classification: c.kind = TORCH_CLASSIFICATION
          case .autoencoder: c.kind = TORCH_AUTOENCODER
          }
          c.mels = Int32(design.mels)
          c.block_count = Int32(blocks.count)
          c.blocks = blocks.baseAddress
          c.hidden = Int32(design.shape.hidden)
          c.dimensions = Int32(design.shape.embedding)
          c.window = Int32(design.shape.window?.frames ?? 0)
          c.window_hop = Int32(design.shape.window?.hop ?? 0)
          c.conditions = Int32(design.masks.count)
          c.networks = Int32(design.networks)
          c.masks = masks.baseAddress
          c.learns_masks = design.learnsMasks ? 1 : 0
          c.learns_temperature = design.learnsTemperature ? 1 : 0
          c.temperature = design.temperature
          c.identities = identities.baseAddress
          c.hit_frames = Int32(design.hitFrames)
          c.average_decay = design.averageDecay
          c.seed = design.seed
          return bridge.create(&c)
        }
      }
    }
    guard let made else { throw Self.problem("the network could not be made", bridge) }
    handle = made
  }

  deinit { bridge.destroy(handle) }

  /// The number of weights that are trained, in all networks.
  public var parameterCount: Int { Int(bridge.parameter_count(handle)) }

  /// Takes one training step.
  /// - Throws: a `Problem` if the gradient is no longer finite.
  public func train(_ batch: TrainingBatch, _ objective: Objective, _ update: Update) throws -> Outcome {
    var outcome = torch_outcome()
    var objective = objective.c(sparesOwn: !design.tellsByMask && design.networks == 1)
    var update = update.c
    let failed = batch.mixes.withUnsafeBufferPointer { mixes in
      batch.hits.withUnsafeBufferPointer { hits in
        batch.hitCondition.withUnsafeBufferPointer { condition in
          batch.hitMix.withUnsafeBufferPointer { mix in
            batch.hitIdentity.withUnsafeBufferPointer { identity in
              var c = torch_batch(
                mix_count: Int32(batch.mixCount), mix_frames: Int32(batch.mixFrames), mixes: mixes.baseAddress,
                hit_count: Int32(batch.hitCount), hit_frames: Int32(batch.hitFrames), hits: hits.baseAddress,
                hit_condition: condition.baseAddress, hit_mix: mix.baseAddress, hit_identity: identity.baseAddress)
              return bridge.train(handle, &c, &objective, &update, &outcome)
            }
          }
        }
      }
    }
    guard failed == 0 else { throw problem("step \(update.step) of the training failed") }
    return Outcome(loss: outcome.loss, accuracy: outcome.accuracy, gradientNorm: outcome.gradient_norm)
  }

  /// Embeds sounds of equal length as the written model file will.
  /// - Parameters:
  ///   - sounds: log-mel spectrograms one after the other, each of `mels` rows of `frames` numbers.
  ///   - network: 0, or the index of the condition if each has a network of its own.
  /// - Returns: for each sound, the unmasked embeddings of its windows one after the other (a single one if the encoder
  ///   has no windows).
  public func embed(_ sounds: [Float], frames: Int, by side: Side, network: Int = 0) throws -> [[Float]] {
    let count = sounds.count / (design.mels * frames)
    precondition(count * design.mels * frames == sounds.count)
    let windows = side == .mix ? design.shape.windows(of: design.shape.steps(of: frames)).count : 1
    let width = windows * design.shape.embedding
    var out = [Float](repeating: 0, count: count * width)
    let failed = bridge.embed(
      handle, Int32(network), side == .mix ? TORCH_MIX : TORCH_HIT, sounds, Int32(count), Int32(frames), &out)
    guard failed == 0 else { throw problem("libtorch could not embed sounds") }
    return (0..<count).map { Array(out[$0 * width..<($0 + 1) * width]) }
  }

  /// Everything that a run needs to resume exactly as if it had not stopped.
  public var state: [Float] {
    get throws {
      var state = [Float](repeating: 0, count: Int(bridge.state_size(handle)))
      guard bridge.get_state(handle, &state) == 0 else { throw problem("the state could not be read") }
      return state
    }
  }

  /// Restores a state.
  /// - Throws: a `Problem` if the state is not that of a network of this design.
  public func restore(_ state: [Float]) throws {
    guard bridge.set_state(handle, state, Int64(state.count)) == 0 else {
      throw problem("the state could not be restored")
    }
  }

  /// The tensors of the model file.
  public var tensors: [Tensor] {
    get throws {
      try (0..<bridge.tensor_count(handle)).map { i in
        var sizes: [Int64] = [1, 1, 1, 1]
        var name: UnsafePointer<CChar>?
        let rank = bridge.tensor_shape(handle, i, &name, &sizes)
        let shape = sizes.prefix(Int(rank)).map(Int.init)
        var values = [Float](repeating: 0, count: shape.reduce(1, *))
        guard let name, bridge.tensor_read(handle, i, &values) == 0 else {
          throw problem("the weights could not be read")
        }
        return Tensor(name: String(cString: name), shape: shape, values: values)
      }
    }
  }

  private func problem(_ what: String) -> Problem { Self.problem(what, bridge) }

  private static func problem(_ what: String, _ bridge: torch_bridge) -> Problem {
    let reason = bridge.last_error().map { String(cString: $0) } ?? "unknown"
    return Problem(
      "\(what): \(reason)",
      mend: "If numbers diverge, use a lower learning rate. Otherwise, this is a fault of Earshot."
    )
  }
}
