import Foundation

/// Critical bands, and the transfer function of the outer ear.
public enum BarkScale {
  /// The edges of the 24 critical bands, in hertz (Zwicker 1961).
  public static let edges: [Double] = [
    0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700, 4400, 5300, 6400,
    7700, 9500, 12000, 15500,
  ]

  /// The gain of the outer ear at this frequency, in decibels: the threshold in quiet of Terhardt (1979), negated.
  /// Frequencies below 20 Hz are treated as 20 Hz.
  public static func outerEar(hertz: Double) -> Double {
    let f = max(hertz, 20) / 1000
    return -3.64 * pow(f, -0.8) + 6.5 * exp(-0.6 * pow(f - 3.3, 2)) - 1e-3 * pow(f, 4)
  }

  /// The critical bands below half the sample rate, with each bin weighted by the outer ear, so that the power of a
  /// spectrum in these bands is power at the eardrum. The last band ends at 15.5 kHz; what is above is ignored.
  public static func filters(size: Int, sampleRate: Int) -> BandWeights {
    let count = edges.dropFirst().count { $0 <= Double(sampleRate) / 2 }
    return BandWeights(count: count, binCount: size / 2 + 1) { b, k in
      let f = Double(k) * Double(sampleRate) / Double(size)
      return f >= edges[b] && f < edges[b + 1] ? pow(10, outerEar(hertz: f) / 10) : 0
    }
  }

  /// How power in one critical band spreads to its neighbours (Schroeder, Atal & Hall 1979), as linear factors: row
  /// `i`, column `j` is what band `j` contributes to band `i`.
  public static func spreading(_ count: Int) -> [[Float]] {
    (0..<count).map { i in
      (0..<count).map { j in
        let d = Double(i - j) + 0.474
        return Float(pow(10, (15.81 + 7.5 * d - 17.5 * (1 + d * d).squareRoot()) / 10))
      }
    }
  }

  /// Loudness in sone of a level in decibels, treated as phon (Bladon & Lindblom 1981). It doubles every 10 dB above 40
  /// dB.
  public static func sone(decibels: Float) -> Float {
    if decibels >= 40 { return exp2((decibels - 40) / 10) }
    return decibels <= 0 ? 0 : powf(decibels / 40, 2.642)
  }
}
