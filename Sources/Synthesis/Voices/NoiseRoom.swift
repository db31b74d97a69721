import Basics
import Foundation

/// The sound of a room around a single drum: sparse echoes at random times, with random signs, that decay exponentially
/// and become denser, like velvet noise (Karjalainen & Järveläinen 2007). It is cheap and has no pitch of its own.
public struct NoiseRoom {
  private var taps: [(delay: Int, gain: Double)] = []

  /// - Parameters:
  ///   - decay: the time to decay by 60 dB, in seconds.
  ///   - rate: the sample rate, in hertz.
  ///   - random: draws the times of the echoes.
  public init(decay: Double, rate: Double, random: inout SeededRandom) {
    var t = 0.004
    while t < decay {
      taps.append((Int(t * rate), (random.unit() < 0.5 ? -1 : 1) * fall(t, decay)))
      t += random.uniform(0.0005...0.0025)
    }
  }

  /// The sound with the room added. `level` is the amplitude ratio of room to sound, by their energies.
  public func add(to samples: [Double], level: Double) -> [Double] {
    guard let last = taps.last else { return samples }
    var wet = [Double](repeating: 0, count: samples.count + last.delay)
    let scale = level / taps.reduce(0) { $0 + $1.gain * $1.gain }.squareRoot()
    for tap in taps {
      let gain = scale * tap.gain
      for (i, sample) in samples.enumerated() { wet[i + tap.delay] += gain * sample }
    }
    for (i, sample) in samples.enumerated() { wet[i] += sample }
    return wet
  }
}
