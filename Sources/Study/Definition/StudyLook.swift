import Basics
import Foundation
import Keys

/// The files by which a study's own look changes the pages, generated and checked when the study is read. They never
/// contain code.
public struct StudyLook: Sendable {
  /// A file as it is served.
  public struct File: Sendable {
    /// The whole content.
    public var data: Data
    /// The media type, for `Content-Type`.
    public var type: String
  }

  /// The files by the name under which they are served. `look.css` is always among them.
  public private(set) var files: [String: File] = [:]
  /// Its name in `files`, such as `logo.svg`. Nil if there is none.
  public private(set) var logo: String?
  /// Its name in `files`, such as `logo-dark.png`. Nil if there is none.
  public private(set) var darkLogo: String?

  /// A short hash of all files, which changes whenever one of them does.
  public let edition: String

  /// In bytes. A listener on a slow connection waits for these files before anything else.
  static let (largestLogo, largestFont) = (200_000, 500_000)

  /// Nil if the study does not change the look.
  init?(_ look: StudyDefinition.Look, _ reader: inout YAMLReader) {
    guard look != StudyDefinition.Look() else { return nil }
    if let (file, ending) = Self.file(look.logo, "look.logo", Self.largestLogo, Self.picture, Self.pictures, &reader) {
      logo = "logo.\(ending)"
      files["logo.\(ending)"] = file
    }
    if let (file, ending) = Self.file(
      look.darkLogo, "look.logo_dark", Self.largestLogo, Self.picture, Self.pictures, &reader)
    {
      darkLogo = "logo-dark.\(ending)"
      files["logo-dark.\(ending)"] = file
    }
    var css = ""
    if let (file, ending) = Self.file(look.font, "look.font", Self.largestFont, Self.font, Self.fonts, &reader) {
      files["font.\(ending)"] = file
      css += """
        @font-face { font-family: "Study"; src: url("font.\(ending)"); font-weight: 100 900; font-display: swap; }
        :root { font-family: "Study", system-ui, sans-serif; }

        """
    }
    css += """
      :root { \(Palette(look, isDark: false).css) }
      @media (prefers-color-scheme: dark) { :root { \(Palette(look, isDark: true).css) } }

      """
    files["look.css"] = File(data: Data(css.utf8), type: "text/css; charset=utf-8")
    var hash = ContentHash()
    for (name, file) in files.sorted(by: { $0.key < $1.key }) { hash.update(part: name, file.data) }
    edition = String(hash.finish().prefix(16))
  }

  private static let pictures = "Save it as SVG, PNG, WebP or JPEG."
  private static let fonts = "Save it as WOFF2, WOFF, TrueType or OpenType."

  /// The format of an image, from its first bytes: its extension and media type.
  private static func picture(_ data: Data) -> (String, String)? {
    if data.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) { return ("png", "image/png") }
    if data.starts(with: [0xff, 0xd8, 0xff]) { return ("jpg", "image/jpeg") }
    if data.starts(with: Data("RIFF".utf8)), data.dropFirst(8).starts(with: Data("WEBP".utf8)) {
      return ("webp", "image/webp")
    }
    let isMarked = String(decoding: data.prefix(2000), as: UTF8.self).contains("<svg")
    return isMarked ? ("svg", "image/svg+xml") : nil
  }

  private static func font(_ data: Data) -> (String, String)? {
    let known: [(String, [UInt8])] = [
      ("woff2", Array("wOF2".utf8)), ("woff", Array("wOFF".utf8)), ("ttf", [0, 1, 0, 0]), ("otf", Array("OTTO".utf8)),
    ]
    return known.first { data.starts(with: $0.1) }.map { ($0.0, "font/\($0.0)") }
  }

  /// The file that a key names. Nil if it names none, or if the problem was already reported.
  private static func file(
    _ name: String?, _ key: String, _ largest: Int, _ kind: (Data) -> (String, String)?, _ mend: String,
    _ reader: inout YAMLReader
  ) -> (File, String)? {
    guard let name else { return nil }
    let place = reader.place(of: key)
    guard let data = reader.bytes(of: name, at: place, largest: largest) else { return nil }
    guard let (ending, type) = kind(data) else {
      reader.fail("'\(name)' is not in a format that browsers support", at: place, mend: mend)
      return nil
    }
    return (File(data: data, type: type), ending)
  }
}
