import Basics
import Foundation
import Library

/// What plays around the target drums in a song: a second backing, a bass with the kick, percussion of no class, and a
/// backing that ducks at each kick.
struct SongBed {
  private let recipe: TrainingRecipe
  private let isPumped: Bool, pumping: Double
  /// Whether a second backing plays over the first.
  let isDense: Bool
  private let isBassed: Bool, hasOthers: Bool

  /// - Parameter recipe: the chance of each element, and the ranges of its settings.
  init(_ recipe: TrainingRecipe, _ random: inout SeededRandom) {
    self.recipe = recipe
    (isPumped, pumping) = (random.unit() < recipe.pumped, random.uniform(recipe.pumping))
    isDense = random.unit() < recipe.dense
    (isBassed, hasOthers) = (random.unit() < recipe.bassed, random.unit() < recipe.others)
  }

  /// Adds these elements to a backing, before the drums are added.
  func play(_ rhythm: TrainingRhythm, kicks: [Hit], into mix: inout TrainingRendering, _ random: inout SeededRandom) {
    if isBassed { playBass(with: kicks, into: &mix, &random) }
    if isPumped { mix.pump(at: kicks, by: pumping) }
    guard hasOthers else { return }
    for _ in 0...random.below(3) {
      let samples = OtherPercussion.draw(&random)
      let strokes = rhythm.strokes(of: random.pick(DrumClass.allCases), beside: [], &random)
      // Their loudness is estimated from their energy: 0.4 s of it at 0 dB would be about -3 LUFS.
      let energy = Double(HitShaper.energy(samples)) / (0.2 * Double(TrainingMixer.sampleRate))
      let level = Mixer.backingLoudness + random.uniform(recipe.other)
      mix.play(samples, strokes, gain: level + 3 - 10 * log10(max(energy, 1e-6)))
    }
  }

  /// Plays a bass note with most of the kicks, and three more at random.
  private func playBass(with kicks: [Hit], into mix: inout TrainingRendering, _ random: inout SeededRandom) {
    let low = 36 * pow(3, random.unit()), tone = random.uniform(0.1...0.8), fall = random.uniform(0.1...1.2)
    let gain = Mixer.backingLoudness + random.uniform(recipe.bass)
    let starts =
      kicks.map(\.frame).filter { _ in random.unit() < 0.8 } + (0..<3).map { _ in random.below(mix.samples.count) }
    let notes = starts.sorted().map { ($0, low * pow(2, Double(random.pick([0, 0, 3, 5, 7, 10, 12])) / 12)) }
    mix.play(notes, tone: tone, fall: fall, gain: gain)
  }
}
