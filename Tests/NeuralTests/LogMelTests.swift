import Foundation
import Neural
import Sound
import Testing

@Suite("Log-mel images")
struct LogMelTests {
  struct Oracle: Decodable {
    struct Picture: Decodable {
      var settings: LogMel.Settings
      var rows: [[Double]]
    }
    var samples_16bit: [Int]
    var images: [Picture]
  }

  @Test("images agree with librosa's within 1e-4", arguments: 0..<3)
  func oracle(_ i: Int) throws {
    let file = URL(filePath: #filePath).appending(path: "../../../analysis/oracles/fixtures/logmel.json").standardized
    let oracle = try JSONDecoder().decode(Oracle.self, from: Data(contentsOf: file))
    let picture = oracle.images[i]
    let image = LogMel(picture.settings).features(of: oracle.samples_16bit.map { Float($0) / 32768 })
    #expect(image.mels == picture.rows.count && image.frames == picture.rows[0].count)
    for (value, right) in zip(image.values, picture.rows.joined()) { #expect(abs(Double(value) - right) < 1e-4) }
  }

  private func hit(delay: Int) -> [Float] {
    [Float](repeating: 0, count: delay)
      + (0..<6000).map { 0.5 * sinf(Float($0) * 0.05) * expf(-Float($0) / 2000) }
  }

  @Test("a one-shot is heard from its attack, wherever that is, in the requested number of frames")
  func attack() {
    let mel = LogMel(.init(hop: 300, hitFrames: 12))
    let early = mel.hit(of: hit(delay: 500)), late = mel.hit(of: hit(delay: 9000))
    #expect(early == late && early.frames == 12)
    #expect(mel.hit(in: hit(delay: 500)).count == 11 * 300)
    #expect(mel.hit(of: Array(hit(delay: 0).prefix(1000))).frames == 12)
  }

  @Test("gain has no effect where sounds are normalised")
  func gain() {
    for normalisation in [LogMel.Settings.Normalisation.peak, .rms] {
      let mel = LogMel(.init(normalisation: normalisation))
      let loud = mel.features(of: hit(delay: 0)), quiet = mel.features(of: hit(delay: 0).map { $0 * 0.125 })
      for (a, b) in zip(loud.values, quiet.values) { #expect(abs(a - b) < 1e-4) }
    }
  }

  @Test("silence and empty sounds have finite numbers")
  func silence() throws {
    let mel = LogMel(.init(hitFrames: 3))
    for image in [mel.hit(of: []), mel.hit(of: .init(repeating: 0, count: 99)), mel.features(of: [Float]())] {
      #expect(!image.values.isEmpty && image.values.allSatisfy(\.isFinite))
    }
  }

  @Test("another sample rate or two channels give almost the same image")
  func rates() throws {
    let mel = LogMel(.init(high: 8000))
    let clip = Clip(mono: hit(delay: 0), sampleRate: 44100)
    let other = try Clip(channels: [clip.mono, clip.mono], sampleRate: 44100).resampled(to: 48000)
    let (a, b) = (try mel.features(of: clip), try mel.features(of: other))
    #expect(a.frames == b.frames)
    let differences = zip(a.values, b.values).map { abs($0 - $1) }.sorted()
    #expect(differences[differences.count / 2] < 0.01)
  }

  @Test("frames can be cut out")
  func crop() {
    let image = LogMel.Image(mels: 2, frames: 3, values: [1, 2, 3, 4, 5, 6])
    #expect(image.frames(1..<3) == LogMel.Image(mels: 2, frames: 2, values: [2, 3, 5, 6]))
  }

  @Test("low bands between two bins are interpolated, so that none is empty")
  func narrow() {
    let filters = MelScale.htk.filters(96, size: 512, sampleRate: 44100, from: 20, unitArea: false, fillsNarrow: true)
    for b in 0..<96 { #expect(filters[b].reduce(0, +) >= 0.5) }
    let thin = MelScale.htk.filters(96, size: 512, sampleRate: 44100, from: 20, unitArea: false)
    #expect((0..<96).contains { thin[$0].reduce(0, +) == 0 })
  }
}
