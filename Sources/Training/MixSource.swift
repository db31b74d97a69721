/// The source of a training's sounds: mixes made on demand, and the one-shots that play in them.
///
/// A mix depends on its seed alone, not on the caller or its thread.
public protocol MixSource: Sendable {
  /// The classes, in the order of the model's masks.
  var conditions: [String] { get }

  /// The number of one-shots of a class.
  /// - Parameter condition: index of the class in `conditions`.
  func oneShotCount(_ condition: Int) -> Int

  /// A mix in which one or more one-shots of every class play, all drawn from the seed.
  /// - Parameters:
  ///   - seconds: length of the mix.
  ///   - hasTwins: whether its parts have twins. The mix is otherwise the same.
  func mix(seed: UInt64, seconds: Double, hasTwins: Bool) throws -> MadeMix

  /// An unaltered one-shot, mono at 44.1 kHz.
  /// - Parameters:
  ///   - condition: index of the class in `conditions`.
  ///   - identity: index of the one-shot within its class.
  func oneShot(_ condition: Int, _ identity: Int) throws -> [Float]
}

/// A mix whose drums are known.
public struct MadeMix: Sendable {
  /// The mix, mono at 44.1 kHz.
  public var samples: [Float]
  /// One or more per class, in the order of the source's conditions.
  public var parts: [Part]

  /// A one-shot that plays in the mix.
  public struct Part: Sendable {
    /// Index of its class in the source's conditions.
    public var condition: Int
    /// Index of the one-shot within its class.
    public var identity: Int
    /// The one-shot alone, as altered for this mix, mono at 44.1 kHz.
    public var oneShot: [Float]
    /// The same one-shot altered in another way, mono at 44.1 kHz. It does not play in the mix.
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
