import ArgumentParser
import Basics
import Foundation
import Stimuli
import Study
import Trials

struct PrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Prepare the sounds of a study as its listeners will hear them.",
    discussion: """
      Loops and one-shots are decoded, resampled, trimmed or seamed, matched in loudness and written to data/stimuli \
      in the study's folder; data/stimuli.csv says what was done to each. Sounds that have not changed since the last \
      time are left as they are. `earshot serve` does the same before it opens.

      Examples:
        earshot prepare studies/drums
        earshot prepare studies/drums --data /srv/study-data
      """)

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "study"))
  var study: String

  @Option(
    help: ArgumentHelp("Where to put the prepared sounds (default: data in the study's folder).", valueName: "folder"))
  var data: String?

  func run() throws {
    let folder = URL(filePath: study, directoryHint: .isDirectory)
    let data = data.map { URL(filePath: $0, directoryHint: .isDirectory) } ?? folder.appending(path: "data")
    let design = try StudyDesign.load(folder: folder)
    let bar = ProgressBar("sounds")
    let start = ContinuousClock.now
    let prepared = try PreparedStimuli.prepare(design, into: data, progress: bar.handler)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    bar.finish()
    print(Self.text(prepared, rules: design.definition.sounds, seconds: seconds))
  }

  static func text(_ prepared: PreparedStimuli, rules: StudyDefinition.Sounds, seconds: Double) -> String {
    func number(_ value: Double, _ decimals: Int = 1) -> String { String(format: "%.\(decimals)f", value) }
    func range(_ range: ClosedRange<Double>) -> String {
      "\(number(range.lowerBound)) to \(number(range.upperBound))"
    }
    var lines = [row("", "sounds", "seconds", "loudness (LUFS)", "peak (dBTP)", "gain (dB)", "held down")]
    for summary in prepared.summaries {
      lines.append(
        row(
          summary.role == .query ? "queries" : "candidates", "\(summary.count)", number(summary.duration),
          range(summary.loudness), number(summary.peak), range(summary.gain), "\(summary.limited.count)"))
    }
    for summary in prepared.summaries where !summary.limited.isEmpty {
      let wanted = summary.role == .query ? rules.queryLoudness : rules.candidateLoudness
      let names = summary.limited.prefix(5).map { "\($0.stimulus) by \(number(wanted - $0.loudness)) dB" }
      let more = summary.limited.count > 5 ? ", and \(summary.limited.count - 5) more" : ""
      lines += [
        "",
        "Held below \(number(wanted)) LUFS by the ceiling of \(number(rules.truePeakCeiling)) dBTP: "
          + names.joined(separator: ", ") + "\(more).",
        "A \(summary.role.rawValue)_loudness_lufs lower by as much as the first would let all match.",
      ]
    }
    if let raised = raised(prepared) { lines += ["", raised] }
    let total = prepared.summaries.reduce(0) { $0 + $1.duration }
    lines.append("")
    switch prepared.freshCount {
    case 0: lines.append("All were already prepared; checked in \(number(seconds * 1000, 0)) ms.")
    case prepared.stimuli.count:
      lines.append(
        "Prepared \(number(total)) s of sound in \(number(seconds, 2)) s, \(number(total / seconds, 0)) times faster "
          + "than real time.")
    default:
      lines.append(
        "Prepared \(prepared.freshCount) of them in \(number(seconds, 2)) s; the others were already prepared.")
    }
    lines.append("What was done to each is in \(prepared.table.path).")
    return lines.joined(separator: "\n")
  }

  /// The gain in decibels from which a warning is given: it also raises noise and everything else that is faint in a sound.
  private static let muchGain = 20.0

  /// A warning about sounds that are raised so far that their noise may be heard, such as a hi-hat without its treble.
  static func raised(_ prepared: PreparedStimuli) -> String? {
    let far = prepared.stimuli.filter { $0.gain > muchGain }.sorted { $0.gain > $1.gain }
    guard let first = far.first else { return nil }
    let names = far.prefix(5).map { "\($0.stimulus) by \(String(format: "%.1f", $0.gain)) dB" }
    let more = far.count > 5 ? ", and \(far.count - 5) more" : ""
    let anchors = first.stimulus.contains(".lowpass_") ? " A higher 'anchor_lowpass_hz' leaves more of an anchor." : ""
    return "Raised by more than \(Int(muchGain)) dB to be as loud as the others, so that noise may be heard: "
      + names.joined(separator: ", ") + "\(more). Listen to them in 'earshot preview'.\(anchors)"
  }

  private static func row(_ cells: String...) -> String {
    let widths = [11, 8, 9, 17, 13, 17, 11]
    return zip(cells, widths).enumerated().map { i, cell in
      let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
      return i == 0 ? cell.0 + padding : padding + cell.0
    }.joined()
  }
}
