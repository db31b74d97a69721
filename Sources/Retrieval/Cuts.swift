import Foundation
import Sound

/// A piece cut out of a sound from an onset on: `length` seconds, the last fifth of them faded out by a half cosine so
/// that the cut itself is not heard, padded with silence where the sound ends before.
struct Cut: Sendable {
  var length: Double

  func callAsFunction(_ samples: [Float], at time: Double) -> [Float] {
    let count = Int(length * Double(Ear.sampleRate)), fade = count / 5
    let start = Int(time * Double(Ear.sampleRate))
    return (0..<count).map { i in
      guard samples.indices.contains(start + i) else { return 0 }
      let left = count - i
      let gain: Float = left < fade ? 0.5 - 0.5 * cosf(Float.pi * Float(left) / Float(fade)) : 1
      return samples[start + i] * gain
    }
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

  var identity: String { "start 1 \(cut.length) of [\(inner.identity)]" }

  func features(of samples: [Float]) -> Features { inner.features(of: cut(samples, at: Cut.start(of: samples))) }
}

/// Features of the hits of a class in a mix: each of the `count` best is cut out from 2 ms before its onset, its features
/// taken, and of each number the median over the hits kept, so that what sounds with one hit only drops out.
struct OfHits: FeatureExtractor {
  var condition: String
  var count: Int
  var cut: Cut
  var inner: any FeatureExtractor

  var identity: String { "hits 1 \(condition) \(count) \(cut.length) of [\(inner.identity)]" }

  func features(of samples: [Float]) -> Features {
    let hits = HitFinder(condition: condition).best(count, in: samples)
    let all = hits.map { inner.features(of: cut(samples, at: max(0, $0.time - 0.002))) }
    var median = all[0]
    for i in median.values.indices {
      let sorted = all.map { $0.values[i] }.sorted()
      let middle = sorted.count / 2
      median.values[i] = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
    return median
  }
}

/// Features at every attack of a mix, of whatever class, a row each: `inner` must give one row.
struct OfAttacks: FeatureExtractor {
  var cut: Cut
  var inner: any FeatureExtractor

  var identity: String { "attacks 1 \(cut.length) of [\(inner.identity)]" }

  func features(of samples: [Float]) -> Features {
    let hits = HitFinder(condition: "").hits(in: samples)
    let times = hits.isEmpty ? [0] : hits.map(\.time)
    let all = times.map { inner.features(of: cut(samples, at: max(0, $0 - 0.002))) }
    return Features(columns: all[0].columns, values: all.flatMap(\.values))
  }
}
