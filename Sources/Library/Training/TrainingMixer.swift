import Basics
import Foundation
import Sound

/// Makes mixes for training without end and without files: everything is decoded once, and a mix of two seconds takes a
/// few milliseconds of one core.
///
/// Each mix is a crop from somewhere in a loop: a backing from any place at any speed, a rhythm at any tempo, and three
/// one-shots of any kits, each changed in its own way (pitch, decay, spectrum, drive, layers) and at its own level, so
/// that each masks the others now and then; then a light mastering. All three classes are always struck inside the crop.
///
/// A mix is a pure function of its seed, the library, the backings and the recipe, on whatever thread it is made.
public struct TrainingMixer: Sendable {
  public let recipe: TrainingRecipe
  /// The one-shots that can play.
  public let oneShots: [OneShot]
  private let sounds: [DrumClass: Sounds]
  private let backings: [TrainingBacking]

  /// One-shots longer than this are cut, in seconds.
  public static let longest = 1.6
  public static let sampleRate = Backing.sampleRate
  /// Rendered before the crop begins and thrown away, so that compressor and room are under way, in seconds.
  private static let preroll = 0.12
  /// A stroke counts as heard in the crop when so many seconds of it are inside.
  private static let heard = 0.2

  private struct Sound: Sendable {
    var candidate: String
    /// Mono, 44.1 kHz, from the attack.
    var samples: [Float]
    /// Maximum momentary loudness, in LUFS, and energy of the first 0.4 s, at the level of `samples`.
    var loudness: Double
    var energy: Float
  }

  /// The sounds of a class with running sums of their weights.
  private struct Sounds: Sendable {
    var all: [Sound]
    var bounds: [Double]

    func draw(_ random: inout SeededRandom) -> Sound {
      let share = random.unit() * (bounds.last ?? 0)
      var low = 0, high = bounds.count - 1
      while low < high {
        let middle = (low + high) / 2
        if bounds[middle] > share { high = middle } else { low = middle + 1 }
      }
      return all[low]
    }
  }

  /// Decodes all one-shots of `library`, which should be of one split: `library.only(.train)`.
  ///
  /// A group of n sounds is drawn √n times as often as a group of one, so that kits with many layers or variants do not
  /// crowd out others; the recipe says how often a synthetic sound comes.
  /// - Parameter backings: may be empty; then every mix is of drums alone.
  /// - Throws: a `Problem` that names the classes of which the library has nothing, or a sound that cannot be read.
  public init(
    _ library: LibraryTable, backings: [TrainingBacking], recipe: TrainingRecipe = TrainingRecipe(),
    progress: ProgressHandler? = nil
  ) throws {
    let missing = DrumClass.allCases.filter { library[$0].isEmpty }
    guard missing.isEmpty else {
      throw Problem(
        "the library has no \(missing.map(\.rawValue).joined(separator: " and no "))",
        at: Place(file: library.folder.path), mend: "A mix needs one of each class.")
    }
    self.recipe = recipe
    self.backings = backings
    oneShots = library.oneShots
    let longest = Int((Self.longest * pow(2, recipe.pitch / 12)) * Double(Self.sampleRate))
    let decoded = try parallelMap(library.oneShots, progress: progress) { shot -> Sound in
      let clip = try AudioFile.read(library.url(of: shot)).resampled(to: Self.sampleRate)
      let mono = Clip(mono: clip.mono, sampleRate: clip.sampleRate)
      let first = Attack.find(in: mono)?.frame ?? 0
      let samples = Array(mono.channels[0][first...].prefix(longest))
      let loudness = try Loudness.measure(Clip(mono: samples, sampleRate: Self.sampleRate)).maximumMomentary
      return Sound(
        candidate: shot.candidate, samples: samples, loudness: loudness.isFinite ? loudness : -30,
        energy: Self.energy(samples))
    }
    var sounds: [DrumClass: Sounds] = [:]
    for condition in DrumClass.allCases {
      let chosen = zip(library.oneShots, decoded).filter { $0.0.condition == condition }
      let sizes = Dictionary(grouping: chosen, by: \.0.group).mapValues(\.count)
      var weights = chosen.map { 1 / Double(sizes[$0.0.group] ?? 1).squareRoot() }
      let isSynthetic = chosen.map { $0.0.tags.contains("synthetic") }
      let all = weights.reduce(0, +), synthetic = zip(weights, isSynthetic).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
      if synthetic > 0, synthetic < all {
        for i in weights.indices {
          weights[i] *= isSynthetic[i] ? recipe.synthetic / synthetic : (1 - recipe.synthetic) / (all - synthetic)
        }
      }
      var sum = 0.0
      let bounds = weights.map { weight in
        sum += weight
        return sum
      }
      sounds[condition] = Sounds(all: chosen.map(\.1), bounds: bounds)
    }
    self.sounds = sounds
  }

