import Basics
import CEbur128
import Foundation

/// How loud a clip is, by ITU-R BS.1770-4 and EBU R 128, through libebur128. No other file of Earshot calls it.
///
/// A **mono** clip is heard from both loudspeakers, or on both sides of a headphone, so it is measured as dual mono:
/// like a stereo clip with the same samples in both channels. A 1 kHz sine with its peaks at −23 dBFS is −23 LUFS in
/// either form. Clips of more than two channels are measured in the order left, right, centre, left and right surround.
public struct Loudness: Sendable, Equatable {
  /// Gated programme loudness, in LUFS. −infinity for a clip that is silent or shorter than one 400 ms block.
  public var integrated: Double
  /// The largest loudness of any 400 ms, in LUFS, with silence assumed before and after the clip: see `measure(_:)`.
  /// −infinity only for silence.
  public var maximumMomentary: Double
  /// The largest absolute value of the clip after 4× oversampling (2× from 96 kHz, none from 192 kHz), in dBTP.
  public var truePeak: Double

  public init(integrated: Double, maximumMomentary: Double, truePeak: Double) {
    self.integrated = integrated
    self.maximumMomentary = maximumMomentary
    self.truePeak = truePeak
  }

  /// The values of the same clip after a gain in dB. Exact for the momentary loudness and the true peak; exact for the
  /// integrated loudness as long as the gain moves no block across the absolute gate at −70 LUFS.
  public func after(gain: Double) -> Loudness {
    Loudness(
      integrated: integrated + gain, maximumMomentary: maximumMomentary + gain, truePeak: truePeak + gain)
  }

  /// Measures a clip.
  ///
  /// One-shots are compared by their maximum momentary loudness. A one-shot is often shorter than the 400 ms blocks of
  /// BS.1770, in which case integrated loudness is not even defined, and a mean over its own length would make a short
  /// click as loud as a long boom of equal power. Here, every sound is measured in the same 400 ms window, padded with
  /// silence if the sound is shorter, so that the energy in the window counts. This is also close to the time over
  /// which hearing integrates the loudness of short sounds (about 100–300 ms). The window moves in steps of 10 ms.
  ///
  /// - Throws: a `Problem` for rates outside 16 Hz … 2.8 MHz or more than 64 channels, or when memory runs out.
  public static func measure(_ clip: Clip) throws -> Loudness {
    let meter = try Meter(clip, mode: EBUR128_MODE_I)
    let step = blockFrames(clip)
    var block = Block(clip, frames: step)
    var energies: [Double] = []
    var integrated = -Double.infinity
    for position in stride(from: 0, to: clip.frameCount, by: step) {
      let count = min(step, clip.frameCount - position)
      block.fill(from: clip, at: position)
      try meter.add(block, 0..<count)
      if count < step || position + step == clip.frameCount {
        // Read before adding silence, which would add a block that contains only part of the clip's end.
        integrated = try meter.integrated()
        try meter.add(block, count..<step)
      }
      energies.append(try meter.energy())
    }
    // A window of silence lets the K-weighting filter ring out.
    block.fill(from: clip, at: clip.frameCount)
    for _ in 0..<blocksPerWindow {
      try meter.add(block, 0..<step)
      energies.append(try meter.energy())
    }
    var loudest = 0.0
    for end in energies.indices {
      loudest = max(loudest, energies[max(0, end - blocksPerWindow + 1)...end].reduce(0, +))
    }
    // BS.1770-4, equation 2.
    let maximum = -0.691 + 10 * log10(loudest / Double(blocksPerWindow))
    return Loudness(integrated: integrated, maximumMomentary: maximum, truePeak: try truePeak(clip))
  }

  /// The number of 10 ms steps in the momentary window of 400 ms.
  private static let blocksPerWindow = 40
  private static func blockFrames(_ clip: Clip) -> Int { max(1, clip.sampleRate / 100) }

