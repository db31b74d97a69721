import Basics
import Foundation

/// What may make a drum in a mix hard to find. Each is a number that increases with the difficulty, or with what its
/// name says.
public enum Circumstance: String, Sendable, CaseIterable {
  /// The gain of a full stroke, from the one-shot's file to the mix before mastering, plus the loudness of that file
  /// (maximum momentary, LUFS): how loud the drum is in a mix of -18 LUFS.
  case level
  /// The share of the drum's strokes that have a stroke of another drum of the mix within 30 ms.
  case masking
  /// The energy of the reverb relative to the dry sound, in dB.
  case reverb
  /// The compressor's gain reduction at full scale: `-threshold × (1 - 1 / ratio)`, in dB.
  case compression
  /// The level of the exciter's harmonics, in dB.
  case exciter
  /// The gain into the limiter, in dB.
  case drive
  /// The largest absolute value of the equaliser's three gains, in dB.
  case equaliser

  /// The name in headings.
  public var title: String {
    switch self {
    case .level: "level in the mix"
    case .masking: "masking by other drums"
    case .reverb: "reverb"
    case .compression: "compression"
    case .exciter: "exciter"
    case .drive: "drive into the limiter"
    case .equaliser: "equaliser"
    }
  }

  /// The unit of its values.
  public var unit: String {
    switch self {
    case .level: "LUFS"
    case .masking: "of strokes"
    default: "dB"
    }
  }

  /// Strokes that are closer than this mask each other, in seconds.
  static let coincidence = 0.03

  /// Everything that a row of `mixes.csv` says, except the loudness of the one-shot's file.
  static func all(of row: TableRow, beside others: [TableRow]) throws -> [Circumstance: Double] {
    var found: [Circumstance: Double] = [:]
    found[.level] = try row.number("hit_gain_db")
    found[.reverb] = try row.number("reverb_send_db")
    found[.exciter] = try row.number("exciter_db")
    found[.drive] = try row.number("limiter_drive_db")
    if let threshold = try row.number("comp_threshold_db"), let ratio = try row.number("comp_ratio"), ratio > 0 {
      found[.compression] = -threshold * (1 - 1 / ratio)
    }
    let gains = try ["eq_low_db", "eq_mid_db", "eq_high_db"].compactMap { try row.number($0) }
    found[.equaliser] = gains.map(abs).max()
    let own = try strokes(row), other = try others.flatMap { try strokes($0) }.sorted()
    if !own.isEmpty, !other.isEmpty {
      found[.masking] =
        Double(own.count { time in other.contains { abs($0 - time) <= coincidence } }) / Double(own.count)
    }
    return found
  }

  private static func strokes(_ row: TableRow) throws -> [Double] {
    try (row["onsets_s"] ?? "").split(separator: " ").map { word in
      guard let time = Double(word), time.isFinite else {
        throw Problem(
          "'\(word)' is not a number", at: row.place("onsets_s"), mend: "Write numbers separated by spaces.")
      }
      return time
    }
  }
}
