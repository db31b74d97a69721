import Basics
import Foundation

extension TrainingSettings {
  /// The settings as JSON text that `reading(_:over:)` accepts, with sorted keys.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Reads a JSON file and replaces those settings that it states. The others stay as they are.
  /// - Throws: a `Problem` that names the file and a key that does not exist or has an invalid value.
  public static func reading(_ url: URL, over settings: TrainingSettings) throws -> TrainingSettings {
    try reading(
      InputFile.data(url, name: url.relativePath), over: settings, at: Place(file: url.relativePath))
  }

  /// The same for JSON text. Settings of an older version, which lacks newer keys, can be read too.
  static func reading(_ data: Data, over settings: TrainingSettings, at place: Place) throws -> TrainingSettings {
    guard let stated = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw Problem(
        "this is not a JSON object", at: place, mend: "Start from what 'earshot train --print-settings' prints.")
    }
    var all = try JSONSerialization.jsonObject(with: Data(settings.json.utf8)) as? [String: Any] ?? [:]
    try merge(stated, into: &all, path: "", place)
    do {
      return try JSONDecoder().decode(TrainingSettings.self, from: JSONSerialization.data(withJSONObject: all))
    } catch let error as DecodingError {
      // The decoder does not name the key of a number that no setting can hold.
      let path = culprit(stated, over: settings)
      throw Problem(
        path.map { "the setting '\($0.path)' cannot be \($0.value.prefix(100))" }
          ?? "a setting has an invalid value: \(words(error))",
        at: place,
        mend: "Compare with what 'earshot train --print-settings' prints.")
    }
  }

  private static func merge(_ stated: [String: Any], into all: inout [String: Any], path: String, _ place: Place)
    throws
  {
    for (key, value) in stated.sorted(by: { $0.key < $1.key }) {
      guard let old = all[key] else {
        throw Problem(
          "there is no setting '\(path)\(key)'", at: place,
          mend: Suggestion.didYouMean(key, among: all.keys) ?? "There are \(all.keys.sorted().joined(separator: ", "))."
        )
      }
      // A length is either steps or minutes, so it is replaced as a whole.
      if key != "length", var inner = old as? [String: Any], let value = value as? [String: Any] {
        try merge(value, into: &inner, path: "\(path)\(key).", place)
        all[key] = inner
      } else {
        all[key] = value
      }
    }
  }

  /// The first stated setting that is invalid even on its own.
  private static func culprit(
    _ stated: [String: Any], over settings: TrainingSettings, path: [String] = []
  ) -> (path: String, value: String)? {
    for (key, value) in stated.sorted(by: { $0.key < $1.key }) {
      if key != "length", let inner = value as? [String: Any] {
        if let found = culprit(inner, over: settings, path: path + [key]) { return found }
        continue
      }
      let alone = (path + [key]).reversed().reduce(value) { [$1: $0] as [String: Any] }
      guard let alone = alone as? [String: Any],
        var all = (try? JSONSerialization.jsonObject(with: Data(settings.json.utf8))) as? [String: Any],
        (try? merge(alone, into: &all, path: "", Place(file: ""))) != nil,
        let data = try? JSONSerialization.data(withJSONObject: all)
      else { continue }
      if (try? JSONDecoder().decode(TrainingSettings.self, from: data)) == nil {
        return ((path + [key]).joined(separator: "."), "\(value)")
      }
    }
    return nil
  }

  private static func words(_ error: DecodingError) -> String {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context),
      .keyNotFound(_, let context):
      return "\(context.codingPath.map(\.stringValue).joined(separator: ".")) (\(context.debugDescription))"
    @unknown default: return "\(error)"
    }
  }
}
