import Basics
import Foundation
import Sound

/// A training mix in the making: mono, 44.1 kHz, from before the crop begins to its end.
struct TrainingRendering {
  private(set) var samples: [Float]

  /// - Parameter count: length in frames.
  init(count: Int) {
    samples = [Float](repeating: 0, count: count)
  }

  /// Plays a backing from a random position, transposed by a random interval, repeating it to the end.
  /// - Parameter turnedDown: reduction of its level, in dB.
  mutating func play(
    _ backing: TrainingBacking, _ recipe: TrainingRecipe, turnedDown: Double, _ random: inout SeededRandom
  ) {
    let step = pow(2, random.uniform(-recipe.transposed...recipe.transposed) / 12)
    let length = backing.samples.count
    var position = random.unit() * Double(length)
    let gain = backing.peak / 32767 * Float(amplitude(random.uniform(recipe.backing) - turnedDown))
    backing.samples.withUnsafeBufferPointer { x in
      samples.withUnsafeMutableBufferPointer { sum in
        for i in sum.indices {
          let k = Int(position)
          func sample(_ n: Int) -> Float { Float(x[n < 0 ? n + length : n >= length ? n - length : n]) }
          sum[i] += gain * hermite(sample(k - 1), sample(k), sample(k + 1), sample(k + 2), Float(position - Double(k)))
          position += step
          if position >= Double(length) { position -= Double(length) }
        }
      }
    }
  }

  /// Plays the strokes of a drum. As on a drum machine, each stroke ends the one before it, even if the later one is
  /// not played itself.
  /// - Parameters:
  ///   - gain: gain of a full stroke, in dB.
  ///   - only: which strokes are played.
  mutating func play(_ drum: [Float], _ strokes: [Hit], gain: Double, only: (Hit) -> Bool = { _ in true }) {
    let fade = TrainingMixer.sampleRate / 200
    samples.withUnsafeMutableBufferPointer { sum in
      drum.withUnsafeBufferPointer { x in
        for (i, hit) in strokes.enumerated() where only(hit) {
          let next = i + 1 < strokes.count ? strokes[i + 1].frame : sum.count
          let room = max(1, next - hit.frame)
          let level = Float(amplitude(gain + hit.velocity))
          let from = max(0, -hit.frame), to = min(x.count, room + fade, sum.count - hit.frame)
          guard from < to else { continue }
          let body = min(to, max(from, room))
          for k in from..<body { sum[hit.frame + k] += level * x[k] }
          for k in body..<to {
            sum[hit.frame + k] += level * x[k] * (1 - Float(k - room) / Float(fade))
          }
        }
      }
    }
  }

  /// Plays notes of four harmonics, each until the next one begins.
  /// - Parameters:
  ///   - notes: start of each note in frames, ascending, and its frequency in hertz.
  ///   - tone: amplitude of each harmonic relative to the one below it.
  ///   - fall: time constant of the decay, in seconds.
  ///   - gain: gain in dB.
  mutating func play(_ notes: [(frame: Int, frequency: Double)], tone: Double, fall: Double, gain: Double) {
    let rate = Double(TrainingMixer.sampleRate), level = Float(amplitude(gain))
    for (i, note) in notes.enumerated() {
      let end = min(i + 1 < notes.count ? notes[i + 1].frame : samples.count, samples.count)
      for k in max(0, note.frame)..<max(0, note.frame, end) {
        let t = Double(k - note.frame) / rate, phase = 2 * .pi * note.frequency * t
        let wave = sin(phase) + tone * (sin(2 * phase) + tone * (sin(3 * phase) + tone * sin(4 * phase)))
        samples[k] += level * Float(wave * exp(-t / fall) * min(1, t / 0.004, Double(end - k) / 200))
      }
    }
  }

  /// Lowers the mix made so far at each stroke, and lets it recover over a fifth of a second.
  /// - Parameter depth: largest reduction, in dB.
  mutating func pump(at strokes: [Hit], by depth: Double) {
    let back = TrainingMixer.sampleRate / 5
    for (i, hit) in strokes.enumerated() {
      let end = min(hit.frame + back, i + 1 < strokes.count ? strokes[i + 1].frame : samples.count, samples.count)
      for k in max(0, hit.frame)..<max(0, hit.frame, end) {
        let rest = 1 - Double(k - hit.frame) / Double(back)
        samples[k] *= Float(amplitude(-depth * rest * min(1, Double(k - hit.frame) / 100)))
      }
    }
  }

  mutating func master(_ chain: inout QuickMastering) {
    chain.process(&samples)
  }

  /// Everything after the first `before` frames, scaled to a peak of `peak` dBFS.
  func crop(after before: Int, peak: Double) -> [Float] {
    var crop = Array(samples[before...])
    let gain = Float(amplitude(peak)) / max(crop.lazy.map(abs).max() ?? 0, 1e-9)
    for i in crop.indices { crop[i] *= gain }
    return crop
  }
}
