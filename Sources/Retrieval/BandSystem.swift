import Sound

/// Features of a sound within the frequency band of a drum class, cut out by Butterworth filters of order 4 (24 dB per
/// octave).
struct OfBand: FeatureExtractor {
  var condition: String
  var inner: any FeatureExtractor

  /// The bands in hertz. Other classes use the whole range.
  static let bands: [String: Range<Double>] = ["kick": 20..<600, "snare": 120..<9000, "hihat": 5000..<20000]

  var identity: String {
    let band = Self.bands[condition]
    return "band 1 \(band?.lowerBound ?? 0) \(band?.upperBound ?? 0) of [\(inner.identity)]"
  }

  func features(of samples: [Float]) -> Features {
    guard let band = Self.bands[condition] else { return inner.features(of: samples) }
    // The two sections of a Butterworth filter of order 4.
    let sections = [0.5412, 1.3066].flatMap { q in
      [
        Biquad.highpass(band.lowerBound, q: q, sampleRate: SystemInput.sampleRate),
        Biquad.lowpass(band.upperBound, q: q, sampleRate: SystemInput.sampleRate),
      ]
    }
    var chain = BiquadChain(sections)
    var filtered = samples
    chain.process(&filtered)
    return inner.features(of: filtered)
  }
}

extension FeatureSystem {
  /// Like `mfcc-hit`, but within the band of the class asked for: onsets are searched in this band, and one-shots of
  /// all classes are filtered by it.
  static let bandMFCCHit = FeatureSystem(
    name: "band-mfcc-hit", hears: .hit,
    summary: "mfcc-hit in the band of the class (kick up to 600 Hz, snare 120 Hz–9 kHz, hi-hat from 5 kHz)",
    ofCandidate: { OfBand(condition: $0, inner: OfStart(cut: hitCut, inner: MFCCStatistics())) },
    ofQuery: {
      OfBand(
        condition: $0, inner: OfHits(condition: $0, count: hitCount, cut: hitCut, inner: MFCCStatistics()))
    },
    measure: .standardisedEuclidean)
}
