import Foundation
import Sound

/// Finds sounds that a listener cannot distinguish although their samples differ: the same recording at another level,
/// or played by two kits of a soundfont.
///
/// Two sounds are twins if they have the same sample rate, their first 0.4 s, aligned at the attacks, correlate by more
/// than 0.998, and their lengths differ by less than 5 %.
struct TwinFinder {
  private struct Known {
    var name: String
    var samples: [Float]
    var length: Double
    var rate: Int
  }
  private var known: [Known] = []
  static let correlation: Float = 0.998

  /// The name of an earlier sound that this one is a twin of. If there is none, remembers this sound under its name and
  /// returns nil.
  mutating func twin(of clip: Clip, name: String) -> String? {
    guard let attack = Attack.find(in: clip) else { return nil }
    let kept = clip.frames(attack.frame..<attack.kept.upperBound)
    let samples = Self.normalised(Array(kept.mono.prefix(clip.sampleRate * 2 / 5)))
    let length = kept.duration
    for other in known where other.rate == clip.sampleRate && abs(other.length - length) < 0.05 * length {
      // Allow two frames of offset, because attacks are found by a threshold.
      for shift in -2...2 where Self.product(samples, other.samples, shift) > Self.correlation { return other.name }
    }
    known.append(Known(name: name, samples: samples, length: length, rate: clip.sampleRate))
    return nil
  }

  private static func normalised(_ samples: [Float]) -> [Float] {
    let energy = samples.reduce(Float(0)) { $0 + $1 * $1 }
    let scale = 1 / max(energy, .leastNormalMagnitude).squareRoot()
    return samples.map { $0 * scale }
  }

  private static func product(_ a: [Float], _ b: [Float], _ shift: Int) -> Float {
    let first = max(0, shift), count = min(a.count - first, b.count - max(0, -shift))
    guard count > 0 else { return 0 }
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var sum: Float = 0
        for i in 0..<count { sum += a[first + i] * b[max(0, -shift) + i] }
        return sum
      }
    }
  }
}
