import CTorchBridge

/// The loss that training minimises.
public struct Objective: Sendable, Codable, Equatable {
  /// How positives and negatives are weighed against each other.
  public enum Loss: String, Sendable, Codable, CaseIterable { case infonce, triplet }
  /// Which negatives the triplet loss uses.
  public enum Mining: String, Sendable, Codable, CaseIterable {
    case all
    case semiHard = "semi-hard"
    case hardest
  }

  /// How positives and negatives are weighed against each other.
  public var loss: Loss
  /// Which negatives the triplet loss uses.
  public var mining: Mining
  /// Margin of the triplet loss, between squared Euclidean distances of unit vectors, at least 0.
  public var margin: Float
  /// Whether one-shots of the other classes are negatives too.
  public var crossesClasses: Bool
  /// Weight of the L1 penalty: the mean mask value, if masks are learned.
  public var maskPenalty: Float
  /// Share of the hidden layer's outputs that dropout sets to 0, 0 to below 1.
  public var dropout: Float
  /// Label smoothing of a classification: the share of a target that is spread over all one-shots, 0 to below 1.
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

  /// - Parameter sparesOwn: whether the other drums of a mix are excluded from its negatives.
  func c(sparesOwn: Bool) -> torch_objective {
    torch_objective(
      loss: loss == .infonce ? TORCH_INFONCE : TORCH_TRIPLET,
      mining: mining == .all ? TORCH_ALL_NEGATIVES : mining == .semiHard ? TORCH_SEMI_HARD : TORCH_HARDEST,
      margin: margin, crosses_classes: crossesClasses ? 1 : 0,
      spares_own: sparesOwn ? 1 : 0, mask_penalty: maskPenalty, dropout: dropout,
      label_smoothing: labelSmoothing)
  }
}
