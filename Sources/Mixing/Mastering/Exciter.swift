import Foundation
import Sound

/// Adds harmonics to the top of the spectrum: the sound above a frequency is driven into saturation, and what the
/// saturation made of it, high-passed once more, is added.
struct Exciter: Processor {
  private var before, after: [BiquadChain]
  private let gain: Float

  /// - Parameters:
  ///   - level: of the harmonics, in dB against the driven band.
  ///   - frequency: where the driven band begins, in hertz.
  init(level: Double, frequency: Double, channels: Int, sampleRate: Int) {
    let chain = BiquadChain([.highpass(frequency, sampleRate: sampleRate)])
    before = Array(repeating: chain, count: channels)
    after = before
    gain = Float(amplitude(level))
  }

  mutating func process(_ channels: inout [[Float]]) {
    for c in channels.indices {
      var band = channels[c]
      before[c].process(&band)
      for i in band.indices {
        // The even term makes octaves, the odd one twelfths.
        let driven = tanh(6 * band[i] + 0.3) - Float(0.29131261)
        band[i] = driven / 6
      }
      after[c].process(&band)
      for i in band.indices { channels[c][i] += gain * band[i] }
    }
  }
}
