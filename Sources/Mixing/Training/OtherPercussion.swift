import Basics
import Foundation
import Synthesis

/// Synthesised percussion that belongs to no class: toms, claps, cymbals, shakers, bells and sticks. A model learns to
/// tell kicks, snares and hi-hats from it.
enum OtherPercussion {
  private static let rate = Double(Backing.sampleRate)

  /// One such sound, with a peak of 1.
  static func draw(_ random: inout SeededRandom) -> [Float] {
    let kind = random.below(6), pitch = random.unit(), tone = random.unit(), length = random.unit()
    var noise = SeededRandom(seed: random.next(), "other percussion")
    var samples: [Float]
    switch kind {
    case 0:  // tom
      let low = 70 * pow(4, pitch), fall = 0.1 + 0.4 * length
      samples = sines([low], bend: 0.3 + 0.5 * tone, decay: fall, seconds: 2.5 * fall)
    case 1:  // clap
      samples = filtered(800 * pow(3, pitch), q: 1.5, seconds: 0.35, &noise) { t in
        let burst =
          t < 0.03 ? exp(-t.truncatingRemainder(dividingBy: 0.01) / 0.003) : exp(-(t - 0.03) / (0.03 + 0.1 * length))
        return burst
      }
    case 2:  // crash or ride
      let ring = filtered(5000 * pow(2, pitch), q: 0.6, seconds: 1.4, &noise) { exp(-$0 / (0.2 + 0.5 * length)) }
      let bells = sines(
        [1, 1.34, 1.71, 2.23, 2.9].map { $0 * 700 * pow(3, tone) }, bend: 0, decay: 0.3 + 0.5 * length, seconds: 1.4)
      samples = zip(ring, bells).map { 0.8 * $0 + 0.3 * $1 }
    case 3:  // shaker
      samples = filtered(4000 * pow(2, pitch), q: 1, seconds: 0.2, &noise) { t in
        min(1, t / (0.01 + 0.04 * tone)) * exp(-t / (0.02 + 0.05 * length))
      }
    case 4:  // bell
      let low = 400 * pow(3, pitch)
      samples = sines([low, low * (1.4 + 0.2 * tone)], bend: 0, decay: 0.04 + 0.2 * length, seconds: 0.5)
    default:  // sticks
      let low = 900 * pow(3, pitch)
      samples = sines([low, 2.7 * low], bend: 0.1 * tone, decay: 0.008 + 0.03 * length, seconds: 0.15)
    }
    HitShaper.normalise(&samples)
    return samples
  }

  private static func sines(_ frequencies: [Double], bend: Double, decay: Double, seconds: Double) -> [Float] {
    var phases = [Double](repeating: 0, count: frequencies.count)
    return (0..<Int(seconds * rate)).map { i in
      let t = Double(i) / rate, high = 1 + bend * exp(-t / 0.03)
      var sum = 0.0
      for (k, frequency) in frequencies.enumerated() {
        phases[k] += 2 * .pi * frequency * high / rate
        sum += sin(phases[k])
      }
      return Float(sum * exp(-t / decay))
    }
  }

  private static func filtered(
    _ frequency: Double, q: Double, seconds: Double, _ noise: inout SeededRandom, envelope: (Double) -> Double
  ) -> [Float] {
    var filter = StateVariableFilter(.bandpass, frequency: frequency, q: q, sampleRate: rate)
    return (0..<Int(seconds * rate)).map { Float(filter(noise.uniform(-1...1)) * envelope(Double($0) / rate)) }
  }
}
