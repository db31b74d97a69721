/// HTML that is safe by construction: what is interpolated as a text is escaped, only other markup goes in as it is.
public struct Markup: ExpressibleByStringInterpolation, Sendable {
  public var html: String

  public init(stringLiteral value: String) { html = value }
  public init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }
  /// Markup from markup, one after another.
  public init(_ parts: [Markup], separator: String = "\n") { html = parts.map(\.html).joined(separator: separator) }
  /// Trusted as it is.
  public init(trusted html: String) { self.html = html }

  /// Escapes what is interpolated.
  public struct StringInterpolation: StringInterpolationProtocol {
    public var html = ""
    public init(literalCapacity: Int, interpolationCount: Int) {}
    public mutating func appendLiteral(_ literal: String) { html += literal }
    public mutating func appendInterpolation(_ text: String) { html += Markup.escaped(text) }
    public mutating func appendInterpolation(_ number: Int) { html += String(number) }
    public mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
  }

  /// Safe as an element's content and as a quoted attribute's value.
  public static func escaped(_ text: String) -> String {
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
