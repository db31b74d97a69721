import Basics
import Foundation

/// Model files: safetensors with tensors named `NETWORK/SIDE/LAYER/weight` and `…/bias` (`shared/mix/block0/weight`;
/// convolutions [outputs, inputs, height, width], other layers [outputs, inputs]), and `masks` [conditions,
/// dimensions]. The metadata contains `format`, which is `earshot-model-1`, or `earshot-model-2` if the encoder of mixes pools over
/// windows, and `configuration`, the JSON text of a `ModelConfiguration`. Batch normalisation is folded into the convolutions (`Layer.folded`).
public enum ModelFile {
  /// What `format` in the metadata may be: without and with windows.
  public static let formats = ["earshot-model-1", "earshot-model-2"]

  /// The format of a model's file. Programs that know no windows would rank by the same weights, but otherwise, so they
  /// must refuse a model with windows.
  public static func format(of configuration: ModelConfiguration) -> String {
    formats[configuration.shape.window == nil ? 0 : 1]
  }

  /// The size limit in bytes. Larger files are refused.
  public static let largest = 256 << 20

  /// - Throws: a `Problem` that names the file, what is wrong with it, and how to fix it.
  public static func read(_ url: URL) throws -> Model {
    let file = url.relativePath
    let size = (try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int) ?? 0
    guard size <= largest else {
      throw Problem(
        "the file has \(size) bytes, more than any model", at: Place(file: file), mend: "Check the path.")
    }
    return try decode(InputFile.data(url, name: file), file: file)
  }

  /// Writes the file, which appears under its name only once it is complete (`OutputFile`).
  public static func write(_ model: Model, to url: URL) throws {
    try OutputFile.write(encode(model), to: url)
  }

  /// Writes a temporary file beside the target and calls `check` on it. Only if that does not throw does it replace
  /// what was there before.
  /// - Parameter check: gets the URL of the temporary file.
  /// - Throws: a `Problem` if something other than a file is in the way, and whatever `check` throws.
  /// - Returns: the result of `check`.
  public static func write<Finding>(_ model: Model, to url: URL, check: (URL) throws -> Finding) throws -> Finding {
    let file = try OutputFile.file(url)
    let part = file.appendingPathExtension("part")
    do {
      try write(model, to: part)
      let finding = try check(part)
      guard rename(part.path, file.path) == 0 else {
        throw Problem(
          "the model cannot be written: \(String(cString: strerror(errno)))", at: Place(file: url.relativePath),
          mend: "Check that there is nothing else at that path.")
      }
      return finding
    } catch {
      try? FileManager.default.removeItem(at: part)
      throw error
    }
  }

  /// - Parameter file: what errors call the data.
  public static func decode(_ data: Data, file: String) throws -> Model {
    func wrong(_ what: String, _ mend: String = "Write it again with `earshot train`.") -> Problem {
      Problem(what, at: Place(file: file), mend: mend)
    }
    let tensors = try SafeTensors(data, file: file)
    guard let found = tensors.metadata["format"] else {
      throw wrong("these are tensors, but not a model of Earshot", "Its metadata must say format: \(formats[0]).")
    }
    guard formats.contains(found) else {
      throw wrong(
        "the model has the format '\(found)'",
        "This Earshot reads \(formats.joined(separator: " and ")); use the one that wrote it.")
    }
    guard let text = tensors.metadata["configuration"] else { throw wrong("the model has no configuration") }
    let configuration: ModelConfiguration
    do { configuration = try JSONDecoder().decode(ModelConfiguration.self, from: Data(text.utf8)) } catch {
      throw wrong("the model's configuration cannot be read: \(JSONFlaw.describe(error))")
    }
    if let flaw = configuration.flaw() { throw wrong("the model's configuration cannot be used: \(flaw)") }

    let sizes = shapes(configuration)
    for name in tensors.tensors.keys.sorted() where sizes[name] == nil {
      throw wrong(
        "the tensor '\(name)' does not belong to the model", Suggestion.didYouMean(name, among: sizes.keys) ?? "")
    }
    for (name, shape) in sizes.sorted(by: { $0.key < $1.key }) {
      guard let tensor = tensors.tensors[name] else { throw wrong("the tensor '\(name)' is missing") }
      guard tensor.shape == shape else {
        throw wrong("the tensor '\(name)' has the shape \(tensor.shape), but the configuration asks for \(shape)")
      }
      guard tensor.values.allSatisfy(\.isFinite) else {
        throw wrong(
          "the tensor '\(name)' has a value that is not a number", "Its training failed; train again at a lower rate.")
      }
    }
    func values(_ name: String) -> [Float] { tensors.tensors[name]?.values ?? [] }
    let layers = configuration.shape.layers(mels: configuration.mel.mels)
    func encoder(_ network: String, _ side: Side) -> EncoderWeights {
      EncoderWeights(
        layers: layers.map {
          let name = "\(network)/\(side.rawValue)/\($0.name)"
          return Layer(weight: values("\(name)/weight"), bias: values("\(name)/bias"))
        })
    }
    let networks = configuration.networks.map {
      ($0, NetworkWeights(mix: encoder($0, .mix), hit: encoder($0, .hit)))
    }
    let width = configuration.shape.embedding, masks = values("masks")
    do {
      return try Model(
        configuration: configuration, networks: Dictionary(uniqueKeysWithValues: networks),
        masks: configuration.conditions.indices.map { Array(masks[$0 * width..<($0 + 1) * width]) })
    } catch var problem as Problem {
      problem.place = Place(file: file)
      throw problem
    }
  }

  /// The bytes of the file. Equal models give equal bytes.
  public static func encode(_ model: Model) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(model.configuration), as: UTF8.self)
    var tensors: [String: SafeTensors.Tensor] = [:]
    let layers = model.configuration.shape.layers(mels: model.configuration.mel.mels)
    for (network, weights) in model.networks {
      for side in Side.allCases {
        for (layer, (part, dimensions)) in zip(weights[side].layers, layers) {
          let name = "\(network)/\(side.rawValue)/\(part)"
          tensors["\(name)/weight"] = .init(shape: dimensions, values: layer.weight)
          tensors["\(name)/bias"] = .init(shape: [dimensions[0]], values: layer.bias)
        }
      }
    }
    tensors["masks"] = .init(
      shape: [model.masks.count, model.configuration.shape.embedding], values: model.masks.flatMap(\.self))
    return try SafeTensors(
      tensors: tensors, metadata: ["format": format(of: model.configuration), "configuration": text]
    ).encoded()
  }

  private static func shapes(_ configuration: ModelConfiguration) -> [String: [Int]] {
    var shapes = ["masks": [configuration.conditions.count, configuration.shape.embedding]]
    for network in configuration.networks {
      for side in Side.allCases {
        for (part, dimensions) in configuration.shape.layers(mels: configuration.mel.mels) {
          shapes["\(network)/\(side.rawValue)/\(part)/weight"] = dimensions
          shapes["\(network)/\(side.rawValue)/\(part)/bias"] = [dimensions[0]]
        }
      }
    }
    return shapes
  }
}
