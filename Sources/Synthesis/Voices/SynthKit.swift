import Basics
import Foundation
import Library
import Sound

/// A kit of the synthesiser: a character in which every drum of a class is drawn at random from given ranges, with
/// processing that all of its drums share.
///
/// The kits are named after what they resemble; nothing was copied from those machines or rooms.
public struct SynthKit: Sendable {
  public let name: String
  /// What its drums sound like, in the words of `TagRule`.
  public let tags: [String]
  let kick: @Sendable (inout SeededRandom) -> KickVoice
  let snare: @Sendable (inout SeededRandom) -> SnareVoice
  let hihat: @Sendable (inout SeededRandom) -> HiHatVoice
  let treatment: Treatment

  /// Processing after a drum's voice.
  struct Treatment: Sendable {
    /// Amplitude resolution in bits. Nil for full resolution.
    var bits: ClosedRange<Double>? = nil
    /// The rate in hertz of a sample-and-hold without smoothing, which gives the ring of early samplers.
    var hold: ClosedRange<Double>? = nil
    /// The cutoff of a low-pass, in hertz.
    var lowpass: ClosedRange<Double>? = nil
    /// The room's relative level, and the time in which it decays by 60 dB, in seconds.
    var room: (level: ClosedRange<Double>, decay: ClosedRange<Double>)? = nil
  }

  /// A sound of the kit. `take` numbers its random variations from 0.
  /// - Returns: mono, with its peak at -1 dBFS. It begins with the attack and ends in silence.
  public func render(_ condition: DrumClass, take: Int, seed: UInt64, sampleRate: Int = 44100) -> Clip {
    var random = SeededRandom(seed: seed, "synth", name, condition.rawValue, String(take))
    let voice: any DrumVoice =
      switch condition {
      case .kick: kick(&random)
      case .snare: snare(&random)
      case .hihat: hihat(&random)
      }
    let rate = Double(sampleRate)
    var samples = treatment.apply(voice.render(sampleRate: rate, random: &random), rate: rate, random: &random)
    SynthKit.finish(&samples, rate: rate)
    return Clip(mono: samples.map { Float($0) }, sampleRate: sampleRate)
  }

  /// Scales the peak to -1 dBFS, cuts where the sound has decayed by 66 dB, and fades out the last 4 ms.
  private static func finish(_ samples: inout [Double], rate: Double) {
    let peak = samples.lazy.map(abs).max() ?? 0
    guard peak > 0 else { return }
    let scale = amplitude(-1) / peak
    let floor = peak * amplitude(-66)
    let end = (samples.lastIndex { abs($0) > floor } ?? 0) + 1
    samples.removeSubrange(end...)
    let fade = min(Int(0.004 * rate), samples.count)
    for i in samples.indices {
      let left = samples.count - 1 - i
      samples[i] *= scale * (left < fade ? Double(left) / Double(fade) : 1)
    }
  }
}

extension SynthKit.Treatment {
  func apply(_ input: [Double], rate: Double, random: inout SeededRandom) -> [Double] {
    var samples = input
    if let room {
      // Model the room by decaying noise, which is diffuse from the first millisecond and gets darker with time.
      let level = random.uniform(room.level), decay = random.uniform(room.decay)
      samples = NoiseRoom(decay: decay, rate: rate, random: &random).add(to: samples, level: level)
    }
    if let lowpass {
      var filter = StateVariableFilter(.lowpass, frequency: random.uniform(lowpass), sampleRate: rate)
      samples = samples.map { filter($0) }
    }
    if let hold {
      let step = random.uniform(hold) / rate
      var phase = 1.0, held = 0.0
      samples = samples.map { sample in
        if phase >= 1 {
          held = sample
          phase -= 1
        }
        phase += step
        return held
      }
    }
    if let bits {
      let peak = samples.lazy.map(abs).max() ?? 1
      let steps = pow(2, random.uniform(bits) - 1) / max(peak, 1e-9)
      samples = samples.map { ($0 * steps).rounded() / steps }
    }
    return samples
  }
}
