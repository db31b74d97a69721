import Basics
import Foundation
import Neural

/// A training that can go on: a safetensors file with the network's state, its best state so far, and as texts the
/// settings and how far it is.
struct Checkpoint: Sendable, Equatable {
  /// How far a training is.
  struct Progress: Codable, Sendable, Equatable {
    var step = 0
    /// In seconds, over all runs.
    var elapsed = 0.0
    /// A running mean over steps.
    var loss: Double?
    var accuracy: Double?
    var history: [Milestone] = []
    var bestStep = 0
    var best: ValidationScore?
  }

  static let format = "earshot-checkpoint-1"

  var settings: TrainingSettings
  var fingerprint: String
  /// Fingerprint of the loops.
  var loops: String
  var progress: Progress
  var state: [Float]
  var bestState: [Float]

  /// How much of the training is over, 0…1.
  var share: Double {
    switch settings.length {
    case .steps(let steps): min(1, Double(progress.step) / Double(steps))
    case .minutes(let minutes): min(1, progress.elapsed / (60 * minutes))
    }
  }

  /// Where the checkpoint of a model stands: beside it.
  static func url(of model: URL) -> URL { model.appendingPathExtension("checkpoint") }

  /// Replaces the file, which appears under its name only when it is whole and on the disk.
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
        "the checkpoint could not be written whole: \(why)", at: Place(file: url.relativePath),
        mend: "Is the disk full? Make room and go on with --resume: the last checkpoint is unchanged.")
    }
  }

  static func read(_ url: URL) throws -> Checkpoint {
    let place = Place(file: url.relativePath)
    let missing = Problem(
      "there is no checkpoint to go on from", at: place, mend: "Start without --resume, or give the same --out.")
    let file = try SafeTensors(
      InputFile.data(url, name: url.relativePath, missing: missing), file: url.relativePath)
    func decoded<Value>(_ name: String, _ read: (Data) throws -> Value) throws -> Value {
      guard file.metadata["format"] == format, let text = file.metadata[name], let value = try? read(Data(text.utf8))
      else {
        throw Problem(
          "this is no checkpoint of this version of Earshot", at: place, mend: "Start the training anew.")
      }
      return value
    }
    return Checkpoint(
      settings: try decoded("settings") { try TrainingSettings.reading($0, over: TrainingSettings(), at: place) },
      fingerprint: file.metadata["fingerprint"] ?? "",
      loops: file.metadata["loops"] ?? "",
      progress: try decoded("progress") { try JSONDecoder().decode(Progress.self, from: $0) },
      state: file.tensors["state"]?.values ?? [],
      bestState: file.tensors["best"]?.values ?? [])
  }
}

/// A validation in the course of a training.
public struct Milestone: Codable, Sendable, Equatable {
  public var step: Int
  /// In seconds since the training began.
  public var elapsed: Double
  /// Running mean of the loss.
  public var loss: Double
  public var score: ValidationScore
}
