import CTorchBridge

/// How far a step goes: Adam with decoupled weight decay.
public struct Update: Sendable {
  public var learningRate: Float
  public var weightDecay: Float
  /// The gradient's largest norm; a longer one is cut to it. 0: as it is.
  public var largestNorm: Float
  /// Of the running means of the gradient and of its square.
  public var beta1: Float, beta2: Float
  /// From 1.
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
