/// Mixes and the one-shots that play in them, as log-mel spectrograms.
public struct TrainingBatch: Sendable, Equatable {
  public var mixCount: Int
  public var mixFrames: Int
  /// One mix after the other, row after row of mel bands.
  public var mixes: [Float]
  public var hitFrames: Int
  public var hits: [Float]
  /// Of each hit its class's place.
  public var hitCondition: [Int32]
  /// Of each hit the mix that it plays in, or -1 where it is only there to be told from the others.
  public var hitMix: [Int32]
  /// Of each hit which one-shot of its class it is, or `twin`.
  public var hitIdentity: [Int32]

  /// What stands for the identity of a one-shot that was changed in another way than the one that plays: it is a
  /// negative for every mix.
  public static let twin = -1

  public var hitCount: Int { hitCondition.count }

  public init(
    mixCount: Int, mixFrames: Int, mixes: [Float], hitFrames: Int, hits: [Float], hitCondition: [Int32],
    hitMix: [Int32], hitIdentity: [Int32]
  ) {
    self.mixCount = mixCount
    self.mixFrames = mixFrames
    self.mixes = mixes
    self.hitFrames = hitFrames
    self.hits = hits
    self.hitCondition = hitCondition
    self.hitMix = hitMix
    self.hitIdentity = hitIdentity
  }
}
