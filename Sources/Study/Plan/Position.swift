/// The name of a candidate's place on a page: A, B, … Z, AA, AB, …
public enum Position {
  /// - Parameter position: from 1.
  public static func letter(_ position: Int) -> String {
    var (rest, letters) = (position, "")
    while rest > 0 {
      letters = String(UnicodeScalar(UInt8(65 + (rest - 1) % 26))) + letters
      rest = (rest - 1) / 26
    }
    return letters
  }

  /// The place from 1, of `count`, that is called so; nil where there is none.
  public static func of(_ letter: String, count: Int) -> Int? {
    (1...max(1, count)).first { Position.letter($0) == letter }
  }
}
