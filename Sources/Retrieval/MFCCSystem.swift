import Foundation
import Sound

/// Mean and standard deviation over the frames of 13 MFCCs and their 13 deltas: 52 features.
struct MFCCStatistics: FeatureExtractor {
  var mfcc = MFCC()

  var identity: String {
    "mfcc statistics 1 \(mfcc.coefficientCount) \(mfcc.bandCount) \(mfcc.settings.size) \(mfcc.settings.hop) \(mfcc.range)"
  }

  func features(of samples: [Float]) -> Features {
    features(of: Spectrum(of: samples, sampleRate: SystemInput.sampleRate, settings: mfcc.settings))
  }

  func features(of spectrum: Spectrum) -> Features {
    let columns = mfcc.coefficientCount
    let coefficients = mfcc.coefficients(of: spectrum)
    let deltas = MFCC.deltas(coefficients, columns: columns)
    var means: [Float] = [], deviations: [Float] = []
    for values in [coefficients, deltas] {
      let rows = values.count / columns
      for c in 0..<columns {
        var sum = 0.0, squares = 0.0
        for t in 0..<rows { sum += Double(values[t * columns + c]) }
        let mean = sum / Double(rows)
        for t in 0..<rows { squares += pow(Double(values[t * columns + c]) - mean, 2) }
        means.append(Float(mean))
        deviations.append(Float((squares / Double(rows)).squareRoot()))
      }
    }
    return Features(columns: 4 * columns, values: means + deviations)
  }
}

extension FeatureSystem {
  /// Compares MFCC statistics of the whole one-shot with those of the whole mix: the plain baseline of query by
  /// example.
  static let mfcc = FeatureSystem(
    name: "mfcc", hears: .wholeMix,
    summary: "mean and standard deviation of 13 MFCCs and their deltas, standardised over the library, Euclidean",
    ofCandidate: { _ in MFCCStatistics() }, ofQuery: { _ in MFCCStatistics() }, measure: .standardisedEuclidean)

  /// Compares the same statistics of the one-shot's first 200 ms with those of the hits found in the mix.
  static let mfccHit = FeatureSystem(
    name: "mfcc-hit", hears: .hit,
    summary: "mfcc of the first 200 ms of a one-shot and of the hits found in the mix",
    ofCandidate: { _ in OfStart(cut: hitCut, inner: MFCCStatistics()) },
    ofQuery: { OfHits(condition: $0, count: hitCount, cut: hitCut, inner: MFCCStatistics()) },
    measure: .standardisedEuclidean)

  /// In seconds. A sixteenth note lasts 222 ms at 67.5 BPM and 119 ms at 126 BPM: longer cuts would include the next
  /// drum, shorter ones would miss what distinguishes one kick from another.
  static let hitCut = Cut(length: 0.2)
  static let hitCount = 5
}
