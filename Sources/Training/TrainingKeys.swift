import Basics
import Keys
import Mixing
import Neural

/// The keys of a settings file, as `earshot train --settings` reads it. The file is read, checked and documented from
/// this one table.
enum TrainingKeys {
  typealias Key = KeyReader<TrainingSettings>

  static let all = model + mixes + steps

  private static let model: [Key] = [
    .choice(
      "kind", \.kind, "What the model is trained for; docs/training.md tells the kinds apart.", "kind: per-class"),
    .line("name", \.name, "The system's name in rankings: lower case, words joined by -.", "name: mymodel"),
    .section("mel", \.mel, "The front end: the log-mel image that the networks see.", mel),
    .section("shape", \.shape, "The shape of each encoder: convolutions, a hidden layer, attention over time.", shape),
    .number(
      "window", \.window, 0...60, unit: " seconds",
      "Length of the windows over which the encoder of mixes pools, from 0.01. 0: over the whole mix. Only for networks that compare mixes with one-shots.",
      "window: 0.6"),
    .number(
      "windowHop", \.windowHop, 0.01...60, unit: " seconds",
      "From the start of one window to the start of the next, no more than a window.", "windowHop: 0.25"),
    .choice(
      "masks", \.masks,
      "The masks of a conditional model: fixed blocks of equal size, one per class, or learned, starting near them.",
      "masks: learned"),
    .number(
      "offBlock", \.offBlock, 0...1,
      "Mask value of a dimension outside a class's block. If masks are learned, the starting value.", "offBlock: 0.1"),
    .section("objective", \.objective, "The loss that training minimises.", objective),
    .number(
      "temperature", \.temperature, 0.01...10,
      "Temperature of the InfoNCE loss. If it is learned, the starting value.", "temperature: 0.1"),
    .flag("learnsTemperature", \.learnsTemperature, "Whether the temperature is learned.", "learnsTemperature: true"),
  ]

  private static let mixes: [Key] = [
    .section(
      "mixing", \.mixing,
      "How training mixes vary. Shares are of 1; of a list of two numbers, values between them are drawn.",
      Mixing.TrainingRecipe.keys),
    .integer("batch", \.batch, 2...10_000_000, "Mixes per step. Each is used for every class.", "batch: 128"),
    .number("seconds", \.seconds, 0.5...60, unit: " seconds", "Length of a training mix.", "seconds: 4"),
    .integer(
      "bank", \.bank, 0...10_000_000,
      "Mixes in the bank from which every step draws its batch. 0: all mixes of every step are new.", "bank: 4096"),
    .integer(
      "fresh", \.fresh, 0...10_000_000, "How many of the oldest mixes in the bank are replaced in each step.",
      "fresh: 32"),
    .integer(
      "extraNegatives", \.extraNegatives, 0...10_000_000,
      "One-shots per class that are drawn for every batch as negatives only.", "extraNegatives: 64"),
    .number(
      "twins", \.twins, 0...1,
      "Share of mixes whose one-shots come a second time, altered in another way, as negatives. Only for networks that compare mixes with one-shots.",
      "twins: 0.25"),
    .number(
      "stripes", \.stripes, 0...1,
      "Share of mixes in which a stripe of bands is masked, and likewise a stripe of frames (SpecAugment).",
      "stripes: 0.25"),
    .integer("widestBands", \.widestBands, 1...10_000_000, "The widest stripe of bands.", "widestBands: 8"),
    .integer("widestFrames", \.widestFrames, 1...10_000_000, "The widest stripe of frames.", "widestFrames: 12"),
  ]

