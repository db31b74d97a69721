import Foundation
import Yams

/// A JSON Schema for one of Earshot's YAML files, generated from the keys that read and document it, so that editors
/// can complete and check it. What depends on other keys, tables or files is checked by `earshot check` only.
///
/// It follows draft 7, which YAML editors support best.
package enum KeySchema {
  /// - Parameter types: the names of the trial types.
  package static func document<Root>(
    _ keys: [KeyReader<Root>], _ defaults: Root, title: String, description: String, types: [String] = []
  ) throws -> Data {
    var document = object(keys, defaults, types: types)
    document["$schema"] = "http://json-schema.org/draft-07/schema#"
    document["title"] = title
    document["description"] = description
    var options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys]
    options.insert(.withoutEscapingSlashes)
    return try JSONSerialization.data(withJSONObject: document, options: options) + Data("\n".utf8)
  }

  /// A section: it permits no other keys, and describes each key by its meaning and, if `defaults` are known, its
  /// default.
  package static func object<Root>(_ keys: [KeyReader<Root>], _ defaults: Root?, types: [String]) -> [String: Any] {
    var properties: [String: Any] = [:]
    for key in keys {
      var property = key.schema(defaults, types)
      property["description"] = "\(key.meaning)\nIt may be: \(key.type)."
      if !key.isRequired, let defaults, let value = value(key, defaults) { property["default"] = value }
      properties[key.name] = property
    }
    let required = keys.filter { $0.isRequired || isNeeded(properties[$0.name]) }.map(\.name)
    var object: [String: Any] = ["type": "object", "additionalProperties": false, "properties": properties]
    if !required.isEmpty { object["required"] = required }
    return object
  }

  /// Whether a section is required because a key in it is.
  private static func isNeeded(_ schema: Any?) -> Bool {
    guard let schema = schema as? [String: Any], schema["properties"] != nil else { return false }
    return schema["required"] != nil
  }

  /// The default of a key. Nil for sections, and if the default depends on another key.
  private static func value<Root>(_ key: KeyReader<Root>, _ defaults: Root) -> Any? {
    guard key.whole == nil, let value = try? Yams.load(yaml: key.show(defaults)) else { return nil }
    // JSON has no dates.
    return JSONSerialization.isValidJSONObject([value]) ? value : nil
  }

  // MARK: Permitted values

  /// A text in the sense of YAML, where 12 and true are texts too.
  package static func scalar(isEmpty: Bool = true) -> [String: Any] {
    var schema: [String: Any] = ["type": ["string", "number", "boolean"]]
    if !isEmpty { schema["pattern"] = "\\S" }
    return schema
  }

  /// A text for participants: in the default language, from a file, or by language.
  package static func text(isEmpty: Bool) -> [String: Any] {
    let file: [String: Any] = [
      "type": "object", "additionalProperties": false, "required": ["file"],
      "properties": ["file": scalar(isEmpty: false)],
    ]
    let byLanguage: [String: Any] = [
      "type": "object", "minProperties": 1, "propertyNames": ["pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"],
      "additionalProperties": ["anyOf": [scalar(isEmpty: isEmpty), file]],
    ]
    return ["anyOf": [scalar(isEmpty: isEmpty), file, byLanguage]]
  }

  package static func number(_ range: ClosedRange<Double>) -> [String: Any] {
    ["type": "number", "minimum": range.lowerBound, "maximum": range.upperBound]
  }

  package static func integer(_ range: ClosedRange<Int>) -> [String: Any] {
    ["type": "integer", "minimum": range.lowerBound, "maximum": range.upperBound]
  }

  package static var flag: [String: Any] {
    ["anyOf": [["type": "boolean"], ["enum": ["yes", "no", "Yes", "No", "YES", "NO"]]]]
  }

  package static var names: [String: Any] { ["type": "array", "items": scalar(), "uniqueItems": true] }
}
