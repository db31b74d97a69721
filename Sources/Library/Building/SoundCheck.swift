import Foundation
import Sound

/// Whether a decoded sound can serve as a one-shot, by rules that can be stated in a sentence each.
public struct SoundCheck: Sendable {
  /// Peaks below this are silence, in dBFS.
  public var silence = -60.0
  /// Shorter sounds are clicks, in seconds, measured to where the sound has fallen by 60 dB.
  public var shortest = 0.02
  /// Longer sounds are loops or effects, in seconds, measured in the same way.
  public var longest = 6.0
  /// A sound is clipped when it holds so many flat tops …
  public var flatTops = 3
  /// … each of so many equal samples in a row, within one 16-bit step of each other …
  public var flatTopLength = 8
  /// … at no less than this share of full scale. Distortion that was recorded below full scale is a sound like any
  /// other.
  public var fullScale: Float = 0.999
  /// Peaks above this cannot be kept: a library's files end at full scale, in dBFS.
  public var loudest = 6.0

  public init() {}

  /// Why it is left out, or nil.
  public func verdict(on clip: Clip) -> (Rejection.Reason, String)? {
    let peak = Double(clip.samplePeak)
    guard peak.isFinite else { return (.unreadable, "holds samples that are not numbers") }
    if decibels(peak) > loudest { return (.clipped, "its peak is at \(format(decibels(peak))) dBFS") }
    if decibels(peak) < silence { return (.silent, "its peak is \(format(max(decibels(peak), -200))) dBFS") }
    let length = audibleDuration(clip)
    if length < shortest { return (.tooShort, "it sounds for \(format(1000 * length)) ms") }
    if length > longest { return (.tooLong, "it sounds for \(format(length)) s") }
    let tops = clip.channels.map(countFlatTops).max() ?? 0
    if tops >= flatTops { return (.clipped, "\(tops) flat tops at full scale") }
    return nil
  }

  /// From the first to the last sample above -60 dB of the peak, in seconds.
  func audibleDuration(_ clip: Clip) -> Double {
    let floor = clip.samplePeak * Float(amplitude(-60))
    let first = clip.channels.compactMap { $0.firstIndex { abs($0) > floor } }.min() ?? 0
    let last = clip.channels.compactMap { $0.lastIndex { abs($0) > floor } }.max() ?? 0
    return Double(last - first + 1) / Double(clip.sampleRate)
  }

  private func countFlatTops(_ samples: [Float]) -> Int {
    var tops = 0, run = 0, level: Float = 0
    for sample in samples {
      if abs(sample) >= fullScale, run > 0, abs(sample - level) <= 1 / 32768 {
        run += 1
        if run == flatTopLength { tops += 1 }
      } else {
        run = abs(sample) >= fullScale ? 1 : 0
        level = sample
      }
    }
    return tops
  }

  private func format(_ value: Double) -> String { String(format: "%.1f", value) }
}
