import Basics
import Foundation
import Mixing
import Sound
import Testing

@Suite("The mastering chain")
struct MasteringChainTests {
  /// Four seconds of noise bursts and a tone.
  private func loop(gain: Float = 0.2) -> Clip {
    var random = SeededRandom(seed: 1, "loop")
    let samples = (0..<176_400).map { i in
      let burst = exp(-8 * Double(i % 22050) / 22050) * random.uniform(-1...1)
      return gain * Float(burst + 0.3 * sin(2 * .pi * 110 * Double(i) / 44100))
    }
    return Clip(channels: [samples, samples.map { 0.8 * $0 }], sampleRate: 44100)
  }

  private func rotated(_ clip: Clip, by frames: Int) -> Clip {
    Clip(channels: clip.channels.map { Array($0[frames...] + $0[..<frames]) }, sampleRate: clip.sampleRate)
  }

  @Test("the ceiling holds, however hard the chain is driven", arguments: [0.0, 6, 24])
  func ceiling(drive: Double) throws {
    var random = SeededRandom(seed: 2, "chain")
    var settings = MasteringRanges.usual.draw(&random)
    settings.limiterDrive = drive
    let out = try MasteringChain(settings: settings).process(loop())
    let round = Clip(channels: out.channels.map { $0 + $0 }, sampleRate: 44100)
    #expect(try Loudness.measure(round).truePeak <= settings.limiterCeiling + 1e-3)
    #expect(out.frameCount == loop().frameCount)
  }

  @Test("the loop has no seam: it sounds the same wherever it is cut open", arguments: [1, 5])
  func seam(seed: UInt64) throws {
    var random = SeededRandom(seed: seed, "chain")
    let chain = MasteringChain(settings: MasteringRanges.usual.draw(&random))
    let out = try chain.process(loop())
    let turned = try chain.process(rotated(loop(), by: 60_000))
    let difference = zip(rotated(out, by: 60_000).channels.joined(), turned.channels.joined()).map { abs($0 - $1) }
    #expect(try #require(difference.max()) < 1e-3)
  }

  @Test("a chain drawn from the ranges stays within them")
  func ranges() {
    var random = SeededRandom(seed: 3, "chain")
    for _ in 0..<200 {
      let s = MasteringRanges.usual.draw(&random)
      #expect((-3...3).contains(s.eqLow) && (350...3500).contains(s.eqMidFrequency))
      #expect((1.5...4).contains(s.compressorRatio) && (0.005...0.04).contains(s.compressorAttack))
      #expect((-30 ... -14).contains(s.reverbSend) && (-1 ... -0.3).contains(s.limiterCeiling))
    }
  }
}
