import Basics
import Foundation
import Library
import Sound

/// A drum-less loop for a mix, decided but not rendered yet. The tempo is constant.
public struct Backing: Sendable {
  /// In beats (quarters) a minute.
  public var bpm: Double
  /// Of four beats.
  public var bars: Int
  /// Makes the loop: stereo, 44.1 kHz, `frameCount` frames, with its own tails folded into its start.
  public var render: @Sendable () throws -> Rendered

  /// A loop that was made, and what it is made of.
  public struct Rendered: Sendable {
    public var clip: Clip
    /// In one line: `mma 8BeatSus: C Am F G7`.
    public var name: String
    public var licence: String
    public var source: String
  }

  /// The tempi of the paper's loops, in beats a minute: less than an octave, so the length of a recorded loop tells
  /// its tempo.
  public static let tempi = 67.5...126.0
  public static let sampleRate = 44100

  public var frameCount: Int { Self.frameCount(bpm: bpm, bars: bars) }

  static func frameCount(bpm: Double, bars: Int) -> Int {
    Int((Double(bars) * 4 * 60 / bpm * Double(sampleRate)).rounded())
  }
}

/// Where backings come from.
public protocol BackingSource: Sendable {
  /// As notices call it.
  var name: String { get }
  /// How often it is chosen against the others.
  var weight: Double { get }
  /// The `turn`-th backing that this source is asked for in a run, from 0.
  func draw(turn: Int, _ random: inout SeededRandom) -> Backing
  /// The part of this source that a split may hear, or nil where nothing is left. The parts of different splits have
  /// nothing in common.
  func limited(to split: Split) -> (any BackingSource)?
}

extension Split {
  /// The split of a backing, by the name of its family: 70 % train, 8 % validate, 22 % test. It never changes, so loops
  /// made at different times, on different machines and with different seeds stay apart.
  static func ofBacking(_ family: String) -> Split {
    var random = SeededRandom(seed: 0, "backing split", family.lowercased())
    let share = random.unit()
    return share < 0.70 ? .train : share < 0.78 ? .validation : .test
  }
}

/// Draws a tempo in halves of a beat and a length between about four and ten seconds.
func drawTempo(_ random: inout SeededRandom) -> (bpm: Double, bars: Int) {
  let steps = Int((Backing.tempi.upperBound - Backing.tempi.lowerBound) * 2)
  let bpm = Backing.tempi.lowerBound + Double(random.below(steps + 1)) / 2
  return (bpm, bpm > 95 && random.unit() < 0.4 ? 4 : 2)
}
