/// A count in words: `1 listener`, `2 listeners`. Strings use it as `\(count, "listener")`; if more than the last word
/// changes, give both forms: `\(count, "cell holds", "cells hold")`.
public enum OneAndMany {
  /// The words that follow a number.
  /// - Parameter many: the plural. Nil for the regular plural of the last word.
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
  /// Appends a count and what it counts.
  public mutating func appendInterpolation(_ count: Int, _ one: String, _ many: String? = nil) {
    appendInterpolation(count)
    appendLiteral(" " + OneAndMany.words(count, one, many))
  }
}
