import Foundation
import Sound

/// The features that the acoustic ear compares: the timbre and the temporal envelope of a sound, as numbers.
///
/// They are the mean and standard deviation of 13 mel-frequency cepstral coefficients over the first half second, and
/// the effective duration on a logarithmic scale (20 per doubling, similar in size to the coefficients' differences).
/// Sounds are compared as they are presented, so they are already matched in loudness.
public enum Timbre {
  /// The 27 features of a sound.
  public static func features(of clip: Clip) -> [Float] {
    let samples = Array(clip.mono.prefix(clip.sampleRate / 2))
    let mfcc = MFCC()
    let columns = mfcc.coefficientCount
    let values = mfcc.coefficients(of: samples, sampleRate: clip.sampleRate)
    let rows = values.count / columns
    var features: [Float] = []
    for c in 0..<columns {
      let column = (0..<rows).map { Double(values[$0 * columns + c]) }
      let mean = column.reduce(0, +) / Double(rows)
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
      features += [Float(mean), Float(variance.squareRoot())]
    }
    return features + [20 * log2f(effectiveDuration(samples, sampleRate: clip.sampleRate) / 0.1)]
  }

  /// The time in seconds after which 5 % of the energy is left, at least one millisecond.
  static func effectiveDuration(_ samples: [Float], sampleRate: Int) -> Float {
    let energy = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
    var heard = 0.0
    for (i, sample) in samples.enumerated() {
      heard += Double(sample) * Double(sample)
      if heard >= 0.95 * energy { return max(0.001, Float(i) / Float(sampleRate)) }
    }
    return 0.001
  }
}
