import Foundation
import Sound

/// A hall, simulated by a feedback delay network of eight lines of mutually prime lengths, mixed by a Householder
/// reflection (Jot & Chaigne 1991), each line darkened by a one-pole low-pass. It is added to the dry sound at a stated
/// level.
struct Reverb: Processor {
  private static let lengths = [1009, 1153, 1307, 1471, 1613, 1789, 1949, 2129]
  private var lines: [[Float]]
  private var positions = [Int](repeating: 0, count: 8)
  private var damped = [Float](repeating: 0, count: 8)
  private let gains: [Float]
  private var level: Float

  /// - Parameters:
  ///   - level: energy of the hall relative to the dry sound, in dB.
  ///   - decay: time to fall by 60 dB at low frequencies, in seconds.
  init(level: Double, decay: Double, sampleRate: Int) {
    let lengths = Self.lengths.map { Int(Double($0) * Double(sampleRate) / 44100) }
    lines = lengths.map { [Float](repeating: 0, count: $0) }
    gains = lengths.map { Float(pow(10, -3 * Double($0) / (decay * Double(sampleRate)))) }
    self.level = 1
    var probe = self
    let energy = (0..<Int(decay * Double(sampleRate))).reduce(Float(0)) { sum, i in
      let (left, right) = probe.tick(i == 0 ? 1 : 0, 0)
      return sum + left * left + right * right
    }
    self.level = Float(amplitude(level)) / max(energy, 1e-9).squareRoot()
  }

  mutating func process(_ channels: inout [[Float]]) {
    let right = channels.count > 1 ? 1 : 0
    for i in channels[0].indices {
      let (l, r) = tick(channels[0][i], channels[right][i])
      channels[0][i] += level * l
      if right == 1 { channels[1][i] += level * r }
    }
  }

  private mutating func tick(_ left: Float, _ right: Float) -> (Float, Float) {
    var sum: Float = 0
    for k in 0..<8 {
      let output = lines[k][positions[k]]
      damped[k] += 0.65 * (output - damped[k])
      sum += damped[k] * gains[k]
    }
    var out: (Float, Float) = (0, 0)
    for k in 0..<8 {
      let returned = damped[k] * gains[k]
      if k.isMultiple(of: 2) { out.0 += returned } else { out.1 += returned }
      lines[k][positions[k]] = (k.isMultiple(of: 2) ? left : right) + returned - sum / 4
      positions[k] = positions[k] + 1 == lines[k].count ? 0 : positions[k] + 1
    }
    return out
  }
}
