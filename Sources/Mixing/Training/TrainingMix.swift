import Library

/// A mix made for one training step, and its ground truth.
public struct TrainingMix: Sendable {
  /// A drum that plays in the mix.
  public struct Part: Sendable {
    /// The drum's class.
    public var condition: DrumClass
    /// Name of the one-shot that plays. The sound itself may have been altered and layered, so two parts with the same
    /// candidate can sound different.
    public var candidate: String
    /// The one-shot alone, as altered for this mix, but before a song's sampler alters it further (see
    /// `TrainingRecipe`): dry, mono, 44.1 kHz, starting at its attack, with a peak of 1.
    public var samples: [Float]
    /// When it is struck, in seconds from the start of the mix, ascending; at least one. Strokes before the start,
    /// whose tails can still be heard, are not included.
    public var onsets: [Double]
    /// The same one-shot altered in another way, in the format of `samples`: a near miss, which does not play here. nil
    /// if no twin was requested.
    public var twin: [Float]?
  }

  /// The mix: mono, 44.1 kHz, within ±1.
  public var samples: [Float]
  /// One or more parts per class, in the order of the classes.
  public var parts: [Part]

  /// The first part of a class; nil if there is none.
  public subscript(condition: DrumClass) -> Part? { parts.first { $0.condition == condition } }
}
