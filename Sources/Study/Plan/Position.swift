/// The letters for positions on a page: A, B, … Z, AA, AB, …
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

  /// The position (1 to `count`) with these letters. Nil if there is none.
  public static func of(_ letter: String, count: Int) -> Int? {
    (1...max(1, count)).first { Position.letter($0) == letter }
  }
}
