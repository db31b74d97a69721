import Basics
import Foundation
import Sound
import Study
import Synchronization

/// What the versions of an item share as they are presented, so that they can be switched between in place: rate, length
/// and gain.
struct CommonGround: Sendable {
  /// In hertz: that of the files where they all have one, else the study's.
  var sampleRate: Int
  /// Of the longest; the others end in silence.
  var frameCount: Int
  /// In dB.
  var gain: Double
  /// Whether the ceiling kept the gain below what the study asks for.
  var isLimited: Bool

  /// Higher rates are resampled to the study's: browsers need not play them.
  private static let highestRate = 96_000

  /// A file that cannot be read is left out: its own stimulus tells of it.
  init(_ alignment: StimulusRequest.Alignment, rules: StudyDefinition.Sounds) {
    var rates: Set<Int> = []
    var duration = 0.0
    var loudness: [Double?] = []
    var peak = -Double.infinity
    for file in alignment.files {
      guard let clip = try? AudioFile.read(file), let measured = try? Loudness.measure(clip) else {
        loudness.append(nil)
        continue
      }
      rates.insert(clip.sampleRate)
      duration = max(duration, clip.duration)
      // A sound by itself may be as short as a one-shot, and is measured as one.
      let level = alignment.isAlone ? measured.maximumMomentary : measured.integrated
      loudness.append(level.isFinite ? level : nil)
      peak = max(peak, measured.truePeak)
    }
    sampleRate =
      rates.count == 1 ? rates.first.map { $0 <= Self.highestRate ? $0 : rules.sampleRate } ?? 0 : rules.sampleRate
    frameCount = Int((duration * Double(sampleRate)).rounded())
    let reached = alignment.hasReference ? loudness.first ?? nil : nil
    let aim = alignment.isAlone ? rules.candidateLoudness : rules.queryLoudness
    let wanted =
      rules.renderingsLevel == .asIs ? 0 : (reached ?? loudness.compactMap(\.self).max()).map { aim - $0 } ?? 0
    // Left as they are, they may be as high as their files.
    let room = rules.renderingsLevel == .asIs ? max(0, -peak) : rules.truePeakCeiling - peak
    gain = peak.isFinite ? min(wanted, room) : 0
    isLimited = gain < wanted
  }
}

/// The common ground of items, worked out once each.
final class CommonGrounds: Sendable {
  private let known = Mutex<[StimulusRequest.Alignment: CommonGround]>([:])
  private let rules: StudyDefinition.Sounds

  init(_ rules: StudyDefinition.Sounds) { self.rules = rules }

  func of(_ request: StimulusRequest) -> CommonGround? {
    guard let alignment = request.alignment else { return nil }
    if let ground = known.withLock({ $0[alignment] }) { return ground }
    let ground = CommonGround(alignment, rules: rules)
    known.withLock { $0[alignment] = ground }
    return ground
  }
}
