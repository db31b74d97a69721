/// What a training tells while it goes on.
public enum TrainingEvent: Sendable {
  case began(Beginning)
  case stepped(Step)
  case validated(Milestone, isBest: Bool)
  case saved(checkpoint: String)

  /// What a training begins with.
  public struct Beginning: Sendable {
    public var parameterCount: Int
    /// More than 0 where a training goes on.
    public var step: Int
    public var torchVersion: String
    public var poolSize: Int
    public var queryCount: Int
    /// MRR of a random order of the pool.
    public var chance: Double
  }

  /// How far a training is.
  public struct Step: Sendable {
    public var step: Int
    /// Running means.
    public var loss, accuracy: Double
    public var rate: Float
    /// Of the whole training, 0…1.
    public var share: Double
    /// In seconds, over all runs, and an estimate of what is to come if it does not stop early.
    public var elapsed, left: Double
    public var best: ValidationScore?
  }
}

/// What came out of a training.
public struct TrainingResult: Sendable {
  /// Why a training ended.
  public enum End: Sendable, Equatable {
    /// All steps or minutes are over.
    case complete
    /// No better validation came for as long as their patience allows.
    case early
    /// It was asked to stop; a checkpoint waits to go on.
    case stopped
  }

  public var end: End
  public var steps: Int
  public var elapsed: Double
  public var bestStep: Int
  /// Of the state that was kept; nil where it was stopped before the first validation.
  public var best: ValidationScore?
  public var history: [Milestone]
  public var parameterCount: Int
  /// The settings with the levels that were measured.
  public var settings: TrainingSettings
  /// How the written file compares with libtorch; nil where it was stopped.
  public var readBack: ReadBack?
}
