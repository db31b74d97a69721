import Basics
import Foundation
import Sound

/// How a song plays a drum: what its sampler does to it, how loud and how soft it is, and its ghost notes.
struct SongDrum {
  private let sampler: SamplerPlay
  /// Below the level that the class usually has, in dB.
  private let quieter: Double
  /// The corner of soft strokes in hertz, where they are duller; and the level of ghost notes in dB, with their place.
  private let dullness: Double?, ghost: Double?, place: Double

  /// Strokes below this many dB are soft.
  private static let soft = -2.5

  /// - Parameter recipe: draws how it plays.
  init(_ recipe: TrainingRecipe, _ random: inout SeededRandom) {
    // Every draw is made whether it is used or not, so that one choice never changes the next.
    sampler = SamplerPlay(recipe, &random)
    let isQuiet = random.unit() < recipe.quiet, quieter = random.uniform(0...recipe.quieter)
    let isSoftened = random.unit() < recipe.softened, dullness = random.uniform(1500...6000)
    let isGhosted = random.unit() < recipe.ghosted, ghost = random.uniform(recipe.ghosts)
    self.quieter = isQuiet ? quieter : 0
    self.dullness = isSoftened ? dullness : nil
    self.ghost = isGhosted ? ghost : nil
    place = random.unit()
  }

  /// Plays a one-shot in a mix.
  /// - Parameter gain: of a full stroke of the one-shot as it is, in dB.
  func play(_ oneShot: [Float], _ strokes: [Hit], gain: Double, into mix: inout TrainingRendering) {
    var played = sampler.play(oneShot, longest: Int(TrainingMixer.longest * Double(TrainingMixer.sampleRate)))
    // What the sampler made of it has its level, whatever was cut and filtered; within reason, as silence has none.
    let change = Double(HitShaper.energy(played) / max(HitShaper.energy(oneShot), 1e-12))
    let gain = gain - max(-30, 10 * log10(max(change, 1e-6))) - quieter
    let strokes = ghost.map { strokes + ghosts(between: strokes, level: $0) }?.sorted { $0.frame < $1.frame } ?? strokes
    guard let dullness else { return mix.play(played, strokes, gain: gain) }
    mix.play(played, strokes, gain: gain) { $0.velocity >= Self.soft }
    var chain = BiquadChain([.lowpass(dullness, sampleRate: TrainingMixer.sampleRate)])
    chain.process(&played)
    mix.play(played, strokes, gain: gain) { $0.velocity < Self.soft }
  }

  /// One between each two strokes, at the same share of the way.
  private func ghosts(between strokes: [Hit], level: Double) -> [Hit] {
    zip(strokes, strokes.dropFirst()).compactMap { first, second in
      let apart = second.frame - first.frame
      guard apart > 4 * TrainingRhythm.together else { return nil }
      return Hit(frame: first.frame + Int(Double(apart) * (0.25 + 0.5 * place)), velocity: level)
    }
  }
}
