import Basics
import Foundation
import Sound

/// A loop without drums held in memory for training: mono, 44.1 kHz, seamless.
public struct TrainingBacking: Sendable {
  /// Samples in 16 bits, to save memory. Full scale stands for `peak`.
  let samples: [Int16]
  /// Amplitude of the largest sample once the loop is scaled to the usual loudness of backings.
  let peak: Float

  /// - Throws: a `Problem` if the loop is too short for its loudness to be measured.
  public init(_ loop: Clip) throws {
    let mono = try Loop.resampled(Clip(mono: loop.mono, sampleRate: loop.sampleRate), to: Backing.sampleRate)
    let loudness = try Loudness.measure(mono.repeated(2)).integrated
    let gain = loudness.isFinite ? Float(amplitude(Mixer.backingLoudness - loudness)) : 0
    let loudest = max(mono.samplePeak, 1e-9)
    samples = mono.channels[0].map { Int16(($0 / loudest * 32767).rounded()) }
    peak = gain * loudest
  }

  /// SHA-256 over the samples and peaks of the loops, in order. It shows whether two trainings used the same loops.
  public static func fingerprint(of loops: [TrainingBacking]) -> String {
    var hash = ContentHash()
    for loop in loops { loop.samples.withUnsafeBytes { hash.update(part: "\(loop.peak)", Data($0)) } }
    return hash.finish()
  }
}

/// Loops without drums for training, rendered once and stored in a folder as `backings.csv` and `backings/`.
public struct BackingStore: Sendable {
  /// Where the loops and their table are.
  public var folder: URL

  /// The name of the table in the folder.
  public static let fileName = "backings.csv"
  static let columns = ["backing", "file", "name", "bpm", "bars", "licence", "source", "seed"]

  public init(folder: URL) { self.folder = folder }

  /// Returns the stored loops if the folder holds `count` loops of this seed, and renders them otherwise. Meanwhile,
  /// other callers in this or another process wait.
  ///
  /// - Parameters:
  ///   - sources: sources of one split, see `BackingSources.limited(_:to:)`, drawn from by their weights.
  ///   - progress: called with the number of loops rendered, then with the number read.
  public func loops(
    _ count: Int, from sources: [any BackingSource], seed: UInt64, progress: ProgressHandler? = nil
  ) throws -> [TrainingBacking] {
    do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
      throw Problem("cannot write backings here", at: Place(file: folder.path), mend: "Check that the folder is yours.")
    }
    let lock = try FolderLock(folder, name: "backings.lock", waits: true)
    return try withExtendedLifetime(lock) {
      let files = try files(count, seed: seed) ?? make(count, from: sources, seed: seed, progress: progress)
      return try parallelMap(files, progress: progress) { try TrainingBacking(AudioFile.read($0)) }
    }
  }

  /// The files of an earlier run, or nil if their number or seed differs.
  private func files(_ count: Int, seed: UInt64) throws -> [URL]? {
    let table = folder.appending(path: Self.fileName)
    guard FileManager.default.fileExists(atPath: table.path) else { return nil }
    let rows = try TableReader.rows(table, require: ["file", "seed"])
    guard rows.count == count, rows.allSatisfy({ $0["seed"] == String(seed) }) else { return nil }
    return try rows.map { folder.appending(path: try $0.text("file")) }
  }

  private func make(
    _ count: Int, from sources: [any BackingSource], seed: UInt64, progress: ProgressHandler?
  ) throws -> [URL] {
    precondition(!sources.isEmpty)
    do {
      try FileManager.default.createDirectory(
        at: folder.appending(path: "backings"), withIntermediateDirectories: true)
      try OutputFile.discard(folder.appending(path: Self.fileName))
    } catch {
      throw Problem("cannot write backings here", at: Place(file: folder.path), mend: "Check that the folder is yours.")
    }
    var turns = [Int](repeating: 0, count: sources.count)
    let drawn = (0..<count).map { i -> Backing in
      var random = SeededRandom(seed: seed, "training backing", String(i))
      let s = Mixer.weighted(sources.map(\.weight), random.unit())
      turns[s] += 1
      return sources[s].draw(turn: turns[s] - 1, &random)
    }
    let made = try parallelMap(Array(drawn.enumerated()), progress: progress) { i, backing in
      let rendered = try backing.render()
      let file = "backings/backing\(String(10000 + i).dropFirst()).flac"
      let peak = max(rendered.clip.samplePeak, 1e-9)
      let mono = Clip(mono: rendered.clip.mono, sampleRate: rendered.clip.sampleRate).scaled(by: min(1, 0.9 / peak))
      try AudioFile.write(mono, to: folder.appending(path: file), as: .flac16)
      return (file: file, backing: backing, rendered: rendered)
    }
    try TableWriter.write(folder.appending(path: Self.fileName), columns: Self.columns) { table in
      for (i, one) in made.enumerated() {
        try table.row([
          String(i + 1), one.file, one.rendered.name, one.backing.bpm, one.backing.bars, one.rendered.licence,
          one.rendered.source, String(seed),
        ])
      }
    }
    return made.map { folder.appending(path: $0.file) }
  }
}
