import Foundation
import Library
import Neural

/// The model card beside a model file, in Markdown: what the model is, what it was trained on and how, what was
/// measured, its limits, and how to use it.
public struct ModelCard: Sendable {
  /// How the training went.
  public var result: TrainingResult
  /// The model that is described.
  public var model: Model
  /// The library that it was trained on.
  public var library: LibraryTable
  /// The sounds that it was validated on.
  public var validation: ValidationSounds
  /// Number of loops without drums from which the training mixes were made.
  public var backingCount: Int
  /// Name of the model file, and its size in bytes.
  public var file: String
  /// The size of the model file, in bytes.
  public var bytes: Int

  public init(
    result: TrainingResult, model: Model, library: LibraryTable, validation: ValidationSounds, backingCount: Int,
    file: String, bytes: Int
  ) {
    self.result = result
    self.model = model
    self.library = library
    self.validation = validation
    self.backingCount = backingCount
    self.file = file
    self.bytes = bytes
  }

  /// The card of a model file, which is beside it.
  public static func url(of model: URL) -> URL { model.deletingPathExtension().appendingPathExtension("md") }

  /// The card, in Markdown.
  public var text: String {
    [what, data, training, measured, limits, use].joined(separator: "\n\n") + "\n"
  }

  private var configuration: ModelConfiguration { model.configuration }

  private var what: String {
    let kind =
      switch configuration.kind {
      case .conditional:
        "Two encoders, one of mixes and one of one-shots, map log-mel images into one embedding of "
          + "\(configuration.shape.embedding) dimensions; a mask for each drum class weighs the dimensions that are "
          + "compared when that class is asked for (after Kim, Lee & Nam: *Conditional Drum Sample Retrieval from Mixed "
          + "Audio Using Disentangled Audio Embedding*)."
      case .joint:
        "Two encoders, one of mixes and one of one-shots, map log-mel images into one embedding of "
          + "\(configuration.shape.embedding) dimensions without masks: the vector of a mix is the same whichever drum "
          + "is asked for (after Kim & Nam's joint embedding). It is included for comparison."
      case .perClass:
        "For each drum class, a separate network with two encoders, one of mixes and one of one-shots, in one file. "
          + "It is included for comparison."
      case .classification:
        "Two encoders, trained to name the drum class and the one-shot from a mix and from a one-shot, read before their "
          + "last layer. It is included for comparison."
      case .autoencoder:
        "An encoder trained together with a decoder that reconstructs the log-mel image of a one-shot from "
          + "\(configuration.shape.embedding) numbers; hits cut out of a mix are encoded as one-shots are. It is included for "
          + "comparison."
      }
    return """
      # \(configuration.name)

      Retrieves the drum one-shots that play in a mix: kick, snare or hi-hat, whichever is asked for. \(kind)

      - File: `\(file)`, \(String(format: "%.2f", Double(bytes) / 1e6)) MB of 32-bit floats (safetensors, format \
      \(ModelFile.format(of: configuration))); \(result.parameterCount) parameters were trained
      - Data fingerprint: `\(configuration.dataFingerprint)`
      - Made by `earshot train`, seed \(configuration.seed)
      """
  }

  private var data: String {
    var rows = ["| split | " + configuration.conditions.joined(separator: " | ") + " | groups |"]
    rows.append("|---" + String(repeating: "|--:", count: configuration.conditions.count + 1) + "|")
    for split in Split.allCases {
      let shots = library.oneShots.filter { $0.split == split }
      let counts = DrumClass.allCases.map { condition in String(shots.count { $0.condition == condition }) }
      rows.append(
        "| \(split.rawValue) | \(counts.joined(separator: " | ")) | \(Set(shots.map(\.group)).count) |")
    }
    let heard = library.oneShots.filter { $0.split == .train }
    let licences = Dictionary(grouping: heard) { $0.licence.isEmpty ? "not stated" : $0.licence }.mapValues(\.count)
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return """
      ## Data

      One-shots by split; a group is an instrument of a kit, and no group is in two splits:

      \(rows.joined(separator: "\n"))

      Training mixes were made on the fly from training one-shots, each changed at random in pitch, decay, spectrum and \
      level, and \(backingCount) loops without drums, and mastered lightly. Validation: \(validation.mixes.count) fixed \
      mixes of validation one-shots. Test sounds were not used.

      Licences of the training one-shots:

      | licence | one-shots |
      |---|--:|
      \(licences.map { "| \($0.key) | \($0.value) |" }.joined(separator: "\n"))
      """
  }

