import Basics
import Foundation
import Sound
import Testing

@Suite("Separation of tones and hits")
struct HarmonicPercussiveTests {
  static let rate = 44100
  let settings = Spectrum.Settings(size: 1024, hop: 256)
  let separation = HarmonicPercussive(frames: 31, bins: 17)

  private func share(_ samples: [Float]) -> Double {
    let whole = Spectrum(of: samples, sampleRate: Self.rate, settings: settings)
    func sum(_ power: [Float]) -> Double { power.reduce(0.0) { $0 + Double($1) } }
    return sum(separation.percussive(whole).power) / sum(whole.power)
  }

  @Test("a click stays, a steady tone is removed")
  func extremes() {
    var click = [Float](repeating: 0, count: Self.rate)
    click[20000] = 1
    let tone = (0..<Self.rate).map { Float(0.5 * sin(2 * Double.pi * 440 * Double($0) / Double(Self.rate))) }
    #expect(share(click) > 0.999)
    // Only the beginning and the end of the tone remain.
    #expect(share(tone) < 0.02)
    #expect(share([Float](repeating: 0, count: 5000)).isNaN)
  }

  @Test("each bin is weighted by medians with mirrored edges, as computed one by one")
  func mask() {
    var random = SeededRandom(seed: 3, "noise")
    let noise = (0..<6000).map { _ in Float(random.normal()) }
    let settings = Spectrum.Settings(size: 64, hop: 32)
    let spectrum = Spectrum(of: noise, sampleRate: Self.rate, settings: settings)
    let small = HarmonicPercussive(frames: 7, bins: 5)
    let got = small.percussive(spectrum).power
    let (rows, columns) = (spectrum.frameCount, spectrum.binCount)
    func mirrored(_ i: Int, _ count: Int) -> Int { i < 0 ? -1 - i : i >= count ? 2 * count - 1 - i : i }
    func median(_ values: [Float]) -> Double { Double(values.sorted()[values.count / 2]) }
    for (t, k) in [(0, 0), (1, 3), (50, 16), (rows - 1, columns - 1), (rows - 3, columns - 2), (90, 30)] {
      let h = median((-3...3).map { spectrum.power[mirrored(t + $0, rows) * columns + k] })
      let p = median((-2...2).map { spectrum.power[t * columns + mirrored(k + $0, columns)] })
      let wanted = Double(spectrum.power[t * columns + k]) * p * p / (p * p + h * h)
      #expect(abs(Double(got[t * columns + k]) - wanted) <= 1e-4 * wanted)
    }
  }
}
