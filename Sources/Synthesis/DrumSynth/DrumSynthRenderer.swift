import Basics
import Foundation
import Sound

/// Renders presets of DrumSynth at 44.1 kHz as LMMS plays them.
///
/// The effect of each value was determined from the format and from LMMS's renderings of test presets in which one
/// value at a time was changed. `docs/data.md` compares all presets. The noise is generated differently, so waveforms
/// differ even where spectra agree.
public struct DrumSynthRenderer: Sendable {
  static let rate = 44100.0
  /// The linear amplitude of a part at level 1, and that of full scale in 16 bits.
  private static let unit = 0.5, fullScale = 32700.0 / 32768
  /// How many samples share one value, by the preset's rate.
  private static let holds = [1, 2, 3, 4, 8, 10, 20, 8]

  public init() {}

  /// - Parameter seed: the seed of the noise.
  /// - Returns: mono, at the preset's own level, up to full scale. Longer presets are cut at `longest` seconds.
  public func render(_ preset: DrumSynthPreset, seed: UInt64, longest: Double = 6) -> Clip {
    var random = SeededRandom(seed: seed, "drumsynth")
    let count = max(1, Int((min(preset.duration, longest) * Self.rate).rounded()))
    var sum = [Double](repeating: 0, count: count)
    let tune = pow(2, preset.tuning / 12)
    func curve(_ envelope: DrumSynthPreset.Envelope) -> [Double] {
      Self.curve(envelope, stretch: preset.stretch, count: count)
    }

    let slide = preset.tone.map { tone in
      var phase = tone.phase
      return Self.slide(tone, stretch: preset.stretch, count: count).map { frequency in
        phase += tune * frequency / Self.rate
        return phase
      }
    }
    if let tone = preset.tone, let slide {
      let level = curve(tone.envelope)
      for i in 0..<count { sum[i] += tone.level * level[i] * sin(2 * .pi * slide[i]) }
    }
    if let noise = preset.noise {
      let level = curve(noise.envelope)
      var source = SlopedNoise(slope: noise.slope)
      for i in 0..<count { sum[i] += noise.level * level[i] * source.next(&random) }
    }
    for band in preset.bands {
      let level = curve(band.envelope)
      var source = HeldSine(frequency: tune * band.frequency / Self.rate, width: band.width)
      for i in 0..<count { sum[i] += band.level * level[i] * source.next(&random) }
    }
    var pass = preset.filter.map(EnvelopeFilter.init)
    let openness = preset.filter.map { curve($0.envelope) } ?? []
    if let overtones = preset.overtones {
      var own = [Double](repeating: 0, count: count)
      // The phase, in cycles, of an oscillator at 1 Hz that follows the tone.
      let relative = preset.tone.flatMap { tone in slide.map { $0.map { $0 / max(tone.start, 1e-9) } } }
      add(
        overtones, levels: (curve(overtones.first.envelope), curve(overtones.second.envelope)), tune: tune,
        phase: preset.phase, relative: relative, to: &own)
      if preset.filtersOvertonesAlone, pass != nil {
        for i in 0..<count { own[i] = pass?(own[i], openness: openness[i]) ?? 0 }
      }
      for i in 0..<count { sum[i] += own[i] }
    }
    if !preset.filtersOvertonesAlone, pass != nil {
      for i in 0..<count { sum[i] = pass?(sum[i], openness: openness[i]) ?? 0 }
    }
    let gain = Self.unit * amplitude(preset.gain)
    if let distortion = preset.distortion {
      Self.distort(&sum, by: distortion, gain: gain, loudest: Self.loudest(preset))
    } else {
      for i in 0..<count { sum[i] *= gain }
    }
    return Clip(
      mono: sum.map { Float(max(-Self.fullScale, min(Self.fullScale, $0))) }, sampleRate: Int(Self.rate))
  }

  // MARK: - Parts

  private static func curve(_ envelope: DrumSynthPreset.Envelope, stretch: Double, count: Int) -> [Double] {
    let points = envelope.points.map { (frame: $0.time * stretch * rate, level: $0.level) }
    var k = 0
    return (0..<count).map { i in
      let at = Double(i)
      while k + 1 < points.count, points[k + 1].frame <= at { k += 1 }
      guard k + 1 < points.count else { return points.count == 1 || at > points[k].frame ? 0 : points[k].level }
      let (from, to) = (k == 0 ? (frame: 0, level: points[0].level) : points[k], points[k + 1])
      return from.level + (to.level - from.level) * (at - from.frame) / max(to.frame - from.frame, 1e-9)
    }
  }

