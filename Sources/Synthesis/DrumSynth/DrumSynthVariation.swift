import Basics
import Foundation
import Sound

extension DrumSynthPreset {
  /// Another drum of the same design: every value is changed a little, as if somebody had turned the knobs.
  ///
  /// All frequencies move together by up to 3 semitones, and each by up to one more. All times are scaled together by a
  /// factor of up to √2, and each envelope by up to a further 2^0.3. Levels of the parts change by up to 4 dB, and
  /// values that shape the sound (droop, slope, width, depth, openness, drive) by about a tenth of their range. Choices
  /// (waves, methods, bits, which parts are on) stay.
  public func varied(_ random: inout SeededRandom) -> DrumSynthPreset {
    var preset = self
    preset.tuning += random.uniform(-3...3)
    preset.stretch = max(0.2, min(10, stretch * pow(2, random.uniform(-0.5...0.5))))
    func pitch(_ frequency: inout Double) { frequency *= pow(2, random.uniform(-1...1) / 12) }
    func level(_ level: inout Double) { level *= amplitude(random.uniform(-4...4)) }
    func move(_ value: inout Double, by reach: Double, within range: ClosedRange<Double>) {
      value = max(range.lowerBound, min(range.upperBound, value + random.uniform(-reach...reach)))
    }
    func shape(_ envelope: inout Envelope) { envelope.vary(&random) }
    if var tone = preset.tone {
      level(&tone.level)
      pitch(&tone.start)
      pitch(&tone.end)
      if tone.droop > 0 { move(&tone.droop, by: 8, within: 1...100) }
      shape(&tone.envelope)
      preset.tone = tone
    }
    if var noise = preset.noise {
      level(&noise.level)
      move(&noise.slope, by: 20, within: -100...100)
      shape(&noise.envelope)
      preset.noise = noise
    }
    for i in preset.bands.indices {
      level(&preset.bands[i].level)
      pitch(&preset.bands[i].frequency)
      move(&preset.bands[i].width, by: 10, within: 0...100)
      shape(&preset.bands[i].envelope)
    }
    if var overtones = preset.overtones {
      level(&overtones.level)
      move(&overtones.parameter, by: 0.1, within: 0...1)
      pitch(&overtones.first.frequency)
      pitch(&overtones.second.frequency)
      shape(&overtones.first.envelope)
      shape(&overtones.second.envelope)
      preset.overtones = overtones
    }
    if var filter = preset.filter {
      move(&filter.resonance, by: 0.1, within: 0...0.97)
      let shift = random.uniform(-0.08...0.08)
      for i in filter.envelope.points.indices {
        filter.envelope.points[i].level = max(0, min(1, filter.envelope.points[i].level + shift))
      }
      preset.filter = filter
    }
    if var distortion = preset.distortion {
      move(&distortion.drive, by: 4, within: 0...40)
      preset.distortion = distortion
    }
    return preset
  }
}

extension DrumSynthPreset.Envelope {
  /// Levels of 0 and 1 stay; those in between fall or rise.
  fileprivate mutating func vary(_ random: inout SeededRandom) {
    let pace = pow(2, random.uniform(-0.3...0.3)), bend = pow(2, random.uniform(-0.4...0.4))
    for i in points.indices {
      points[i].time *= pace
      let level = points[i].level
      if level > 0, level < 1 { points[i].level = pow(level, bend) }
    }
  }
}
