import Basics
import Foundation
import Sound
import Study

/// Finds differences between the files of an item's versions that listeners should not hear: length, sample rate,
/// channels, onset.
public enum VersionCheck {
  /// Properties of a file.
  private struct Facts: Sendable {
    var file: URL
    var rate: Int
    var channels: Int
    var duration: Double
    /// The time of the first frame within 40 dB of the peak, in seconds.
    var onset: Double

    init?(_ file: URL) {
      guard let clip = try? AudioFile.read(file) else { return nil }
      self.file = file
      (rate, channels, duration) = (clip.sampleRate, clip.channels.count, clip.duration)
      let floor = clip.samplePeak * 0.01
      let first = clip.channels.compactMap { $0.firstIndex { abs($0) > floor } }.min() ?? 0
      onset = Double(first) / Double(clip.sampleRate)
    }
  }

  /// In seconds. Smaller differences in length or onset are not reported.
  private static let tolerance = 0.002

  /// Warnings, each with what preparation does about the difference. Files that cannot be read are skipped; reading the
  /// study reports them.
  public static func warnings(_ design: StudyDesign, progress: ProgressHandler? = nil) -> [Problem] {
    var items: [(alignment: StimulusRequest.Alignment, rate: Int)] = []
    for request in design.stimuli {
      guard let alignment = request.alignment, !items.contains(where: { $0.alignment == alignment }) else { continue }
      items.append((alignment, design.definition.sounds.sampleRate))
    }
    return ((try? parallelMap(items, progress: progress) { warnings($0.alignment, $0.rate) }) ?? []).flatMap(\.self)
  }

  /// The warnings about one item.
  /// - Parameter rate: the rate, in hertz, to which versions of different rates are resampled.
  public static func warnings(_ alignment: StimulusRequest.Alignment, _ rate: Int) -> [Problem] {
    let facts = alignment.files.compactMap(Facts.init)
    guard let first = facts.first, facts.count > 1 else { return [] }
    var warnings: [Problem] = []
    func warn(_ what: String, _ facts: Facts, _ mend: String) {
      warnings.append(Problem(what, at: Place(file: facts.file.relativePath), mend: mend, severity: .warning))
    }
    func seconds(_ value: Double) -> String { "\((value * 1000).rounded() / 1000) s" }
    let rates = Set(facts.map(\.rate)).sorted()
    if rates.count > 1 {
      warn(
        "the versions of one item have sample rates of \(rates.map(String.init).joined(separator: ", ")) Hz", first,
        "All are resampled to \(rate) Hz. To avoid that, give them all the same rate.")
    }
    let channels = Set(facts.map { min($0.channels, 2) })
    for one in facts where channels.count > 1 && one.channels == 1 {
      warn("this version is mono, but others are stereo", one, "It is played on both sides.")
    }
    let longest = facts.map(\.duration).max() ?? 0
    for one in facts where longest - one.duration > tolerance {
      warn(
        "this version is \(seconds(longest - one.duration)) shorter than the longest", one,
        "Silence is added, so that all are equally long. If its end would give it away, make all versions the same length."
      )
    }
    for one in facts.dropFirst() where abs(one.onset - first.onset) > 0.01 {
      let (gap, side) = (abs(one.onset - first.onset), one.onset > first.onset ? "later" : "earlier")
      warn(
        "this version begins \(seconds(gap)) \(side) than \(first.file.lastPathComponent)", one,
        "Nothing is shifted, so listeners hear a jump when they switch to it. Align the files.")
    }
    return warnings
  }
}
