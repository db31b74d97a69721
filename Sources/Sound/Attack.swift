import Foundation

/// Where a one-shot begins and ends, and how it is cut there: everything before the attack goes, the attack stays as it
/// is.
///
/// The rule, with `peak` the largest absolute sample of any channel:
/// - The **attack** is the first frame where any channel exceeds 0.5 % of the peak (−46 dB). The clip starts 2 ms
///   before it, or where it started if that is later. Nothing is faded in: the step from silence to the first sample
///   is at most that 0.5 %.
/// - The **end** is the last frame where any channel exceeds 0.1 % of the peak (−60 dB), and 10 ms more.
/// - Longer clips end at a maximum duration.
/// - Where sound is cut off, by that maximum or already in the file (its last frame exceeds 0.1 % of the peak), the last
///   10 ms fade out along half a cosine. A fade never reaches the 5 ms that follow the attack.
public struct Attack: Sendable, Equatable {
  /// Of the peak, linear.
  public static let startThreshold: Float = 0.005
  public static let endThreshold: Float = 0.001
  /// In seconds.
  public static let preroll = 0.002
  public static let postroll = 0.010
  public static let fade = 0.010
  public static let protected = 0.005

  /// The first frame of the sound proper.
  public var frame: Int
  /// What is kept of the clip.
  public var kept: Range<Int>
  /// The frames at the end of `kept` that fade out; 0 where the sound ends by itself.
  public var fadeFrames: Int

  /// Finds the attack of a one-shot, or nil if the clip is silent.
  /// - Parameter maximumDuration: of what is kept, in seconds.
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

  /// The kept part of `clip`, in which the attack was found, with its end faded where it is cut.
  public func trim(_ clip: Clip) -> Clip {
    var clip = clip.frames(kept)
    clip.fadeOut(frames: fadeFrames)
    return clip
  }
}

extension Clip {
  /// Fades the last `frames` frames along half a cosine, to silence at the last one. Does nothing for 0.
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
