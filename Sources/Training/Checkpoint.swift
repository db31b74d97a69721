import Basics
import Foundation
import Neural

/// A training that can be resumed: a safetensors file with the network's current state, its best state so far, and, as
/// text, the settings and the progress.
struct Checkpoint: Sendable, Equatable {
  /// How far a training has come.
  struct Progress: Codable, Sendable, Equatable {
    var step = 0
    /// Training time in seconds, summed over all runs.
    var elapsed = 0.0
    /// Running mean of the loss over steps. nil before the first step.
    var loss: Double?
    var accuracy: Double?
    var history: [Milestone] = []
    var bestStep = 0
    var best: ValidationScore?
  }

  static let format = "earshot-checkpoint-1"

  var settings: TrainingSettings
  var fingerprint: String
  /// Fingerprint of the loops without drums; empty if there are none.
  var loops: String
  var progress: Progress
  var state: [Float]
  var bestState: [Float]

  /// How much of the training is done, 0…1.
  var share: Double {
    switch settings.length {
    case .steps(let steps): min(1, Double(progress.step) / Double(steps))
    case .minutes(let minutes): min(1, progress.elapsed / (60 * minutes))
    }
  }

  /// The checkpoint of a model file, which is beside it.
  static func url(of model: URL) -> URL { model.appendingPathExtension("checkpoint") }

  /// Replaces the file. It appears under its name only once it is complete and on disk.
  func write(to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    func text(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
    let file = SafeTensors(
      tensors: [
        "state": .init(shape: [state.count], values: state), "best": .init(shape: [bestState.count], values: bestState),
      ],
      metadata: [
        "format": Self.format, "fingerprint": fingerprint, "loops": loops, "settings": try text(settings),
        "progress": try text(progress),
      ])
    do { try OutputFile.write(file.encoded(), to: url) } catch {
      let why = (error as? Problem)?.what ?? error.localizedDescription
      throw Problem(
        "the checkpoint could not be written completely: \(why)", at: Place(file: url.relativePath),
        mend: "Is the disk full? Free some space and continue with --resume: the last checkpoint is unchanged.")
    }
  }

  static func read(_ url: URL) throws -> Checkpoint {
    let place = Place(file: url.relativePath)
    let missing = Problem(
      "there is no checkpoint to continue from", at: place, mend: "Start without --resume, or give the same --out.")
    let file = try SafeTensors(
      InputFile.data(url, name: url.relativePath, missing: missing), file: url.relativePath)
    func decoded<Value>(_ name: String, _ read: (Data) throws -> Value) throws -> Value {
      guard file.metadata["format"] == format, let text = file.metadata[name], let value = try? read(Data(text.utf8))
      else {
        throw Problem(
          "this is not a checkpoint of this version of Earshot", at: place, mend: "Start the training again.")
      }
      return value
    }
    return Checkpoint(
      settings: try decoded("settings") {
        try TrainingSettings.reading($0, over: TrainingSettings(), file: place.file)
      },
      fingerprint: file.metadata["fingerprint"] ?? "",
      loops: file.metadata["loops"] ?? "",
      progress: try decoded("progress") { try JSONDecoder().decode(Progress.self, from: $0) },
      state: file.tensors["state"]?.values ?? [],
      bestState: file.tensors["best"]?.values ?? [])
  }
}

/// One validation during a training.
public struct Milestone: Codable, Sendable, Equatable {
  /// The last step before it, counted from 1.
  public var step: Int
  /// Seconds since the training began, summed over all runs.
  public var elapsed: Double
  /// Running mean of the loss.
  public var loss: Double
  /// How well the state finds the drums of the validation mixes.
  public var score: ValidationScore
}
