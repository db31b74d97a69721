/// Mixes and the one-shots that play in them, as log-mel spectrograms.
public struct TrainingBatch: Sendable, Equatable {
  /// The number of mixes.
  public var mixCount: Int
  /// The length of each mix, in frames.
  public var mixFrames: Int
  /// `[mixCount, mel bands, mixFrames]`, in row-major order.
  public var mixes: [Float]
  /// The length of each hit, in frames.
  public var hitFrames: Int
  /// `[hitCount, mel bands, hitFrames]`, in row-major order.
  public var hits: [Float]
  /// For each hit, the index of its class.
  public var hitCondition: [Int32]
  /// For each hit, the index of the mix in which it plays, or -1 if it is only a negative.
  public var hitMix: [Int32]
  /// For each hit, the index of the one-shot within its class, or `twin`.
  public var hitIdentity: [Int32]

  /// The identity of a twin: a one-shot altered in another way than the one that plays. It is a negative for every mix.
  public static let twin = -1

  /// The number of one-shots: those that play, and additional negatives.
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
