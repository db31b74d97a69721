import Basics
import Foundation
import Sound
import Study
import Synchronization

/// What the versions of an item share when they are presented, so that listeners can switch between them during
/// playback: sample rate, length and gain.
struct CommonGround: Sendable {
  /// In hertz: the files' own rate if they all have the same, else the study's.
  var sampleRate: Int
  /// The length of the longest version, in frames. Shorter ones end in silence.
  var frameCount: Int
  /// In dB, the same for all versions.
  var gain: Double
  /// Whether the true-peak ceiling kept the gain below what the study asks for.
  var isLimited: Bool

  /// In seconds: the length of a block of ITU-R BS.1770. Shorter sounds have no integrated loudness.
  private static let shortestBlock = 0.4
  /// In hertz. Higher rates are resampled to the study's, since browsers need not support them.
  private static let highestRate = 96_000

  /// Skips files that cannot be read; preparing them as stimuli reports the problem.
  init(_ alignment: StimulusRequest.Alignment, rules: StudyDefinition.Sounds) {
    var rates: Set<Int> = []
    var duration = 0.0, isShort = false
    var integrated: [Double?] = [], momentary: [Double?] = []
    var peak = -Double.infinity
    for file in alignment.files {
      guard let clip = try? AudioFile.read(file), let measured = try? Loudness.measure(clip) else {
        integrated.append(nil)
        momentary.append(nil)
        continue
      }
      rates.insert(clip.sampleRate)
      duration = max(duration, clip.duration)
      integrated.append(measured.integrated.isFinite ? measured.integrated : nil)
      momentary.append(measured.maximumMomentary.isFinite ? measured.maximumMomentary : nil)
      isShort = isShort || clip.duration < Self.shortestBlock
      peak = max(peak, measured.truePeak)
    }
    // A single sound may be as short as a one-shot, so it is measured like one, and so are versions if one of them is too short
    // for an integrated loudness.
    let loudness = alignment.isAlone || isShort ? momentary : integrated
    sampleRate =
      rates.count == 1 ? rates.first.map { $0 <= Self.highestRate ? $0 : rules.sampleRate } ?? 0 : rules.sampleRate
    frameCount = Int((duration * Double(sampleRate)).rounded())
    let reached = alignment.hasReference ? loudness.first ?? nil : nil
    let aim = alignment.isAlone ? rules.candidateLoudness : rules.queryLoudness
    let wanted =
      rules.renderingsLevel == .asIs ? 0 : (reached ?? loudness.compactMap(\.self).max()).map { aim - $0 } ?? 0
    // If levels are left as they are, peaks may be as high as in the files.
    let room = rules.renderingsLevel == .asIs ? max(0, -peak) : rules.truePeakCeiling - peak
    gain = peak.isFinite ? min(wanted, room) : 0
    isLimited = gain < wanted
  }
}

/// Computes the common ground of each item once.
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
