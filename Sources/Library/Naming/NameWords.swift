import Foundation

/// The words in the name of a file or an instrument, in lower case: `HatSemiOpen-Hard` becomes hat, semi, open, hard;
/// `bd_808` becomes bd, 808; `kick04` becomes kick, 04.
public struct NameWords: Sendable, Equatable {
  /// In the order of the name.
  public let words: [String]

  /// - Parameter name: without folders and extension.
  public init(_ name: String) {
    enum Kind { case lower, upper, digit, other }
    func kind(_ c: Character) -> Kind {
      if c.isNumber { return .digit }
      if c.isLetter { return c.isUppercase ? .upper : .lower }
      return .other
    }
    var words: [String] = []
    var word = ""
    let characters = Array(name)
    for (i, c) in characters.enumerated() {
      let now = kind(c)
      let before = i > 0 ? kind(characters[i - 1]) : .other
      let next = i + 1 < characters.count ? kind(characters[i + 1]) : .other
      // A word begins at a capital after a small letter (`hatOpen`), at the last of several capitals before a small
      // letter (`HHOpen`), and where letters meet digits.
      let begins =
        now != before
        && !(before == .upper && now == .lower)
        || (now == .upper && before == .upper && next == .lower)
      if now == .other || begins, !word.isEmpty {
        words.append(word)
        word = ""
      }
      if now != .other { word.append(contentsOf: c.lowercased()) }
    }
    if !word.isEmpty { words.append(word) }
    self.words = words
  }

  func has(_ word: String) -> Bool { words.contains(word) }

  func hasAny(_ list: Set<String>) -> Bool { words.contains(where: list.contains) }

  /// Whether the second word directly follows the first.
  func hasPair(_ first: String, _ second: String) -> Bool {
    zip(words, words.dropFirst()).contains { $0 == first && $1 == second }
  }

  /// Whether a word contains a stem: `snaredrum` contains `snare`.
  func hasStem(_ stem: String) -> Bool { words.contains { $0.contains(stem) } }
}
