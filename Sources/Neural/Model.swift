import Basics
import Foundation

/// A layer's weights, row-major with one row per output, and one bias per output.
public struct Layer: Sendable, Equatable {
  public var weight: [Float]
  /// One per output.
  public var bias: [Float]

  public init(weight: [Float], bias: [Float]) {
    self.weight = weight
    self.bias = bias
  }

  /// Folds a convolution without bias and the batch normalisation after it into one layer: each output's weights are
  /// scaled by `gamma / √(variance + epsilon)`, and its bias is `beta − mean` times that scale.
  public static func folded(
    weight: [Float], gamma: [Float], beta: [Float], mean: [Float], variance: [Float], epsilon: Double
  ) -> Layer {
    let outputs = gamma.count
    precondition(outputs > 0 && [beta.count, mean.count, variance.count] == [outputs, outputs, outputs])
    let inputs = weight.count / outputs
    var layer = Layer(weight: weight, bias: beta)
    for o in 0..<outputs {
      let scale = Double(gamma[o]) / (Double(variance[o]) + epsilon).squareRoot()
      for i in o * inputs..<(o + 1) * inputs { layer.weight[i] = Float(Double(weight[i]) * scale) }
      layer.bias[o] = Float(Double(beta[o]) - Double(mean[o]) * scale)
    }
    return layer
  }
}

/// All layers of an encoder, in the order of `NetworkShape.layers(mels:)`: its blocks, `hidden`, `value`, `score`.
public struct EncoderWeights: Sendable, Equatable {
  /// In the order of `NetworkShape.layers(mels:)`.
  public var layers: [Layer]

  public init(layers: [Layer]) { self.layers = layers }
}

/// The two encoders of a network: of mixes (f in the paper) and of one-shots (g).
public struct NetworkWeights: Sendable, Equatable {
  public var mix, hit: EncoderWeights

  public init(mix: EncoderWeights, hit: EncoderWeights) {
    self.mix = mix
    self.hit = hit
  }
}

/// What an encoder encodes: mixes or one-shots.
public enum Side: String, Sendable, CaseIterable {
  case mix, hit
}

/// A trained model: its configuration, weights and masks, all checked: sizes match, numbers are finite, masks are not
/// negative.
public struct Model: Sendable {
  /// What the model is and how it was made.
  public let configuration: ModelConfiguration
  /// Weights by the names in `configuration.networks`.
  public let networks: [String: NetworkWeights]
  /// The masks, in the order of the conditions: a weight for each dimension of the embedding.
  public let masks: [[Float]]
  private let encoders: [String: [Side: SoundEncoder]]

  /// - Throws: a `Problem` that says which size or number is wrong.
  public init(configuration: ModelConfiguration, networks: [String: NetworkWeights], masks: [[Float]]) throws {
    func wrong(_ what: String) -> Problem {
      Problem("the model cannot be used: \(what)", mend: "Write it again with `earshot train`.")
    }
    if let flaw = configuration.flaw() { throw wrong(flaw) }
    guard Set(networks.keys) == Set(configuration.networks) else {
      throw wrong(
        "it has the networks [\(networks.keys.sorted().joined(separator: ", "))], not "
          + "[\(configuration.networks.joined(separator: ", "))]")
    }
    let layers = configuration.shape.layers(mels: configuration.mel.mels)
    for (name, network) in networks.sorted(by: { $0.key < $1.key }) {
      for side in Side.allCases {
        let weights = network[side]
        guard weights.layers.count == layers.count else {
          throw wrong("\(name)/\(side.rawValue) has \(weights.layers.count, "layer"), not \(layers.count)")
        }
        for (layer, (part, dimensions)) in zip(weights.layers, layers) {
          guard layer.weight.count == dimensions.reduce(1, *), layer.bias.count == dimensions[0] else {
            throw wrong(
              "\(name)/\(side.rawValue)/\(part) has \(layer.weight.count) weights and \(layer.bias.count) biases, not "
                + "\(dimensions.reduce(1, *)) and \(dimensions[0])")
          }
          guard layer.weight.allSatisfy(\.isFinite), layer.bias.allSatisfy(\.isFinite) else {
            throw wrong("\(name)/\(side.rawValue)/\(part) has a value that is not a number")
          }
        }
      }
    }
    guard masks.count == configuration.conditions.count else {
      throw wrong("it has \(masks.count, "mask") for \(configuration.conditions.count, "condition")")
    }
    for (mask, condition) in zip(masks, configuration.conditions) {
      guard mask.count == configuration.shape.embedding, mask.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
        throw wrong(
          "the mask of '\(condition)' is not \(configuration.shape.embedding) finite numbers that are at least 0")
      }
    }
    self.configuration = configuration
    self.networks = networks
    self.masks = masks
    encoders = networks.mapValues { network in
      Dictionary(
        uniqueKeysWithValues: Side.allCases.map {
          ($0, SoundEncoder(weights: network[$0], shape: configuration.shape.of($0), mel: configuration.mel))
        })
    }
  }

  /// The same weights, heard in other windows than those that the model was trained with.
  /// - Parameter seconds: length of a window; a new one starts every `Window.usualHop` seconds, or every `seconds` if
  ///   that is less. At 0 the encoder of mixes pools over the whole mix.
  /// - Throws: a `Problem` if the model hears hits that are cut out of a mix.
  public func hearing(inWindowsOf seconds: Double) throws -> Model {
    guard configuration.hearing == .wholeMix else {
      throw Problem(
        "the model '\(configuration.name)' hears hits cut out of a mix, which have no windows",
        mend: "Leave out the windows, or this model.")
    }
    var configuration = configuration
    configuration.shape.window = nil
    if seconds > 0 {
      configuration.shape = configuration.shape.withWindows(
        of: seconds, hop: min(seconds, NetworkShape.Window.usualHop), mel: configuration.mel)
    }
    return try Model(configuration: configuration, networks: networks, masks: masks)
  }

  /// The encoder that serves a condition.
  public func encoder(_ side: Side, for condition: String) -> SoundEncoder {
    guard let encoder = encoders[configuration.network(for: condition)]?[side] else {
      preconditionFailure("the model has no condition '\(condition)'")
    }
    return encoder
  }

  /// The mask of a condition. Nil if the model does not know the condition.
  public func mask(of condition: String) -> [Float]? {
    configuration.conditions.firstIndex(of: condition).map { masks[$0] }
  }

  /// An embedding as it is compared under a condition: multiplied by the condition's mask and normalised to length 1. A
  /// zero vector stays zero. Distances are Euclidean, hence from 0 to 2.
  public func masked(_ embedding: [Float], _ condition: String) -> [Float] {
    guard let mask = mask(of: condition) else { preconditionFailure("the model has no condition '\(condition)'") }
    return Self.masked(embedding, by: mask)
  }

  /// The same with any mask of the right number of dimensions, which need not belong to a model yet.
  public static func masked(_ embedding: [Float], by mask: [Float]) -> [Float] {
    precondition(embedding.count == mask.count)
    var vector = embedding
    var squares = 0.0
    for i in vector.indices {
      vector[i] *= mask[i]
      squares += Double(vector[i]) * Double(vector[i])
    }
    guard squares > 0 else { return vector }
    let scale = Float(1 / squares.squareRoot())
    for i in vector.indices { vector[i] *= scale }
    return vector
  }
}

extension NetworkWeights {
  /// The weights of the encoder for a side.
  public subscript(side: Side) -> EncoderWeights {
    switch side {
    case .mix: mix
    case .hit: hit
    }
  }
}
