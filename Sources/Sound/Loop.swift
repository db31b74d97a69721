import Basics
import Foundation

/// A loop is a clip to be played end to start without a gap: its length is exact and its seam is prepared once, so that
/// a player only has to repeat it.
public enum Loop {
  /// A loop of `length` frames from a clip that continues beyond the loop's end: what comes after the end
  /// (reverberation, the decay of the last hit) is added to the beginning, as it would sound during the next round. The
  /// result repeats without an audible seam. A tail longer than the loop wraps around repeatedly; a shorter clip is
  /// padded with silence.
  public static func folded(_ clip: Clip, length: Int) -> Clip {
    precondition(length > 0)
    let channels = clip.channels.map { samples in
      var loop = [Float](repeating: 0, count: length)
      samples.withUnsafeBufferPointer { samples in
        for start in stride(from: 0, to: samples.count, by: length) {
          for i in 0..<min(length, samples.count - start) { loop[i] += samples[start + i] }
        }
      }
      return loop
    }
    return Clip(channels: channels, sampleRate: clip.sampleRate)
  }

  /// The same loop at another sample rate, filtered across the seam as a repeating sound. The length follows
  /// `Clip.frameCount(_:from:to:)`, so a round may change by up to half a frame.
  /// - Throws: like `Clip.resampled(to:)`.
  public static func resampled(_ loop: Clip, to rate: Int) throws -> Clip {
    guard rate != loop.sampleRate else { return loop }
    // A margin of whole frames at both rates, longer than the filter rings.
    let divisor = greatestCommonDivisor(rate, loop.sampleRate)
    let (before, after) = (loop.sampleRate / divisor, rate / divisor)
    let blocks = (4096 + before - 1) / before
    let margin = before * blocks
    let count = loop.frameCount
    let unrolled = loop.channels.map { samples in
      (0..<count + 2 * margin).map { samples[((($0 - margin) % count) + count) % count] }
    }
    let resampled = try Clip(channels: unrolled, sampleRate: loop.sampleRate).resampled(to: rate)
    let start = after * blocks
    return resampled.frames(start..<start + Clip.frameCount(count, from: loop.sampleRate, to: rate))
  }

  /// Smooths the seam of a loop whose end does not meet its beginning.
  ///
  /// The step from the last frame to the first is compared with the steps between neighbouring frames in the 5 ms on
  /// either side. If the step at the seam is no larger than those, the loop is returned unchanged, sample for sample.
  /// Otherwise the last 5 ms are bent: a half cosine that rises from 0 is added to each channel so that its last frame
  /// meets the first. The beginning is never changed, so an attack at frame 0 stays intact.
  ///
  /// If the beginning *is* an attack (its first 10 ms have more than four times the energy of the last 10 ms), the end
  /// must not anticipate its first sample: the end is bent only towards zero, as far as that reduces the step. The
  /// remaining step is then no larger than the one with which the loop starts from silence.
  public static func seamed(_ loop: Clip) -> Clip {
    var loop = loop
    let count = loop.frameCount
    let window = min(count / 2, Int((0.005 * Double(loop.sampleRate)).rounded()))
    guard window > 1 else { return loop }
    func energy(_ range: Range<Int>) -> Double {
      loop.channels.reduce(0) { $1[range].reduce($0) { $0 + Double($1 * $1) } }
    }
    let long = min(count, 2 * window)
    let isAttack = energy(0..<long) > 4 * energy(count - long..<count)
    for c in loop.channels.indices {
      let first = loop.channels[c][0], last = loop.channels[c][count - 1]
      guard abs(first - last) > largestStep(loop.channels[c], window: window) else { continue }
      var target = first
      if isAttack { target = first.sign != last.sign ? 0 : abs(first) < abs(last) ? first : last }
      let bend = target - last
      for i in 0..<window {
        let weight = Float(0.5 - 0.5 * cos(Double.pi * Double(i + 1) / Double(window)))
        loop.channels[c][count - window + i] += bend * weight
      }
    }
    return loop
  }

  /// The largest step between neighbouring frames within `window` frames on either side of the seam.
  private static func largestStep(_ samples: [Float], window: Int) -> Float {
    var largest: Float = 0
    for i in 1..<window { largest = max(largest, abs(samples[i] - samples[i - 1])) }
    for i in samples.count - window + 1..<samples.count { largest = max(largest, abs(samples[i] - samples[i - 1])) }
    return largest
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }
}