  /// The tone's frequency in hertz, before tuning. With droop, it falls exponentially and reaches the end of the glide
  /// at the end of the envelope. Stretching the envelope does not slow this fall.
  private static func slide(_ tone: DrumSynthPreset.Tone, stretch: Double, count: Int) -> [Double] {
    let length = max(1, tone.envelope.duration * stretch * rate)
    guard tone.droop > 0 else {
      return (0..<count).map { tone.start + (tone.end - tone.start) * min(1, Double($0) / length) }
    }
    let fall = 4 * pow(10, (tone.droop - 20) / 30)
    let floor = tone.start + (tone.end - tone.start) / (1 - exp(-fall))
    return (0..<count).map { floor + (tone.start - floor) * exp(-fall * stretch * Double($0) / length) }
  }

  private func add(
    _ overtones: DrumSynthPreset.Overtones, levels: ([Double], [Double]), tune: Double, phase: Double,
    relative: [Double]?, to sum: inout [Double]
  ) {
    let (p, level) = (overtones.parameter, overtones.level)
    let steps = [overtones.first, overtones.second].map { $0.frequency * tune / Self.rate }
    if overtones.method == .cymbal {
      var cymbal = PulseCymbal(first: steps[0], second: steps[1], resonance: p)
      for i in sum.indices { sum[i] += level * levels.0[i] * cymbal.next(openness: levels.1[i]) }
      return
    }
    func phases(_ oscillator: DrumSynthPreset.Oscillator, _ step: Double) -> [Double] {
      if oscillator.follows, let relative { return relative.map { $0 * oscillator.frequency } }
      return sum.indices.map { phase + step * Double($0 + 1) }
    }
    let (first, second) = (phases(overtones.first, steps[0]), phases(overtones.second, steps[1]))
    let depth = 8 * p * p * p
    for i in sum.indices {
      let other = overtones.second.wave.value(second[i]) * levels.1[i]
      switch overtones.method {
      case .frequencyModulation:
        sum[i] += level * levels.0[i] * overtones.first.wave.value(first[i] + depth * other / (2 * .pi))
      case .ringModulation:
        sum[i] += level * levels.0[i] * overtones.first.wave.value(first[i]) * (1 - depth / 8 + depth / 8 * other)
      case .sum, .cymbal:
        sum[i] += level * ((1 - p) * levels.0[i] * overtones.first.wave.value(first[i]) + p * other)
      }
    }
  }

  private static func loudest(_ preset: DrumSynthPreset) -> Double {
    [preset.tone?.level, preset.noise?.level, preset.overtones?.level].compactMap(\.self)
      .reduce(preset.bands.map(\.level).max() ?? 0, max)
  }

  /// Applies sample-and-hold, drive, rounding to steps, and clipping.
  private static func distort(
    _ samples: inout [Double], by distortion: DrumSynthPreset.Distortion, gain: Double, loudest: Double
  ) {
    let hold = holds[distortion.rate]
    for start in stride(from: 0, to: samples.count, by: hold) where hold > 1 {
      let block = start..<min(start + hold, samples.count)
      let mean = samples[block].reduce(0, +) / Double(block.count)
      for i in block { samples[i] = mean }
    }
    let step = pow(4, Double(distortion.bits)) / 32768
    let ceiling = loudest * gain
    let drive = gain * amplitude(distortion.drive)
    for i in samples.indices {
      let driven = samples[i] * drive
      samples[i] = max(
        -ceiling, min(ceiling, distortion.bits > 0 ? (driven / step).rounded(.towardZero) * step : driven))
    }
  }
}

extension DrumSynthPreset.Wave {
  /// The value of the waveform at a phase in cycles.
  func value(_ phase: Double) -> Double {
    let turn = phase - phase.rounded(.down)
    switch self {
    case .sine: return sin(2 * .pi * turn)
    case .rectifiedSine: return 2 * abs(sin(.pi * turn)) - 1
    case .triangle: return turn < 0.5 ? 4 * turn - 1 : 3 - 4 * turn
    case .saw: return 2 * turn - 1
    case .square: return turn < 0.5 ? 1 : -1
    }
  }
}

/// White noise, filtered by one pole (dark) or three taps (bright).
struct SlopedNoise {
  private let gain, pole, tap: Double
  private var held = 0.0, before = 0.0, earlier = 0.0

