import Foundation
import Sound

/// Adds harmonics to the top of the spectrum: the band above a frequency is driven into saturation, and the result,
/// high-passed once more, is added to the sound.
struct Exciter: Processor {
  private var before, after: [BiquadChain]
  private let gain: Float

  /// - Parameters:
  ///   - level: level of the harmonics relative to the driven band, in dB.
  ///   - frequency: lower edge of the driven band, in hertz.
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
        // The even terms add octaves, the odd ones twelfths.
        let driven = tanh(6 * band[i] + 0.3) - Float(0.29131261)
        band[i] = driven / 6
      }
      after[c].process(&band)
      for i in band.indices { channels[c][i] += gain * band[i] }
    }
  }
}
