import Foundation

extension TrainingSettings {
  /// The settings as key and value, for the model file and its card.
  func words(_ result: TrainingResult) -> [String: String] {
    var words = [
      "batch": "\(batch)", "new_mixes_per_step": "\(bank > 0 ? fresh : batch)", "mix_seconds": Self.short(seconds),
      "steps": "\(result.steps)",
      "best_step": "\(result.bestStep)", "parameters": "\(result.parameterCount)",
      "learning_rate": Self.short(Double(learningRate)), "warmup_steps": "\(warmup)",
      "final_rate_share": Self.short(Double(finalShare)), "weight_decay": Self.short(Double(weightDecay)),
      "largest_gradient_norm": Self.short(Double(largestNorm)), "weight_average": Self.short(Double(averageDecay)),
      "dropout": Self.short(Double(objective.dropout)), "minutes": String(format: "%.1f", result.elapsed / 60),
    ]
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if let mixing = try? encoder.encode(mixing) { words["mixing"] = String(decoding: mixing, as: UTF8.self) }
    switch kind {
    case .conditional, .joint, .perClass:
      words["loss"] = objective.loss.rawValue
      words["negatives"] = objective.crossesClasses ? "all classes" : "same class"
      words["extra_negatives"] = "\(extraNegatives)"
      words["twins"] = Self.short(twins)
      switch objective.loss {
      case .infonce:
        words["temperature"] = Self.short(Double(temperature)) + (learnsTemperature ? ", then learned" : "")
      case .triplet:
        words["margin"] = Self.short(Double(objective.margin))
        words["mining"] = objective.mining.rawValue
      }
      if kind == .conditional {
        words["masks"] = masks.rawValue
        words["mask_off_block"] = Self.short(Double(offBlock))
        if masks == .learned { words["mask_penalty"] = Self.short(Double(objective.maskPenalty)) }
      }
    case .classification:
      words["loss"] = "cross entropy of class and one-shot"
      words["label_smoothing"] = Self.short(Double(objective.labelSmoothing))
    case .autoencoder: words["loss"] = "mean squared error of the log-mel image"
    }
    return words
  }

  private static func short(_ value: Double) -> String { String(format: "%.6g", value) }
}
