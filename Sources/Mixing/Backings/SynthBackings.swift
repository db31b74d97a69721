import Basics
import Foundation
import Library
import Sound

/// Backings that need nothing but this program: chords played by a pad, an organ, a plucked voice or an electric piano,
/// with a bass.
public struct SynthBackings: BackingSource {
  public let name = "synthesised backings"
  public var weight: Double

  public init(weight: Double = 1) { self.weight = weight }

  /// Only the training split: the same few voices play every backing.
  public func limited(to split: Split) -> (any BackingSource)? { split == .train ? self : nil }

  private enum Chords: String, CaseIterable { case pad, organ, pluck, electricPiano = "electric piano" }
  private enum Bass: String, CaseIterable { case round, saw, sub }

  public func draw(turn: Int, _ random: inout SeededRandom) -> Backing {
    let (bpm, bars) = drawTempo(&random)
    let harmony = Harmony.draw(bars: bars, &random)
    let chords = random.pick(Chords.allCases), bass = random.pick(Bass.allCases)
    let seed = random.next()
    return Backing(bpm: bpm, bars: bars) {
      var random = SeededRandom(seed: seed, "backing")
      var stage = Stage(bpm: bpm, bars: bars)
      Self.play(chords, harmony, on: &stage, &random)
      Self.play(bass, harmony, on: &stage, &random)
      return Backing.Rendered(
        clip: stage.clip, name: "synth \(chords.rawValue), \(bass.rawValue) bass: \(harmony.names)", licence: "CC0-1.0",
        source: "synthesised")
    }
  }

  /// A loop to which notes are added. What sounds past its end continues at its start.
  private struct Stage {
    let beat: Double
    let bars: Int
    var left, right: [Float]
    let rate = Double(Backing.sampleRate)

    init(bpm: Double, bars: Int) {
      beat = 60 / bpm
      self.bars = bars
      left = [Float](repeating: 0, count: Backing.frameCount(bpm: bpm, bars: bars))
      right = left
    }

    var clip: Clip { Clip(channels: [left, right], sampleRate: Backing.sampleRate) }

    /// - Parameters:
    ///   - start, length: in beats. The note then fades out over `release` seconds.
    ///   - gain: linear amplitude.
    ///   - pan: -1 (left) to 1 (right).
    ///   - voice: the sample at a time in seconds since the note began, before the envelope: 3 ms of attack, then the
    ///     release.
    mutating func note(
      at start: Double, length: Double, release: Double, gain: Double, pan: Double, voice: (Double) -> Double
    ) {
      let first = Int((start * beat * rate).rounded())
      let held = length * beat
      let l = gain * (0.5 * (1 - pan)).squareRoot(), r = gain * (0.5 * (1 + pan)).squareRoot()
      for i in 0..<Int((held + release) * rate) {
        let t = Double(i) / rate
        let envelope = min(1, t / 0.003) * (t < held ? 1 : pow(max(0, 1 - (t - held) / release), 2))
        let sample = voice(t) * envelope
        let frame = (first + i) % left.count
        left[frame] += Float(l * sample)
        right[frame] += Float(r * sample)
      }
    }
  }

  private static func frequency(_ semitones: Int, octave: Int) -> Double {
    440 * pow(2, Double(semitones - 9 + 12 * (octave - 4)) / 12)
  }

  /// A sawtooth of a limited number of harmonics. The amplitude of harmonic n is n^-slope, so a larger `slope` sounds
  /// duller.
  private static func dullSaw(_ phase: Double, harmonics: Int, slope: Double) -> Double {
    (1...harmonics).reduce(0) { $0 + sin(2 * .pi * phase * Double($1)) * pow(Double($1), -slope) }
  }

