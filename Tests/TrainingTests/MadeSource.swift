import Basics
import Foundation
import Training

/// Drums made from a few numbers: falling sines, noise, and clicks of noise. Each one-shot has its own pitch and
/// length, so that they can be told apart.
struct MadeSource: MixSource {
  var conditions = ["kick", "snare", "hihat"]
  var count = 12
  /// How many drums of each class play in a mix.
  var drums = 1

  func oneShotCount(_ condition: Int) -> Int { count }

  func oneShot(_ condition: Int, _ identity: Int) -> [Float] {
    var random = SeededRandom(seed: UInt64(identity), "made", conditions[condition])
    let pitch = [60.0, 220, 5000][condition] * pow(2, Double(identity) / Double(count))
    let decay = 8 + 30 * random.unit(), tone = random.unit()
    let samples = (0..<22050).map { i -> Float in
      let t = Double(i) / 44100
      let noise = 2 * random.unit() - 1
      return Float(exp(-decay * t) * (tone * sin(2 * Double.pi * pitch * t) + (1 - tone) * noise * 0.5))
    }
    let peak = samples.map(abs).max() ?? 1
    return samples.map { $0 / peak }
  }

  func mix(seed: UInt64, seconds: Double, hasTwins: Bool = false) -> MadeMix {
    var random = SeededRandom(seed: seed, "made mix")
    var samples = [Float](repeating: 0, count: Int(44100 * seconds))
    let parts = conditions.indices.flatMap { Array(repeating: $0, count: drums) }.map { c -> MadeMix.Part in
      let identity = random.below(count)
      let shot = oneShot(c, identity)
      let start = random.below(samples.count - 12000)
      for (i, sample) in shot.enumerated() where start + i < samples.count { samples[start + i] += 0.4 * sample }
      return MadeMix.Part(condition: c, identity: identity, oneShot: shot, twin: hasTwins ? shorter(shot) : nil)
    }
    return MadeMix(samples: samples, parts: parts)
  }

  private func shorter(_ shot: [Float]) -> [Float] {
    shot.enumerated().map { Float(exp(-40 * Double($0) / 44100)) * $1 }
  }

  /// Mixes of the same one-shots, with all of them as the pool.
  func validation(_ mixes: Int) -> ValidationSounds {
    ValidationSounds(
      conditions: conditions,
      pool: conditions.indices.flatMap { c in
        (0..<count).map { .init(name: "\(conditions[c])\($0)", condition: c, samples: oneShot(c, $0)) }
      },
      mixes: (0..<mixes).map { i in
        let made = mix(seed: UInt64(1000 + i), seconds: 2)
        return .init(
          name: "mix\(i)", samples: made.samples, targets: made.parts.map { [$0.condition * count + $0.identity] })
      })
  }
}
