import Basics
import Foundation
import Retrieval
import Sound

/// Drums, accompaniment and mixes for the tests, all seeded, at 44.1 kHz.
enum MadeSounds {
  static let rate = 44100
  static let conditions = ["kick", "snare", "hihat"]

  /// A hit of a class; another `variant` is another instrument.
  static func hit(_ condition: String, variant: Int) -> [Float] {
    var random = SeededRandom(seed: UInt64(variant), "hit", condition)
    func noise(_ count: Int, above cutoff: Double) -> [Double] {
      var last = 0.0, filtered = 0.0, again = 0.0, before = 0.0
      let keep = 1 / (1 + 2 * Double.pi * cutoff / Double(rate))  // Two one-pole high-pass filters.
      return (0..<count).map { _ in
        let x = random.normal()
        filtered = keep * (filtered + x - last)
        last = x
        again = keep * (again + filtered - before)
        before = filtered
        return again
      }
    }
    switch condition {
    case "kick":
      let pitch = random.uniform(42...70), sweep = random.uniform(40...250), bend = random.uniform(20...70)
      let decay = random.uniform(7...22), click = random.uniform(0...0.4)
      let clicks = noise(400, above: 1500)
      return (0..<Int(0.4 * Double(rate))).map { i in
        let t = Double(i) / Double(rate)
        let phase = 2 * Double.pi * (pitch * t + sweep / bend * (1 - exp(-bend * t)))
        return Float(0.8 * sin(phase) * exp(-decay * t) + (i < 400 ? click * clicks[i] * exp(-t * 600) : 0))
      }
    case "snare":
      let pitch = random.uniform(150...260), body = random.uniform(0.2...0.7), decay = random.uniform(15...35)
      let rattle = random.uniform(10...30), cutoff = random.uniform(600...3000)
      let count = Int(0.3 * Double(rate))
      let wires = noise(count, above: cutoff)
      return (0..<count).map { i in
        let t = Double(i) / Double(rate)
        let tone = sin(2 * Double.pi * pitch * t) + 0.5 * sin(2 * Double.pi * 1.6 * pitch * t)
        return Float(0.5 * (body * tone * exp(-decay * t) + (1 - body) * wires[i] * exp(-rattle * t)))
      }
    default:
      let decay = random.uniform(20...90), cutoff = random.uniform(5000...10000)
      let count = Int(0.15 * Double(rate))
      let metal = noise(count, above: cutoff)
      return (0..<count).map { i in Float(0.35 * metal[i] * exp(-decay * Double(i) / Double(rate))) }
    }
  }

  /// Eighth-note chords over a bass, with an occasional note on the beat.
  static func accompaniment(seed: UInt64, seconds: Double, bpm: Double) -> [Float] {
    var random = SeededRandom(seed: seed, "accompaniment")
    var samples = [Float](repeating: 0, count: Int(seconds * Double(rate)))
    let eighth = 30 / bpm
    var time = 0.0
    while time < seconds {
      let root = 55 * pow(2, Double(random.below(12)) / 12)
      for (partial, gain) in [(1.0, 0.10), (4.0, 0.05), (5.04, 0.05), (6.0, 0.05), (8.0, 0.03), (12.0, 0.02)] {
        let start = Int(time * Double(rate)), count = Int(2 * eighth * Double(rate))
        for i in 0..<count where start + i < samples.count {
          let t = Double(i) / Double(rate)
          let shape = min(1, t / 0.02) * exp(-3 * t)
          samples[start + i] += Float(gain * shape * sin(2 * Double.pi * root * partial * t))
        }
      }
      time += eighth * Double(1 + random.below(2))
    }
    return samples
  }

  struct Mix {
    var clip: Clip
    /// Onsets by class, in seconds.
    var onsets: [String: [Double]]
    /// The variant that plays, by class.
    var variants: [String: Int]
  }

  /// Two bars: kick on the beats (and a syncopation), snare on two and four, hi-hat on the eighths.
  static func mix(seed: UInt64, variants: Range<Int>) -> Mix {
    var random = SeededRandom(seed: seed, "mix")
    let bpm = random.uniform(67.5...126), beat = 60 / bpm
    let seconds = 8 * beat
    var samples = accompaniment(seed: seed, seconds: seconds, bpm: bpm)
    let pattern: [String: [Double]] = [
      "kick": random.pick([[0, 2, 4, 6], [0, 2.5, 4, 6.5], [0, 0.75, 2, 4, 5.5]]), "snare": [1, 3, 5, 7],
      "hihat": (0..<16).map { Double($0) / 2 },
    ]
    var mix = Mix(clip: Clip(mono: samples, sampleRate: rate), onsets: [:], variants: [:])
    for condition in conditions {
      let variant = variants.lowerBound + random.below(variants.count)
      let sound = hit(condition, variant: variant)
      let gain = Float(random.uniform(0.5...1))
      mix.variants[condition] = variant
      for place in pattern[condition, default: []] {
        let start = Int(place * beat * Double(rate))
        mix.onsets[condition, default: []].append(Double(start) / Double(rate))
        for (i, sample) in sound.enumerated() where start + i < samples.count { samples[start + i] += gain * sample }
      }
    }
    mix.clip = Clip(channels: [samples, samples], sampleRate: rate).scaled(by: 0.5)
    return mix
  }

  /// Writes a folder with `library.csv`, `mixes.csv` and their sounds.
  static func world(variants: Int, mixes: Int) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-rank-\(UUID().uuidString)")
    for name in ["sounds", "mixes"] {
      try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    try TableWriter.write(folder.appending(path: "library.csv"), columns: ["candidate", "condition", "file"]) { table in
      for condition in conditions {
        for variant in 0..<variants {
          let id = "\(condition)-\(variant)"
          let clip = Clip(mono: hit(condition, variant: variant), sampleRate: rate)
          try AudioFile.write(clip, to: folder.appending(path: "sounds/\(id).flac"), as: .flac24)
          try table.row([id, condition, "sounds/\(id).flac"])
        }
      }
    }
    try TableWriter.write(folder.appending(path: "mixes.csv"), columns: ["query", "condition", "file", "reference"]) {
      table in
      for i in 0..<mixes {
        let mix = mix(seed: UInt64(i), variants: 0..<variants)
        try AudioFile.write(mix.clip, to: folder.appending(path: "mixes/mix\(i).flac"), as: .flac16)
        for condition in conditions {
          try table.row(["mix\(i)", condition, "mixes/mix\(i).flac", "\(condition)-\(mix.variants[condition] ?? 0)"])
        }
      }
    }
    return folder
  }
}
