import Foundation
import Sound

/// Cuts a piece out of a sound around an onset. It contains `length` seconds from the onset, the last fifth faded out
/// by a half cosine so that the cut is inaudible, and before the onset `lead` seconds, from which the background is
/// estimated. Outside the sound there is silence.
struct Cut: Sendable {
  var length: Double
  var lead = 0.0

  init(length: Double, lead: Double = 0) { (self.length, self.lead) = (length, lead) }

  /// A cut of this many samples from the onset.
  init(samples: Int) {
    // Half a sample more, so that rounding does not drop one.
    self.init(length: (Double(samples) + 0.5) / Double(SystemInput.sampleRate))
  }

  func callAsFunction(_ samples: [Float], at time: Double) -> [Float] {
    let rate = Double(SystemInput.sampleRate)
    let count = Int((lead + length) * rate), fade = Int(length * rate) / 5
    let start = Int(time * rate) - Int(lead * rate)
    return (0..<count).map { i in
      guard samples.indices.contains(start + i) else { return 0 }
      let left = count - i
      let gain: Float = left < fade ? 0.5 - 0.5 * cosf(Float.pi * Float(left) / Float(fade)) : 1
      return samples[start + i] * gain
    }
  }

  /// The spectrum of a piece from this cut, minus its background. It starts one frame before the onset.
  func spectrum(of piece: [Float], _ settings: Spectrum.Settings) -> Spectrum {
    let spectrum = Spectrum(of: piece, sampleRate: SystemInput.sampleRate, settings: settings)
    guard lead > 0 else { return spectrum }
    let onset = Int(lead * Double(SystemInput.sampleRate)), half = settings.size / 2
    // Frames that lie completely before the onset and within the piece.
    let background = (half + settings.hop - 1) / settings.hop..<max(1, (onset - half) / settings.hop)
    guard !background.isEmpty else { return spectrum }
    return spectrum.without(background: background, from: onset / settings.hop - 1)
  }

  /// Where a one-shot starts, in seconds: 2 ms before the first sample that reaches a twentieth of its peak.
  static func start(of samples: [Float]) -> Double {
    let peak = samples.lazy.map(abs).max() ?? 0
    let first = samples.firstIndex { abs($0) >= 0.05 * peak } ?? 0
    return max(0, Double(first) / Double(SystemInput.sampleRate) - 0.002)
  }
}

/// Features of a one-shot's first `cut.length` seconds, to compare with a hit in a mix.
struct OfStart: FeatureExtractor {
  var cut: Cut
  var inner: any FeatureExtractor

  var identity: String { "start 2 \(cut.length) \(cut.lead) of [\(inner.identity)]" }

  func features(of samples: [Float]) -> Features { inner.features(of: cut(samples, at: Cut.start(of: samples))) }
}

/// Features of the hits of a class in a mix. Each of the `count` best hits is cut out from 2 ms before its onset. The
/// result is the median of each feature over these hits, so that sounds that coincide with only one hit drop out.
struct OfHits: FeatureExtractor {
  var condition: String
  var count: Int
  var cut: Cut
  var inner: any FeatureExtractor

  var identity: String { "hits 2 \(condition) \(count) \(cut.length) \(cut.lead) of [\(inner.identity)]" }

  func features(of samples: [Float]) -> Features {
    .median(HitPieces.pieces(of: samples, condition: condition, count: count, cut).map { inner.features(of: $0) })
  }
}

extension Features {
  /// The element-wise median of features of the same shape, at least one.
  static func median(_ all: [Features]) -> Features {
    Features(columns: all[0].columns, values: HitPieces.median(all.map(\.values)))
  }
}

/// Features at every attack of a mix, of whatever class, one row per attack. `inner` must give one row.
struct OfAttacks: FeatureExtractor {
  var cut: Cut
  var inner: any FeatureExtractor

  var identity: String { "attacks 2 \(cut.length) \(cut.lead) of [\(inner.identity)]" }

  func features(of samples: [Float]) -> Features {
    let hits = HitFinder(condition: "").hits(in: samples)
    let times = hits.isEmpty ? [0] : hits.map(\.time)
    let all = times.map { inner.features(of: cut(samples, at: max(0, $0 - 0.002))) }
    return Features(columns: all[0].columns, values: all.flatMap(\.values))
  }
}