  private var training: String {
    let mel = configuration.mel
    let blocks = configuration.shape.blocks.map {
      "\($0.channels) (\($0.kernelHeight)×\($0.kernelWidth), stride \($0.strideHeight)×\($0.strideWidth))"
    }
    let words = configuration.training.sorted { $0.key < $1.key }
    return """
      ## Recipe

      Front end: \(mel.mels) mel bands (\(mel.scale.rawValue)) from \(Self.short(mel.low)) to \(Self.short(mel.high)) Hz, \
      window \(mel.size), hop \(mel.hop) at 44.1 kHz, level by \(mel.normalisation.rawValue), one-shots of \
      \(mel.hitFrames) frames. Convolutions: \(blocks.joined(separator: ", ")); hidden \(configuration.shape.hidden); \
      attention pooling for each dimension\(pooling).

      | setting | value |
      |---|---|
      | end | \(result.end == .early ? "early, because validation no longer improved" : "all steps") |
      \(words.map { "| \($0.key.replacing("_", with: " ")) | \($0.value) |" }.joined(separator: "\n"))
      """
  }

  /// How mixes are pooled, if not as a whole; otherwise empty.
  private var pooling: String {
    guard let window = configuration.shape.window else { return "" }
    let step = configuration.shape.secondsPerStep(of: configuration.mel)
    return String(
      format: ", of mixes over windows of %g s, one every %g s, of which the nearest counts",
      Double(window.frames) * step, Double(window.hop) * step)
  }

  private var measured: String {
    guard let best = result.best else { return "" }
    func row(_ name: String, _ mrr: Double, _ first: Double, _ five: Double) -> String {
      String(format: "| \(name) | %.3f | %.3f | %.3f |", mrr, first, five)
    }
    let rows = configuration.conditions.enumerated().map { row($1, best.mrr[$0], best.first[$0], best.firstFive[$0]) }
    var text = """
      ## Validation

      \(best.queryCount) queries, each ranks \(validation.pool.count) one-shots of all classes together (chance MRR \
      \(String(format: "%.3f", ValidationScore.chance(pool: validation.pool.count)))). These sounds decided when to stop, \
      so the figures are optimistic; `earshot evaluate` measures on the test split.

      | class | MRR | hit@1 | hit@5 |
      |---|--:|--:|--:|
      \(rows.joined(separator: "\n"))
      \(row("mean", best.meanMRR, best.meanFirst, best.meanFirstFive))
      """
    if let check = result.readBack {
      text += String(
        format: "\n\nRead back without libtorch, embeddings differ from libtorch's by at most %.1e of their "
          + "largest number, and the rankings of all validation queries are the same.", check.largestDifference)
    }
    return text
  }

  private var limits: String {
    """
    ## Limits

    - It knows three classes of drums, in mixes in which each is heard at least once, and one-shots up to \
    \(String(format: "%.1f", Double(configuration.mel.hitSamples) / Double(LogMel.sampleRate))) s from their attack.
    - It learned from sounds of free software packages and from sounds synthesised from presets: fewer and less varied \
    than those in use. Music that differs from its backings and its light mastering is harder for it.
    - It says which sounds are close in its embedding. Whether people hear them as similar, only listeners can show.
    """
  }

  private var use: String {
    """
    ## Use

    ```
    earshot rank --library my-library --mixes my-mixes --model \(file)
    ```

    It needs no libtorch. To train it again: `make train`, or `earshot train --help`.
    """
  }

  private static func short(_ value: Double) -> String { String(format: "%g", value) }
}