  /// One mix.
  /// - Parameters:
  ///   - seed: each seed gives another mix, always the same one.
  ///   - seconds: its length, at least 0.5.
  ///   - hasTwins: whether each part comes with a twin; the mix is the same with and without.
  public func mix(seed: UInt64, seconds: Double, hasTwins: Bool = false) -> TrainingMix {
    precondition(seconds >= 0.5)
    var random = SeededRandom(seed: seed, "training mix"), twinRandom = SeededRandom(seed: seed, "training twins")
    let rate = Double(Self.sampleRate)
    let count = Int((seconds * rate).rounded()), before = Int(Self.preroll * rate)
    var sum = [Float](repeating: 0, count: before + count)
    let isBacked = random.unit() < recipe.backed && !backings.isEmpty
    let isMastered = random.unit() < recipe.mastered
    let isEasy = random.unit() < recipe.easy, easier = random.uniform(0...recipe.easier)
    if isBacked { play(random.pick(backings), turnedDown: isEasy ? easier : 0, into: &sum, &random) }

    let strokes = rhythm(count: count, before: before, &random)
    var parts: [TrainingMix.Part] = []
    for (condition, strokes) in zip(DrumClass.allCases, strokes) {
      guard let sounds = sounds[condition] else { continue }
      let (sound, samples, loudness) = shaped(sounds, &random)
      let level = random.uniform(recipe.level(condition))
      Self.play(samples, strokes, into: &sum, gain: Mixer.backingLoudness + level - loudness)
      let onsets = strokes.filter { before..<sum.count ~= $0.frame }.map { Double($0.frame - before) / rate }
      parts.append(
        TrainingMix.Part(
          condition: condition, candidate: sound.candidate, samples: samples, onsets: onsets,
          twin: hasTwins ? twin(of: sound, &twinRandom) : nil))
    }
    if isMastered {
      var chain = QuickMastering(&random)
      chain.process(&sum)
    }
    var samples = Array(sum[before...])
    let peak = max(samples.lazy.map(abs).max() ?? 0, 1e-9)
    let gain = Float(amplitude(random.uniform(-9 ... -0.3))) / peak
    for i in samples.indices { samples[i] *= gain }
    return TrainingMix(samples: samples, parts: parts)
  }

  /// A one-shot of a class, changed, and its maximum momentary loudness in LUFS.
  private func shaped(
    _ sounds: Sounds, _ random: inout SeededRandom
  ) -> (sound: Sound, samples: [Float], loudness: Double) {
    let longest = Int(Self.longest * Double(Self.sampleRate))
    let sound = sounds.draw(&random), other = sounds.draw(&random)
    let isLayered = random.unit() < recipe.layered, below = random.uniform(-15 ... -6)
    var samples = HitShaper(recipe, &random).shape(sound.samples, longest: longest)
    if isLayered, other.candidate != sound.candidate {
      let second = HitShaper(recipe, &random).shape(other.samples, longest: longest)
      let gain = Float(amplitude(below))
      samples += [Float](repeating: 0, count: max(0, second.count - samples.count))
      for i in second.indices { samples[i] += gain * second[i] }
      HitShaper.normalise(&samples)
    }
    // Its loudness was measured before it was changed; the change in energy stands for the change in loudness.
    let change = Self.energy(samples) / max(sound.energy, 1e-12)
    return (sound, samples, sound.loudness + 10 * log10(max(Double(change), 1e-6)))
  }

  /// The sound changed anew, and always changed.
  private func twin(of sound: Sound, _ random: inout SeededRandom) -> [Float] {
    var recipe = recipe
    recipe.augmented = 1
    return HitShaper(recipe, &random).shape(sound.samples, longest: Int(Self.longest * Double(Self.sampleRate)))
  }

  /// Of the first 0.4 s.
  private static func energy(_ samples: [Float]) -> Float {
    samples.prefix(Int(0.4 * Double(sampleRate))).reduce(0) { $0 + $1 * $1 }
  }

  private func play(
    _ backing: TrainingBacking, turnedDown: Double, into sum: inout [Float], _ random: inout SeededRandom
  ) {
    let step = pow(2, random.uniform(-recipe.transposed...recipe.transposed) / 12)
    let length = backing.samples.count
    var position = random.unit() * Double(length)
    let gain = backing.peak / 32767 * Float(amplitude(random.uniform(recipe.backing) - turnedDown))
    backing.samples.withUnsafeBufferPointer { x in
      sum.withUnsafeMutableBufferPointer { sum in
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

  /// As on a drum machine a stroke ends the one before it.
  private static func play(_ samples: [Float], _ strokes: [Hit], into sum: inout [Float], gain: Double) {
    let fade = sampleRate / 200
    sum.withUnsafeMutableBufferPointer { sum in
      samples.withUnsafeBufferPointer { x in
        for (i, hit) in strokes.enumerated() {
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

  /// Strokes of each class, in frames from the start of the rendering, in order. The last ones of before it are among
  /// them, and each class has one that is heard in the crop.
  private func rhythm(count: Int, before: Int, _ random: inout SeededRandom) -> [[Hit]] {
    let rate = Double(Self.sampleRate)
    let tempo = recipe.tempo
    let bpm = tempo.lowerBound * pow(tempo.upperBound / tempo.lowerBound, random.unit())
    let step = 60 / bpm / 4 * rate
    let frames = Int((32 * step).rounded())
    let isCrossed = random.unit() < recipe.crossed
    let swing = random.uniform(0...0.2), looseness = random.uniform(0...0.006)
    let start = random.below(frames)
    let own = random.pick(DrumPattern.all)
    let tail = Int(Self.longest * rate), heard = Int(Self.heard * rate)
    return DrumClass.allCases.map { condition in
      let other = random.pick(DrumPattern.all)
      var pattern = isCrossed ? other : own
      pattern.mutate(condition, share: recipe.mutated, &random)
      let loop = pattern.play(
        condition, bars: 2, bpm: bpm, frames: frames, sampleRate: Self.sampleRate, swing: swing, looseness: looseness,
        random: &random)
      var hits: [Hit] = []
      var round = -start
      while round < before + count {
        for hit in loop where hit.frame + round > -tail && hit.frame + round < before + count {
          hits.append(Hit(frame: hit.frame + round, velocity: hit.velocity))
        }
        round += frames
      }
      // The grid's sixteenths inside the crop: one of them is struck where the rhythm has nothing there.
      let place = random.unit()
      let window = before...before + count - heard
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
}

extension DrumPattern {
  /// Leaves strokes out and puts plain ones in, at a share of the steps.
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
