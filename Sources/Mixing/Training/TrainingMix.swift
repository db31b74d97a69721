import Library

/// A mix made for one step of a training, and the truth about it.
public struct TrainingMix: Sendable {
  /// A drum that sounds in it.
  public struct Part: Sendable {
    public var condition: DrumClass
    /// The candidate that plays. What sounds may have been changed and layered, so two parts of one candidate differ.
    public var candidate: String
    /// The one-shot as it plays here, heard alone: dry, mono, 44.1 kHz, from its attack, peak 1; before what a song does
    /// to it (see `TrainingRecipe`).
    public var samples: [Float]
    /// When it is struck, in seconds from the start of the mix, ascending, at least one. Strokes before the start, whose
    /// tails are heard, are not among them.
    public var onsets: [Double]
    /// The same one-shot changed in another way, as `samples` it might have been: a drum that all but plays here. nil
    /// where none was asked for.
    public var twin: [Float]?
  }

  /// Mono, 44.1 kHz, within ±1.
  public var samples: [Float]
  /// One or more per class, in the order of the classes.
  public var parts: [Part]

  /// What plays the first drum of a class; nil where none does.
  public subscript(condition: DrumClass) -> Part? { parts.first { $0.condition == condition } }
}
