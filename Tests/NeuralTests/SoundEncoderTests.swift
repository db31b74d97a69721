import Basics
import Foundation
import Neural
import Testing

@Suite("Encoders")
struct SoundEncoderTests {
  struct Answer: Decodable {
    var model: String
    var frames: Int
    var image_hundredths: [Int]
    var mix, hit: [Double]
  }

  static let fixtures = URL(filePath: #filePath).appending(path: "../../../analysis/oracles/fixtures").standardized

  @Test("embeddings equal PyTorch's within 1e-4, and give the same order")
  func torch() throws {
    let answers = try JSONDecoder().decode(
      [Answer].self, from: Data(contentsOf: Self.fixtures.appending(path: "network.json")))
    #expect(answers.count == 7)
    for answer in answers {
      let model = try ModelFile.read(Self.fixtures.appending(path: "network-\(answer.model).safetensors"))
      let image = LogMel.Image(
        mels: model.configuration.mel.mels, frames: answer.frames,
        values: answer.image_hundredths.map { Float($0) / 100 })
      for (side, expected) in [(Side.mix, answer.mix), (.hit, answer.hit)] {
        let embedding = model.encoder(side, for: "kick").embedding(of: image)
        #expect(embedding.count == expected.count)
        let difference = zip(embedding, expected).map { abs(Double($0) - $1) }.max() ?? 1
        #expect(difference < 1e-4, "\(answer.model), \(side.rawValue), \(answer.frames) frames")
      }
    }
  }

  private func images(_ count: Int, frames: (Int) -> Int) -> [LogMel.Image] {
    var random = SeededRandom(seed: 3, "images")
    return (0..<count).map { i in
      LogMel.Image(mels: 13, frames: frames(i), values: (0..<13 * frames(i)).map { _ in Float(random.normal()) })
    }
  }

  @Test("many at once, of several lengths, are as one by one")
  func batches() throws {
    let encoder = try MadeModel.model().encoder(.hit, for: "snare")
    let images = images(70) { [20, 20, 33][$0 % 3] }
    let together = encoder.embeddings(of: images)
    for (image, embedding) in zip(images, together) {
      for (a, b) in zip(embedding, encoder.embedding(of: image)) { #expect(abs(a - b) < 1e-5) }
    }
  }

  @Test("the same image gives the same bits on every thread and after other sizes")
  func repeatable() throws {
    let encoder = try MadeModel.model().encoder(.mix, for: "kick")
    let images = images(40) { 15 + $0 }
    let alone = images.map { encoder.embedding(of: $0) }
    #expect(try parallelMap(images + images) { encoder.embedding(of: $0) } == alone + alone)
  }

  @Test("an encoder's fingerprint follows its weights and what it hears, not its name or masks")
  func fingerprint() throws {
    let one = try MadeModel.model()
    var configuration = one.configuration
    configuration.name = "other"
    func fingerprint(_ configuration: ModelConfiguration, _ networks: [String: NetworkWeights]) throws -> String {
      try Model(configuration: configuration, networks: networks, masks: one.masks).encoder(.mix, for: "kick")
        .fingerprint
    }
    let first = one.encoder(.mix, for: "kick").fingerprint
    #expect(try fingerprint(configuration, one.networks) == first)
    #expect(one.encoder(.hit, for: "kick").fingerprint != first)
    var networks = one.networks
    networks["shared"]?.mix.layers[0].bias[0] += 0.001
    #expect(try fingerprint(configuration, networks) != first)
    configuration.mel.hop = 220
    #expect(try fingerprint(configuration, one.networks) != first)
  }

  @Test("a network per class answers by that class's network")
  func perClass() throws {
    let model = try MadeModel.model(.perClass)
    let image = images(1) { _ in 30 }[0]
    let answers = ["kick", "snare", "hihat"].map { model.encoder(.mix, for: $0).embedding(of: image) }
    #expect(Set(answers).count == 3)
  }
}
