/// What a training reports as it runs.
public enum TrainingEvent: Sendable {
  case began(Beginning)
  case stepped(Step)
  case validated(Milestone, isBest: Bool)
  case saved(checkpoint: String)

  /// The situation at the start of a run.
  public struct Beginning: Sendable {
    /// The number of weights that are trained.
    public var parameterCount: Int
    /// The last step that was taken; more than 0 if the training is resumed.
    public var step: Int
    /// Of libtorch.
    public var torchVersion: String
    /// The number of validation one-shots, of all classes.
    public var poolSize: Int
    /// The number of validation queries.
    public var queryCount: Int
    /// Expected MRR of a random order of the pool.
    public var chance: Double
  }

  /// Progress after a step.
  public struct Step: Sendable {
    /// The number of the step, from 1.
    public var step: Int
    /// Running means over about fifty steps.
    public var loss, accuracy: Double
    /// The learning rate.
    public var rate: Float
    /// How much of the training is done, 0…1.
    public var share: Double
    /// Time spent, in seconds over all runs, and an estimate of the time left, if training does not stop early.
    public var elapsed, left: Double
    /// The best score so far; nil before the first validation.
    public var best: ValidationScore?
  }
}

/// The result of a run.
public struct TrainingResult: Sendable {
  /// Why a run ended.
  public enum End: Sendable, Equatable {
    /// All steps, or all minutes, are done.
    case complete
    /// No validation was better than the best for as long as `TrainingSettings.patience` allows.
    case early
    /// It was stopped. A checkpoint allows it to be resumed.
    case stopped
  }

  /// Why it ended.
  public var end: End
  /// How many steps were taken, over all runs.
  public var steps: Int
  /// Seconds of training, over all runs.
  public var elapsed: Double
  /// The step of the state that was kept; 0 before the first validation.
  public var bestStep: Int
  /// Score of the best state; nil if the run was stopped before the first validation.
  public var best: ValidationScore?
  /// All validations, in order.
  public var history: [Milestone]
  /// The number of weights that are trained.
  public var parameterCount: Int
  /// The settings, including the measured log-mel levels.
  public var settings: TrainingSettings
  /// How the written file compares with libtorch; nil if the run was stopped.
  public var readBack: ReadBack?
}
