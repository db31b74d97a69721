import Basics
import Foundation
import Library
import Sound
import Synthesis

/// Accompaniments that MMA (Musical MIDI Accompaniment, Bob van der Poel) writes, without their drums, played with a
/// General MIDI soundfont.
public struct Accompaniments: BackingSource {
  public let name = "mma accompaniments"
  public var weight: Double
  /// A groove and its family: the file that defines it. Grooves of one file are variants of one another.
  struct Groove: Sendable, Equatable {
    var name, family: String
  }
  private var grooves: [Groove]
  private let soundFont: URL

  /// Where Debian keeps MMA's grooves.
  public static let grooveFolder = URL(filePath: "/usr/share/mma/lib/stdlib")

  /// - Throws: a `Problem` that says what is missing: MMA, its grooves or a soundfont.
  public init(soundFont: URL?, grooves folder: URL = Self.grooveFolder, weight: Double = 6) throws {
    guard Tool.find("mma") != nil else {
      throw Problem("mma is not installed", mend: "Install the package 'mma' for accompaniments in many styles.")
    }
    guard let soundFont else {
      throw Problem(
        "there is no General MIDI soundfont", mend: "Build a library first, or install 'timgm6mb-soundfont'.")
    }
    grooves = try Self.grooves(in: folder)
    guard !grooves.isEmpty else {
      throw Problem("mma's grooves are not found", at: Place(file: folder.path), mend: "Reinstall the package 'mma'.")
    }
    self.soundFont = soundFont
    self.weight = weight
  }

  /// All grooves in 4/4 time except those that begin, end or interrupt a piece, sorted by name.
  static func grooves(in folder: URL) throws -> [Groove] {
    let left = ["intro", "end", "fill", "tag", "break"]
    return try SoundFiles.below(folder, suffixes: ["mma"]).flatMap { file -> [Groove] in
      let family = file.deletingPathExtension().lastPathComponent
      let text = String(decoding: try InputFile.data(file), as: UTF8.self)
      let lines = text.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace).map { $0.lowercased() } }
      let times = lines.filter { $0.first == "timesig" }.map { $0.dropFirst().joined(separator: "/") }
      guard times.allSatisfy({ $0 == "4/4" }) else { return [] }
      return text.split(separator: "\n").compactMap { line in
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count > 1, words[0].lowercased() == "defgroove" else { return nil }
        let name = String(words[1])
        return left.contains { name.lowercased().contains($0) } ? nil : Groove(name: name, family: family)
      }
    }.sorted { ($0.name, $0.family) < ($1.name, $1.family) }
  }

  public func limited(to split: Split) -> (any BackingSource)? {
    var part = self
    part.grooves = grooves.filter { Split.ofBacking($0.family) == split }
    return part.grooves.isEmpty ? nil : part
  }

  public func draw(turn: Int, _ random: inout SeededRandom) -> Backing {
    let (bpm, bars) = drawTempo(&random)
    let harmony = Harmony.draw(bars: bars, &random)
    // A groove may be silent without its drums; the next one then takes its place.
    let tries = (0..<6).map { _ in random.pick(grooves).name }
    let seed = random.below(1_000_000)
    let soundFont = soundFont
    return Backing(bpm: bpm, bars: bars) {
      var failure: Problem?
      for groove in tries {
        do {
          let midi = try Self.compose(groove, harmony, bpm: bpm, seed: seed)
          let clip = try FluidSynth(soundFont, sampleRate: Backing.sampleRate, effects: true).play(midi, longest: 60)
          guard clip.samplePeak > 0.01 else { continue }
          return Backing.Rendered(
            clip: Loop.folded(clip, length: Backing.frameCount(bpm: bpm, bars: bars)),
            name: "mma \(groove): \(harmony.names)", licence: "CC0-1.0",
            source: "mma \(groove), \(soundFont.lastPathComponent)")
        } catch let problem as Problem { failure = problem }
      }
      throw failure
        ?? Problem("none of \(tries.joined(separator: ", ")) sounds without its drums", mend: "Choose another seed.")
    }
  }

  /// The MIDI file of a groove played over `harmony`, one chord per bar.
  private static func compose(_ groove: String, _ harmony: Harmony, bpm: Double, seed: Int) throws -> Data {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let bars = harmony.chords.enumerated().map { "\($0 + 1) \($1.name)" }.joined(separator: "\n")
    let text = "RndSeed \(seed)\nTempo \(bpm)\nGroove \(groove)\nAllTracks DRUM Off\n\(bars)\n"
    try Data(text.utf8).write(to: folder.appending(path: "loop.mma"))
    let result = try Tool.run("mma", ["-w", "-f", "loop.mid", "loop.mma"], in: folder)
    guard result.status == 0, let midi = try? InputFile.data(folder.appending(path: "loop.mid"))
    else {
      throw Problem("mma cannot play the groove '\(groove)': \(result.lastComplaint)", mend: "")
    }
    return midi
  }
}
