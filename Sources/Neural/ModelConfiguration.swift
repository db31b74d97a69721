/// What a model is, and how it came to be: the JSON text `configuration` in a model file.
public struct ModelConfiguration: Codable, Sendable, Equatable {
  /// What a model was trained for, which also says how many networks it has.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// One network for all classes, a mask per class (Kim, Lee & Nam).
    case conditional
    /// One network for all classes, no masks: each is one in all dimensions (Kim & Nam's joint embedding).
    case joint
    /// A network of its own for each class.
    case perClass = "per-class"
    /// One network, trained to tell classes and instruments, read before its last layer.
    case classification
    /// One network, trained to give back its input.
    case autoencoder
  }

  /// How a mix is heard.
  public enum Hearing: String, Codable, Sendable {
    /// Whole, whatever its length.
    case wholeMix = "whole-mix"
    /// As hits of the class asked for, found and cut out of it like one-shots.
    case hits
  }

  /// What rankings call the system: lower case, words joined by `-`.
  public var name: String
  public var kind: Kind
  /// Drum classes, in the order of the masks.
  public var conditions: [String]
  public var hearing: Hearing
  public var mel: LogMel.Settings
  public var shape: NetworkShape
  /// How it was trained, as the model card tells it: a word and its value.
  public var training: [String: String]
  public var seed: UInt64
  /// Of the sounds that it was trained on.
  public var dataFingerprint: String
  /// What was measured at the end of training.
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

  /// The networks of the file: `shared`, or one named by each condition.
  public var networks: [String] { kind == .perClass ? conditions : ["shared"] }

  /// Which of them answers for a condition.
  public func network(for condition: String) -> String { kind == .perClass ? condition : "shared" }

  /// What no model can be built of, or nil.
  public func flaw() -> String? {
    guard name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil, name.utf8.count <= 64 else {
      return "its name is '\(name)', not lower-case words joined by '-'"
    }
    guard !conditions.isEmpty, Set(conditions).count == conditions.count, conditions.count <= 64 else {
      return "its conditions are [\(conditions.joined(separator: ", "))], not 1 to 64 different names"
    }
    for condition in conditions where condition.isEmpty || condition.contains("/") {
      return "'\(condition)' is no name for a condition"
    }
    return mel.flaw() ?? shape.flaw(mels: mel.mels)
  }
}
