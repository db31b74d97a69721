/// HTML that is safe by construction: what is interpolated as a text is escaped, only other markup goes in as it is.
struct Markup: ExpressibleByStringInterpolation, Sendable {
  var html: String

  init(stringLiteral value: String) { html = value }
  init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }
  /// Markup from markup, one after another.
  init(_ parts: [Markup], separator: String = "\n") { html = parts.map(\.html).joined(separator: separator) }
  /// Trusted as it is.
  init(trusted html: String) { self.html = html }

  struct StringInterpolation: StringInterpolationProtocol {
    var html = ""
    init(literalCapacity: Int, interpolationCount: Int) {}
    mutating func appendLiteral(_ literal: String) { html += literal }
    mutating func appendInterpolation(_ text: String) { html += Markup.escaped(text) }
    mutating func appendInterpolation(_ number: Int) { html += String(number) }
    mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
  }

  /// Safe as an element's content and as a quoted attribute's value.
  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}

extension Markup {
  /// A sentence, each number in a `data` element that holds all its digits.
  init(_ prose: Prose) {
    self.init(
      prose.pieces.map { piece in
        switch piece {
        case .text(let text): "\(text)"
        case .number(let value, let digits): "\(number: value, digits: digits)"
        }
      }, separator: "")
  }
}

extension Markup.StringInterpolation {
  mutating func appendInterpolation(number value: Double, digits: Int) {
    html += "<data value=\"\(value)\">\(display(value, digits: digits))</data>"
  }
}