  /// - Parameter slope: from -100 to 100.
  init(slope: Double) {
    if slope < 0 {
      pole = -slope / 105
      gain = (1 - pole) * (1 + 0.0005 * slope * slope)
      tap = 0
    } else {
      (pole, gain, tap) = (0, 1, slope / 100)
    }
  }

  mutating func next(_ random: inout SeededRandom) -> Double {
    let white = random.uniform(-1...1)
    held = gain * (white - 2 * tap * before + tap * earlier) + pole * held
    (earlier, before) = (before, white)
    return held
  }
}

/// A sine whose frequency jumps to a new random value every few samples.
struct HeldSine {
  private let step, reach: Double
  private let hold: Int
  private var phase = 1.0 / 8, stray = 0.0, age = 0

  /// - Parameters:
  ///   - frequency: in cycles per sample.
  ///   - width: from 0 to 100.
  init(frequency: Double, width: Double) {
    step = frequency
    let angle = 2 * Double.pi * frequency
    // Narrower for low bands. The fit fails above about a third of the sample rate, where the value is limited.
    reach = width * width / max(600, 10000 - 6600 * (angle.squareRoot() - 0.19))
    hold = 1 + Int((40 - width / 2.5) / (reach + 1 + angle))
  }

  mutating func next(_ random: inout SeededRandom) -> Double {
    if age == 0 { stray = reach * (random.unit() - 0.5) / (2 * .pi) }
    age = age + 1 == hold ? 0 : age + 1
    phase += step + stray
    return cos(2 * .pi * phase)
  }
}

/// Six pulse trains whose periods are evenly spaced between two values, through a resonant band-pass: the metal of an
/// analogue cymbal.
struct PulseCymbal {
  private let periods: [Double]
  private var clocks: [Double]
  private let frequency, damping: Double
  private var low = 0.0, band = 0.0

  /// The frequencies of the band-pass, measured at eleven settings of the parameter, with linear interpolation in
  /// between.
  private static let frequencies = [
    0.6008, 0.8908, 1.1108, 1.2726, 1.3907, 1.4750, 1.5312, 1.5677, 1.5885, 1.6007, 1.6042,
  ]

  /// - Parameters:
  ///   - first, second: frequencies in cycles per sample.
  ///   - resonance: from 0 to 1.
  init(first: Double, second: Double, resonance: Double) {
    let ends = [first, second].map { 1 / max($0, 1e-6) }
    periods = (0..<6).map { ends[0] + (ends[1] - ends[0]) * Double($0) / 5 }
    clocks = [Double](repeating: 0, count: 6)
    let at = resonance * 10
    let k = min(9, Int(at))
    frequency = Self.frequencies[k] + (Self.frequencies[k + 1] - Self.frequencies[k]) * (at - Double(k))
    damping = 2.59 - 1.566 * frequency
  }

  /// Each pulse is two samples long. Coinciding pulses count as one.
  /// - Parameter openness: a factor for the frequency of the band-pass, from 0 to 1.
  mutating func next(openness: Double) -> Double {
    let frequency = frequency * openness
    var isStruck = false
    for k in 0..<6 {
      if clocks[k] < 2 { isStruck = true }
      clocks[k] += 1
      if clocks[k] >= periods[k] { clocks[k] -= periods[k] }
    }
    low += frequency * band
    band += frequency * ((isStruck ? 2 : 0) - low - damping * band)
    return 0.5 * band
  }
}

/// Two poles with feedback, at a frequency that follows an envelope.
struct EnvelopeFilter {
  private let isHighPass: Bool
  private let resonance: Double
  private var first = 0.0, second = 0.0

  init(_ filter: DrumSynthPreset.Filter) {
    isHighPass = filter.isHighPass
    resonance = (1.01 * filter.resonance).squareRoot()
  }

  mutating func callAsFunction(_ input: Double, openness: Double) -> Double {
    let pole = max(0.001, openness > 0.2 ? 1.001 - pow(10, openness - 1) : 0.999 - 0.7824 * openness)
    let fed = input + resonance * (1 + 1 / pole) * (first - second)
    first = pole * (first - fed) + fed
    second = pole * (second - first) + first
    // At high frequencies, feedback diverges in this form. In 16 bits it would have been limited.
    if abs(first) > 64 { first = first < 0 ? -64 : 64 }
    if abs(second) > 64 { second = second < 0 ? -64 : 64 }
    return isHighPass ? second - input : second
  }
}
