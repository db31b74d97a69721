import Basics
import Foundation

/// A self-contained HTML page that opens offline: it includes its styles, scripts and data, and its content security
/// policy allows only these scripts, by hash, so that no name from a table can ever run or load anything.
public struct Page: Sendable {
  /// Of the window. It is escaped.
  public var title: String
  /// The program that made the page, such as `Earshot 0.1.0`.
  public var generator: String
  /// CSS.
  public var style: String
  /// Run in this order, after the body has been parsed.
  public var scripts: [String]
  /// What the page may load besides `data:` images, by directive: `["media-src": "'self'"]`.
  public var allowed: [String: String]
  public var body: Markup

  public init(
    title: String, generator: String, style: String, scripts: [String] = [], allowed: [String: String] = [:],
    body: Markup
  ) {
    (self.title, self.generator, self.style) = (title, generator, style)
    (self.scripts, self.allowed, self.body) = (scripts, allowed, body)
  }

  /// The whole page, as UTF-8 text.
  public var html: String {
    let hashes = scripts.map { "'sha256-\(Self.digest($0))'" }.joined(separator: " ")
    let policy =
      ([
        "default-src 'none'", "style-src 'unsafe-inline'", "img-src data: blob:",
        "script-src \(hashes.isEmpty ? "'none'" : hashes)",
      ] + allowed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }).joined(separator: "; ")
    let page: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="generator" content="\(generator)">
      <title>\(title)</title>
      <style>\(Markup(trusted: style))</style>
      </head>
      <body>
      \(body)
      \(Markup(trusted: scripts.map { "<script>\($0)</script>" }.joined(separator: "\n")))
      </body>
      </html>

      """
    return page.html
  }

  /// JSON for `<script type="application/json">`. Every `<` is escaped, so no string can end or hide the element.
  public static func embedded(json: String) -> Markup { Markup(trusted: json.replacing("<", with: "\\u003c")) }

  /// The SHA-256 of a script in base 64, as in a content security policy.
  private static func digest(_ script: String) -> String {
    let hex = Array(ContentHash.of(script))
    let bytes = stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(String(hex[$0...($0 + 1)]), radix: 16) }
    return Data(bytes).base64EncodedString()
  }
}
