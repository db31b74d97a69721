import Basics
import Foundation
import Sound
import Study
import Synchronization

/// What the versions of an item share when they are presented, so that listeners can switch between them during
/// playback: sample rate and, unless the study wants each to have its own, length and gain.
struct CommonGround: Sendable {
  /// In hertz: the files' own rate if they all have the same, else the study's.
  var sampleRate: Int
  /// The length of the longest version, in frames: shorter ones end in silence. Nil if nobody switches between them in
  /// place, and each keeps its own.
  var frameCount: Int?
  /// That of all versions, or by file if each has its own.
  private var level = Level(wanted: 0, room: 0), ownLevels: [URL: Level] = [:]

  /// A gain, and what kept it from being as the study asks for.
  struct Level: Sendable {
    /// In dB.
    var gain: Double
    /// Whether the true-peak ceiling kept it below what the study asks for.
    var isLimited: Bool

    fileprivate init(wanted: Double, room: Double) {
      gain = room.isFinite ? min(wanted, room) : 0
      isLimited = gain < wanted
    }
  }

  /// The gain of a file, and of its low-passed copies.
  func level(of file: URL) -> Level { ownLevels[file] ?? level }

  /// In seconds: the length of a block of ITU-R BS.1770. Shorter sounds have no integrated loudness.
  private static let shortestBlock = 0.4
  /// In hertz. Higher rates are resampled to the study's, since browsers need not support them.
  private static let highestRate = 96_000

  /// Skips files that cannot be read; preparing them as stimuli reports the problem.
  init(_ alignment: StimulusRequest.Alignment, rules: StudyDefinition.Sounds) {
    var rates: Set<Int> = []
    var duration = 0.0, isShort = false
    var integrated: [Double?] = [], momentary: [Double?] = []
    var truePeaks: [Double] = []
    for file in alignment.files {
      guard let clip = try? AudioFile.read(file), let measured = try? Loudness.measure(clip) else {
        integrated.append(nil)
        momentary.append(nil)
        truePeaks.append(-.infinity)
        continue
      }
      rates.insert(clip.sampleRate)
      duration = max(duration, clip.duration)
      integrated.append(measured.integrated.isFinite ? measured.integrated : nil)
      momentary.append(measured.maximumMomentary.isFinite ? measured.maximumMomentary : nil)
      isShort = isShort || clip.duration < Self.shortestBlock
      truePeaks.append(measured.truePeak)
    }
    // A single sound may be as short as a one-shot, so it is measured like one, and so are versions if one of them is too short
    // for an integrated loudness.
    let loudness = alignment.isAlone || isShort ? momentary : integrated
    sampleRate =
      rates.count == 1 ? rates.first.map { $0 <= Self.highestRate ? $0 : rules.sampleRate } ?? 0 : rules.sampleRate
    frameCount = alignment.isSwitched ? Int((duration * Double(sampleRate)).rounded()) : nil
    let reached = alignment.hasReference ? loudness.first ?? nil : nil
    let aim = alignment.isAlone ? rules.candidateLoudness : rules.queryLoudness
    let rate = sampleRate
    // A steep filter may make a low-passed copy's peak higher than that of its source.
    func highest(_ versions: [StimulusRequest.Version], _ peak: (Clip) -> Double?) -> Double {
      versions.compactMap { version in
        (try? AudioFile.read(version.file)).flatMap { try? version.sound($0, at: rate) }.flatMap(peak)
      }.max() ?? -.infinity
    }
    let truePeak = truePeaks.max() ?? -.infinity
    switch rules.renderingsLevel {
    case .asIs:
      // Peaks between samples may be as high as in the files, but no sample may be clipped.
      let all = alignment.files.map { StimulusRequest.Version(file: $0) } + alignment.lowpassed
      level = Level(wanted: 0, room: -highest(all) { 20 * log10(Double($0.samplePeak)) })
    case .item:
      level = Level(
        wanted: (reached ?? loudness.compactMap(\.self).max()).map { aim - $0 } ?? 0,
        room: rules.truePeakCeiling - max(truePeak, highest(alignment.lowpassed) { try? Loudness.measure($0).truePeak })
      )
    case .each:
      for (i, file) in alignment.files.enumerated() {
        let copies = highest(alignment.lowpassed.filter { $0.file == file }) { try? Loudness.measure($0).truePeak }
        ownLevels[file] = Level(
          wanted: loudness[i].map { aim - $0 } ?? 0, room: rules.truePeakCeiling - max(truePeaks[i], copies))
      }
    }
  }
}

extension StimulusRequest.Version {
  /// - Throws: a `Problem` if sounds of this rate, in hertz, cannot be low-passed at the frequency.
  func checkLowpass(at rate: Int) throws {
    guard let lowpass, !(lowpass > 0 && lowpass < Double(rate) / 2) else { return }
    throw Problem(
      "an anchor cannot be low-passed at \(lowpass.cellText) Hz: the sound has \(rate) samples per second",
      at: Place(file: file.path),
      mend: "Choose a frequency below half of that, such as \((Double(rate) / 8).cellText).")
  }

  func lowpassed(_ clip: Clip) -> Clip {
    lowpass.map { clip.filtered(by: .anchorLowpass($0, sampleRate: clip.sampleRate)) } ?? clip
  }

  /// The version as it is heard, before any gain.
  func sound(_ source: Clip, at rate: Int) throws -> Clip {
    try checkLowpass(at: rate)
    return lowpassed(try source.resampled(to: rate))
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
