import Basics
import Foundation
import Sound

/// Alters a one-shot as a drummer or a producer might: in pitch, decay, spectrum and saturation.
struct HitShaper {
  private var pitch = 1.0
  /// Gain from one sample to the next, as a factor.
  private var decay: Float = 1
  private var low = 0.0, high = 0.0, lowFrequency = 200.0, highFrequency = 4000.0
  private var bell = 0.0, bellFrequency = 1000.0
  private var drive: Float = 0

  /// - Parameter recipe: the chance that the one-shot is altered, and the ranges of the alterations.
  init(_ recipe: TrainingRecipe, _ random: inout SeededRandom) {
    // Every draw is made whether it is used or not, so that no choice affects the next.
    let isChanged = random.unit() < recipe.augmented, isDriven = random.unit() < recipe.driven
    let semitones = random.uniform(-recipe.pitch...recipe.pitch), bend = random.unit()
    let slope = random.unit() < 0.5 ? recipe.decay.lowerBound * bend * bend : recipe.decay.upperBound * bend
    let low = random.uniform(-recipe.tilt...recipe.tilt), high = random.uniform(-recipe.tilt...recipe.tilt)
    let lowFrequency = 120 * pow(4, random.unit()), highFrequency = 2000 * pow(4, random.unit())
    let bell = random.uniform(-recipe.tilt...recipe.tilt), bellFrequency = 250 * pow(16, random.unit())
    let drive = random.uniform(recipe.drive)
    guard isChanged else { return }
    pitch = pow(2, semitones / 12)
    decay = Float(amplitude(slope / Double(Backing.sampleRate)))
    (self.bell, self.bellFrequency) = (bell, bellFrequency)
    (self.low, self.high, self.lowFrequency, self.highFrequency) = (low, high, lowFrequency, highFrequency)
    self.drive = isDriven ? Float(amplitude(drive)) : 0
  }

  /// Returns the altered sound, with a peak of 1 and at most `longest` samples long.
  func shape(_ source: [Float], longest: Int) -> [Float] {
    var samples = HitShaper.resampled(source, step: pitch, longest: longest)
    if decay != 1 {
      var gain: Float = 1
      for i in samples.indices {
        samples[i] *= gain
        gain *= decay
      }
    }
    if low != 0 || high != 0 {
      var shelves = BiquadChain([
        .lowShelf(lowFrequency, gain: low, sampleRate: Backing.sampleRate),
        .peak(bellFrequency, gain: bell, q: 0.8, sampleRate: Backing.sampleRate),
        .highShelf(highFrequency, gain: high, sampleRate: Backing.sampleRate),
      ])
      shelves.process(&samples)
    }
    HitShaper.normalise(&samples)
    if drive > 0 {
      let scale = 1 / softClip(drive)
      for i in samples.indices { samples[i] = softClip(drive * samples[i]) * scale }
      HitShaper.normalise(&samples)
    }
    // Fades out the last 10 ms, in case the sound was cut off.
    let fade = min(441, samples.count)
    for k in 0..<fade { samples[samples.count - 1 - k] *= Float(k) / Float(fade) }
    return samples
  }

  static func normalise(_ samples: inout [Float]) {
    let peak = max(samples.lazy.map(abs).max() ?? 0, 1e-9)
    for i in samples.indices { samples[i] /= peak }
  }

  /// Resamples by cubic Hermite interpolation.
  /// - Parameters:
  ///   - step: distance between the places that are read, in samples of `source`: 2 is an octave up.
  ///   - longest: largest number of samples returned.
  static func resampled(_ source: [Float], step: Double, longest: Int) -> [Float] {
    guard step != 1 else { return Array(source.prefix(longest)) }
    let count = min(longest, Int(Double(source.count - 1) / step) + 1)
    let last = source.count - 1
    return source.withUnsafeBufferPointer { x in
      [Float](unsafeUninitializedCapacity: count) { y, made in
        for i in 0..<count {
          let at = Double(i) * step
          let k = min(Int(at), last)
          y[i] = hermite(x[max(k - 1, 0)], x[k], x[min(k + 1, last)], x[min(k + 2, last)], Float(at - Double(k)))
        }
        made = count
      }
    }
  }

  /// Sum of squares over the first 0.4 s.
  static func energy(_ samples: [Float]) -> Float {
    samples.prefix(Int(0.4 * Double(Backing.sampleRate))).reduce(0) { $0 + $1 * $1 }
  }
}

/// The cubic from `b` to `c` at `t` (0 to 1), whose slopes at `b` and `c` are taken from their neighbours `a` to `d`
/// (Catmull & Rom 1974).
@inline(__always)
func hermite(_ a: Float, _ b: Float, _ c: Float, _ d: Float, _ t: Float) -> Float {
  let slope = 0.5 * (c - a)
  let curve = a - 2.5 * b + 2 * c - 0.5 * d
  let bend = 0.5 * (d - a) + 1.5 * (b - c)
  return ((bend * t + curve) * t + slope) * t + b
}

/// A cheap rational approximation of the hyperbolic tangent (Padé, held at ±1 beyond ±3), accurate to about 2 %.
@inline(__always)
func softClip(_ x: Float) -> Float {
  let x = max(-3, min(3, x))
  return x * (27 + x * x) / (27 + 9 * x * x)
}
