import Basics
import Foundation
import Sound

/// The sounds of a round of the headphone check: three intervals of one second, one of which is to be found.
///
/// `antiphase` (Woods, Siegel, Traer & McDermott 2017, Attention, Perception & Psychophysics 79): three tones of 200 Hz, one
/// of them 6 dB quieter, and one of the loud ones in opposite phase in the two channels. Over loudspeakers, that one cancels
/// out and seems the quietest; over headphones it does not.
///
/// `huggins` (Milne, Bianco, Poole, Zhao, Oxenham, Billig & Chait 2020, Behavior Research Methods 53): three white noises,
/// the same in both ears, except that in one of them the band within 6 % of 600 Hz is in opposite phase. With both ears
/// together, one hears a faint tone there; with one ear, or over loudspeakers, one does not.
///
/// Rounds that check left and right: three tones of 500 Hz, each in one channel only, one of them in the left. If the sides
/// are swapped, two seem to be on the left; over one loudspeaker, all come from the same place.
package enum HeadphoneRound {
  package static let intervals = 3
  /// In hertz; the sounds in question are below 8 kHz.
  private static let sampleRate = 16_000
  /// The frequency of the Huggins pitch, in hertz, and how far its band reaches to either side, as a share of it.
  private static let (pitch, halfBand) = (600.0, 0.06)

  /// Tones in one channel each: that counted as `left` in the left one, the others in the right one.
  package static func sided(left: Int, loudness: Double) throws -> Clip {
    let silence = [Double](repeating: 0, count: sampleRate)
    let tone = (0..<sampleRate).map { 0.1 * sin(2 * .pi * 500 * Double($0) / Double(sampleRate)) }
    return try scaled(three { $0 == left ? (tone, silence) : (silence, tone) }, to: loudness)
  }

  /// Sets the loudness, in LUFS, unless that would raise the true peak above −1 dBFS.
  private static func scaled(_ clip: Clip, to loudness: Double) throws -> Clip {
    let now = try Loudness.measure(clip)
    return clip.scaled(by: Float(pow(10, min(loudness - now.integrated, -1 - now.truePeak) / 20)))
  }

  /// Tones of one second with ramps of 100 ms, half a second apart. A tone in both channels of amplitude a has a
  /// loudness of 20 log a − 0.691 LUFS (ITU-R BS.1770; its filter leaves 200 Hz nearly as it is).
  package static func tones(quiet: Int, opposite: Int, loudness: Double) -> Clip {
    let amplitude = min(0.5, pow(10, (loudness + 0.691) / 20))
    return three { interval in
      let level = interval == quiet ? amplitude * pow(10, -6.0 / 20) : amplitude
      let left = (0..<sampleRate).map { level * sin(2 * .pi * 200 * Double($0) / Double(sampleRate)) }
      return (left, interval == opposite ? left.map { -$0 } : left)
    }
  }

  /// Noises of one second, with the same ramps and gaps. The band has edges at whole hertz, at which a noise of one second
  /// can be divided exactly.
  package static func noises(pitched: Int, seed: UInt64, loudness: Double) throws -> Clip {
    var random = SeededRandom(seed: seed, "huggins")
    let band = Int(((1 - halfBand) * pitch).rounded())...Int(((1 + halfBand) * pitch).rounded())
    let clip = three { interval in
      let left = (0..<sampleRate).map { _ in 0.05 * random.normal() }
      guard interval == pitched else { return (left, left) }
      var right = left
      for frequency in band {
        let step = 2 * .pi * Double(frequency) / Double(sampleRate)
        let (cosines, sines) = (
          left.indices.map { cos(step * Double($0)) }, left.indices.map { sin(step * Double($0)) }
        )
        let a = zip(left, cosines).reduce(0) { $0 + $1.0 * $1.1 } * 2 / Double(sampleRate)
        let b = zip(left, sines).reduce(0) { $0 + $1.0 * $1.1 } * 2 / Double(sampleRate)
        for i in right.indices { right[i] -= 2 * (a * cosines[i] + b * sines[i]) }
      }
      return (left, right)
    }
    return try scaled(clip, to: loudness)
  }

  /// Three intervals of one second with ramps of 100 ms, half a second apart.
  /// - Parameter interval: the samples of both channels of an interval, counted from 1.
  private static func three(_ interval: (Int) -> (left: [Double], right: [Double])) -> Clip {
    let (gap, ramp) = ([Float](repeating: 0, count: sampleRate / 2), sampleRate / 10)
    func ramped(_ samples: [Double]) -> [Float] {
      samples.enumerated().map { i, value in
        let edge = min(1, Double(min(i, samples.count - 1 - i)) / Double(ramp))
        return Float(value * 0.5 * (1 - cos(.pi * edge)))
      }
    }
    var (left, right): ([Float], [Float]) = ([], [])
    for i in 1...intervals {
      if i > 1 {
        left += gap
        right += gap
      }
      let made = interval(i)
      left += ramped(made.left)
      right += ramped(made.right)
    }
    return Clip(channels: [left, right], sampleRate: sampleRate)
  }
}