  private static func play(_ chords: Chords, _ harmony: Harmony, on stage: inout Stage, _ random: inout SeededRandom) {
    /// For each rhythm, the start of each note in beats from the start of the bar, and its length in beats.
    let rhythms: [[(Double, Double)]] =
      switch chords {
      case .pad: [[(0, 4)], [(0, 2), (2, 2)]]
      case .organ: [[(0, 4)], [(0, 1.5), (1.5, 2.5)], [(1, 0.5), (3, 0.5)]]
      case .pluck: [[(0, 0.5), (0.75, 0.5), (1.5, 0.5), (2.5, 0.5), (3.25, 0.5)], [(0, 1), (1, 1), (2, 1), (3, 1)]]
      case .electricPiano: [[(0, 1.5), (1.5, 2.5)], [(0, 1), (2.5, 1)], [(0.5, 1), (2.5, 1)]]
      }
    let rhythm = random.pick(rhythms)
    let drawbars: [(harmonic: Double, level: Double)] = [(1, 1), (2, 0.6), (3, 0.35), (4, 0.2), (6, 0.1)]
    let detune = random.uniform(0.002...0.006), dull = random.uniform(1.4...2.2)
    for (bar, chord) in harmony.chords.enumerated() {
      for (start, length) in rhythm {
        for (k, interval) in chord.quality.intervals.enumerated() {
          let f = frequency(chord.root + interval, octave: k == 0 ? 3 : chord.root + interval > 14 ? 3 : 4)
          let pan = Double(k) * 0.4 - 0.5
          let at = Double(bar * 4) + start
          switch chords {
          case .pad:
            stage.note(at: at, length: length, release: 0.5, gain: 0.08, pan: pan) { t in
              let swell = min(1, t / 0.15)
              return swell
                * (dullSaw(f * t, harmonics: 8, slope: dull) + dullSaw(f * (1 + detune) * t, harmonics: 8, slope: dull))
            }
          case .organ:
            stage.note(at: at, length: length, release: 0.06, gain: 0.1, pan: pan * 0.4) { t in
              drawbars.reduce(0) { $0 + $1.level * sin(2 * Double.pi * f * $1.harmonic * t) }
            }
          case .pluck:
            stage.note(at: at, length: length, release: 0.3, gain: 0.2, pan: pan) { t in
              var sum = 0.0
              for n in 1...10 {
                let harmonic = Double(n)
                sum += sin(2 * .pi * f * harmonic * t) * pow(harmonic, -dull) * exp(-t * (2.5 + 1.2 * harmonic))
              }
              return sum
            }
          case .electricPiano:
            stage.note(at: at, length: length, release: 0.25, gain: 0.16, pan: pan * 0.6) { t in
              let phase = 2 * .pi * f * t
              let strike = 1.6 * exp(-t * 6) + 0.15
              let tone = sin(phase + strike * sin(phase)) * exp(-t * 1.4)
              let tine = 0.12 * sin(14 * phase) * exp(-t * 22)
              return tone + tine
            }
          }
        }
      }
    }
  }

  private static func play(_ bass: Bass, _ harmony: Harmony, on stage: inout Stage, _ random: inout SeededRandom) {
    let rhythm: [(Double, Double, Int)] = random.pick([
      [(0, 1.5, 0), (2, 1.5, 0)], [(0, 0.75, 0), (1.5, 0.5, 0), (2.5, 0.5, 7), (3.5, 0.5, 0)], [(0, 3.5, 0)],
      [(0, 0.5, 0), (0.5, 0.5, 0), (1, 0.5, 0), (1.5, 0.5, 0), (2, 0.5, 0), (2.5, 0.5, 0), (3, 0.5, 0), (3.5, 0.5, 7)],
      [(0, 1, 0), (1, 1, 7), (2, 1, 12), (3, 1, 7)],
    ])
    for (bar, chord) in harmony.chords.enumerated() {
      for (start, length, interval) in rhythm {
        let f = frequency(chord.root + interval, octave: chord.root > 7 ? 1 : 2)
        stage.note(at: Double(bar * 4) + start, length: length * 0.92, release: 0.05, gain: 0.3, pan: 0) { t in
          switch bass {
          case .round:
            let octave = 0.35 * sin(4 * .pi * f * t) * exp(-5 * t)
            return (sin(2 * .pi * f * t) + octave) * (0.6 + 0.4 * exp(-3 * t))
          case .saw: return 0.7 * dullSaw(f * t, harmonics: 12, slope: 1.1 + 0.7 * min(1, t * 3))
          case .sub: return tanh(1.6 * sin(2 * .pi * f * t))
          }
        }
      }
    }
  }
}

extension Harmony {
  var names: String { chords.map(\.name).joined(separator: " ") }
}
