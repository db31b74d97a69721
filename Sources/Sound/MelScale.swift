import Foundation

/// The mel scale of Slaney's Auditory Toolbox (1998), which librosa uses by default: linear below 1 kHz (3 mel are
/// 200 Hz), logarithmic above (27 mel are a factor of 6.4). It is not HTK's `2595 log10(1 + f/700)`.
public enum MelScale {
  private static let step = 200.0 / 3, corner = 1000.0, logStep = log(6.4) / 27

  public static func mel(hertz: Double) -> Double {
    hertz < corner ? hertz / step : corner / step + log(hertz / corner) / logStep
  }

  public static func hertz(mel: Double) -> Double {
    mel < corner / step ? mel * step : corner * exp(logStep * (mel - corner / step))
  }

  /// Triangular filters with edges evenly spaced in mel, each of unit area over frequency (`norm="slaney"`).
  public static func filters(_ count: Int, size: Int, sampleRate: Int, from low: Double = 0, to high: Double? = nil)
    -> BandWeights
  {
    let (bottom, top) = (mel(hertz: low), mel(hertz: high ?? Double(sampleRate) / 2))
    let edges = (0..<count + 2).map { hertz(mel: bottom + (top - bottom) * Double($0) / Double(count + 1)) }
    return BandWeights(count: count, binCount: size / 2 + 1) { b, k in
      let f = Double(k) * Double(sampleRate) / Double(size)
      let rising = (f - edges[b]) / (edges[b + 1] - edges[b])
      let falling = (edges[b + 2] - f) / (edges[b + 2] - edges[b + 1])
      return max(0, min(rising, falling)) * 2 / (edges[b + 2] - edges[b])
    }
  }
}
