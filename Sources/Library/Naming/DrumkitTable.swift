import Foundation

/// Which instrument each file of a Hydrogen drum kit is a layer of, according to the kit's `drumkit.xml`.
struct DrumkitTable {
  /// Instruments by file name. A file that several instruments use belongs to the first.
  private(set) var instruments: [String: String] = [:]

  /// Reads only what it needs from the XML: instruments with a name, and the file names of their layers.
  init(_ xml: String) {
    for instrument in Self.elements("instrument", in: xml) {
      guard let name = Self.elements("name", in: instrument).first else { continue }
      for file in Self.elements("filename", in: instrument) {
        let file = Self.plain(file)
        if instruments[file] == nil { instruments[file] = Self.plain(name) }
      }
    }
  }

  /// The contents of all elements of this name. Nested ones are ignored.
  private static func elements(_ name: String, in xml: String) -> [String] {
    var found: [String] = []
    var rest = xml[...]
    while let start = rest.range(of: "<\(name)>"), let end = rest[start.upperBound...].range(of: "</\(name)>") {
      found.append(String(rest[start.upperBound..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    return found
  }

  private static func plain(_ text: String) -> String {
    [("&quot;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
      .reduce(text) { $0.replacing($1.0, with: $1.1) }.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
