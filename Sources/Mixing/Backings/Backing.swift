import Basics
import Foundation
import Library
import Sound

/// A loop without drums for a mix, already drawn but not yet rendered. Its tempo is constant.
public struct Backing: Sendable {
  /// Tempo in beats (quarter notes) per minute.
  public var bpm: Double
  /// Length in bars of four beats.
  public var bars: Int
  /// Renders the loop: stereo, 44.1 kHz, `frameCount` frames, with its tails folded back into its start.
  public var render: @Sendable () throws -> Rendered

  /// A rendered loop, its provenance and its licence.
  public struct Rendered: Sendable {
    /// Stereo, 44.1 kHz.
    public var clip: Clip
    /// What plays, in one line, as in `mma 8BeatSus: C Am F G7`.
    public var name: String
    /// Of the loop and of what it was rendered with.
    public var licence: String
    /// How it was made or where it was found, in a few words.
    public var source: String
  }

  /// The tempi of the paper's loops, in beats per minute. The range spans less than an octave, so the length of a
  /// recorded loop determines its tempo.
  public static let tempi = 67.5...126.0
  /// In hertz.
  public static let sampleRate = 44100

  /// The length of the loop, in frames.
  public var frameCount: Int { Self.frameCount(bpm: bpm, bars: bars) }

  static func frameCount(bpm: Double, bars: Int) -> Int {
    Int((Double(bars) * 4 * 60 / bpm * Double(sampleRate)).rounded())
  }
}

/// Where backings come from.
public protocol BackingSource: Sendable {
  /// The source's name in notices.
  var name: String { get }
  /// How often this source is chosen, relative to the weights of the others.
  var weight: Double { get }
  /// Draws a backing.
  /// - Parameter turn: how many backings this source has already drawn in this run, from 0.
  func draw(turn: Int, _ random: inout SeededRandom) -> Backing
  /// The part of this source that is reserved for a split, or nil if there is none. The parts of different splits are
  /// disjoint.
  func limited(to split: Split) -> (any BackingSource)?
}

extension Split {
  /// The split of a backing, determined by the name of its family: 70 % train, 8 % validation, 22 % test. The
  /// assignment never changes, so loops made at different times, on different machines or with different seeds stay in
  /// their splits.
  static func ofBacking(_ family: String) -> Split {
    var random = SeededRandom(seed: 0, "backing split", family.lowercased())
    let share = random.unit()
    return share < 0.70 ? .train : share < 0.78 ? .validation : .test
  }
}

/// Draws a tempo in steps of half a beat per minute, and a number of bars that makes the loop about four to ten seconds
/// long.
func drawTempo(_ random: inout SeededRandom) -> (bpm: Double, bars: Int) {
  let steps = Int((Backing.tempi.upperBound - Backing.tempi.lowerBound) * 2)
  let bpm = Backing.tempi.lowerBound + Double(random.below(steps + 1)) / 2
  return (bpm, bpm > 95 && random.unit() < 0.4 ? 4 : 2)
}
