/// Values in YAML notation.
package enum YAMLText {
  package static func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    return "\"\(escaped)\""
  }

  /// A map by language, or just the text if it is in English only.
  package static func localized(_ text: [String: String]) -> String {
    if text.count == 1, let english = text["en"] { return quoted(english) }
    return "{\(text.sorted { $0.key < $1.key }.map { "\($0.key): \(quoted($0.value))" }.joined(separator: ", "))}"
  }
}
