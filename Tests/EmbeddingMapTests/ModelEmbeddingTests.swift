import Basics
import EmbeddingMap
import Foundation
import Neural
import Retrieval
import Testing

@Suite("Maps of a model")
struct ModelEmbeddingTests {
  /// A small model with random weights.
  static func system(_ kind: ModelConfiguration.Kind, masked: Bool = true, conditions: [String] = MadeLibrary.classes)
    throws -> ModelSystem
  {
    let shape = NetworkShape(blocks: [.init(channels: 3), .init(channels: 4)], hidden: 6, embedding: 9)
    let configuration = ModelConfiguration(
      name: kind.rawValue, kind: kind, conditions: conditions,
      mel: .init(size: 512, hop: 200, mels: 13, hitFrames: 20), shape: shape)
    var random = SeededRandom(seed: 2)
    func encoder() -> EncoderWeights {
      EncoderWeights(
        layers: shape.layers(mels: 13).map { _, dimensions in
          let inputs = dimensions.dropFirst().reduce(1, *)
          return Layer(
            weight: (0..<dimensions[0] * inputs).map { _ in Float(random.normal() / Double(inputs).squareRoot()) },
            bias: (0..<dimensions[0]).map { _ in Float(0.1 * random.normal()) })
        })
    }
    let networks = Dictionary(
      uniqueKeysWithValues: configuration.networks.map { ($0, NetworkWeights(mix: encoder(), hit: encoder())) })
    let masks = conditions.indices.map { c in (0..<9).map { Float(!masked || $0 % 3 == c ? 1 : 0) } }
    return ModelSystem(try Model(configuration: configuration, networks: networks, masks: masks))
  }

  @Test("each mask makes a space, besides the whole; a mix is compared as it is ranked")
  func conditional() throws {
    let made = try MadeLibrary()
    defer { made.remove() }
    let sounds = try made.sounds, mixes = try made.mixes, system = try Self.system(.conditional)
    let features = FeatureStore(folder: nil)
    let embedding = try Embedding(system, sounds: sounds, mixes: mixes, features: features)
    #expect(embedding.spaces.map(\.name) == ["whole", "kick", "snare", "hihat"])
    #expect(embedding.spaces.map(\.part) == [.whole, .mask, .mask, .mask])
    for (c, space) in embedding.spaces.dropFirst().enumerated() {
      for vector in space.vectors {
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        #expect(vector.indices.allSatisfy { vector[$0] == 0 || $0 % 3 == c })
      }
    }
    #expect(embedding.asked[0].map(\.space) == [1, 2])

    let candidates = sounds.map { Candidate(id: $0.id, condition: $0.condition, file: $0.file) }
    let ranked = try system.prepare(candidates, features: features, progress: nil)
      .distances(
        of: Query(id: "m", condition: "snare", file: mixes[0].file), to: Array(sounds.indices))
    let asked = embedding.asked[0][1]
    for (distance, other) in zip(ranked, embedding.spaces[2].vectors) {
      let mine = zip(asked.vector, other).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
      #expect(abs(mine - distance) < 1e-5)
    }
  }

  @Test("a mix that is heard in windows has the place of the window that is nearest to any sound")
  func windows() throws {
    let made = try MadeLibrary()
    defer { made.remove() }
    let sounds = try made.sounds, mixes = try made.mixes, features = FeatureStore(folder: nil)
    let system = ModelSystem(try Self.system(.conditional).model.hearing(inWindowsOf: 0.2))
    let embedding = try Embedding(system, sounds: sounds, mixes: mixes, features: features)
    let candidates = sounds.map { Candidate(id: $0.id, condition: $0.condition, file: $0.file) }
    let ranked = try system.prepare(candidates, features: features, progress: nil)
      .distances(of: Query(id: "m", condition: "snare", file: mixes[0].file), to: Array(sounds.indices))
    let heard = try system.mixEmbeddings(of: mixes[0].file, for: "snare", features: features)
    #expect(heard.rows > 2)
    let asked = embedding.asked[0][1]
    let distances = embedding.spaces[2].vectors.map { other in
      zip(asked.vector, other).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
    }
    // The nearest is the ranking's; none can be nearer than its nearest window.
    let nearest = try #require(ranked.min())
    #expect(abs((distances.min() ?? 9) - nearest) < 1e-5)
    #expect(zip(distances, ranked).allSatisfy { $0 > $1 - 1e-5 })
  }

  @Test("without masks there is one space; with one network per class, there is one for each")
  func others() throws {
    let made = try MadeLibrary(each: 5)
    defer { made.remove() }
    let sounds = try made.sounds, features = FeatureStore(folder: nil)
    let joint = try Embedding(try Self.system(.joint, masked: false), sounds: sounds, features: features)
    #expect(joint.spaces.map(\.part) == [.whole])
    let own = try Embedding(try Self.system(.perClass, masked: false), sounds: sounds, features: features)
    #expect(own.spaces.map(\.name) == MadeLibrary.classes && own.spaces.allSatisfy { $0.part == .network })
    let error = #expect(throws: Problem.self) {
      try Embedding(
        try Self.system(.conditional, conditions: ["kick", "hihat"]), sounds: sounds, mixes: try made.mixes,
        features: features)
    }
    #expect(error?.what.contains("does not know 'snare'") == true)
  }
}
