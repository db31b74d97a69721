import Foundation

/// HTML as people write it into test files, as Markdown: paragraphs, breaks, headings, lists, weight and links; all else is
/// left out, its text is not.
enum HTMLText {
  /// Its text, and what was left out that cannot be said in words: pictures, sounds, scripts.
  static func markdown(_ html: String) -> (text: String, lost: [String]) {
    var out = ""
    var lost: [String] = []
    var lists: [Int?] = []
    var links: [String] = []
    var rest = html[...]
    func paragraph() { if !out.isEmpty { out += "\n\n" } }
    while let next = rest.first {
      if rest.hasPrefix("<!--") {
        rest = rest.firstRange(of: "-->").map { rest[$0.upperBound...] } ?? ""
        continue
      }
      if next == "<", let end = rest.firstIndex(of: ">"), let sign = rest.dropFirst().first,
        sign.isLetter || "/!?".contains(sign)
      {
        let tag = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        let isEnd = tag.first == "/"
        let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }.lowercased()
        switch name {
        case "script", "style":
          guard !isEnd else { break }
          if name == "script" { lost.append(name) }
          let close = rest.firstMatch(of: name == "script" ? /(?i)<\/script[^>]*>/ : /(?i)<\/style[^>]*>/)
          rest = close.map { rest[$0.range.upperBound...] } ?? ""
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
        case "ul": if isEnd { _ = lists.popLast() } else { lists.append(nil) }; paragraph()
        case "ol": if isEnd { _ = lists.popLast() } else { lists.append(0) }; paragraph()
        case "li" where !isEnd:
          if let number = lists.last ?? nil {
            lists[lists.count - 1] = number + 1
            out += "\n\(number + 1). "
          } else {
            out += "\n- "
          }
        case "a":
          if isEnd {
            if let address = links.popLast(), !address.isEmpty { out += "](\(address))" }
          } else {
            let address =
              tag.firstMatch(of: /(?i)href\s*=\s*["']?((?:https?|mailto):[^"'\s>]+)/).map { String($0.1) } ?? ""
            if address.isEmpty, tag.lowercased().contains("href") { lost.append("a link") }
            links.append(address)
            if !address.isEmpty { out += "[" }
          }
        case "img", "audio", "video", "iframe", "object", "embed": if !isEnd { lost.append(name) }
        default: break
        }
        continue
      }
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
    let lines = out.replacing(/\n{3,}/) { _ in "\n\n" }.split(separator: "\n", omittingEmptySubsequences: false)
    let text = lines.map { $0.hasSuffix("  ") ? String($0) : $0.trimmingCharacters(in: .whitespaces) }
      .joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
    return (text.replacing("****", with: ""), lost)
  }

  /// What an entity stands for; nil where it is not known.
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
