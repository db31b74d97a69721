import Basics
import Foundation

/// A hi-hat: a cluster of square waves at inharmonic ratios, as in analogue drum machines, and noise, both high-passed.
/// Open and closed ones differ only in decay.
struct HiHatVoice: DrumVoice {
  /// The frequency of the lowest square wave, in hertz.
  var pitch: Double
  /// How far each of the six ratios may deviate, as a share of it.
  var scatter: Double
  /// The share of noise relative to metal, from 0 to 1.
  var noise: Double
  /// The cutoff of the high-pass and the centre of the resonant band, in hertz.
  var cut, ring: Double
  /// The time to decay by 60 dB, in seconds.
  var decay: Double
  /// The level of the stick, or of the cymbals closing, during the first 5 ms.
  var chick: Double
  /// Saturation, from 0 (clean) to 1 (strong).
  var drive: Double

  /// The ratios of the six square waves in a well-known machine of 1980 to the lowest one (205.3, 304.4, 369.6, 522.7,
  /// 540, 800 Hz).
  static let ratios = [1, 1.483, 1.800, 2.546, 2.630, 3.897]

  func render(sampleRate: Double, random: inout SeededRandom) -> [Double] {
    let steps = Self.ratios.map { $0 * pitch * (1 + scatter * random.uniform(-1...1)) / sampleRate }
    var phases = steps.map { _ in random.unit() }
    var high = StateVariableFilter(.highpass, frequency: cut, q: 0.9, sampleRate: sampleRate)
    var high2 = StateVariableFilter(.highpass, frequency: cut * 0.8, sampleRate: sampleRate)
    var band = StateVariableFilter(.bandpass, frequency: ring, q: 1.2, sampleRate: sampleRate)
    return (0..<Int(decay * 1.1 * sampleRate)).map { i in
      let t = Double(i) / sampleRate
      var metal = 0.0
      for k in 0..<steps.count {
        metal += bandLimitedSquare(phases[k], steps[k])
        phases[k] += steps[k]
        if phases[k] >= 1 { phases[k] -= 1 }
      }
      let mixed = (1 - noise) * metal / 3 + noise * random.normal()
      let shaped = high2(high(mixed)) + 0.5 * band(mixed)
      return saturate(shaped * (fall(t, decay) + chick * fall(t, 0.01)), drive)
    }
  }

  /// A square wave of period 1 whose edges are rounded by a polynomial to reduce aliasing (Välimäki & Huovilainen
  /// 2007).
  private func bandLimitedSquare(_ phase: Double, _ step: Double) -> Double {
    func edge(_ p: Double) -> Double {
      if p < step {
        let x = p / step
        return x + x - x * x - 1
      }
      if p > 1 - step {
        let x = (p - 1) / step
        return x * x + x + x + 1
      }
      return 0
    }
    let half = phase < 0.5 ? phase + 0.5 : phase - 0.5
    return (phase < 0.5 ? 1 : -1) + edge(phase) - edge(half)
  }
}
