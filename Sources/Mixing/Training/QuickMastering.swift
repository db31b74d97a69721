import Basics
import Foundation
import Sound

/// A light, fast mastering chain for one channel: equaliser, compressor, room, exciter and soft clipper, each with
/// settings drawn from the usual ranges. It neither measures loudness nor treats the sound as a loop, so it takes a
/// fraction of the time of `MasteringChain`.
struct QuickMastering {
  private var equaliser: BiquadChain
  private let settings: MasteringSettings
  private let hasRoom, isExcited: Bool

  init(_ random: inout SeededRandom) {
    let s = MasteringRanges.usual.draw(&random)
    hasRoom = random.unit() < 0.7
    isExcited = random.unit() < 0.5
    let rate = Backing.sampleRate
    equaliser = BiquadChain([
      .lowShelf(110, gain: s.eqLow, sampleRate: rate),
      .peak(s.eqMidFrequency, gain: s.eqMid, q: 0.9, sampleRate: rate),
      .highShelf(7000, gain: s.eqHigh, sampleRate: rate),
    ])
    settings = s
  }

  mutating func process(_ samples: inout [Float]) {
    equaliser.process(&samples)
    compress(&samples)
    if hasRoom { addRoom(&samples) }
    if isExcited { excite(&samples) }
    let drive = Float(amplitude(settings.limiterDrive + 2))
    for i in samples.indices { samples[i] = softClip(samples[i] * drive) }
  }

  /// As `Compressor`, but the gain is computed once per 32 samples and interpolated linearly in between.
  private func compress(_ samples: inout [Float]) {
    let block = 32
    let rate = Double(Backing.sampleRate) / Double(block)
    let curve = Compressor(
      threshold: settings.compressorThreshold, ratio: settings.compressorRatio, attack: 1, release: 1, sampleRate: 1)
    let attack = exp(-1 / (settings.compressorAttack * rate)), release = exp(-1 / (settings.compressorRelease * rate))
    var held = 0.0, smoothed = 0.0
    var gain: Float = 1
    samples.withUnsafeMutableBufferPointer { x in
      var start = 0
      while start < x.count {
        let end = min(start + block, x.count)
        var peak: Float = 0
        for i in start..<end { peak = max(peak, abs(x[i])) }
        let wanted = curve.reduction(at: decibels(Double(peak)))
        held = max(wanted, release * held + (1 - release) * wanted)
        smoothed = attack * smoothed + (1 - attack) * held
        let step = (Float(amplitude(-smoothed)) - gain) / Float(block)
        for i in start..<end {
          x[i] *= gain
          gain += step
        }
        start = end
      }
    }
  }

  /// A feedback delay network of four lines with a Householder reflection, as in `Reverb`, summed to one channel.
  private func addRoom(_ samples: inout [Float]) {
    let rate = Double(Backing.sampleRate)
    let lengths = [1153, 1471, 1789, 2129]
    let gains = lengths.map { Float(pow(10, -3 * Double($0) / (settings.reverbDecay * rate))) }
    // The energy of a line is 1 / (1 - g²) for one pulse in. The sum of all lines is scaled to the wanted level.
    let energy = gains.reduce(Float(0)) { $0 + $1 * $1 / (1 - $1 * $1) }
    let level = Float(amplitude(settings.reverbSend)) / energy.squareRoot()
    var memory = [Float](repeating: 0, count: lengths.reduce(0, +))
    memory.withUnsafeMutableBufferPointer { memory in
      samples.withUnsafeMutableBufferPointer { x in
        let (l0, l1, l2, l3) = (lengths[0], lengths[1], lengths[2], lengths[3])
        let (o1, o2, o3) = (l0, l0 + l1, l0 + l1 + l2)
        let (g0, g1, g2, g3) = (gains[0], gains[1], gains[2], gains[3])
        var (p0, p1, p2, p3) = (0, 0, 0, 0)
        var (d0, d1, d2, d3): (Float, Float, Float, Float) = (0, 0, 0, 0)
        for i in x.indices {
          let dry = x[i]
          d0 += 0.65 * (memory[p0] - d0)
          d1 += 0.65 * (memory[o1 + p1] - d1)
          d2 += 0.65 * (memory[o2 + p2] - d2)
          d3 += 0.65 * (memory[o3 + p3] - d3)
          let (r0, r1, r2, r3) = (d0 * g0, d1 * g1, d2 * g2, d3 * g3)
          let half = 0.5 * (r0 + r1 + r2 + r3)
          memory[p0] = dry + r0 - half
          memory[o1 + p1] = r1 - half - dry
          memory[o2 + p2] = dry + r2 - half
          memory[o3 + p3] = r3 - half - dry
          x[i] = dry + level * (r0 + r1 + r2 + r3)
          p0 = p0 + 1 == l0 ? 0 : p0 + 1
          p1 = p1 + 1 == l1 ? 0 : p1 + 1
          p2 = p2 + 1 == l2 ? 0 : p2 + 1
          p3 = p3 + 1 == l3 ? 0 : p3 + 1
        }
      }
    }
  }

  private func excite(_ samples: inout [Float]) {
    var before = BiquadChain([.highpass(settings.exciterFrequency, sampleRate: Backing.sampleRate)])
    var band = samples
    before.process(&band)
    let gain = Float(amplitude(settings.exciterLevel)) / 6
    for i in band.indices { samples[i] += gain * (softClip(6 * band[i] + 0.3) - softClip(0.3)) }
  }
}
