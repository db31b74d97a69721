import Foundation

/// Finds where a one-shot begins and ends, and trims it there: everything before the attack is removed, the attack
/// itself is unchanged.
///
/// The rule, with `peak` the largest absolute sample of any channel:
/// - The **attack** is the first frame in which any channel exceeds 0.5 % of the peak (−46 dB). The clip starts 2 ms
///   before it, or at its original start if that is later. Nothing is faded in: the step from silence to the first
///   sample is at most that 0.5 %.
/// - The **end** is the last frame in which any channel exceeds 0.1 % of the peak (−60 dB), plus 10 ms.
/// - Clips that are still longer than a maximum duration are cut there.
/// - Where sound is cut off, by that maximum or already in the file (its last frame exceeds 0.1 % of the peak), the
///   last 10 ms are faded out along half a cosine. A fade never reaches into the 5 ms after the attack.
public struct Attack: Sendable, Equatable {
  /// Thresholds relative to the peak, linear.
  public static let startThreshold: Float = 0.005
  /// The end threshold, relative to the peak, linear.
  public static let endThreshold: Float = 0.001
  /// Durations in seconds.
  public static let preroll = 0.002
  /// How long the clip goes on after the end, in seconds.
  public static let postroll = 0.010
  /// The duration of a fade, in seconds.
  public static let fade = 0.010
  /// How long after the attack no fade begins, in seconds.
  public static let protected = 0.005

  /// The frame of the attack, counted from the start of the clip.
  public var frame: Int
  /// The range of frames that is kept.
  public var kept: Range<Int>
  /// How many frames at the end of `kept` are faded out. 0 if the sound ends by itself.
  public var fadeFrames: Int

  /// Finds the attack of a one-shot. Nil if the clip is silent.
  /// - Parameter maximumDuration: the longest duration to keep, in seconds.
  public static func find(in clip: Clip, maximumDuration: Double = .infinity) -> Attack? {
    let peak = clip.samplePeak
    guard peak > 0, peak.isFinite else { return nil }
    let rate = Double(clip.sampleRate)
    func frames(_ seconds: Double) -> Int { Int((seconds * rate).rounded()) }
    var first = clip.frameCount, last = 0
    for samples in clip.channels {
      first = min(first, samples.firstIndex { abs($0) > peak * startThreshold } ?? first)
      last = max(last, samples.lastIndex { abs($0) > peak * endThreshold } ?? 0)
    }
    let start = max(0, first - frames(preroll))
    var end = min(clip.frameCount, last + 1 + frames(postroll))
    var isCut = last == clip.frameCount - 1
    if maximumDuration.isFinite, end - start > frames(maximumDuration) {
      end = start + max(1, frames(maximumDuration))
      isCut = last >= end
    }
    let room = max(0, end - first - frames(protected))
    return Attack(frame: first, kept: start..<end, fadeFrames: isCut ? min(frames(fade), room) : 0)
  }

  /// The kept part of `clip`, which must be the clip in which the attack was found. If its end is cut, it is faded out.
  public func trim(_ clip: Clip) -> Clip {
    var clip = clip.frames(kept)
    clip.fadeOut(frames: fadeFrames)
    return clip
  }
}

extension Clip {
  /// Fades out the last `frames` frames along half a cosine, reaching silence at the last one. 0 does nothing.
  public mutating func fadeOut(frames: Int) {
    let count = min(frames, frameCount)
    guard count > 0 else { return }
    let gains = (1...count).map { Float(0.5 + 0.5 * cos(Double.pi * Double($0) / Double(count))) }
    let start = frameCount - count
    for c in channels.indices {
      for i in 0..<count { channels[c][start + i] *= gains[i] }
    }
  }
}
