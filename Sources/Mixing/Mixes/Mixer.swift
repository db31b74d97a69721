import Basics
import Foundation
import Library
import Sound

/// Makes query loops: a backing without drums, a kick, a snare and a hi-hat from the library that play a rhythm, and a
/// mastering chain over the sum.
///
/// Everything is drawn before anything is rendered, so a run depends on its seed and its library, never on the number
/// of cores.
public struct Mixer: Sendable {
  /// The one-shots that can play.
  public var library: LibraryTable
  /// What the backings are drawn from, each by its weight.
  public var backings: [any BackingSource]
  /// The ranges of the mastering.
  public var chain: MasteringRanges

  /// Integrated loudness of the backing before the drums are added, and of the finished sum before the chain, in LUFS.
  static let backingLoudness = -20.0, programme = -18.0
  /// Maximum momentary loudness of a drum's full stroke relative to the backing's integrated loudness, in LU.
  static let levels: [DrumClass: ClosedRange<Double>] = [.kick: -2...4, .snare: -2...4, .hihat: -12 ... -5]

  /// - Throws: a `Problem` that names the classes for which the library has no one-shots.
  public init(library: LibraryTable, backings: [any BackingSource], chain: MasteringRanges = .usual) throws {
    let missing = DrumClass.allCases.filter { library[$0].isEmpty }
    guard missing.isEmpty else {
      throw Problem(
        "the library has no \(missing.map(\.rawValue).joined(separator: " and no "))",
        at: Place(file: library.folder.path), mend: "A mix needs one of each class.")
    }
    precondition(!backings.isEmpty)
    self.library = library
    self.backings = backings
    self.chain = chain
  }

  /// A mix that is drawn but not rendered.
  struct Score: Sendable {
    struct Part: Sendable {
      var oneShot: OneShot
      var hits: [Hit]
      var level, pan: Double
    }
    var query: String
    var backing: Backing
    var style: String
    var parts: [Part]
    var chain: MasteringSettings
    var seed: UInt64
  }

  /// Makes `count` mixes and writes them into a folder as `mixes.csv` and `mixes/`, replacing those of an earlier run.
  /// - Throws: `Problems` that name every drawn one-shot that cannot be read or is silent, before anything is replaced.
  public func make(_ count: Int, seed: UInt64, into folder: URL, progress: ProgressHandler? = nil) throws -> MixTable {
    let scores = plan(count, seed: seed)
    var seen: Set<String> = []
    let drawn = scores.flatMap { $0.parts.map(\.oneShot) }.filter { seen.insert($0.candidate).inserted }
    _ = try parallelMapTellingAll(drawn) { oneShot in
      let file = library.url(of: oneShot)
      let sampler = try Sampler(AudioFile.read(file), sampleRate: Backing.sampleRate, hits: [], frames: 1)
      guard !sampler.loudness.isFinite else { return }
      throw Problem(
        "the one-shot '\(oneShot.candidate)' is silent", at: Place(file: file.path),
        mend: "Take it out of library.csv: nothing can make it as loud as the others.")
    }
    let sounds = folder.appending(path: "mixes")
    do {
      try OutputFile.discard(folder.appending(path: MixTable.fileName))
      try FileManager.default.createDirectory(at: sounds, withIntermediateDirectories: true)
      for name in try FileManager.default.contentsOfDirectory(atPath: sounds.path) where name.hasSuffix(".flac") {
        try FileManager.default.removeItem(at: sounds.appending(path: name))
      }
    } catch {
      throw Problem("cannot write mixes here", at: Place(file: folder.path), mend: "Check that the folder is yours.")
    }
    let mixes = try parallelMap(scores, progress: progress) { score in
      let (mix, clip) = try render(score)
      try AudioFile.write(clip, to: folder.appending(path: mix.file), as: .flac16)
      return mix
    }
    let table = MixTable(folder: folder, mixes: mixes)
    try table.write()
    return table
  }

