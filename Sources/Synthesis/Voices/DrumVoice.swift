import Basics
import Foundation

/// A drum described by a few numbers. The same numbers and the same random draws give the same samples.
protocol DrumVoice: Sendable {
  /// Renders the drum from the first sample of its attack to the end of its decay. The level is arbitrary.
  func render(sampleRate: Double, random: inout SeededRandom) -> [Double]
}

/// An exponential decay by 60 dB in `decay` seconds.
func fall(_ t: Double, _ decay: Double) -> Double { exp(-6.9078 * t / decay) }

/// Symmetric saturation. A `drive` of 0 leaves the sample unchanged; 1 is a drive of 20 dB.
func saturate(_ x: Double, _ drive: Double) -> Double {
  guard drive > 0 else { return x }
  let gain = 1 + 9 * drive
  return tanh(gain * x) / tanh(gain)
}
