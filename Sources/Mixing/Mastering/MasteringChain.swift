import Foundation
import Sound

/// Turns the sum of drums and backing into a finished loop.
public struct MasteringChain: Sendable {
  /// What the chain does to a loop.
  public var settings: MasteringSettings

  public init(settings: MasteringSettings) { self.settings = settings }

  /// Masters a loop.
  /// - Parameter loop: treated as endless. Its programme loudness should be near -18 LUFS.
  /// - Returns: a loop of the same length, at most `limiterCeiling` dBTP as `Loudness` measures it. Tails that run past
  ///   the end continue at the start.
  public func process(_ loop: Clip) throws -> Clip {
    let (s, rate, count) = (settings, loop.sampleRate, loop.frameCount)
    var channels = loop.channels.map { $0 + $0 }
    var stages: [any Processor] = [
      Equaliser(
        low: s.eqLow, mid: s.eqMid, midFrequency: s.eqMidFrequency, high: s.eqHigh, channels: channels.count,
        sampleRate: rate),
      Compressor(
        threshold: s.compressorThreshold, ratio: s.compressorRatio, attack: s.compressorAttack,
        release: s.compressorRelease, sampleRate: rate),
      Reverb(level: s.reverbSend, decay: s.reverbDecay, sampleRate: rate),
      Exciter(level: s.exciterLevel, frequency: s.exciterFrequency, channels: channels.count, sampleRate: rate),
    ]
    for i in stages.indices { stages[i].process(&channels) }
    // A drive of 0 dB is the level at which the peaks of a mix are near full scale.
    let gain = Float(amplitude(s.limiterDrive + 4))
    channels = channels.map { $0[count...].map { $0 * gain } }
    LoopLimiter(ceiling: Float(amplitude(s.limiterCeiling))).process(&channels, sampleRate: rate)
    let limited = Clip(channels: channels, sampleRate: rate)
    // A moving gain changes the values between the samples, which only a true-peak meter sees.
    let over =
      try Loudness.measure(Clip(channels: channels.map { $0 + $0.prefix(64) }, sampleRate: rate)).truePeak
      - s.limiterCeiling
    return over > 0 ? limited.scaled(by: Float(amplitude(-over - 0.001))) : limited
  }
}