  private static let steps: [Key] = [
    .number("learningRate", \.learningRate, 0...1, "The learning rate of Adam at its highest.", "learningRate: 0.001"),
    .integer(
      "warmup", \.warmup, 0...1_000_000_000, unit: " steps", "The learning rate rises over so many steps.",
      "warmup: 100"),
    .number(
      "finalShare", \.finalShare, 0...1,
      "What the learning rate is at the end, as a share of its highest; it falls along half a cosine.",
      "finalShare: 0.1"),
    .number("weightDecay", \.weightDecay, 0...1, "Weight decay (AdamW).", "weightDecay: 0.01"),
    .number("beta1", \.beta1, 0...1, "Decay of Adam's running mean of the gradient.", "beta1: 0.9"),
    .number("beta2", \.beta2, 0...1, "Decay of Adam's running mean of its square.", "beta2: 0.999"),
    .number(
      "largestNorm", \.largestNorm, 0...1e6,
      "Largest norm of the gradient; a longer one is scaled down to it. 0: no limit.", "largestNorm: 1"),
    .number(
      "averageDecay", \.averageDecay, 0...1,
      "Decay per step of the running average of the weights, which is what is validated and kept. 0: no average.",
      "averageDecay: 0.999"),
    .length("length", \.length),
    .integer(
      "validateEvery", \.validateEvery, 1...1_000_000_000, unit: " steps", "Steps from one validation to the next.",
      "validateEvery: 200"),
    .integer(
      "patience", \.patience, 0...1_000_000_000,
      "Validations without improvement after which training stops early. 0: never.", "patience: 10"),
    .seed64("seed", \.seed),
  ]

  private static let mel: [KeyReader<LogMel.Settings>] = [
    .integer(
      "size", \.size, 16...65536, unit: " samples", "Length of the window and of the transform; even.", "size: 1024"),
    .integer(
      "hop", \.hop, 1...65536, unit: " samples", "From one frame to the next, no more than a window.", "hop: 256"),
    .integer("mels", \.mels, 1...1024, "The number of bands.", "mels: 64"),
    .number("low", \.low, 0...22050, unit: " Hz", "The lower edge of the lowest band.", "low: 30"),
    .number("high", \.high, 0...22050, unit: " Hz", "The upper edge of the highest band.", "high: 16000"),
    .choice("scale", \.scale, "The formula of the mel scale, as in librosa.", "scale: slaney"),
    .flag(
      "unitArea", \.unitArea, "Whether bands have unit area over frequency instead of a peak of 1.", "unitArea: true"),
    .flag(
      "fillsNarrow", \.fillsNarrow,
      "Whether low bands that contain hardly any bin are interpolated from neighbouring bins.", "fillsNarrow: false"),
    .choice("normalisation", \.normalisation, "What a sound is divided by first.", "normalisation: rms"),
    .choice(
      "compression", \.compression, "floor: log(max(power, constant)). gain: log(1 + constant × power).",
      "compression: gain"),
    .number("constant", \.constant, 1e-30...1e30, "The constant in it.", "constant: 0.00001"),
    .number(
      "mean", \.mean, -1e6...1e6,
      "Subtracted from the logarithms. With a mean of 0 and a deviation of 1, both are measured at the start.",
      "mean: 0"),
    .number("deviation", \.deviation, 1e-30...1e30, "By what the rest is then divided.", "deviation: 1"),
    .integer("hitFrames", \.hitFrames, 1...100_000, "Frames of a one-shot, from its attack.", "hitFrames: 87"),
  ]

  private static let shape: [KeyReader<NetworkShape>] = [
    .list(
      "blocks", \.blocks, new: { _ in NetworkShape.Block(channels: 0) },
      "The convolutions, 1 to 32. Each is followed by batch normalisation and ReLU.", block),
    .integer("hidden", \.hidden, 1...65536, "Channels of the layer before the attention.", "hidden: 256"),
    .integer("embedding", \.embedding, 1...65536, "Dimensions of the embedding.", "embedding: 128"),
  ]

