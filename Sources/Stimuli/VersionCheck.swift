import Basics
import Foundation
import Sound
import Study

/// Finds differences between the files of an item's versions that listeners should not hear (length, sample rate,
/// channels, onset), and low-passed copies that hardly differ from their source or of which hardly anything remains.
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
    let heard = zip(design.definition.runs, design.blocks).flatMap { run, pages in
      pages.flatMap { $0.candidates + (run.trials.catches > 0 ? $0.catchCandidates : []) }
    }
    let names = Set(heard.map(\.candidate))
    let copies = Dictionary(
      grouping: design.stimuli.filter { $0.lowpass != nil && names.contains($0.stimulus) }, by: \.file
    )
    .sorted { $0.key.path < $1.key.path }
    return ((try? parallelMap(items, progress: progress) { warnings($0.alignment, $0.rate) }) ?? []).flatMap(\.self)
      + ((try? parallelMap(copies) { warnings(ofLowpassed: $0.key, Set($0.value.compactMap(\.lowpass)).sorted()) })
      ?? [])
      .flatMap(\.self)
  }

  /// The least share of a sound's power on either side of a low-pass: −40 dB.
  private static let leastShare = 1e-4

  /// Warnings about low-passes that do not remove an audible part of the sound and leave another.
  /// - Parameter lowpasses: in hertz, ascending.
  private static func warnings(ofLowpassed file: URL, _ lowpasses: [Double]) -> [Problem] {
    guard let clip = try? AudioFile.read(file) else { return [] }
    var below = [Double](repeating: 0, count: lowpasses.count), whole = 0.0
    for channel in clip.channels {
      let spectrum = Spectrum(of: channel, sampleRate: clip.sampleRate, settings: .init(size: 2048, hop: 1024))
      for (i, power) in spectrum.power.enumerated() {
        whole += Double(power)
        for (j, lowpass) in lowpasses.enumerated() where spectrum.frequency(i % spectrum.binCount) <= lowpass {
          below[j] += Double(power)
        }
      }
    }
    guard whole > 0 else { return [] }
    func warning(_ side: String, _ lowpasses: [Double], _ sounds: (one: String, several: String), _ mend: String)
      -> Problem?
    {
      guard let edge = side == "above" ? lowpasses.first : lowpasses.last else { return nil }
      let copies =
        lowpasses.count == 1
        ? "copy that is low-passed there \(sounds.one)"
        : "copies that are low-passed at \(lowpasses.map(\.cellText).joined(separator: ", ")) Hz \(sounds.several)"
      return Problem(
        "hardly anything of this sound is \(side) \(edge.cellText) Hz, so its \(copies)",
        at: Place(file: file.relativePath),
        mend: mend, severity: .warning)
    }
    let (alike, silent) = (
      lowpasses.indices.filter { 1 - below[$0] / whole < leastShare },
      lowpasses.indices.filter { below[$0] / whole < leastShare }
    )
    return [
      warning(
        "above", alike.map { lowpasses[$0] }, ("sounds alike", "sound alike"),
        "An anchor needs a lower frequency; attentive listeners may fail an attention check with this item."),
      warning(
        "below", silent.map { lowpasses[$0] }, ("is almost silent", "are almost silent"),
        "An anchor needs a higher frequency."),
    ].compactMap(\.self)
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
    // Where nobody switches in place, neither its length nor where it begins stands out.
    guard alignment.isSwitched else { return warnings }
    let longest = facts.map(\.duration).max() ?? 0
    for one in facts where longest - one.duration > tolerance {
      warn(
        "this version is \(seconds(longest - one.duration)) shorter than the longest", one,
        "Silence is added, so that all are equally long. If its end would give it away, make all versions the same length, or write switching: from_start."
      )
    }
    for one in facts.dropFirst() where abs(one.onset - first.onset) > 0.01 {
      let (gap, side) = (abs(one.onset - first.onset), one.onset > first.onset ? "later" : "earlier")
      warn(
        "this version begins \(seconds(gap)) \(side) than \(first.file.pathComponents.suffix(2).joined(separator: "/"))",
        one,
        "Nothing is shifted, so listeners hear a jump when they switch to it. Align the files, or write switching: from_start."
      )
    }
    return warnings
  }
}
