import Foundation
import Sound

/// Whether a decoded sound is usable as a one-shot, by rules that each fit in a sentence.
public struct SoundCheck: Sendable {
  /// In dBFS. Sounds with a lower peak count as silent.
  public var silence = -60.0
  /// In seconds. Shorter sounds count as clicks. Duration is measured until the sound has fallen by 60 dB.
  public var shortest = 0.02
  /// In seconds, measured in the same way. Longer sounds count as loops or effects.
  public var longest = 6.0
  /// A sound is clipped if it has at least this many flat tops …
  public var flatTops = 3
  /// … each with at least this many successive samples equal within one 16-bit step …
  public var flatTopLength = 8
  /// … at or above this share of full scale. Distortion recorded below full scale is a sound like any other.
  public var fullScale: Float = 0.999
  /// In dBFS. Sounds with a higher peak cannot be stored, because a library's files end at full scale.
  public var loudest = 6.0

  public init() {}

  /// The reason to leave it out, with details. Nil if it is usable.
  public func verdict(on clip: Clip) -> (Rejection.Reason, String)? {
    let peak = Double(clip.samplePeak)
    guard peak.isFinite else { return (.unreadable, "contains samples that are not numbers") }
    if decibels(peak) > loudest { return (.clipped, "its peak is at \(format(decibels(peak))) dBFS") }
    if decibels(peak) < silence { return (.silent, "its peak is \(format(max(decibels(peak), -200))) dBFS") }
    let length = audibleDuration(clip)
    if length < shortest { return (.tooShort, "it sounds for \(format(1000 * length)) ms") }
    if length > longest { return (.tooLong, "it sounds for \(format(length)) s") }
    let tops = clip.channels.map(countFlatTops).max() ?? 0
    if tops >= flatTops { return (.clipped, "\(tops) flat tops at full scale") }
    return nil
  }

  /// The time from the first to the last sample above -60 dB relative to the peak, in seconds.
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
