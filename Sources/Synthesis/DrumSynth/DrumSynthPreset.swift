/// A drum of DrumSynth, the drum synthesiser of the nineties by Paul Kellett whose presets LMMS ships: a tone, noise, two
/// overtones and two bands of noise, each with an envelope, then a filter and a distortion.
///
/// Times are in seconds, frequencies in hertz, levels linear with 1 as a preset's usual level of 128.
public struct DrumSynthPreset: Sendable, Equatable {
  /// Straight lines between points; the first point holds before it, and the sound ends at the last.
  public struct Envelope: Sendable, Equatable {
    /// A corner of an envelope.
    public struct Point: Sendable, Equatable {
      public var time, level: Double
    }
    /// At least one, in the order of time.
    public var points: [Point]

    public var duration: Double { points.last?.time ?? 0 }
  }

  /// A sine whose frequency slides.
  public struct Tone: Sendable, Equatable {
    public var level: Double
    public var start, end: Double
    /// 0 slides in a straight line; else the higher, the faster it falls, exponentially.
    public var droop: Double
    /// At the start, in turns.
    public var phase: Double
    public var envelope: Envelope
  }

  /// Noise with a slope.
  public struct Noise: Sendable, Equatable {
    public var level: Double
    /// -100 (dark) to 100 (bright); 0 is white.
    public var slope: Double
    public var envelope: Envelope
  }

  /// A sine whose frequency is held at random values, which makes a band of noise.
  public struct NoiseBand: Sendable, Equatable {
    public var level, frequency: Double
    /// 0 is a pure tone, 100 nearly white.
    public var width: Double
    public var envelope: Envelope
  }

  /// The form of an oscillator's wave.
  public enum Wave: Int, Sendable { case sine, rectifiedSine, triangle, saw, square }

  /// How the two oscillators of the overtones make one sound.
  public enum Method: Int, Sendable { case sum, frequencyModulation, ringModulation, cymbal }

  /// One of the two that make the overtones.
  public struct Oscillator: Sendable, Equatable {
    public var frequency: Double
    public var wave: Wave
    /// Whether it slides as the tone does.
    public var follows: Bool
    public var envelope: Envelope
  }

  /// Two oscillators and how they make one sound.
  public struct Overtones: Sendable, Equatable {
    public var level: Double
    public var method: Method
    /// 0 to 1: balance, depth of modulation, or resonance, by the method.
    public var parameter: Double
    public var first, second: Oscillator
  }

  /// A resonant filter behind all parts.
  public struct Filter: Sendable, Equatable {
    public var isHighPass: Bool
    /// 0 to 1.
    public var resonance: Double
    /// From 0, closed, to 1, open, over time.
    public var envelope: Envelope
  }

  /// What coarsens the sound, behind the filter.
  public struct Distortion: Sendable, Equatable {
    /// In dB, before it is clipped at the level of the loudest part.
    public var drive: Double
    /// 0 to 7: steps of 4 to this power, of 32,768.
    public var bits: Int
    /// 0 to 7: how many samples share one value, by the preset's own table.
    public var rate: Int
  }

  /// Of all frequencies, in semitones.
  public var tuning = 0.0
  /// Of all times, 0.2 to 10.
  public var stretch = 1.0
  /// Of the whole sound, in dB, before it is clipped at full scale.
  public var gain = 0.0
  public var tone: Tone?
  public var noise: Noise?
  public var overtones: Overtones?
  public var bands: [NoiseBand] = []
  public var filter: Filter?
  /// Whether the filter hears the overtones alone rather than the whole sum.
  public var filtersOvertonesAlone = false
  public var distortion: Distortion?
  /// Where the oscillators of the overtones start, in turns: the tone's phase, even where no tone sounds.
  public var phase = 0.0

  public init() {}

  /// In seconds, stretched.
  public var duration: Double {
    let parts = [
      tone?.envelope, noise?.envelope, overtones?.first.envelope, overtones?.second.envelope,
    ]
    return stretch * (parts.compactMap { $0?.duration } + bands.map(\.envelope.duration)).reduce(0, max)
  }
}
