import Basics
import Foundation
import Sound
import Testing

@Suite("Loudness")
struct LoudnessTests {
  func sine(_ frequency: Double, dBFS: Double, seconds: Double, rate: Int = 48000) -> [Float] {
    let amplitude = pow(10, dBFS / 20)
    return (0..<Int(seconds * Double(rate))).map {
      Float(amplitude * sin(2 * .pi * frequency * Double($0) / Double(rate)))
    }
  }

  /// EBU Tech 3341, cases 1 and 2: a stereo sine of 1 kHz with peaks at -23 and -33 dBFS.
  @Test("the sines of EBU Tech 3341 have their loudness", arguments: [-23.0, -33.0], [44100, 48000])
  func sines(level: Double, rate: Int) throws {
    let channel = sine(1000, dBFS: level, seconds: 20, rate: rate)
    let loudness = try Loudness.measure(Clip(channels: [channel, channel], sampleRate: rate))
    #expect(abs(loudness.integrated - level) < 0.1)
    #expect(abs(loudness.maximumMomentary - level) < 0.1)
    #expect(abs(loudness.truePeak - level) < 0.1)
    // Mono is measured as if played from both sides.
    let mono = try Loudness.measure(Clip(mono: channel, sampleRate: rate))
    #expect(abs(mono.integrated - loudness.integrated) < 1e-9)
    #expect(abs(mono.maximumMomentary - loudness.maximumMomentary) < 1e-9)
  }

  /// EBU Tech 3341, case 3: the relative gate leaves out what is 10 LU below.
  @Test("quiet parts are gated")
  func gated() throws {
    let channel =
      sine(1000, dBFS: -36, seconds: 10) + sine(1000, dBFS: -23, seconds: 60) + sine(1000, dBFS: -36, seconds: 10)
    let loudness = try Loudness.measure(Clip(channels: [channel, channel], sampleRate: 48000))
    #expect(abs(loudness.integrated + 23) < 0.1)
  }

  @Test("a sound below 400 ms has the momentary loudness of its energy in 400 ms", arguments: [0.02, 0.05, 0.1, 0.2])
  func short(seconds: Double) throws {
    let clip = Clip(mono: sine(1000, dBFS: -23, seconds: seconds), sampleRate: 48000)
    let loudness = try Loudness.measure(clip)
    #expect(loudness.integrated == -.infinity)
    #expect(abs(loudness.maximumMomentary - (-23 + 10 * log10(seconds / 0.4))) < 0.15)
  }

  @Test("the position of a short sound in its file has no effect")
  func place() throws {
    let sound = sine(200, dBFS: -10, seconds: 0.07)
    func measured(_ before: Int, _ after: Int) throws -> Double {
      let samples = [Float](repeating: 0, count: before) + sound + [Float](repeating: 0, count: after)
      return try Loudness.measure(Clip(mono: samples, sampleRate: 48000)).maximumMomentary
    }
    let alone = try measured(0, 0)
    for (before, after) in [(1234, 0), (0, 5678), (30000, 30000)] {
      #expect(abs(try measured(before, after) - alone) < 0.02)
    }
  }

  @Test("a peak between the samples is detected")
  func truePeak() throws {
    // A quarter of the sample rate, 45 degrees off: samples at 0.707, peaks at 1 (EBU Tech 3341, case 16).
    let samples = (0..<48000).map { Float(0.5 * sin(Double.pi / 2 * Double($0) + .pi / 4)) }
    let clip = Clip(mono: samples, sampleRate: 48000)
    #expect(abs(20 * log10(Double(clip.samplePeak)) + 9.03) < 0.01)
    let peak = try Loudness.measure(clip).truePeak
    #expect(peak > -6.02 - 0.4 && peak < -6.02 + 0.2)
  }

  @Test("the true peak is that of the oversampled sound", arguments: 1...20)
  func oversampled(seed: UInt64) throws {
    var random = SeededRandom(seed: seed, "true peak")
    // Bursts in several places, so that only some sections can hold the peak.
    var samples = [Float](repeating: 0, count: 30000)
    for _ in 0..<6 {
      let start = random.below(29000), level = random.uniform(0.2...0.9), frequency = random.uniform(50...15000)
      for i in start..<start + 1000 {
        samples[i] += Float(level * exp(-Double(i - start) / 200) * sin(2 * .pi * frequency * Double(i) / 44100))
      }
    }
    let clip = Clip(mono: samples, sampleRate: 44100)
    let peak = try Loudness.measure(clip).truePeak
    let reference = 20 * log10(Double(try clip.resampled(to: 176400).samplePeak))
    #expect(abs(peak - reference) < 0.4)
    #expect(peak >= 20 * log10(Double(clip.samplePeak)))
  }

  @Test("a gain shifts all three values, and silence has none")
  func gain() throws {
    let clip = Clip(mono: sine(300, dBFS: -20, seconds: 1), sampleRate: 44100)
    let before = try Loudness.measure(clip)
    let after = try Loudness.measure(clip.scaled(by: 2))
    let expected = before.after(gain: 20 * log10(2))
    #expect(abs(after.integrated - expected.integrated) < 1e-5)
    #expect(abs(after.maximumMomentary - expected.maximumMomentary) < 1e-5)
    #expect(abs(after.truePeak - expected.truePeak) < 1e-5)
    let silence = try Loudness.measure(Clip(mono: .init(repeating: 0, count: 44100), sampleRate: 44100))
    #expect(
      silence.maximumMomentary == -.infinity && silence.integrated == -.infinity && silence.truePeak == -.infinity)
  }
}
