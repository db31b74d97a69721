import Basics
import Library

/// A rhythm of kick, snare and hi-hat in sixteenths of a 4/4 bar, two bars long. Longer loops repeat it.
///
/// `X` is an accent, `x` a plain hit, `o` a ghost note, `?` a plain hit with a probability of one half, `.` a rest.
struct DrumPattern: Sendable {
  var style: String
  /// Tempi typical of the style, in beats per minute.
  var tempo: ClosedRange<Double>
  /// How late the even sixteenths may come, as a share of a sixteenth.
  var swing: ClosedRange<Double>
  var kick, snare, hihat: String

  func steps(_ condition: DrumClass) -> String {
    switch condition {
    case .kick: kick
    case .snare: snare
    case .hihat: hihat
    }
  }

  static let all: [DrumPattern] = [
    DrumPattern(
      style: "rock", tempo: 67...126, swing: 0...0.05,
      kick: "X.......x.?.....X.....x.x.......", snare: "....X.......X.......X.......X..?",
      hihat: "X.x.X.x.X.x.X.x.X.x.X.x.X.x.X.x."),
    DrumPattern(
      style: "four on the floor", tempo: 100...126, swing: 0...0.08,
      kick: "X...X...X...X...X...X...X...X...", snare: "....X.......X.......X.......X...",
      hihat: "o.X.o.X.o.X.o.X.o.X.o.X.o.X.o.Xo"),
    DrumPattern(
      style: "hip-hop", tempo: 67...100, swing: 0.1...0.35,
      kick: "X..x......x.....X..x...?..xx....", snare: "....X.......X..o....X..o....X...",
      hihat: "X.x.x.x.X.x.x.x.X.x.x.xxX.x.x.x."),
    DrumPattern(
      style: "funk", tempo: 85...118, swing: 0...0.15,
      kick: "X.x...x...x..?..X.x....x..x.....", snare: "....X..o.o..X..o....X..o.o..X.o.",
      hihat: "XxxxXxxxXxxxXxxxXxxxXxxxXxxxXxxx"),
    DrumPattern(
      style: "half-time", tempo: 95...126, swing: 0...0.15,
      kick: "X.........x...?.X......x..x.....", snare: "........X...............X.....o.",
      hihat: "X.x.X.x.X.x.X.xxX.x.X.x.X.x.Xxxx"),
    DrumPattern(
      style: "breakbeat", tempo: 90...126, swing: 0...0.12,
      kick: "X.x.......xx....X.x.......x..?..", snare: "....X..o.o..X..o....X..o.o....X.",
      hihat: "X.x.X.x.X.x.X.x.X.x.X.x.X.x.X.x."),
    DrumPattern(
      style: "one drop", tempo: 67...100, swing: 0.05...0.25,
      kick: "........X.......?.......X.......", snare: "........X...............X....o..",
      hihat: "x.X.x.X.x.X.x.X.x.X.x.X.x.X.x.X."),
    DrumPattern(
      style: "trap", tempo: 67...80, swing: 0...0.05,
      kick: "X......x..?.....X.....x....x....", snare: "........X...............X.......",
      hihat: "X.x.X.x.XxxxX.x.X.x.Xxx.X.x.Xxxx"),
    DrumPattern(
      style: "electro", tempo: 100...126, swing: 0...0.05,
      kick: "X.....X...x.....X.....X..?x.....", snare: "....X.......X.......X.......X...",
      hihat: "x.xxx.xxx.xxx.xxx.xxx.xxx.xxx.xx"),
    DrumPattern(
      style: "ballad", tempo: 67...85, swing: 0...0.1,
      kick: "X.........?.....X......xX.......", snare: "....X.......X.......X.......X...",
      hihat: "X...x...X...x...X...x...X...x.x."),
    DrumPattern(
      style: "motown", tempo: 95...126, swing: 0...0.12,
      kick: "X.....x.X.......X.....x.X.....?.", snare: "X...X...X...X...X...X...X...X..o",
      hihat: "X.x.X.x.X.x.X.x.X.x.X.x.X.x.X.x."),
    DrumPattern(
      style: "bossa", tempo: 80...126, swing: 0...0.05,
      kick: "X.....x.X.....x.X.....x.X.....x.", snare: "x.....x.....x.......x.....x.....",
      hihat: "x.x.X.x.x.x.X.x.x.x.X.x.x.x.X.x."),
  ]
}

/// One stroke of a drum in a loop.
public struct Hit: Sendable, Equatable {
  /// When the stroke begins, in frames from the start of the loop.
  public var frame: Int
  /// Level relative to the drum's full stroke, in dB, at most 0.
  public var velocity: Double
}

extension DrumPattern {
  /// Plays the pattern as a drummer would: a few milliseconds late or early, and a decibel or so louder or softer.
  ///
  /// - Parameters:
  ///   - frames: length of the loop, in frames.
  ///   - swing: how late the even sixteenths come, as a share of a sixteenth.
  ///   - looseness: standard deviation of the timing, in seconds. Deviations are clipped at 2.5 standard deviations.
  /// - Returns: the strokes in order of time, all inside the loop.
  func play(
    _ condition: DrumClass, bars: Int, bpm: Double, frames: Int, sampleRate: Int, swing: Double, looseness: Double,
    random: inout SeededRandom
  ) -> [Hit] {
    let signs = Array(steps(condition).utf8)
    let step = 60 / bpm / 4 * Double(sampleRate)
    var hits: [Hit] = []
    for i in 0..<bars * 16 {
      let sign = signs[i % signs.count]
      // Every draw is made whether it is used or not, so that no step affects the next.
      let (coin, early, touch) = (random.unit(), random.normal(), random.normal())
      let velocity: Double
      switch sign {
      case UInt8(ascii: "X"): velocity = -0.5
      case UInt8(ascii: "x"): velocity = -3
      case UInt8(ascii: "o"): velocity = -9
      case UInt8(ascii: "?") where coin < 0.5: velocity = -3
      default: continue
      }
      let late = i.isMultiple(of: 2) ? 0 : swing * step
      let stray = max(-2.5, min(2.5, early)) * looseness * Double(sampleRate)
      let time = Double(i) * step + late + stray
      let frame = max(0, min(frames - 1, Int(time.rounded())))
      hits.append(Hit(frame: frame, velocity: min(0, velocity + 0.7 * max(-2, min(2, touch)))))
    }
    return hits
  }
}