  private static let block: [KeyReader<NetworkShape.Block>] = [
    .integer("channels", \.channels, 1...4096, "Output channels.", "channels: 32"),
    .integer("kernelHeight", \.kernelHeight, 1...31, "Bands that the kernel covers.", "kernelHeight: 5"),
    .integer("kernelWidth", \.kernelWidth, 1...31, "Frames that the kernel covers.", "kernelWidth: 5"),
    .integer("strideHeight", \.strideHeight, 1...16, "The stride in bands.", "strideHeight: 1"),
    .integer("strideWidth", \.strideWidth, 1...16, "The stride in frames.", "strideWidth: 1"),
  ]

  private static let objective: [KeyReader<Objective>] = [
    .choice("loss", \.loss, "How positives and negatives are weighed against each other.", "loss: triplet"),
    .choice("mining", \.mining, "Which negatives the triplet loss uses.", "mining: hardest"),
    .number(
      "margin", \.margin, 0...1e6, "Margin of the triplet loss, between squared distances of unit vectors.",
      "margin: 0.3"),
    .flag(
      "crossesClasses", \.crossesClasses, "Whether one-shots of the other classes are negatives too.",
      "crossesClasses: false"),
    .number(
      "maskPenalty", \.maskPenalty, 0...1e6, "Weight of the mean mask value in the loss, if masks are learned.",
      "maskPenalty: 0.01"),
    .number(
      "dropout", \.dropout, 0...1, "Share of the hidden layer's outputs that are set to 0, below 1.", "dropout: 0.1"),
    .number(
      "labelSmoothing", \.labelSmoothing, 0...1,
      "For a classification: the share of a target that is spread over all one-shots, below 1.",
      "labelSmoothing: 0.05"),
  ]
}

extension KeyReader {
  /// `{steps: 600}` or `{minutes: 60}`.
  fileprivate static func length(_ name: String, _ path: Path<TrainingSettings.Length>) -> Self {
    let example = "\(name): {steps: 1600}"
    let (steps, minutes) = (1...1_000_000_000, 1e-6...1e9)
    return .init(
      name: name, type: "{steps: whole number from 1} or {minutes: number}",
      meaning:
        "How long training lasts: a number of steps, or minutes of training and validation together, in which case what is learned depends on the machine.",
      example: example,
      read: { node, full, reader, root in
        guard let mapping = node.mapping, mapping.count == 1,
          let (key, value) = mapping.first.map({ ($0.key, $0.value) }),
          let word = key.scalar?.string, ["steps", "minutes"].contains(word)
        else {
          return reader.fail(
            "'\(full)' is neither a number of steps nor of minutes", at: reader.place(node),
            mend: "Write it as in: \(example)")
        }
        if word == "steps" {
          if let count = reader.integer(value, "\(full).steps", in: steps, unit: "") {
            root[keyPath: path] = .steps(count)
          }
        } else if let count = reader.number(value, "\(full).minutes", in: minutes, unit: "") {
          root[keyPath: path] = .minutes(count)
        }
      },
      show: {
        switch $0[keyPath: path] {
        case .steps(let count): "{steps: \(count)}"
        case .minutes(let count): "{minutes: \(count.cellText)}"
        }
      },
      schema: { _, _ in
        [
          "type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
          "properties": ["steps": KeySchema.integer(steps), "minutes": KeySchema.number(minutes)],
        ]
      })
  }

  /// Every 64-bit number.
  fileprivate static func seed64(_ name: String, _ path: Path<UInt64>) -> Self {
    .init(
      name: name, type: "whole number from 0", meaning: "The seed of all that is drawn.", example: "\(name): 3",
      read: { node, full, reader, root in
        guard let scalar = node.scalar, reader.isPlain(scalar), let seed = UInt64(scalar.string) else {
          return reader.fail(
            "'\(full)' is not a whole number from 0", at: reader.place(node), mend: "Write it as in: \(name): 3")
        }
        root[keyPath: path] = seed
      }, show: { String($0[keyPath: path]) }, schema: { _, _ in ["type": "integer", "minimum": 0] })
  }
}
