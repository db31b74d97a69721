/// A drum of DrumSynth, Paul Kellett's drum synthesiser of the 1990s, whose presets come with LMMS: a tone, noise, two
/// overtones and two bands of noise, each with an envelope, followed by a filter and a distortion.
///
/// Times are in seconds, frequencies in hertz. Levels are linear; 1 is a preset's usual level of 128.
public struct DrumSynthPreset: Sendable, Equatable {
  /// Straight lines between points; the first point counts as at the start, and the sound ends at the last one.
  public struct Envelope: Sendable, Equatable {
    /// A corner of an envelope.
    public struct Point: Sendable, Equatable {
      /// Seconds from the start, and the level from 0 to 1.
      public var time, level: Double
    }
    /// At least one, in order of time.
    public var points: [Point]

    /// The time of the last point, in seconds.
    public var duration: Double { points.last?.time ?? 0 }
  }

  /// A sine that glides from one frequency to another.
  public struct Tone: Sendable, Equatable {
    /// Linear; 1 for a level of 128 in the file.
    public var level: Double
    /// The frequencies at the start and at the end, in hertz.
    public var start, end: Double
    /// 0 glides in a straight line. Above 0, the frequency falls exponentially: the higher, the faster.
    public var droop: Double
    /// The phase at the start, in cycles.
    public var phase: Double
    /// The level over time.
    public var envelope: Envelope
  }

  /// Noise with a spectral slope.
  public struct Noise: Sendable, Equatable {
    /// Linear; 1 for a level of 128 in the file.
    public var level: Double
    /// From -100 (dark) to 100 (bright). 0 is white.
    public var slope: Double
    /// The level over time.
    public var envelope: Envelope
  }

  /// A sine whose frequency jumps between random values, which gives a band of noise.
  public struct NoiseBand: Sendable, Equatable {
    /// The level, linear, 1 for 128 in the file; and the centre of the band in hertz.
    public var level, frequency: Double
    /// From 0 (a pure tone) to 100 (nearly white).
    public var width: Double
    /// The level over time.
    public var envelope: Envelope
  }

  /// The waveform of an oscillator.
  public enum Wave: Int, Sendable { case sine, rectifiedSine, triangle, saw, square }

  /// How the two oscillators of the overtones are combined.
  public enum Method: Int, Sendable { case sum, frequencyModulation, ringModulation, cymbal }

  /// One of the two oscillators of the overtones.
  public struct Oscillator: Sendable, Equatable {
    /// In hertz.
    public var frequency: Double
    /// The waveform.
    public var wave: Wave
    /// Whether its frequency glides with the tone.
    public var follows: Bool
    /// The level over time.
    public var envelope: Envelope
  }

  /// Two oscillators, and how they are combined.
  public struct Overtones: Sendable, Equatable {
    /// Linear; 1 for a level of 128 in the file.
    public var level: Double
    /// How the oscillators are combined.
    public var method: Method
    /// From 0 to 1. Depending on the method: balance, depth of modulation, or resonance.
    public var parameter: Double
    /// The two oscillators.
    public var first, second: Oscillator
  }

  /// A resonant filter after all parts.
  public struct Filter: Sendable, Equatable {
    /// Whether it is a high-pass filter rather than a low-pass filter.
    public var isHighPass: Bool
    /// From 0 to 1.
    public var resonance: Double
    /// The cutoff over time, from 0 (closed) to 1 (open).
    public var envelope: Envelope
  }

  /// The distortion after the filter.
  public struct Distortion: Sendable, Equatable {
    /// The gain in dB before clipping at the level of the loudest part.
    public var drive: Double
    /// From 0 to 7: amplitudes are rounded to steps of 4 to this power, out of 32,768. 0 does not round.
    public var bits: Int
    /// From 0 to 7: an index into the preset format's table of how many samples share one value.
    public var rate: Int
  }

  /// Transposition of all frequencies, in semitones.
  public var tuning = 0.0
  /// A factor for all times, from 0.2 to 10.
  public var stretch = 1.0
  /// The gain of the whole sound in dB, before it is clipped at full scale.
  public var gain = 0.0
  /// Nil if it is off.
  public var tone: Tone?
  /// Nil if it is off.
  public var noise: Noise?
  /// Nil if it is off.
  public var overtones: Overtones?
  /// Those that are on, at most two.
  public var bands: [NoiseBand] = []
  /// Nil if it is off.
  public var filter: Filter?
  /// Whether the filter applies only to the overtones rather than to the whole sum.
  public var filtersOvertonesAlone = false
  /// Nil if it is off.
  public var distortion: Distortion?
  /// The phase at which the oscillators of the overtones start, in cycles: that of the tone, even if the tone is off.
  public var phase = 0.0

  public init() {}

  /// The duration in seconds, including `stretch`.
  public var duration: Double {
    let parts = [
      tone?.envelope, noise?.envelope, overtones?.first.envelope, overtones?.second.envelope,
    ]
    return stretch * (parts.compactMap { $0?.duration } + bands.map(\.envelope.duration)).reduce(0, max)
  }
}
