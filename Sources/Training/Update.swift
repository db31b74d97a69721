import CTorchBridge

/// The settings of one optimiser step: Adam with decoupled weight decay (AdamW).
public struct Update: Sendable {
  /// Of this step.
  public var learningRate: Float
  /// Of this step, as a share of the learning rate.
  public var weightDecay: Float
  /// Largest norm of the gradient. A longer gradient is scaled down to it; 0 means no clipping.
  public var largestNorm: Float
  /// Decay of Adam's running means of the gradient and of its square.
  public var beta1: Float, beta2: Float
  /// Number of the step, from 1.
  public var step: Int

  public init(
    learningRate: Float, weightDecay: Float, largestNorm: Float, beta1: Float = 0.9, beta2: Float = 0.999, step: Int
  ) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.largestNorm = largestNorm
    self.beta1 = beta1
    self.beta2 = beta2
    self.step = step
  }

  var c: torch_update {
    torch_update(
      learning_rate: learningRate, weight_decay: weightDecay, beta1: beta1, beta2: beta2, epsilon: 1e-8,
      largest_norm: largestNorm, step: Int64(step))
  }
}
