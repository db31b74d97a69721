import Basics
import CEbur128
import Foundation

/// How loud a clip is, by ITU-R BS.1770-4 and EBU R 128, through libebur128. No other file of Earshot calls it.
///
/// A **mono** clip is heard from both loudspeakers or both cups of a headphone, so it is measured as dual mono: as the
/// stereo clip with the same samples in both channels. A 1 kHz sine with its peaks at −23 dBFS is −23 LUFS in either
/// form. Clips of more than two channels are measured in the order left, right, centre, left and right surround.
public struct Loudness: Sendable, Equatable {
  /// Gated programme loudness in LUFS; −infinity for a clip that is silent or shorter than one 400 ms block.
  public var integrated: Double
  /// The largest loudness of any 400 ms, in LUFS, with silence before and after the clip: see
  /// `measure(_:)`. −infinity only for silence.
  public var maximumMomentary: Double
  /// The largest value of the clip oversampled 4 times (2 times from 96 kHz, none from 192 kHz), in dBTP.
  public var truePeak: Double

  public init(integrated: Double, maximumMomentary: Double, truePeak: Double) {
    self.integrated = integrated
    self.maximumMomentary = maximumMomentary
    self.truePeak = truePeak
  }

  /// The same clip's values after a gain in dB. Exact for the momentary loudness and the true peak; for the integrated
  /// loudness as long as the gain carries no block over the absolute gate at −70 LUFS.
  public func after(gain: Double) -> Loudness {
    Loudness(
      integrated: integrated + gain, maximumMomentary: maximumMomentary + gain, truePeak: truePeak + gain)
  }

  /// Measures a clip.
  ///
  /// The maximum momentary loudness is the rule by which one-shots are compared. A one-shot is often shorter than the
  /// 400 ms of BS.1770's block, where integrated loudness is not defined at all, and its mean over its own length would
  /// make a short click as loud as a long boom of equal power. Here every sound is weighed by the same 400 ms window,
  /// padded with silence where the sound is shorter, so that the energy in the window is what counts; this is also
  /// near the time over which hearing sums the loudness of short sounds (some 100–300 ms). The window moves in steps
  /// of 10 ms.
  ///
  /// - Throws: a `Problem` for rates outside 16 Hz … 2.8 MHz or more than 64 channels, or when memory runs out.
  public static func measure(_ clip: Clip) throws -> Loudness {
    let meter = try Meter(channels: clip.channels.count, sampleRate: clip.sampleRate)
    let channelCount = clip.channels.count
    let step = max(1, clip.sampleRate / 100)
    var block = [Float](repeating: 0, count: step * channelCount)
    var loudest = -Double.infinity
    for position in stride(from: 0, to: clip.frameCount, by: step) {
      let count = min(step, clip.frameCount - position)
      block.withUnsafeMutableBufferPointer { block in
        for (c, samples) in clip.channels.enumerated() {
          samples.withUnsafeBufferPointer { samples in
            for i in 0..<count { block[i * channelCount + c] = samples[position + i] }
          }
        }
      }
      try meter.add(block, frames: count)
      loudest = max(loudest, try meter.momentary())
    }
    // Read before the silence, which would add blocks that hold the clip's end in part.
    let integrated = try meter.integrated()
    for i in block.indices { block[i] = 0 }
    // A window of silence lets the K-weighting and the true-peak filter ring out.
    for _ in 0..<40 {
      try meter.add(block, frames: step)
      loudest = max(loudest, try meter.momentary())
    }
    return Loudness(integrated: integrated, maximumMomentary: loudest, truePeak: try meter.truePeak())
  }

  /// Owns one libebur128 state.
  private final class Meter {
    private var state: UnsafeMutablePointer<ebur128_state>?
    private let channelCount: Int

    init(channels: Int, sampleRate: Int) throws {
      channelCount = channels
      let mode = EBUR128_MODE_I.rawValue | EBUR128_MODE_TRUE_PEAK.rawValue
      state = ebur128_init(UInt32(channels), UInt(sampleRate), Int32(mode))
      guard let state else {
        throw Problem(
          "cannot measure the loudness of \(channels) channels at \(sampleRate) Hz",
          mend: "Use mono or stereo sounds at a common sample rate.")
      }
      if channels == 1 { try check(ebur128_set_channel(state, 0, Int32(EBUR128_DUAL_MONO.rawValue))) }
    }

    func add(_ interleaved: [Float], frames: Int) throws {
      try check(ebur128_add_frames_float(state, interleaved, frames))
    }

    func momentary() throws -> Double { try value { ebur128_loudness_momentary(state, $0) } }
    func integrated() throws -> Double { try value { ebur128_loudness_global(state, $0) } }

    func truePeak() throws -> Double {
      var peak = 0.0
      for c in 0..<channelCount { peak = max(peak, try value { ebur128_true_peak(state, UInt32(c), $0) }) }
      return 20 * log10(peak)
    }

    private func value(_ read: (UnsafeMutablePointer<Double>) -> Int32) throws -> Double {
      var value = 0.0
      try check(read(&value))
      return value
    }

    private func check(_ code: Int32) throws {
      guard code != Int32(EBUR128_SUCCESS.rawValue) else { return }
      throw Problem("the loudness meter failed (libebur128 code \(code))", mend: "Is there memory left?")
    }

    deinit { ebur128_destroy(&state) }
  }
}
