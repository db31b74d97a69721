import Foundation

/// Names of listeners, sounds, systems and whatever else is told apart by its name: how they are read, and which of them
/// a person would take for the same.
public enum Name {
  /// A name as it is read from anywhere: in Unicode's composed form (NFC), without signs that cannot be seen (zero-width
  /// blanks, byte-order marks, soft hyphens), without blanks of any kind at its ends, and with single blanks between words.
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
        // Joiners shape letters of some scripts and families of emoji; between others they do nothing.
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

  /// Whether two texts are the same bytes; for `==` composed and decomposed letters are equal.
  public static func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

  /// A name with what cannot be seen in it spelled out: `P1‹U+0020›`.
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

  /// What two names have in common that a person may take for the same: they differ only in capitals, in width, in the
  /// kind of dash or quotation mark, or in letters of another alphabet that look alike.
  /// - Parameter isSound: also in a sound file's ending, and in the folders before it.
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

  /// In what two names that are alike differ, in words that can be read where the names cannot be told apart:
  /// `capitals`, or `signs that look alike (U+0430 and 'a')`.
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
    return "signs that look alike" + (pair.map { " (\(told($0)) and \(told($1)))" } ?? "")
  }

  /// The groups of names that are alike, each in the order given.
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

  /// Nothing but signs of ASCII that can be seen, and single blanks between them.
  private static func isPlain(_ text: String) -> Bool {
    var previous: UInt8 = 0x20
    for byte in text.utf8 {
      guard byte >= 0x20, byte < 0x7f, byte != 0x20 || previous != 0x20 else { return false }
      previous = byte
    }
    return previous != 0x20
  }

  /// Blanks, line ends and control characters, and letters that are drawn as nothing.
  static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.properties.generalCategory == .control || scalar.value == 0x2800
  }

  private static let endings: Set = [
    "wav", "wave", "aif", "aiff", "aifc", "flac", "ogg", "oga", "opus", "mp3", "mp4", "m4a", "aac", "wma", "caf", "au",
    "snd", "w64", "rf64", "bwf", "wv", "ape", "alac", "sd2", "amr", "webm",
  ]

  /// Letters of Cyrillic and Greek that look as Latin ones do, in small or in capital, dashes and quotation marks.
  private static let twins: [Unicode.Scalar: Unicode.Scalar] = {
    var twins: [Unicode.Scalar: Unicode.Scalar] = [:]
    for (from, to) in [
      ("авекмнорстухіјѕһԁԛԝѵӏүԍ", "abekmhopctyxijshdqwvlyg"), ("αβεζηικμνορτυχϲ", "abezhikmnoptyxc"), ("ıɑɡ", "iag"),
      ("‐‑‒–—―−", "-------"), ("‘’‚‛′", "'''''"), ("“”„‟″", "\"\"\"\"\""),
    ] { for (a, b) in zip(from.unicodeScalars, to.unicodeScalars) { twins[a] = b } }
    return twins
  }()
}
