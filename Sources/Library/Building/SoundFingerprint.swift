import Basics
import Foundation
import Sound

/// Hashes of the content of a decoded sound.
public enum SoundFingerprint {
  /// SHA-256 of the samples as 24-bit integers, with sample rate and number of channels: what a library's FLAC file
  /// decodes to.
  public static func exact(_ clip: Clip) -> String {
    hash(clip.channels, rate: clip.sampleRate) { Int32(max(-8_388_608, min(8_388_607, ($0 * 8_388_608).rounded()))) }
  }

  /// A hash that is equal for sounds that a listener cannot distinguish: equal channels count as one, silence at both
  /// ends is cut off, the peak is scaled to full scale, and samples are rounded to 12 bits.
  public static func audible(_ clip: Clip) -> String {
    var channels = clip.channels
    if channels.dropFirst().allSatisfy({ $0 == channels[0] }) { channels = [channels[0]] }
    let peak = max(clip.samplePeak, .leastNormalMagnitude)
    let floor = peak / 2048
    let first = channels.compactMap { $0.firstIndex { abs($0) >= floor } }.min() ?? 0
    let last = channels.compactMap { $0.lastIndex { abs($0) >= floor } }.max() ?? -1
    let trimmed = last < first ? channels : channels.map { Array($0[first...last]) }
    return hash(trimmed, rate: clip.sampleRate) { Int32(($0 / peak * 2047).rounded()) }
  }

  private static func hash(_ channels: [[Float]], rate: Int, _ quantise: (Float) -> Int32) -> String {
    var hash = ContentHash()
    hash.update("\(rate) \(channels.count) ")
    for samples in channels {
      let whole = samples.map { quantise($0).littleEndian }
      whole.withUnsafeBytes { hash.update(Data($0)) }
    }
    return hash.finish()
  }
}
