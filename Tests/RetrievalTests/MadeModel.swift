import Basics
import Foundation
import Neural

/// Small models with seeded random weights.
enum MadeModel {
  static func model(
    _ kind: ModelConfiguration.Kind = .conditional, hearing: ModelConfiguration.Hearing = .wholeMix,
    window: NetworkShape.Window? = nil
  ) throws -> Model {
    let configuration = ModelConfiguration(
      name: kind.rawValue, kind: kind, conditions: MadeSounds.conditions, hearing: hearing,
      mel: .init(hop: 441, mels: 32, constant: 1e-4, mean: -4, deviation: 3, hitFrames: 30),
      shape: NetworkShape(
        blocks: [.init(channels: 8, kernelHeight: 5, kernelWidth: 5), .init(channels: 12)], hidden: 24, embedding: 18,
        window: window))
    var random = SeededRandom(seed: 5, "model")
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
    for name in configuration.networks {
      // The same encoder on both sides: a one-shot is near itself when it is the query.
      let one = encoder()
      networks[name] = NetworkWeights(mix: one, hit: one)
    }
    let masks = configuration.conditions.indices.map { c in (0..<18).map { Float($0 / 6 == c ? 1 : 0) } }
    return try Model(configuration: configuration, networks: networks, masks: masks)
  }
}
