import Basics
import Neural

/// Small models with seeded random weights.
enum MadeModel {
  static let shape = NetworkShape(
    blocks: [
      .init(channels: 3, kernelHeight: 5, kernelWidth: 3, strideHeight: 2, strideWidth: 1), .init(channels: 4),
    ], hidden: 6, embedding: 8)

  static func configuration(_ kind: ModelConfiguration.Kind = .conditional) -> ModelConfiguration {
    ModelConfiguration(
      name: kind.rawValue, kind: kind, conditions: ["kick", "snare", "hihat"],
      mel: .init(size: 512, hop: 200, mels: 13, hitFrames: 20), shape: shape, training: ["rate": "0.001"], seed: 7,
      metrics: ["mrr": 0.5])
  }

  static func model(
    _ kind: ModelConfiguration.Kind = .conditional, seed: UInt64 = 1, window: NetworkShape.Window? = nil
  ) throws -> Model {
    var configuration = configuration(kind)
    configuration.shape.window = window
    var random = SeededRandom(seed: seed, "model")
    func encoder() -> EncoderWeights {
      EncoderWeights(
        layers: configuration.shape.layers(mels: configuration.mel.mels).map { _, dimensions in
          let inputs = dimensions.dropFirst().reduce(1, *)
          return Layer(
            weight: (0..<dimensions[0] * inputs).map { _ in Float(random.normal() / Double(inputs).squareRoot()) },
            bias: (0..<dimensions[0]).map { _ in Float(0.1 * random.normal()) })
        })
    }
    var networks: [String: NetworkWeights] = [:]
    for name in configuration.networks { networks[name] = NetworkWeights(mix: encoder(), hit: encoder()) }
    let masks = configuration.conditions.indices.map { c in
      (0..<configuration.shape.embedding).map { Float($0 % 3 == c ? 1 : 0) }
    }
    return try Model(configuration: configuration, networks: networks, masks: masks)
  }
}
