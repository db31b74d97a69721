import Foundation

/// Paths of the fixtures of `analysis/oracles` and of the reference data.
enum Oracle {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func fixture<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T {
    let data = try Data(contentsOf: package.appending(path: "analysis/oracles/fixtures/\(name).json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(T.self, from: data)
  }

  /// The folder of published data sets, which are not part of the repository; `EARSHOT_REFERENCE` names another one.
  static let reference: URL = {
    if let path = ProcessInfo.processInfo.environment["EARSHOT_REFERENCE"] { return URL(filePath: path) }
    return package.appending(path: "../shared/reference").standardized
  }()

  static var hasReference: Bool { FileManager.default.fileExists(atPath: reference.path) }
}

/// Whether two numbers agree to `tolerance`, which is relative above 1. Nil equals nil.
func close(_ a: Double?, _ b: Double?, _ tolerance: Double = 1e-12) -> Bool {
  guard let a, let b else { return a == nil && b == nil }
  return a == b || abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}

/// Whether two numbers agree to `tolerance`, relative to their size however small they are.
func closeRelatively(_ a: Double?, _ b: Double?, _ tolerance: Double = 1e-12) -> Bool {
  guard let a, let b else { return a == nil && b == nil }
  return a == b || abs(a - b) <= tolerance * max(abs(a), abs(b))
}
