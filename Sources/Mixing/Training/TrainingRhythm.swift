import Basics
import Foundation
import Library

/// What the rhythms of a training mix have in common: tempo, feel, and the part of the loop that is rendered.
struct TrainingRhythm {
  /// The share of steps that are altered.
  private let mutated: Double
  private let bpm: Double
  /// Whether each class draws a pattern of its own.
  private let isCrossed: Bool
  private let swing: Double, looseness: Double
  /// How far into the loop the rendering begins, in frames.
  private let start: Int
  private var pattern: DrumPattern
  /// Length of what is rendered before the crop begins, and of the crop, in frames.
  private let before: Int, count: Int

  /// Strokes closer together than this many frames (40 ms) are heard as one.
  static let together = 1764
  /// A stroke counts as heard if at least this many seconds of it are inside the crop.
  private static let heard = 0.2
  private static let rate = Double(TrainingMixer.sampleRate)

  init(_ recipe: TrainingRecipe, before: Int, count: Int, _ random: inout SeededRandom) {
    (self.before, self.count, mutated) = (before, count, recipe.mutated)
    let tempo = recipe.tempo
    bpm = tempo.lowerBound * pow(tempo.upperBound / tempo.lowerBound, random.unit())
    isCrossed = random.unit() < recipe.crossed
    (swing, looseness) = (random.uniform(0...0.2), random.uniform(0...0.006))
    start = random.below(Int((32 * 60 / bpm / 4 * Self.rate).rounded()))
    pattern = random.pick(DrumPattern.all)
  }

  /// The frames at which a stroke counts as heard in the crop.
  private var window: ClosedRange<Int> { before...before + count - Int(Self.heard * Self.rate) }

  /// The strokes of a class, in frames from the start of the rendering, ascending. Strokes shortly before it, whose
  /// tails reach into it, are included, and at least one is heard in the crop.
  func strokes(of condition: DrumClass, _ random: inout SeededRandom) -> [Hit] {
    let other = random.pick(DrumPattern.all)
    return strokes(of: condition, in: isCrossed ? other : pattern, &random)
  }

  /// The strokes of another drum of a class at the same tempo. It is silent where one of `struck` is struck, unless it
  /// would then not be heard in the crop at all.
  func strokes(of condition: DrumClass, beside struck: [Hit], _ random: inout SeededRandom) -> [Hit] {
    let all = strokes(of: condition, in: random.pick(DrumPattern.all), &random)
    let free = all.filter { hit in !struck.contains { abs($0.frame - hit.frame) < Self.together } }
    return free.contains { window ~= $0.frame } ? free : all
  }

  private func strokes(
    of condition: DrumClass, in pattern: DrumPattern, _ random: inout SeededRandom
  ) -> [Hit] {
    // Length of a sixteenth and of the whole loop, in frames.
    let step = 60 / bpm / 4 * Self.rate, frames = Int((32 * step).rounded())
    let tail = Int(TrainingMixer.longest * Self.rate)
    var pattern = pattern
    pattern.mutate(condition, share: mutated, &random)
    let loop = pattern.play(
      condition, bars: 2, bpm: bpm, frames: frames, sampleRate: TrainingMixer.sampleRate, swing: swing,
      looseness: looseness, random: &random)
    var hits: [Hit] = []
    var round = -start
    while round < before + count {
      for hit in loop where hit.frame + round > -tail && hit.frame + round < before + count {
        hits.append(Hit(frame: hit.frame + round, velocity: hit.velocity))
      }
      round += frames
    }
    // If the rhythm has no clear stroke inside the crop, one of the sixteenths there is struck.
    let place = random.unit()
    if !hits.contains(where: { window ~= $0.frame && $0.velocity > -6 }) {
      let first = Int((Double(before + start) / step).rounded(.up))
      let last = max(first, Int((Double(window.upperBound + start) / step).rounded(.down)))
      let frame = Int(Double(first + Int(place * Double(last - first + 1))) * step) - start
      hits.append(Hit(frame: min(max(frame, before), window.upperBound), velocity: -1))
      hits.sort { $0.frame < $1.frame }
    }
    return hits
  }
}

extension DrumPattern {
  /// Alters a share of the steps: removes strokes, and adds plain ones to empty steps.
  mutating func mutate(_ condition: DrumClass, share: Double, _ random: inout SeededRandom) {
    let signs = steps(condition).map { sign -> Character in
      guard random.unit() < share else { return sign }
      return sign == "." ? "x" : "."
    }
    switch condition {
    case .kick: kick = String(signs)
    case .snare: snare = String(signs)
    case .hihat: hihat = String(signs)
    }
  }
}
