/// How property names are written in JSON.
public enum JSONNames {
  /// The snake_case that the coders use: `atMs` becomes `at_ms`.
  public static func snake(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
  }
}
