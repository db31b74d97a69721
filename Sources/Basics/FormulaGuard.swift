/// Keeps a spreadsheet from reading a text as a formula, in a way that can be undone.
///
/// A text that begins with `=`, `+`, `-`, `@`, a tab or a line end (or the full-width forms of these signs), and is not
/// a plain number, gets an apostrophe in front. So does one that begins with apostrophes followed by one of these.
/// Guarding never makes two different texts equal, and `plain` restores exactly what was guarded.
public enum FormulaGuard {
  /// The text, with an apostrophe in front if a spreadsheet would read it as a formula.
  public static func guarded(_ text: String) -> String { isFormula(text) ? "'" + text : text }

  /// The text as it was before `guarded`.
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

  /// Whether the text is a plain number, such as `-3`, `+1.5` or `-2e-7`.
  private static func isNumber(_ text: String.UnicodeScalarView) -> Bool {
    String(text).wholeMatch(of: /[+\-]?[0-9]+(\.[0-9]+)?([eE][+\-]?[0-9]+)?/.asciiOnlyDigits()) != nil
  }
}
