import Foundation

/// Names of listeners, sounds, systems and whatever else is identified by name: how they are read, and which ones a
/// person could mistake for each other.
public enum Name {
  /// Normalises a name, wherever it comes from: Unicode's composed form (NFC), no invisible characters (zero-width
  /// spaces, byte-order marks, soft hyphens), no white space at its ends, and single spaces between words.
  public static func read(_ text: String) -> String {
    if isPlain(text) { return text }
    let all = Array(text.unicodeScalars)
    var kept = String.UnicodeScalarView()
    var blankBefore = false
    for (i, scalar) in all.enumerated() {
      if isBlank(scalar) {
        blankBefore = true
        continue
      }
      if scalar.properties.isDefaultIgnorableCodePoint {
        // Joiners shape letters of some scripts and join emoji into families. Between other characters they do nothing.
        let joins = scalar.value == 0x200c || scalar.value == 0x200d
        guard joins, !blankBefore, kept.last.map({ $0.value > 0x2ff }) ?? false, i + 1 < all.count,
          all[i + 1].value > 0x2ff, !isBlank(all[i + 1])
        else { continue }
      }
      if blankBefore, !kept.isEmpty { kept.append(" ") }
      blankBefore = false
      kept.append(scalar)
    }
    return String(kept).precomposedStringWithCanonicalMapping
  }

  /// Whether two texts are the same bytes. `==` considers composed and decomposed letters equal.
  public static func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

  /// A name with its invisible characters spelled out: `P1‹U+0020›`.
  public static func visible(_ name: String) -> String {
    let all = Array(name.unicodeScalars)
    let isComposed = isSame(name, name.precomposedStringWithCanonicalMapping)
    var text = ""
    for (i, scalar) in all.enumerated() {
      let isAtEnd = all[...i].allSatisfy(isBlank) || all[i...].allSatisfy(isBlank)
      let isDoubled = scalar == " " && i > 0 && isBlank(all[i - 1])
      let isOddBlank = isBlank(scalar) && (scalar != " " || isAtEnd || isDoubled)
      let isMark = !isComposed && scalar.properties.canonicalCombiningClass != .notReordered
      if isOddBlank || isMark || scalar.properties.isDefaultIgnorableCodePoint {
        let hex = String(scalar.value, radix: 16, uppercase: true)
        text += "‹U+\(String(repeating: "0", count: max(0, 4 - hex.count)))\(hex)›"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// A key that names share if a person could mistake one for the other: if they differ only in capitals, in width, in
  /// the kind of dash or quotation mark, or in letters of another alphabet that look alike.
  /// - Parameter isSound: whether to ignore the folders and the extension of a sound file too.
  public static func alike(_ name: String, isSound: Bool = false) -> String {
    var key = read(name).precomposedStringWithCompatibilityMapping.lowercased()
    if key.unicodeScalars.contains(where: { $0.value > 0x7f }) {
      key = String(
        String.UnicodeScalarView(key.unicodeScalars.map { twins[$0] ?? $0 }))
    }
    guard isSound else { return key }
    if let last = key.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last { key = String(last) }
    if let dot = key.lastIndex(of: "."), dot > key.startIndex, endings.contains(String(key[key.index(after: dot)...])) {
      key = String(key[..<dot])
    }
    return key
  }

  /// How two names that are alike differ, in words that help where the names look the same: `capitals`, or `signs that
  /// look alike (U+0430 and 'a')`.
  public static func difference(_ a: String, _ b: String) -> String {
    let (first, second) = (read(a), read(b))
    if first.lowercased() == second.lowercased() { return "capitals" }
    func told(_ scalar: Unicode.Scalar) -> String {
      let hex = String(scalar.value, radix: 16, uppercase: true)
      return scalar.isASCII ? "'\(scalar)'" : "U+\(String(repeating: "0", count: max(0, 4 - hex.count)))\(hex)"
    }
    let pair = zip(first.unicodeScalars, second.unicodeScalars).first {
      $0.properties.lowercaseMapping != $1.properties.lowercaseMapping
    }
    return "characters that look alike" + (pair.map { " (\(told($0)) and \(told($1)))" } ?? "")
  }

  /// The groups of two or more different names that are alike, each in the order given.
  public static func alikeGroups(_ names: some Sequence<String>, isSound: Bool = false) -> [[String]] {
    var groups: [String: [String]] = [:], order: [String] = []
    for name in names {
      let key = alike(name, isSound: isSound)
      if groups[key] == nil { order.append(key) }
      if groups[key, default: []].contains(name) { continue }
      groups[key, default: []].append(name)
    }
    return order.compactMap { groups[$0] }.filter { $0.count > 1 }
  }

  /// Whether the text is only visible ASCII characters, with single spaces between words.
  private static func isPlain(_ text: String) -> Bool {
    var previous: UInt8 = 0x20
    for byte in text.utf8 {
      guard byte >= 0x20, byte < 0x7f, byte != 0x20 || previous != 0x20 else { return false }
      previous = byte
    }
    return previous != 0x20
  }

  /// White space, line ends, control characters, and the Braille blank, which is drawn as nothing.
  static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.properties.generalCategory == .control || scalar.value == 0x2800
  }

  private static let endings: Set = [
    "wav", "wave", "aif", "aiff", "aifc", "flac", "ogg", "oga", "opus", "mp3", "mp4", "m4a", "aac", "wma", "caf", "au",
    "snd", "w64", "rf64", "bwf", "wv", "ape", "alac", "sd2", "amr", "webm",
  ]

  /// Cyrillic and Greek letters that look like Latin ones, in lower or upper case; dashes; quotation marks.
  private static let twins: [Unicode.Scalar: Unicode.Scalar] = {
    var twins: [Unicode.Scalar: Unicode.Scalar] = [:]
    for (from, to) in [
      ("авекмнорстухіјѕһԁԛԝѵӏүԍ", "abekmhopctyxijshdqwvlyg"), ("αβεζηικμνορτυχϲ", "abezhikmnoptyxc"), ("ıɑɡ", "iag"),
      ("‐‑‒–—―−", "-------"), ("‘’‚‛′", "'''''"), ("“”„‟″", "\"\"\"\"\""),
    ] { for (a, b) in zip(from.unicodeScalars, to.unicodeScalars) { twins[a] = b } }
    return twins
  }()
}
