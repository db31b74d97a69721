/// How many of something, in words: `1 listener`, `2 listeners`. Sentences have it as `\(count, "listener")`; where more than the
/// last word changes, both are given: `\(count, "cell holds", "cells hold")`.
public enum OneAndMany {
  /// The words that follow a number.
  /// - Parameter many: nil for the usual plural of the last word.
  public static func words(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    count == 1 ? one : many ?? plural(one)
  }

  private static func plural(_ one: String) -> String {
    let vowels: Set<Character> = ["a", "e", "i", "o", "u"]
    if one.hasSuffix("y"), let before = one.dropLast().last, !vowels.contains(before) { return one.dropLast() + "ies" }
    return one + (["s", "x", "ch", "sh"].contains(where: one.hasSuffix) ? "es" : "s")
  }
}

extension DefaultStringInterpolation {
  /// A number with what it counts.
  public mutating func appendInterpolation(_ count: Int, _ one: String, _ many: String? = nil) {
    appendInterpolation(count)
    appendLiteral(" " + OneAndMany.words(count, one, many))
  }
}
