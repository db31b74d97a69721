/// What a model is and how it was made: the JSON text `configuration` in a model file.
public struct ModelConfiguration: Codable, Sendable, Equatable {
  /// What a model was trained for. This also determines how many networks it has.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// One network for all classes, and one mask per class (Kim, Lee & Nam).
    case conditional
    /// One network for all classes, and masks of ones (Kim & Nam's joint embedding).
    case joint
    /// A separate network per class.
    case perClass = "per-class"
    /// One network, trained to classify drums and instruments. The embedding is the input of its last layer.
    case classification
    /// One network, trained to reproduce its input.
    case autoencoder
  }

  /// How the model hears a mix.
  public enum Hearing: String, Codable, Sendable {
    /// As a whole, whatever its length.
    case wholeMix = "whole-mix"
    /// As hits of the class asked for, which are found and cut out like one-shots.
    case hits
  }

  /// The system's name in rankings: lower case, words joined by `-`.
  public var name: String
  /// What it was trained for.
  public var kind: Kind
  /// Drum classes, in the order of the masks.
  public var conditions: [String]
  /// How it hears a mix.
  public var hearing: Hearing
  /// The parameters of its input.
  public var mel: LogMel.Settings
  /// The layers of each encoder.
  public var shape: NetworkShape
  /// How the model was trained, as names and values for the model card.
  public var training: [String: String]
  /// The seed of its training.
  public var seed: UInt64
  /// A fingerprint of the sounds that it was trained on.
  public var dataFingerprint: String
  /// Measurements at the end of training, by name.
  public var metrics: [String: Double]

  public init(
    name: String, kind: Kind, conditions: [String], hearing: Hearing = .wholeMix, mel: LogMel.Settings,
    shape: NetworkShape, training: [String: String] = [:], seed: UInt64 = 0, dataFingerprint: String = "",
    metrics: [String: Double] = [:]
  ) {
    self.name = name
    self.kind = kind
    self.conditions = conditions
    self.hearing = hearing
    self.mel = mel
    self.shape = shape
    self.training = training
    self.seed = seed
    self.dataFingerprint = dataFingerprint
    self.metrics = metrics
  }

  /// The names of the networks in the file: `shared`, or one per condition.
  public var networks: [String] { kind == .perClass ? conditions : ["shared"] }

  /// The network that serves a condition.
  public func network(for condition: String) -> String { kind == .perClass ? condition : "shared" }

  /// Why no model can be built from this. Nil if one can.
  public func flaw() -> String? {
    guard name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil, name.utf8.count <= 64 else {
      return "its name is '\(name)'; it must be lower-case words joined by '-'"
    }
    guard !conditions.isEmpty, Set(conditions).count == conditions.count, conditions.count <= 64 else {
      return "its conditions are [\(conditions.joined(separator: ", "))], not 1 to 64 different names"
    }
    for condition in conditions where condition.isEmpty || condition.contains("/") {
      return "'\(condition)' cannot name a condition"
    }
    if shape.window != nil, hearing == .hits { return "hits that are cut out of a mix have no windows" }
    return mel.flaw() ?? shape.flaw(mels: mel.mels)
  }
}
