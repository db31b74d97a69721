/// A piece of decoded sound in memory.
///
/// Samples are linear. Full scale is ±1 and may be exceeded until the clip is written. All channels have the same
/// number of frames.
public struct Clip: Sendable, Equatable {
  /// One array of samples per channel, at least one.
  public var channels: [[Float]]
  /// In hertz.
  public var sampleRate: Int

  public init(channels: [[Float]], sampleRate: Int) {
    precondition(!channels.isEmpty && channels.allSatisfy { $0.count == channels[0].count } && sampleRate > 0)
    self.channels = channels
    self.sampleRate = sampleRate
  }

  /// One channel. Full scale is ±1.
  public init(mono samples: [Float], sampleRate: Int) { self.init(channels: [samples], sampleRate: sampleRate) }

  /// The number of samples in each channel.
  public var frameCount: Int { channels[0].count }

  /// In seconds.
  public var duration: Double { Double(frameCount) / Double(sampleRate) }

  /// The largest absolute sample value, linear.
  public var samplePeak: Float { channels.lazy.map { $0.lazy.map(abs).max() ?? 0 }.max() ?? 0 }

  /// The mean of the channels.
  public var mono: [Float] {
    guard channels.count > 1 else { return channels[0] }
    let scale = 1 / Float(channels.count)
    return (0..<frameCount).map { i in channels.reduce(0) { $0 + $1[i] } * scale }
  }

  /// The first channel minus the last; silence if there is only one.
  public var difference: [Float] { zip(channels[0], channels[channels.count - 1]).map { $0 - $1 } }

  /// The sums of the squares of all channels' samples in each of `count` (1 or more) equal parts. Frames that are left over
  /// at the end belong to none.
  public func energies(ofParts count: Int) -> [Double] {
    let length = frameCount / count
    return (0..<count).map { part in
      channels.reduce(0.0) { sum, channel in
        sum + channel[part * length..<(part + 1) * length].reduce(0.0) { $0 + Double($1) * Double($1) }
      }
    }
  }

  /// Multiplies every sample by `gain` (linear).
  public func scaled(by gain: Float) -> Clip {
    Clip(channels: channels.map { $0.map { $0 * gain } }, sampleRate: sampleRate)
  }

  /// The frames in `range`, clamped to the clip.
  public func frames(_ range: Range<Int>) -> Clip {
    let range = range.clamped(to: 0..<frameCount)
    return Clip(channels: channels.map { Array($0[range]) }, sampleRate: sampleRate)
  }
}
