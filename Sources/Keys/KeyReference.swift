/// The reference of all keys of a file, in two forms: for `earshot help study` and docs/study.md, `earshot help analysis`
/// and docs/analysis.md, `earshot help training` and docs/training.md.
public enum KeyReference {
  /// For the terminal, at most `width` columns wide.
  public static func text(of keys: [DocumentedKey], width: Int = 80) -> String {
    var lines: [String] = []
    for key in keys {
      let depth = key.path.count { $0 == "." }
      let indent = String(repeating: "  ", count: depth + 1)
      if key.isSection {
        lines.append("")
        lines.append("\(indent)\(key.path)")
        lines += wrapped(key.meaning, indent: indent + "    ", width: width)
      } else {
        lines.append("\(indent)\(key.path)  (\(key.type); \(key.isRequired ? "required" : "default \(shown(key))"))")
        lines += wrapped(key.meaning, indent: indent + "    ", width: width)
        lines.append("\(indent)    \(key.example)")
      }
    }
    return lines.joined(separator: "\n").trimmingPrefix("\n") + "\n"
  }

  /// A Markdown table for each section.
  public static func markdown(of keys: [DocumentedKey]) -> String {
    var text = ""
    var open = ""
    func cell(_ text: String) -> String { text.replacing("|", with: "\\|").replacing("\n", with: " ") }
    func row(_ key: DocumentedKey) -> String {
      let fallback = key.isRequired ? "*required*" : shown(key) == key.value ? "`\(cell(key.value))`" : shown(key)
      return "| `\(name(key))` | \(key.type) | \(fallback) | \(cell(key.meaning)) | `\(cell(key.example))` |\n"
    }
    let head = "| key | may be | default | what it means | example |\n|---|---|---|---|---|\n"
    text += "### At the top\n\n" + head
    for key in keys where !key.path.contains(".") && !key.isSection { text += row(key) }
    for key in keys where key.path.contains(".") || key.isSection {
      if key.isSection {
        open = key.path
        text += "\n### `\(open)`\n\n\(key.meaning)\n\n" + head
      } else {
        text += row(key)
      }
    }
    return text
  }

  private static func name(_ key: DocumentedKey) -> String {
    key.path.lastIndex(of: ".").map { String(key.path[key.path.index(after: $0)...]) } ?? key.path
  }

  /// Does not repeat long default texts in full.
  private static func shown(_ key: DocumentedKey) -> String {
    if key.value.contains("\\n") { return "a short text" }
    return key.value == "[]" || key.value == "{}" || key.value == "\"\"" ? "empty" : key.value
  }

  package static func wrapped(_ text: String, indent: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = indent
    for word in text.split(separator: " ") {
      if line.count + word.count + 1 > width, line != indent {
        lines.append(line)
        line = indent
      }
      line += (line == indent ? "" : " ") + word
    }
    return line == indent ? lines : lines + [line]
  }
}
