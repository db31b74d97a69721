import Foundation

/// Mel-frequency cepstral coefficients and their deltas.
///
/// Power spectrum → mel bands (`MelScale`) → decibels relative to the loudest band of the sound, limited to `range`
/// below it → orthonormal DCT-II. Since decibels are relative, the coefficients do not depend on the sound's gain. The
/// equivalent in librosa: `feature.mfcc(S=power_to_db(melspectrogram(…), ref=np.max, top_db=range), dct_type=2,
/// norm="ortho")`.
public struct MFCC: Sendable {
  /// The number of coefficients kept, from the zeroth.
  public var coefficientCount: Int
  /// The number of mel bands.
  public var bandCount: Int
  /// The frames of the power spectrum.
  public var settings: Spectrum.Settings
  /// How far below the loudest band the floor is, in decibels.
  public var range: Float

  /// By default, 13 coefficients of 40 bands, in frames of 1,024 samples (23 ms at 44.1 kHz) every 256 (5.8 ms), over
  /// 80 dB.
  public init(
    coefficients: Int = 13, bands: Int = 40, settings: Spectrum.Settings = .init(size: 1024, hop: 256),
    range: Float = 80
  ) {
    coefficientCount = coefficients
    bandCount = bands
    self.settings = settings
    self.range = range
  }

  /// One frame after another, each with `coefficientCount` values.
  public func coefficients(of samples: [Float], sampleRate: Int) -> [Float] {
    coefficients(of: Spectrum(of: samples, sampleRate: sampleRate, settings: settings))
  }

  /// The coefficients of a given spectrum, whatever its settings.
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

  /// The first `rows` rows of the orthonormal DCT-II.
  static func cosines(_ rows: Int, _ columns: Int) -> [Float] {
    (0..<rows).flatMap { c in
      (0..<columns).map { b in
        let scale = (c == 0 ? 1 : 2) / Double(columns)
        return Float(scale.squareRoot() * cos(Double.pi * Double(c) * (Double(b) + 0.5) / Double(columns)))
      }
    }
  }

  /// The slope of each coefficient over `2 * reach + 1` frames, by linear regression: `Σ n (c[t+n] − c[t−n]) / 2 Σ n²`.
  /// Beyond the edges, the first and the last frame are repeated (as in HTK).
  public static func deltas(_ values: [Float], columns: Int, reach: Int = 2) -> [Float] {
    let rows = values.count / columns
    var result = [Float](repeating: 0, count: values.count)
    let squares: Int = (1...reach).reduce(0) { $0 + $1 * $1 }
    let scale = 1 / Float(2 * squares)
    for t in 0..<rows {
      for c in 0..<columns {
        var sum: Float = 0
        for n in 1...reach {
          let after = values[min(t + n, rows - 1) * columns + c], before = values[max(t - n, 0) * columns + c]
          sum += Float(n) * (after - before)
        }
        result[t * columns + c] = sum * scale
      }
    }
    return result
  }
}
