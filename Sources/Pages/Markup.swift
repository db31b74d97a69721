/// HTML that is safe by construction: interpolated texts are escaped, and only other `Markup` is inserted as it is.
public struct Markup: ExpressibleByStringInterpolation, Sendable {
  /// Safe to insert in an element.
  public var html: String

  public init(stringLiteral value: String) { html = value }
  public init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }
  /// Joins pieces of markup.
  public init(_ parts: [Markup], separator: String = "\n") { html = parts.map(\.html).joined(separator: separator) }
  /// Takes HTML as it is, without escaping.
  public init(trusted html: String) { self.html = html }

  /// Escapes what is interpolated.
  public struct StringInterpolation: StringInterpolationProtocol {
    /// What has been joined so far, escaped.
    public var html = ""
    public init(literalCapacity: Int, interpolationCount: Int) {}
    public mutating func appendLiteral(_ literal: String) { html += literal }
    public mutating func appendInterpolation(_ text: String) { html += Markup.escaped(text) }
    public mutating func appendInterpolation(_ number: Int) { html += String(number) }
    public mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
  }

  /// Escapes a text for use in an element or in a quoted attribute.
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
