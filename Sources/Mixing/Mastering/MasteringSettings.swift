import Basics
import Foundation

/// Every setting of the mastering chain, in signal order: equaliser, compressor, reverb send, exciter, limiter.
public struct MasteringSettings: Sendable, Equatable {
  /// Gains in dB: of the low shelf at 110 Hz, of the bell at `eqMidFrequency`, and of the high shelf at 7 kHz.
  public var eqLow, eqMid, eqHigh: Double
  /// Centre of the bell, in hertz.
  public var eqMidFrequency: Double
  /// Threshold in dBFS, meant for programme at -18 LUFS. A ratio of 1 leaves the sound unchanged.
  public var compressorThreshold: Double
  /// How many dB above the threshold become one, at least 1.
  public var compressorRatio: Double
  /// Time constants, in seconds.
  public var compressorAttack, compressorRelease: Double
  /// Energy of the reverb relative to the dry sound, in dB.
  public var reverbSend: Double
  /// Reverberation time: how long the reverb takes to fall by 60 dB, in seconds.
  public var reverbDecay: Double
  /// Level of the exciter's harmonics relative to the band that it drives, in dB, and the lower edge of that band, in
  /// hertz.
  public var exciterLevel, exciterFrequency: Double
  /// Gain into the limiter, in dB, and its ceiling, in dBTP.
  public var limiterDrive, limiterCeiling: Double

  /// The columns of `mixes.csv`, in the order of `cells`. Attack and release are in milliseconds there.
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

/// The ranges from which the settings of a chain are drawn.
public struct MasteringRanges: Sendable {
  /// The lowest and the highest value of each setting.
  public var low, high: MasteringSettings

  /// A chain that shapes without crushing, as a careful engineer would set it.
  public static let usual = MasteringRanges(
    low: MasteringSettings(cells: [-3, -3, 350, -3, -24, 1.5, 5, 60, -30, 0.4, -30, 2500, 0, -1]),
    high: MasteringSettings(cells: [3, 3, 3500, 3, -14, 4, 40, 250, -14, 1.4, -12, 5000, 6, -0.3]))

  /// Heavier settings: wide equaliser moves, a compressor that works all the time, more room, more harmonics and a
  /// driven limiter. They stand for mixes that people make in a workstation. No training mix is mastered with them.
  public static let hard = MasteringRanges(
    low: MasteringSettings(cells: [-6, -6, 250, -6, -34, 2.5, 1, 40, -20, 0.6, -18, 1800, 3, -1]),
    high: MasteringSettings(cells: [6, 6, 5000, 6, -22, 8, 30, 400, -9, 2.4, -6, 5500, 10, -0.1]))

  /// Draws each setting uniformly between its ends, except frequencies, times and the ratio, which are drawn uniformly
  /// on a logarithmic scale.
  public func draw(_ random: inout SeededRandom) -> MasteringSettings {
    let byOctave: Set = [2, 5, 6, 7, 9, 11]
    let cells = zip(low.cells, high.cells).enumerated().map { i, ends in
      let share = random.unit()
      return byOctave.contains(i)
        ? ends.0 * pow(ends.1 / ends.0, share) : ends.0 + (ends.1 - ends.0) * share
    }
    // Rounded as in the table, so that settings read from it reproduce the sound exactly.
    return MasteringSettings(cells: MasteringSettings(cells: cells).cells)
  }
}
