import Basics
import Foundation

/// Every knob of the mastering chain: equaliser, compressor, reverb send, exciter and limiter, in this order.
public struct MasteringSettings: Sendable, Equatable {
  /// In dB: below 110 Hz, at `eqMidFrequency`, above 7 kHz.
  public var eqLow, eqMid, eqHigh: Double
  /// In hertz.
  public var eqMidFrequency: Double
  /// In dB, against programme of -18 LUFS.
  public var compressorThreshold: Double
  public var compressorRatio: Double
  /// In seconds.
  public var compressorAttack, compressorRelease: Double
  /// Energy of the reverb against the dry sound's, in dB.
  public var reverbSend: Double
  /// Time to fall by 60 dB, in seconds.
  public var reverbDecay: Double
  /// Level of the exciter's harmonics, in dB, and where its band begins, in hertz.
  public var exciterLevel, exciterFrequency: Double
  /// Gain into the limiter, in dB, and what it holds, in dBTP.
  public var limiterDrive, limiterCeiling: Double

  /// The columns of `mixes.csv`, in the order of `cells`; times are in milliseconds there, save the reverb's.
  static let columns = [
    "eq_low_db", "eq_mid_db", "eq_mid_hz", "eq_high_db", "comp_threshold_db", "comp_ratio", "comp_attack_ms",
    "comp_release_ms", "reverb_send_db", "reverb_decay_s", "exciter_db", "exciter_hz", "limiter_drive_db",
    "limiter_ceiling_dbtp",
  ]

  var cells: [Double] {
    [
      eqLow, eqMid, eqMidFrequency, eqHigh, compressorThreshold, compressorRatio, 1000 * compressorAttack,
      1000 * compressorRelease, reverbSend, reverbDecay, exciterLevel, exciterFrequency, limiterDrive, limiterCeiling,
    ].map { ($0 * 1000).rounded() / 1000 }
  }

  init(cells c: [Double]) {
    (eqLow, eqMid, eqMidFrequency, eqHigh) = (c[0], c[1], c[2], c[3])
    (compressorThreshold, compressorRatio) = (c[4], c[5])
    (compressorAttack, compressorRelease) = (c[6] / 1000, c[7] / 1000)
    (reverbSend, reverbDecay) = (c[8], c[9])
    (exciterLevel, exciterFrequency, limiterDrive, limiterCeiling) = (c[10], c[11], c[12], c[13])
  }
}

/// From where the knobs of a chain are drawn.
public struct MasteringRanges: Sendable {
  public var low, high: MasteringSettings

  /// A chain that shapes without crushing, as a careful hand would set it.
  public static let usual = MasteringRanges(
    low: MasteringSettings(cells: [-3, -3, 350, -3, -24, 1.5, 5, 60, -30, 0.4, -30, 2500, 0, -1]),
    high: MasteringSettings(cells: [3, 3, 3500, 3, -14, 4, 40, 250, -14, 1.4, -12, 5000, 6, -0.3]))

  /// A heavier hand: wide equaliser moves, a compressor that works all the time, more room, more harmonics and a driven
  /// limiter. It stands for mixes made by people in a workstation, and no training mix is mastered by it.
  public static let hard = MasteringRanges(
    low: MasteringSettings(cells: [-6, -6, 250, -6, -34, 2.5, 1, 40, -20, 0.6, -18, 1800, 3, -1]),
    high: MasteringSettings(cells: [6, 6, 5000, 6, -22, 8, 30, 400, -9, 2.4, -6, 5500, 10, -0.1]))

  /// Each knob uniformly between its ends, except frequencies, times and the ratio, which are drawn by their octaves.
  public func draw(_ random: inout SeededRandom) -> MasteringSettings {
    let byOctave: Set = [2, 5, 6, 7, 9, 11]
    let cells = zip(low.cells, high.cells).enumerated().map { i, ends in
      let share = random.unit()
      return byOctave.contains(i)
        ? ends.0 * pow(ends.1 / ends.0, share) : ends.0 + (ends.1 - ends.0) * share
    }
    // Rounded as the table writes them, so that a chain read back from it is the chain that was heard.
    return MasteringSettings(cells: MasteringSettings(cells: cells).cells)
  }
}
