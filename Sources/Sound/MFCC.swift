import Foundation

/// Mel-frequency cepstral coefficients and their deltas.
///
/// Power spectrum → mel bands (`MelScale`) → decibels relative to the loudest band of the sound, floored `range` below
/// it → orthonormal DCT-II. Because decibels are relative, a sound and the same sound at another gain have the same
/// coefficients. In librosa's words: `feature.mfcc(S=power_to_db(melspectrogram(…), ref=np.max, top_db=range),
/// dct_type=2, norm="ortho")`.
public struct MFCC: Sendable {
  public var coefficientCount: Int
  public var bandCount: Int
  public var settings: Spectrum.Settings
  /// In decibels.
  public var range: Float

  /// 13 coefficients of 40 bands, frames of 1,024 samples (23 ms at 44.1 kHz) every 256 (5.8 ms), 80 dB.
  public init(
    coefficients: Int = 13, bands: Int = 40, settings: Spectrum.Settings = .init(size: 1024, hop: 256),
    range: Float = 80
  ) {
    coefficientCount = coefficients
    bandCount = bands
    self.settings = settings
    self.range = range
  }

  /// Frame after frame, each of `coefficientCount` values.
  public func coefficients(of samples: [Float], sampleRate: Int) -> [Float] {
    coefficients(of: Spectrum(of: samples, sampleRate: sampleRate, settings: settings))
  }

  /// The same of a spectrum, whatever it was taken with.
  public func coefficients(of spectrum: Spectrum) -> [Float] {
    var bands = spectrum.power(
      in: MelScale.slaney.filters(bandCount, size: spectrum.settings.size, sampleRate: spectrum.sampleRate))
    let loudest = max(bands.max() ?? 0, 1e-10)
    for i in bands.indices { bands[i] = max(10 * log10f(max(bands[i], 1e-10) / loudest), -range) }
    let basis = MFCC.cosines(coefficientCount, bandCount)
    var result = [Float](repeating: 0, count: spectrum.frameCount * coefficientCount)
    for i in 0..<spectrum.frameCount {
      for c in 0..<coefficientCount {
        var sum: Float = 0
        for b in 0..<bandCount { sum += bands[i * bandCount + b] * basis[c * bandCount + b] }
        result[i * coefficientCount + c] = sum
      }
    }
    return result
  }

  /// The orthonormal DCT-II, its first `rows` rows.
  static func cosines(_ rows: Int, _ columns: Int) -> [Float] {
    (0..<rows).flatMap { c in
      (0..<columns).map { b in
        let scale = (c == 0 ? 1 : 2) / Double(columns)
        return Float(scale.squareRoot() * cos(Double.pi * Double(c) * (Double(b) + 0.5) / Double(columns)))
      }
    }
  }

  /// The slope of each coefficient over `2 * reach + 1` frames, by linear regression, the first and the last frame
  /// repeated beyond the edges (as in HTK): `Σ n (c[t+n] − c[t−n]) / 2 Σ n²`.
  public static func deltas(_ values: [Float], columns: Int, reach: Int = 2) -> [Float] {
    let rows = values.count / columns
    var result = [Float](repeating: 0, count: values.count)
    let scale = 1 / Float(2 * (1...reach).reduce(0) { $0 + $1 * $1 })
    for t in 0..<rows {
      for c in 0..<columns {
        var sum: Float = 0
        for n in 1...reach {
          sum += Float(n) * (values[min(t + n, rows - 1) * columns + c] - values[max(t - n, 0) * columns + c])
        }
        result[t * columns + c] = sum * scale
      }
    }
    return result
  }
}