  /// The true peak in dBTP. Oversampling takes most of the time of a measurement, so only blocks that can contain the
  /// peak are filtered. The filter's gain is below 2 (the sum of its coefficients' magnitudes), so a block whose
  /// samples stay below half the sample peak cannot contain it. The neighbours of the other blocks are included, since
  /// the filter reaches across the border.
  private static func truePeak(_ clip: Clip) throws -> Double {
    let samplePeak = clip.samplePeak
    let step = blockFrames(clip)
    let count = (clip.frameCount + step - 1) / step
    var isLoud = [Bool](repeating: false, count: count + 2)
    for samples in clip.channels {
      samples.withUnsafeBufferPointer { samples in
        for b in 0..<count where !isLoud[b + 1] {
          for i in b * step..<min(samples.count, (b + 1) * step) where abs(samples[i]) > samplePeak / 2 {
            isLoud[b + 1] = true
            break
          }
        }
      }
    }
    let meter = try Meter(clip, mode: EBUR128_MODE_TRUE_PEAK)
    var block = Block(clip, frames: step)
    for b in 0..<count where isLoud[b] || isLoud[b + 1] || isLoud[b + 2] {
      block.fill(from: clip, at: b * step)
      try meter.add(block, 0..<step)
    }
    block.fill(from: clip, at: clip.frameCount)
    try meter.add(block, 0..<step)
    return 20 * log10(max(try meter.truePeak(), Double(samplePeak)))
  }

  /// A part of a clip, interleaved as the meter expects. Silence beyond the clip's end.
  private struct Block {
    private(set) var samples: [Float]
    let channelCount: Int
    private let frames: Int

    init(_ clip: Clip, frames: Int) {
      channelCount = clip.channels.count
      self.frames = frames
      samples = [Float](repeating: 0, count: frames * channelCount)
    }

    mutating func fill(from clip: Clip, at position: Int) {
      let count = max(0, min(frames, clip.frameCount - position))
      let channelCount = channelCount
      samples.withUnsafeMutableBufferPointer { block in
        if count < frames { block.update(repeating: 0) }
        for (c, channel) in clip.channels.enumerated() {
          channel.withUnsafeBufferPointer { channel in
            for i in 0..<count { block[i * channelCount + c] = channel[position + i] }
          }
        }
      }
    }
  }

  /// Owns a libebur128 state.
  private final class Meter {
    private var state: UnsafeMutablePointer<ebur128_state>?
    private let channelCount: Int

    init(_ clip: Clip, mode: CEbur128.mode) throws {
      let (channels, sampleRate) = (clip.channels.count, clip.sampleRate)
      channelCount = channels
      state = ebur128_init(UInt32(channels), UInt(sampleRate), Int32(mode.rawValue))
      guard let state else {
        throw Problem(
          "cannot measure the loudness of \(channels) channels at \(sampleRate) Hz",
          mend: "Use mono or stereo sounds at a common sample rate.")
      }
      if channels == 1 { try check(ebur128_set_channel(state, 0, Int32(EBUR128_DUAL_MONO.rawValue))) }
    }

    /// Adds the frames in `range` of a block.
    func add(_ block: Block, _ range: Range<Int>) throws {
      guard !range.isEmpty else { return }
      try block.samples.withUnsafeBufferPointer {
        guard let start = $0.baseAddress else { return }
        try check(ebur128_add_frames_float(state, start + range.lowerBound * channelCount, range.count))
      }
    }

    /// The mean square of the last 10 ms, K-weighted, summed over the channels.
    func energy() throws -> Double {
      let loudness = try value { ebur128_loudness_window(state, 10, $0) }
      return pow(10, (loudness + 0.691) / 10)
    }

    func integrated() throws -> Double { try value { ebur128_loudness_global(state, $0) } }

    /// The true peak, linear.
    func truePeak() throws -> Double {
      var peak = 0.0
      for c in 0..<channelCount { peak = max(peak, try value { ebur128_true_peak(state, UInt32(c), $0) }) }
      return peak
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
