import Basics
import Foundation

/// A drum as a few numbers. The same numbers and the same draws give the same samples.
protocol DrumVoice: Sendable {
  /// Renders from the first sample of the attack to the end of the decay, at any level.
  func render(sampleRate: Double, random: inout SeededRandom) -> [Double]
}

/// An exponential that has fallen by 60 dB after `decay` seconds.
func fall(_ t: Double, _ decay: Double) -> Double { exp(-6.9078 * t / decay) }

/// Symmetric saturation; `drive` 0 leaves the sample as it is, 1 drives it by 20 dB.
func saturate(_ x: Double, _ drive: Double) -> Double {
  guard drive > 0 else { return x }
  let gain = 1 + 9 * drive
  return tanh(gain * x) / tanh(gain)
}
