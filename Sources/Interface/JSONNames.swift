/// How names are written in JSON.
public enum JSONNames {
  /// As the coders do it: `atMs` is `at_ms`.
  public static func snake(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
  }
}