  func plan(_ count: Int, seed: UInt64) -> [Score] {
    var choices = DrumClass.allCases.map { condition in
      var random = SeededRandom(seed: seed, "mix", "choice", condition.rawValue)
      return BalancedChoice(library[condition], &random)
    }
    var turns = [Int](repeating: 0, count: backings.count)
    let digits = max(3, String(count).count)
    return (0..<count).map { i in
      var random = SeededRandom(seed: seed, "mix", String(i))
      let b = Self.weighted(backings.map(\.weight), random.unit())
      let backing = backings[b].draw(turn: turns[b], &random)
      turns[b] += 1
      let patterns = DrumPattern.all.filter { $0.tempo.contains(backing.bpm) }
      let pattern = random.pick(patterns.isEmpty ? DrumPattern.all : patterns)
      let swing = random.uniform(pattern.swing), looseness = random.uniform(0...0.004)
      let parts = zip(DrumClass.allCases, choices.indices).map { condition, c in
        Score.Part(
          oneShot: choices[c].next(),
          hits: pattern.play(
            condition, bars: backing.bars, bpm: backing.bpm, frames: backing.frameCount,
            sampleRate: Backing.sampleRate, swing: swing, looseness: looseness, random: &random),
          level: random.uniform(Self.levels[condition] ?? 0...0),
          pan: condition == .hihat ? random.uniform(-0.4...0.4) : 0)
      }
      let number = String(i + 1)
      return Score(
        query: "mix" + String(repeating: "0", count: digits - number.count) + number, backing: backing,
        style: pattern.style, parts: parts, chain: chain.draw(&random), seed: seed)
    }
  }

  func render(_ score: Score) throws -> (Mix, Clip) {
    let backing = try score.backing.render()
    let rate = Backing.sampleRate, frames = score.backing.frameCount
    // Measured over two repetitions, since the loop repeats.
    let loudness = try Loudness.measure(backing.clip.repeated(2)).integrated
    let backingGain = loudness.isFinite ? Self.backingLoudness - loudness : 0
    var sum = backing.clip.scaled(by: Float(amplitude(backingGain))).channels
    var gains: [Double] = []
    for part in score.parts {
      let sampler = try Sampler(
        AudioFile.read(library.url(of: part.oneShot)), sampleRate: rate, hits: part.hits, frames: frames)
      let gain = Self.backingLoudness + part.level - sampler.loudness
      gains.append(gain)
      sampler.play(into: &sum, gain: gain, pan: part.pan)
    }
    let mixed = Clip(channels: sum, sampleRate: rate)
    let trim = Self.programme - (try Loudness.measure(mixed.repeated(2)).integrated)
    let clip = try MasteringChain(settings: score.chain).process(mixed.scaled(by: Float(amplitude(trim))))
    let licences = [backing.licence] + score.parts.map(\.oneShot.licence)
    let mix = Mix(
      query: score.query, file: "mixes/\(score.query).flac",
      parts: zip(score.parts, gains).map { part, gain in
        Mix.Part(
          condition: part.oneShot.condition, reference: part.oneShot.candidate,
          onsets: part.hits.map { (Double($0.frame) / Double(rate) * 1e5).rounded() / 1e5 },
          velocities: part.hits.map { ($0.velocity * 100).rounded() / 100 },
          hitGain: ((gain + trim) * 1000).rounded() / 1000, pan: (part.pan * 1000).rounded() / 1000)
      },
      bpm: score.backing.bpm, bars: score.backing.bars, style: score.style, backing: backing.name,
      licence: licences.enumerated().filter { !licences[..<$0.offset].contains($0.element) }.map(\.element)
        .joined(separator: " + "), source: backing.source, chain: score.chain, seed: score.seed)
    return (mix, clip)
  }

  /// The index in `weights` at which the cumulative sum exceeds `share` of the total.
  /// - Parameter share: 0 to below 1.
  static func weighted(_ weights: [Double], _ share: Double) -> Int {
    var rest = share * weights.reduce(0, +)
    for (i, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return i }
    }
    return weights.count - 1
  }
}

extension Clip {
  /// The clip repeated `times` times.
  func repeated(_ times: Int) -> Clip {
    Clip(channels: channels.map { samples in (0..<times).flatMap { _ in samples } }, sampleRate: sampleRate)
  }
}
