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

  @Test("a batch of several lengths gives the same as one sound at a time")
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

  @Test("an encoder's fingerprint depends on its weights and input, not on its name or masks")
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
    configuration.shape.window = .init(frames: 4, hop: 2)
    let windowed = try fingerprint(configuration, one.networks)
    #expect(windowed != first)
    configuration.mel.hop = 220
    #expect(try ![first, windowed].contains(fingerprint(configuration, one.networks)))
  }

  @Test("windows cover all frames, have one length, and the last ends with the sound")
  func windows() {
    var shape = MadeModel.shape
    #expect(shape.windows(of: 40) == [0..<40])
    for (frames, hop) in [(12, 5), (12, 12), (1, 1), (7, 1)] {
      shape.window = .init(frames: frames, hop: hop)
      for steps in 1...60 {
        let windows = shape.windows(of: steps)
        #expect(Set(windows.joined()) == Set(0..<steps))
        #expect(windows.allSatisfy { $0.count == min(frames, steps) } && Set(windows).count == windows.count)
        #expect(zip(windows, windows.dropFirst()).dropLast().allSatisfy { $1.lowerBound - $0.lowerBound == hop })
      }
    }
  }

  @Test("each window of a mix is pooled on its own; one-shots and short mixes are unaffected")
  func pooling() throws {
    let image = images(1) { _ in 60 }[0], frames = MadeModel.shape.steps(of: 60)
    func heard(_ window: NetworkShape.Window?, _ side: Side = .mix) throws -> [[Float]] {
      let encoder = try MadeModel.model(window: window).encoder(side, for: "kick"), width = encoder.dimensions
      let rows = encoder.embedding(of: image)
      return stride(from: 0, to: rows.count, by: width).map { Array(rows[$0..<$0 + width]) }
    }
    let whole = try heard(nil)
    #expect(whole.count == 1)
    #expect(try heard(.init(frames: frames, hop: 1)) == whole)
    #expect(try heard(.init(frames: 4, hop: 2), .hit) == heard(nil, .hit))
    // With windows of one frame, each row is that frame's value; a pooled value lies between those of its frames.
    let single = try heard(.init(frames: 1, hop: 1)), some = try heard(.init(frames: 6, hop: 4))
    let windows = [0..<6, 4..<10, 8..<14, 12..<18, 16..<22, 20..<26, 24..<30]
    #expect(single.count == frames && frames == 30 && some.count == windows.count)
    for (row, window) in zip(some, windows) {
      for d in row.indices {
        let values = window.map { single[$0][d] }
        #expect(row[d] > (values.min() ?? 9) && row[d] < (values.max() ?? -9))
      }
    }
    #expect(Set(some).count == some.count)
  }

  @Test("any model that hears whole mixes can hear them in windows instead, and the other way round")
  func otherWindows() throws {
    let model = try MadeModel.model(), configuration = model.configuration
    let step = configuration.shape.secondsPerStep(of: configuration.mel)
    for (seconds, hop) in [(1.5, 0.25), (0.1, 0.1)] {
      let windowed = try model.hearing(inWindowsOf: seconds)
      let window = try #require(windowed.configuration.shape.window)
      #expect(window.frames == Int((seconds / step).rounded()))
      #expect(window.hop == Int((hop / step).rounded()))
      #expect(windowed.networks == model.networks && windowed.masks == model.masks)
      #expect(try windowed.hearing(inWindowsOf: 0).configuration == configuration)
    }
    let image = images(1) { _ in 300 }[0]
    let rows = try model.hearing(inWindowsOf: 0.4).encoder(.mix, for: "kick").embedding(of: image)
    #expect(rows.count > 2 * configuration.shape.embedding)
    var hears = configuration
    hears.hearing = .hits
    let hits = try Model(configuration: hears, networks: model.networks, masks: model.masks)
    let problem = #expect(throws: Problem.self) { try hits.hearing(inWindowsOf: 1) }
    #expect(problem?.what.contains("no windows") == true)
  }

  @Test("with one network per class, the class's own network is used")
  func perClass() throws {
    let model = try MadeModel.model(.perClass)
    let image = images(1) { _ in 30 }[0]
    let answers = ["kick", "snare", "hihat"].map { model.encoder(.mix, for: $0).embedding(of: image) }
    #expect(Set(answers).count == 3)
  }
}
