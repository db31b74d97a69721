import Foundation
import Sound

/// A piece cut out of a sound around an onset: `length` seconds from the onset on, the last fifth of them faded out by a
/// half cosine so that the cut itself is not heard, and `lead` seconds before it, in which the background is heard that
/// the drum came into. Silence stands for what lies outside the sound.
struct Cut: Sendable {
  var length: Double
  var lead = 0.0

  init(length: Double, lead: Double = 0) { (self.length, self.lead) = (length, lead) }

  /// Of so many samples from the onset on.
  init(samples: Int) {
    // Half a sample more, so that rounding takes none away.
    self.init(length: (Double(samples) + 0.5) / Double(Ear.sampleRate))
  }

  func callAsFunction(_ samples: [Float], at time: Double) -> [Float] {
    let rate = Double(Ear.sampleRate)
    let count = Int((lead + length) * rate), fade = Int(length * rate) / 5
    let start = Int(time * rate) - Int(lead * rate)
    return (0..<count).map { i in
      guard samples.indices.contains(start + i) else { return 0 }
      let left = count - i
      let gain: Float = left < fade ? 0.5 - 0.5 * cosf(Float.pi * Float(left) / Float(fade)) : 1
      return samples[start + i] * gain
    }
  }

  /// The spectrum of a piece cut out by this cut, less its background; it starts a frame before the onset.
  func spectrum(of piece: [Float], _ settings: Spectrum.Settings) -> Spectrum {
    let spectrum = Spectrum(of: piece, sampleRate: Ear.sampleRate, settings: settings)
    guard lead > 0 else { return spectrum }
    let onset = Int(lead * Double(Ear.sampleRate)), half = settings.size / 2
    // Frames that lie wholly before the onset, and wholly inside the piece.
    let background = (half + settings.hop - 1) / settings.hop..<max(1, (onset - half) / settings.hop)
    guard !background.isEmpty else { return spectrum }
    return spectrum.without(background: background, from: onset / settings.hop - 1)
  }

  /// Where a one-shot begins to sound, in seconds: the first sample that reaches a twentieth of its peak, 2 ms before.
  static func start(of samples: [Float]) -> Double {
    let peak = samples.lazy.map(abs).max() ?? 0
    let first = samples.firstIndex { abs($0) >= 0.05 * peak } ?? 0
    return max(0, Double(first) / Double(Ear.sampleRate) - 0.002)
  }
}

/// Features of a one-shot's first `cut.length` seconds: what a hit in a mix is compared with.
struct OfStart: FeatureExtractor {
  var cut: Cut
  var inner: any FeatureExtractor

  var identity: String { "start 2 \(cut.length) \(cut.lead) of [\(inner.identity)]" }

  func features(of samples: [Float]) -> Features { inner.features(of: cut(samples, at: Cut.start(of: samples))) }
}

/// Features of the hits of a class in a mix: each of the `count` best is cut out from 2 ms before its onset, its features
/// taken, and of each number the median over the hits kept, so that what sounds with one hit only drops out.
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
  /// Number by number, of features of one shape, at least one.
  static func median(_ all: [Features]) -> Features {
    Features(columns: all[0].columns, values: HitPieces.median(all.map(\.values)))
  }
}

/// Features at every attack of a mix, of whatever class, a row each: `inner` must give one row.
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
