/// Where a training gets its sounds: mixes that are made as they are needed, and the one-shots that play in them.
///
/// What comes for a seed depends on nothing else, whoever asks and from whichever thread.
public protocol MixSource: Sendable {
  /// The classes, in the order of the model's masks.
  var conditions: [String] { get }

  /// How many one-shots a class has.
  /// - Parameter condition: its place in `conditions`.
  func oneShotCount(_ condition: Int) -> Int

  /// A mix in which one or more one-shots of every class play, all of them drawn by the seed.
  /// - Parameter hasTwins: whether its parts have twins; nothing else of the mix depends on it.
  func mix(seed: UInt64, seconds: Double, hasTwins: Bool) throws -> MadeMix

  /// A one-shot as it is, mono at 44.1 kHz.
  func oneShot(_ condition: Int, _ identity: Int) throws -> [Float]
}

/// A mix whose drums are known.
public struct MadeMix: Sendable {
  /// Mono at 44.1 kHz.
  public var samples: [Float]
  /// One or more per class, in the order of the source's conditions.
  public var parts: [Part]

  /// A one-shot that plays in the mix.
  public struct Part: Sendable {
    /// The place of its class in the source's conditions.
    public var condition: Int
    /// Which one-shot of its class plays.
    public var identity: Int
    /// The one-shot alone, as it was changed for this mix; mono at 44.1 kHz.
    public var oneShot: [Float]
    /// The same one-shot changed in another way, mono at 44.1 kHz; it does not play.
    public var twin: [Float]?

    public init(condition: Int, identity: Int, oneShot: [Float], twin: [Float]? = nil) {
      self.condition = condition
      self.identity = identity
      self.oneShot = oneShot
      self.twin = twin
    }
  }

  public init(samples: [Float], parts: [Part]) {
    self.samples = samples
    self.parts = parts
  }
}
