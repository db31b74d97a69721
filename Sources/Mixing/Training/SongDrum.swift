import Basics
import Foundation
import Sound

/// How a song plays a drum: through a sampler, at its own level, with duller soft strokes and with ghost notes.
struct SongDrum {
  private let sampler: SamplerPlay
  /// How far it is below the usual level of its class, in dB.
  private let quieter: Double
  /// Cut-off frequency of the low-pass for soft strokes, in hertz, if they are duller; level of the ghost notes in dB,
  /// if there are any; and their place between two strokes, from 0 (a quarter of the way) to 1 (three quarters).
  private let dullness: Double?, ghost: Double?, place: Double

  /// Strokes below this level relative to the full stroke, in dB, count as soft.
  private static let soft = -2.5

  /// - Parameter recipe: the chance of each effect, and the ranges of its settings.
  init(_ recipe: TrainingRecipe, _ random: inout SeededRandom) {
    // Every draw is made whether it is used or not, so that no choice affects the next.
    sampler = SamplerPlay(recipe, &random)
    let isQuiet = random.unit() < recipe.quiet, quieter = random.uniform(0...recipe.quieter)
    let isSoftened = random.unit() < recipe.softened, dullness = random.uniform(1500...6000)
    let isGhosted = random.unit() < recipe.ghosted, ghost = random.uniform(recipe.ghosts)
    self.quieter = isQuiet ? quieter : 0
    self.dullness = isSoftened ? dullness : nil
    self.ghost = isGhosted ? ghost : nil
    place = random.unit()
  }

  /// Plays a one-shot into a mix.
  /// - Parameter gain: gain of a full stroke of the one-shot before the sampler alters it, in dB.
  func play(_ oneShot: [Float], _ strokes: [Hit], gain: Double, into mix: inout TrainingRendering) {
    var played = sampler.play(oneShot, longest: Int(TrainingMixer.longest * Double(TrainingMixer.sampleRate)))
    // The altered sound gets the energy of the original, whatever was cut or filtered away, with at most 30 dB of
    // make-up gain, since there is no level to restore in silence.
    let change = Double(HitShaper.energy(played) / max(HitShaper.energy(oneShot), 1e-12))
    let gain = gain - max(-30, 10 * log10(max(change, 1e-6))) - quieter
    let strokes = ghost.map { strokes + ghosts(between: strokes, level: $0) }?.sorted { $0.frame < $1.frame } ?? strokes
    guard let dullness else { return mix.play(played, strokes, gain: gain) }
    mix.play(played, strokes, gain: gain) { $0.velocity >= Self.soft }
    var chain = BiquadChain([.lowpass(dullness, sampleRate: TrainingMixer.sampleRate)])
    chain.process(&played)
    mix.play(played, strokes, gain: gain) { $0.velocity < Self.soft }
  }

  /// One ghost note between each two strokes that are far enough apart, always at the same share of the way.
  private func ghosts(between strokes: [Hit], level: Double) -> [Hit] {
    zip(strokes, strokes.dropFirst()).compactMap { first, second in
      let apart = second.frame - first.frame
      guard apart > 4 * TrainingRhythm.together else { return nil }
      return Hit(frame: first.frame + Int(Double(apart) * (0.25 + 0.5 * place)), velocity: level)
    }
  }
}
