import Foundation

/// Pitch scales on which equal steps in mel sound about equally large.
public enum MelScale: String, Sendable, Codable, CaseIterable {
  /// Slaney's Auditory Toolbox (1998), the default in librosa: linear below 1 kHz (3 mel per 200 Hz), logarithmic above
  /// (27 mel per factor of 6.4).
  case slaney
  /// The formula of the Hidden Markov Model Toolkit, `2595 log10(1 + f/700)`.
  case htk

  private static let step = 200.0 / 3, corner = 1000.0, logStep = log(6.4) / 27

  /// The pitch, in mel, of a frequency in hertz.
  public func mel(hertz: Double) -> Double {
    switch self {
    case .slaney:
      hertz < Self.corner ? hertz / Self.step : Self.corner / Self.step + log(hertz / Self.corner) / Self.logStep
    case .htk: 2595 * log10(1 + hertz / 700)
    }
  }

  /// The frequency, in hertz, of a pitch in mel.
  public func hertz(mel: Double) -> Double {
    switch self {
    case .slaney:
      mel < Self.corner / Self.step
        ? mel * Self.step : Self.corner * exp(Self.logStep * (mel - Self.corner / Self.step))
    case .htk: 700 * (pow(10, mel / 2595) - 1)
    }
  }

  /// Triangular filters with edges evenly spaced in mel, over the bins of a transform of `size` samples.
  /// - Parameters:
  ///   - low: where the first filter begins, in hertz.
  ///   - high: where the last filter ends, in hertz. Half the sample rate, if nil.
  ///   - unitArea: whether each filter has unit area over frequency (librosa's `norm="slaney"`) rather than a peak of 1
  ///     (`None`).
  ///   - fillsNarrow: whether to fill low filters that are so narrow that hardly any bin falls into them. Those whose
  ///     weights would sum to less than half of a bin's get the two bins around their centre instead, by linear
  ///     interpolation. librosa leaves them empty.
  public func filters(
    _ count: Int, size: Int, sampleRate: Int, from low: Double = 0, to high: Double? = nil, unitArea: Bool = true,
    fillsNarrow: Bool = false
  ) -> BandWeights {
    let (bottom, top) = (mel(hertz: low), mel(hertz: high ?? Double(sampleRate) / 2))
    let edges = (0..<count + 2).map { hertz(mel: bottom + (top - bottom) * Double($0) / Double(count + 1)) }
    let step = Double(sampleRate) / Double(size)
    func triangle(_ f: Double, _ low: Double, _ centre: Double, _ high: Double) -> Double {
      max(0, min((f - low) / (centre - low), (high - f) / (high - centre)))
    }
    return BandWeights(count: count, binCount: size / 2 + 1) { b, k in
      let f = Double(k) * step, (low, centre, high) = (edges[b], edges[b + 1], edges[b + 2])
      let scale = unitArea ? 2 / (high - low) : 1
      if fillsNarrow {
        let bins = max(0, Int(low / step))...Int(high / step) + 1
        let sum = bins.reduce(0) { $0 + triangle(Double($1) * step, low, centre, high) }
        if sum < 0.5 { return triangle(f, centre - step, centre, centre + step) * scale }
      }
      return triangle(f, low, centre, high) * scale
    }
  }
}
