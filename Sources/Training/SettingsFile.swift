import Basics
import Foundation
import Keys

extension TrainingSettings {
  /// Every key of a settings file, with each section before its keys.
  public static let keys: [DocumentedKey] = TrainingKeys.all.flatMap { $0.documented(TrainingSettings(), "") }

  /// The file as a JSON Schema; see `KeySchema`.
  public static func schema() throws -> Data {
    try KeySchema.document(
      TrainingKeys.all, TrainingSettings(), title: "The settings of a training with Earshot",
      description:
        "What the trained model depends on, besides the sounds: earshot help training explains every setting.")
  }

  /// The settings as JSON text, which `reading(_:over:)` accepts as a file, with sorted keys.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Reads a file, JSON or YAML, and replaces those settings that it states. The others stay as they are.
  /// - Throws: `Problem` for a file that cannot be read; otherwise `Problems` with everything that is wrong, each with
  ///   its line, column and fix.
  public static func reading(_ url: URL, over settings: TrainingSettings) throws -> TrainingSettings {
    try reading(InputFile.data(url, name: url.relativePath), over: settings, file: url.relativePath)
  }

  /// The same for the content of a file. Settings of an older version, which lack newer keys, can be read too.
  static func reading(_ data: Data, over settings: TrainingSettings, file: String) throws -> TrainingSettings {
    var reader = YAMLReader(file: file, folder: URL(filePath: "."), known: keys)
    var read = settings
    if let root = reader.compose(try TextBytes.text(of: data, file: file), mayBeEmpty: true) {
      reader.section(root, path: "", keys: TrainingKeys.all, into: &read)
    }
    guard reader.problems.isEmpty else { throw Problems(Problems.inOrder(reader.problems)) }
    return read
  }
}
