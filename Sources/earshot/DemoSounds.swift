import Basics
import Foundation
import Library
import Mixing
import Sound
import Synthesis

/// Sounds for a first study: loops in the versions of a few systems, each of which degrades them in a simple way; or a set of
/// one-shots.
enum DemoSounds {
  private struct System: Sendable {
    var name: String
    var spoil: @Sendable (Clip) throws -> Clip
  }

  private static let systems: [System] = [
    System(name: "narrow") { try $0.resampled(to: 11025).resampled(to: $0.sampleRate) },
    System(name: "coarse") { each($0) { ($0 * 48).rounded() / 48 } },
    System(name: "clipped") { clip in
      let limit = clip.samplePeak * 0.3
      return each(clip) { max(-limit, min(limit, $0)) }
    },
    System(name: "noisy") { clip in
      var random = SeededRandom(seed: 1, "noise")
      let noise = Float(0.01) * clip.samplePeak
      return each(clip) { $0 + noise * Float(random.normal()) }
    },
  ]

  private static func each(_ clip: Clip, _ change: (Float) -> Float) -> Clip {
    Clip(channels: clip.channels.map { $0.map(change) }, sampleRate: clip.sampleRate)
  }

  /// Writes snares, and sounds.csv, into `folder`.
  static func makeSet(_ count: Int, seed: UInt64, into folder: URL) throws {
    _ = try LibraryBuilder().build([SynthSource(perClass: count, seed: seed)], into: folder)
    let all = try TableReader.rows(folder.appending(path: "library.csv"), require: ["candidate", "file", "condition"])
    let snares = try all.filter { $0["condition"] == DrumClass.snare.rawValue }
      .map { (name: try $0.text("candidate"), file: try $0.text("file")) }
    for row in all where row["condition"] != DrumClass.snare.rawValue {
      try FileManager.default.removeItem(at: folder.appending(path: try row.text("file")))
    }
    try FileManager.default.removeItem(at: folder.appending(path: "library.csv"))
    try TableWriter.write(folder.appending(path: "sounds.csv"), columns: ["candidate", "file"]) { table in
      for (name, file) in snares { try table.row([name, file]) }
    }
  }

  /// Writes `reference/`, a folder per system, and renderings.csv into `folder`.
  static func makeVersions(_ loops: Int, seed: UInt64, into folder: URL) throws {
    let scratch = folder.appending(path: ".loops")
    defer { try? FileManager.default.removeItem(at: scratch) }
    for name in [".loops", "reference"] + systems.map(\.name) {
      try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    let built = try LibraryBuilder().build([SynthSource(perClass: 12, seed: seed)], into: scratch)
    _ = try Mixer(library: built.library, backings: [SynthBackings()]).make(loops, seed: seed, into: scratch)
    let table = try TableReader.rows(scratch.appending(path: "mixes.csv"), require: ["query", "file"])
    var files: [(item: String, file: URL)] = []
    for row in table {
      let (item, file) = (try row.text("query"), scratch.appending(path: try row.text("file")))
      if !files.contains(where: { $0.item == item }) { files.append((item, file)) }
    }
    let bar = ProgressBar("versions")
    let rows = try parallelMap(files, progress: bar.handler) { item, file in
      let clip = try AudioFile.read(file)
      return try ([System(name: "reference") { $0 }] + systems).map { system in
        let path = "\(system.name)/\(item).wav"
        try AudioFile.write(try system.spoil(clip), to: folder.appending(path: path), as: .wav16)
        return RenderingsFolder.Row(item: item, system: system.name, file: path)
      }
    }
    bar.finish()
    try RenderingsFolder.write(rows.flatMap(\.self), to: folder.appending(path: "renderings.csv"))
  }
}
