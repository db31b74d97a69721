import Basics
import Foundation
import Library
import Sound

/// Makes any number of mixes for training, without writing files. All sounds are decoded once, and a mix of two seconds
/// takes a few milliseconds on one core.
///
/// Each mix is a crop from somewhere in a loop: a backing from any position at any speed, a rhythm at any tempo, and
/// three one-shots from any kits, each altered in its own way (pitch, decay, spectrum, drive, layers) and at its own
/// level, so that each masks the others at times; then light mastering. All three classes are always struck inside the
/// crop. If the recipe asks for songs, more drums play, and they are played as songs play samples.
///
/// A mix is a pure function of its seed, the library, the backings and the recipe, whichever thread makes it.
public struct TrainingMixer: Sendable {
  /// How much mixes vary.
  public let recipe: TrainingRecipe
  /// The recipe for mixes that are not songs.
  private let plainRecipe: TrainingRecipe
  /// The one-shots that can play.
  public let oneShots: [OneShot]
  private let sounds: [DrumClass: Sounds]
  private let backings: [TrainingBacking]

  /// Longest one-shot, in seconds. Longer ones are cut.
  public static let longest = 1.6
  /// In hertz.
  public static let sampleRate = Backing.sampleRate
  /// How much is rendered before the crop begins, in seconds. It is discarded; it lets compressor and room settle.
  private static let preroll = 0.12

  private struct Sound: Sendable {
    var candidate: String
    /// Mono, 44.1 kHz, starting at the attack.
    var samples: [Float]
    /// Maximum momentary loudness, in LUFS, and sum of squares over the first 0.4 s, both of `samples` as they are.
    var loudness: Double
    var energy: Float
  }

  /// The sounds of a class, with the cumulative sums of their weights.
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

  /// Decodes all one-shots of `library`, which should be limited to one split, as by `library.only(.train)`.
  ///
  /// A group of n sounds is drawn √n times as often as a group of one, so that kits with many layers or variants do not
  /// crowd out others. The recipe says how often synthetic sounds are drawn.
  /// - Parameter backings: if empty, every mix consists of drums alone.
  /// - Throws: a `Problem` that names the classes for which the library has no one-shots, or a sound that cannot be
  ///   read.
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
    plainRecipe = recipe.withoutSongs
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
        energy: HitShaper.energy(samples))
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

  /// Makes one mix.
  /// - Parameters:
  ///   - seed: determines the mix.
  ///   - seconds: length of the mix, at least 0.5.
  ///   - hasTwins: whether each part comes with a twin. The mix itself is the same either way.
  public func mix(seed: UInt64, seconds: Double, hasTwins: Bool = false) -> TrainingMix {
    precondition(seconds >= 0.5)
    var random = SeededRandom(seed: seed, "training mix"), twinRandom = SeededRandom(seed: seed, "training twins")
    // Songs draw from a sequence of their own, so that mixes without them stay as they were before songs were
    // introduced.
    var songRandom = SeededRandom(seed: seed, "song")
    let rate = Double(Self.sampleRate)
    let count = Int((seconds * rate).rounded()), before = Int(Self.preroll * rate)
    var sum = TrainingRendering(count: before + count)
    let isBacked = random.unit() < recipe.backed && !backings.isEmpty
    let isMastered = random.unit() < recipe.mastered
    let isEasy = random.unit() < recipe.easy, easier = random.uniform(0...recipe.easier)
    let song = songRandom.unit() < recipe.songs ? recipe : plainRecipe
    let bed = SongBed(song, &songRandom)
    if isBacked {
      let down = isEasy ? easier : 0
      sum.play(random.pick(backings), recipe, turnedDown: down, &random)
      if bed.isDense { sum.play(songRandom.pick(backings), recipe, turnedDown: down, &songRandom) }
    }

    let rhythm = TrainingRhythm(recipe, before: before, count: count, &random)
    let first = DrumClass.allCases.map { rhythm.strokes(of: $0, &random) }
    bed.play(rhythm, kicks: first[0], into: &sum, &songRandom)
    var parts: [TrainingMix.Part] = []
    for (condition, first) in zip(DrumClass.allCases, first) {
      guard let sounds = sounds[condition] else { continue }
      func add(_ strokes: [Hit], _ drum: SongDrum, _ random: inout SeededRandom) {
        let (sound, samples, loudness) = shaped(sounds, &random)
        let level = random.uniform(recipe.level(condition))
        drum.play(samples, strokes, gain: Mixer.backingLoudness + level - loudness, into: &sum)
        let onsets = strokes.map(\.frame).filter { before..<before + count ~= $0 }.map { Double($0 - before) / rate }
        parts.append(
          TrainingMix.Part(
            condition: condition, candidate: sound.candidate, samples: samples, onsets: onsets,
            twin: hasTwins ? twin(of: sound, &twinRandom) : nil))
      }
      add(first, SongDrum(song, &songRandom), &random)
      var struck = first
      for _ in 0..<2 where songRandom.unit() < song.companions {
        let strokes = rhythm.strokes(of: condition, beside: struck, &songRandom)
        struck += strokes
        add(strokes, SongDrum(song, &songRandom), &songRandom)
      }
    }
    if isMastered {
      var chain = QuickMastering(&random)
      sum.master(&chain)
    }
    return TrainingMix(samples: sum.crop(after: before, peak: random.uniform(-9 ... -0.3)), parts: parts)
  }

  /// A one-shot of a class, altered, and its maximum momentary loudness in LUFS.
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
    // The loudness was measured before the alteration. The change in energy stands for the change in loudness.
    let change = HitShaper.energy(samples) / max(sound.energy, 1e-12)
    return (sound, samples, sound.loudness + 10 * log10(max(Double(change), 1e-6)))
  }

  /// The sound altered anew. Unlike in mixes, it is always altered.
  private func twin(of sound: Sound, _ random: inout SeededRandom) -> [Float] {
    var recipe = recipe
    recipe.augmented = 1
    return HitShaper(recipe, &random).shape(sound.samples, longest: Int(Self.longest * Double(Self.sampleRate)))
  }
}
