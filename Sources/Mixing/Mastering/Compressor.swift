import Foundation
import Sound

/// A feed-forward compressor in the logarithmic domain with a soft knee of 6 dB. All channels share one gain.
///
/// Gain computer and smooth, decoupled peak detector after Giannoulis, Massberg & Reiss, "Digital Dynamic Range
/// Compressor Design" (JAES 60, 2012).
struct Compressor: Processor {
  private let threshold, slope, attack, release: Double
  private let knee = 6.0
  private var held = 0.0, smoothed = 0.0

  /// - Parameters:
  ///   - threshold: in dBFS.
  ///   - ratio: at least 1; 1 leaves the sound unchanged.
  ///   - attack, release: time constants in seconds.
  init(threshold: Double, ratio: Double, attack: Double, release: Double, sampleRate: Int) {
    self.threshold = threshold
    slope = 1 - 1 / ratio
    self.attack = exp(-1 / (attack * Double(sampleRate)))
    self.release = exp(-1 / (release * Double(sampleRate)))
  }

  /// The gain reduction at a steady level in dBFS, in dB, at least 0.
  func reduction(at level: Double) -> Double {
    let over = level - threshold
    if over <= -knee / 2 { return 0 }
    if over >= knee / 2 { return slope * over }
    return slope * (over + knee / 2) * (over + knee / 2) / (2 * knee)
  }

  mutating func process(_ channels: inout [[Float]]) {
    for i in channels[0].indices {
      var peak: Float = 0
      for c in channels.indices { peak = max(peak, abs(channels[c][i])) }
      let wanted = reduction(at: decibels(Double(peak)))
      held = max(wanted, release * held + (1 - release) * wanted)
      smoothed = attack * smoothed + (1 - attack) * held
      let gain = Float(amplitude(-smoothed))
      for c in channels.indices { channels[c][i] *= gain }
    }
  }
}
