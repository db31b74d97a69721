import Basics
import Foundation

/// A snare drum: two modes of the head and the band-passed noise of the wires, each with its own decay.
struct SnareVoice: DrumVoice {
  /// The lower mode, in hertz, and the ratio of the upper mode to it.
  var mode, modeRatio: Double
  /// How much higher the modes start, as a share of their frequency.
  var bend: Double
  /// The time in which the modes decay by 60 dB, in seconds, and their level.
  var toneDecay, tone: Double
  /// The band of the wires, in hertz, the time in which they decay by 60 dB, in seconds, and their level.
  var noiseLow, noiseHigh, noiseDecay, noise: Double
  /// The level of the stick: a 3 ms burst over the whole spectrum.
  var stick: Double
  /// Saturation, from 0 (clean) to 1 (strong).
  var drive: Double

  func render(sampleRate: Double, random: inout SeededRandom) -> [Double] {
    let count = Int(max(toneDecay, noiseDecay) * 1.1 * sampleRate)
    var high = StateVariableFilter(.highpass, frequency: noiseLow, sampleRate: sampleRate)
    var low = StateVariableFilter(.lowpass, frequency: noiseHigh, sampleRate: sampleRate)
    var first = 0.0, second = 0.0
    return (0..<count).map { i in
      let t = Double(i) / sampleRate
      let pitch = mode * (1 + bend * exp(-t / 0.012))
      first += pitch / sampleRate
      second += modeRatio * pitch / sampleRate
      let white = random.normal() * 0.5
      let head = (sin(2 * .pi * first) + 0.6 * sin(2 * .pi * second)) * fall(t, toneDecay) * tone
      // The wires respond to the head in two slopes: a fast one, and a slower one that is heard as the tail.
      let wires = low(high(white)) * (0.6 * fall(t, 0.3 * noiseDecay) + 0.4 * fall(t, noiseDecay)) * noise
      return saturate(head + 1.6 * wires + stick * white * fall(t, 0.006), drive)
    }
  }
}
