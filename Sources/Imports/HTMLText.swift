import Foundation

/// Converts HTML, as people write it in test files, to Markdown: paragraphs, line breaks, headings, lists, bold and
/// italics, and links. Other markup is dropped, but not its text.
enum HTMLText {
  /// The text, and a list of content that was dropped because it is not text: images, sounds, scripts.
  static func markdown(_ html: String) -> (text: String, lost: [String]) {
    var writing = Writing(rest: html[...])
    while let next = writing.rest.first {
      if !writing.takeComment(), !writing.takeTag() { writing.take(next) }
    }
    let lines = writing.out.replacing(/\n{3,}/) { _ in "\n\n" }.split(separator: "\n", omittingEmptySubsequences: false)
    let text = lines.map { $0.hasSuffix("  ") ? String($0) : $0.trimmingCharacters(in: .whitespaces) }
      .joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
    return (text.replacing("****", with: ""), writing.lost)
  }

  /// The text written so far, and what is still to be read.
  private struct Writing {
    var out = ""
    var lost: [String] = []
    var rest: Substring
    /// For each open list, the number of its last item. Nil for lists without numbers.
    private var lists: [Int?] = []
    /// The targets of open links.
    private var addresses: [String] = []

    init(rest: Substring) { self.rest = rest }

    mutating func takeComment() -> Bool {
      guard rest.hasPrefix("<!--") else { return false }
      rest = rest.firstRange(of: "-->").map { rest[$0.upperBound...] } ?? ""
      return true
    }

    mutating func takeTag() -> Bool {
      guard rest.first == "<", let end = rest.firstIndex(of: ">"), let sign = rest.dropFirst().first,
        sign.isLetter || "/!?".contains(sign)
      else { return false }
      let tag = rest[rest.index(after: rest.startIndex)..<end]
      rest = rest[rest.index(after: end)...]
      write(tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }.lowercased(), tag, isEnd: tag.first == "/")
      return true
    }

    /// Processes a character, or the entity that begins with it.
    mutating func take(_ next: Character) {
      rest = rest.dropFirst()
      if next == "&", let end = rest.prefix(10).firstIndex(of: ";"), let sign = sign(String(rest[..<end])) {
        out += escaped(sign)
        rest = rest[rest.index(after: end)...]
      } else if next.isWhitespace {
        if let last = out.last, !last.isWhitespace { out += " " }
      } else {
        out += escaped(next)
      }
    }

    private mutating func write(_ name: String, _ tag: Substring, isEnd: Bool) {
      switch name {
      case "script", "style": if !isEnd { skip(name) }
      case "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr":
        paragraph()
        if !isEnd, name.first == "h", let level = name.last?.wholeNumberValue {
          out += String(repeating: "#", count: level) + " "
        }
      case "br": out += "  \n"
      case "hr": out += "\n\n---\n\n"
      case "td", "th": if !isEnd, let last = out.last, !last.isWhitespace { out += " " }
      case "b", "strong", "u": out += "**"
      case "i", "em": out += "*"
      case "ul", "ol":
        if isEnd { _ = lists.popLast() } else { lists.append(name == "ol" ? 0 : nil) }
        paragraph()
      case "li" where !isEnd: item()
      case "a": link(tag, isEnd: isEnd)
      case "img", "audio", "video", "iframe", "object", "embed": if !isEnd { lost.append(name) }
      default: break
      }
    }

    private mutating func paragraph() { if !out.isEmpty { out += "\n\n" } }

    private mutating func skip(_ name: String) {
      if name == "script" { lost.append(name) }
      let close = rest.firstMatch(of: name == "script" ? /(?i)<\/script[^>]*>/ : /(?i)<\/style[^>]*>/)
      rest = close.map { rest[$0.range.upperBound...] } ?? ""
    }

    private mutating func item() {
      if let number = lists.last ?? nil {
        lists[lists.count - 1] = number + 1
        out += "\n\(number + 1). "
      } else {
        out += "\n- "
      }
    }

    private mutating func link(_ tag: Substring, isEnd: Bool) {
      if isEnd {
        if let address = addresses.popLast(), !address.isEmpty { out += "](\(address))" }
        return
      }
      let address =
        tag.firstMatch(of: /(?i)href\s*=\s*["']?((?:https?|mailto):[^"'\s>]+)/).map { String($0.1) } ?? ""
      if address.isEmpty, tag.lowercased().contains("href") { lost.append("a link") }
      addresses.append(address)
      if !address.isEmpty { out += "[" }
    }
  }

  /// The character that an entity stands for. Nil if it is unknown.
  private static func sign(_ entity: String) -> Character? {
    let named: [String: Character] = [
      "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "auml": "ä", "ouml": "ö", "uuml": "ü",
      "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "ndash": "–", "mdash": "—", "hellip": "…", "eacute": "é",
    ]
    if let character = named[entity] { return character }
    guard entity.first == "#" else { return nil }
    let digits = entity.dropFirst()
    let number = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return number.flatMap(Unicode.Scalar.init).map(Character.init)
  }

  private static func escaped(_ character: Character) -> String {
    "\\`*_[]<#".contains(character) ? "\\\(character)" : String(character)
  }
}
