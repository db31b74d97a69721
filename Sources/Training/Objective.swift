import CTorchBridge

/// What a step is to make smaller.
public struct Objective: Sendable, Codable, Equatable {
  /// How right pairs and wrong ones are weighed against each other.
  public enum Loss: String, Sendable, Codable, CaseIterable { case infonce, triplet }
  /// Which negatives a triplet takes.
  public enum Mining: String, Sendable, Codable, CaseIterable {
    case all
    case semiHard = "semi-hard"
    case hardest
  }

  public var loss: Loss
  /// Which negatives a triplet takes.
  public var mining: Mining
  /// Of squared Euclidean distances between vectors of length 1.
  public var margin: Float
  /// Whether one-shots of the other classes are negatives too.
  public var crossesClasses: Bool
  /// Weight of the mean mask value where masks are learned (L1).
  public var maskPenalty: Float
  /// Share of the hidden layer's outputs that is dropped.
  public var dropout: Float
  /// Of a classification.
  public var labelSmoothing: Float

  public init(
    loss: Loss = .infonce, mining: Mining = .semiHard, margin: Float = 0.2, crossesClasses: Bool = false,
    maskPenalty: Float = 0, dropout: Float = 0, labelSmoothing: Float = 0
  ) {
    self.loss = loss
    self.mining = mining
    self.margin = margin
    self.crossesClasses = crossesClasses
    self.maskPenalty = maskPenalty
    self.dropout = dropout
    self.labelSmoothing = labelSmoothing
  }

  /// - Parameter sparesOwn: whether the other drums of a mix are never its negatives.
  func c(sparesOwn: Bool) -> torch_objective {
    torch_objective(
      loss: loss == .infonce ? TORCH_INFONCE : TORCH_TRIPLET,
      mining: mining == .all ? TORCH_ALL_NEGATIVES : mining == .semiHard ? TORCH_SEMI_HARD : TORCH_HARDEST,
      margin: margin, crosses_classes: crossesClasses ? 1 : 0,
      spares_own: sparesOwn ? 1 : 0, mask_penalty: maskPenalty, dropout: dropout,
      label_smoothing: labelSmoothing)
  }
}
