import Basics
import Foundation
import Study

/// A sound as it is presented: one row of stimuli.csv.
public struct PreparedStimulus: Sendable, Equatable {
  /// The query's or the candidate's name.
  public var stimulus: String
  /// Whether it is listened to as a query, or judged as a candidate.
  public var role: StimulusRequest.Role
  /// The candidate's condition in its table. Empty for queries, and if it has none.
  public var condition: String
  /// `stimuli/` and an opaque name, relative to the table.
  public var file: String
  /// SHA-256 of the file's bytes, in hexadecimal.
  public var sha256: String
  /// In seconds.
  public var duration: Double
  /// In hertz.
  public var sampleRate: Int
  /// Always 2: a mono source plays on both sides.
  public var channelCount: Int
  /// The loudness after preparation, in LUFS: integrated for queries, maximum momentary for candidates.
  public var loudness: Double
  /// The true peak after preparation, in dBTP.
  public var peak: Double
  /// The gain relative to the source, in dB.
  public var gain: Double
  /// Whether the true-peak ceiling kept it below the study's loudness. Not a column of stimuli.csv, where
  /// `loudness_lufs` shows it.
  public var isLimited: Bool
  /// As the study's table states it. Empty if it does not.
  public var licence: String
  /// Where the sound comes from, as the study's table states it. Empty if it does not.
  public var source: String

  static let columns = [
    "stimulus", "role", "condition", "file", "sha256", "duration_s", "sample_rate_hz", "channels", "loudness_lufs",
    "peak_dbtp", "gain_db", "licence", "source",
  ]

  var cells: [any CellValue] {
    [
      stimulus, role.rawValue, condition, file, sha256, duration, sampleRate, channelCount, loudness, peak, gain,
      licence, source,
    ]
  }

  init(_ request: StimulusRequest, _ sound: StimulusSound) {
    func rounded(_ value: Double, _ steps: Double) -> Double { (value * steps).rounded() / steps }
    let reached = request.role == .query ? sound.loudness.integrated : sound.loudness.maximumMomentary
    stimulus = request.stimulus
    role = request.role
    condition = request.condition
    file = ""
    sha256 = ""
    duration = rounded(sound.clip.duration, 1e6)
    sampleRate = sound.clip.sampleRate
    channelCount = sound.clip.channels.count
    loudness = rounded(reached, 1e3)
    peak = rounded(sound.loudness.truePeak, 1e3)
    gain = rounded(sound.gain, 1e3)
    isLimited = sound.isLimited
    licence = request.licence
    source = request.source
  }

  init(_ row: TableRow) throws {
    func need<T>(_ value: T?, _ column: String) throws -> T {
      guard let value else { throw Problem("'\(column)' is missing", at: row.place(column), mend: "") }
      return value
    }
    stimulus = try row.text("stimulus")
    role = try need(.init(rawValue: try row.text("role")), "role")
    condition = row["condition"] ?? ""
    file = try row.text("file")
    sha256 = try row.text("sha256")
    duration = try need(try row.number("duration_s"), "duration_s")
    sampleRate = try need(try row.integer("sample_rate_hz"), "sample_rate_hz")
    channelCount = try need(try row.integer("channels"), "channels")
    loudness = try need(try row.number("loudness_lufs"), "loudness_lufs")
    peak = try need(try row.number("peak_dbtp"), "peak_dbtp")
    gain = try need(try row.number("gain_db"), "gain_db")
    isLimited = try row.flag("limited") ?? false
    licence = row["licence"] ?? ""
    source = row["source"] ?? ""
  }
}

extension PreparedStimulus {
  /// The content of stimuli.csv, with one row per stimulus.
  static func table(_ stimuli: [PreparedStimulus]) throws -> Data {
    var bytes = Data()
    var table = try TableWriter(columns: columns) { bytes.append($0) }
    for stimulus in stimuli { try table.row(stimulus.cells) }
    try table.flush()
    return bytes
  }
}
