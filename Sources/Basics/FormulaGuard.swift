/// Keeps a spreadsheet from taking a text for a formula, in a way that a reader can undo.
///
/// A text that begins with `=`, `+`, `-`, `@`, a tab or a line end (also in the wide forms of East Asian writing), and is
/// no plain number, gets an apostrophe before it; so does one that begins with apostrophes followed by these. No two
/// texts become the same, and `plain` gives back exactly what was guarded.
public enum FormulaGuard {
  /// The text with an apostrophe before it, where a spreadsheet would take it for a formula.
  public static func guarded(_ text: String) -> String { isFormula(text) ? "'" + text : text }

  /// What was there before `guarded`.
  public static func plain(_ text: String) -> String {
    guard text.utf8.first == UInt8(ascii: "'") else { return text }
    let rest = String(text.dropFirst())
    return isFormula(rest) ? rest : text
  }

  private static func isFormula(_ text: String) -> Bool {
    let rest = text.unicodeScalars.drop { $0 == "'" }
    guard let first = rest.first, "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first) else { return false }
    return !isNumber(String.UnicodeScalarView(rest))
  }

  /// `-3`, `+1.5`, `-2e-7`.
  private static func isNumber(_ text: String.UnicodeScalarView) -> Bool {
    String(text).wholeMatch(of: /[+\-]?[0-9]+(\.[0-9]+)?([eE][+\-]?[0-9]+)?/.asciiOnlyDigits()) != nil
  }
}
