import Basics
import Foundation
import Library
import Sound

/// Recorded loops without drums, at the tempo that their length implies.
///
/// A loop of 1, 2, 4 or 8 bars has exactly one tempo between 67.5 and 126 beats per minute. A loop whose length fits
/// none of these is left out: nothing is time-stretched. A loop of one bar is played twice.
public struct RecordedLoops: BackingSource {
  /// A file whose length is a whole number of bars.
  public struct Loop: Sendable, Equatable {
    /// The recording.
    public var file: URL
    /// As the package or the folder states it.
    public var licence: String
    /// The name of the file.
    public var source: String
    /// The tempo, in beats per minute.
    public var bpm: Double
    /// Length of the recording in bars of four beats: 1, 2, 4 or 8.
    public var bars: Int

    public init(file: URL, licence: String, source: String, bpm: Double, bars: Int) {
      self.file = file
      self.licence = licence
      self.source = source
      self.bpm = bpm
      self.bars = bars
    }
  }

  public let name = "recorded loops"
  public var weight: Double
  /// The loops that can be drawn, at least one.
  public var loops: [Loop]

  /// Returns nil if there are no loops.
  public init?(_ loops: [Loop], weight: Double = 2) {
    guard !loops.isEmpty else { return nil }
    self.loops = loops
    self.weight = weight
  }

  /// The tempo in beats per minute, and the number of bars, of a loop that lasts `duration` seconds; nil if no number
  /// of bars fits.
  public static func tempo(of duration: Double) -> (bpm: Double, bars: Int)? {
    for bars in [1, 2, 4, 8] {
      let bpm = Double(bars) * 240 / duration
      if Backing.tempi.contains(bpm) { return (bpm, bars) }
    }
    return nil
  }

  /// Reads every sound file below a folder.
  /// - Returns: the files that are intact and fit, in the order of their paths, and why the others were left out.
  public static func inFolder(
    _ folder: URL, licence: String = "unstated", where isWanted: (URL) -> Bool = { _ in true }
  ) throws -> (loops: [Loop], leftOut: [Problem]) {
    let files = try SoundFiles.below(folder).filter(isWanted)
    let tried = try parallelMap(files) { file -> Result<Loop, Problem> in
      do {
        let duration = try AudioFile.read(file).duration
        guard let (bpm, bars) = tempo(of: duration) else {
          let length = String(format: "%.3f s", duration)
          throw Problem(
            "its \(length) are not a whole number of bars", at: Place(file: file.path), mend: "Cut it to bars.")
        }
        return .success(Loop(file: file, licence: licence, source: file.lastPathComponent, bpm: bpm, bars: bars))
      } catch var problem as Problem {
        problem.severity = .warning
        problem.what = "the backing is left out: \(problem.what)"
        return .failure(problem)
      }
    }
    var found: (loops: [Loop], leftOut: [Problem]) = ([], [])
    for result in tried {
      switch result {
      case .success(let loop): found.loops.append(loop)
      case .failure(let problem): found.leftOut.append(problem)
      }
    }
    return found
  }

  /// Loops whose names differ only in their numbers belong to one family.
  public func limited(to split: Split) -> (any BackingSource)? {
    RecordedLoops(
      loops.filter { loop in
        let words = NameWords(loop.file.deletingPathExtension().lastPathComponent).words
        return Split.ofBacking(words.filter { !$0.allSatisfy(\.isNumber) }.joined(separator: " ")) == split
      }, weight: weight)
  }

  public func draw(turn: Int, _ random: inout SeededRandom) -> Backing {
    // Loops take turns, so that none comes a second time before all have come once.
    let loop = loops[turn % loops.count]
    let bars = max(2, loop.bars)
    return Backing(bpm: loop.bpm, bars: bars) {
      let frames = Backing.frameCount(bpm: loop.bpm, bars: bars)
      let clip = try AudioFile.read(loop.file).resampled(to: Backing.sampleRate)
      let left = clip.channels[0], right = clip.channels.count > 1 ? clip.channels[1] : left
      let around = [left, right].map { samples in (0..<frames).map { samples[$0 % samples.count] } }
      return Backing.Rendered(
        clip: Clip(channels: around, sampleRate: Backing.sampleRate),
        name: "loop \(loop.file.deletingPathExtension().lastPathComponent)", licence: loop.licence, source: loop.source)
    }
  }
}
