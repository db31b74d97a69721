/// Values as YAML writes them.
package enum YAMLText {
  package static func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    return "\"\(escaped)\""
  }

  /// The bare text where it is in English only.
  static func localized(_ text: [String: String]) -> String {
    if text.count == 1, let english = text["en"] { return quoted(english) }
    return "{\(text.sorted { $0.key < $1.key }.map { "\($0.key): \(quoted($0.value))" }.joined(separator: ", "))}"
  }
}
