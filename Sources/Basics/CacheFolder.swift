import Foundation

/// The folder, outside every study, where Earshot keeps what can be regenerated: downloads, libraries, features.
public enum CacheFolder {
  /// `$EARSHOT_CACHE`, or `~/.cache/earshot`.
  public static func root(environment: [String: String] = ProcessInfo.processInfo.environment) -> URL {
    if let path = environment["EARSHOT_CACHE"], !path.isEmpty {
      return URL(filePath: path, directoryHint: .isDirectory)
    }
    return URL(filePath: environment["HOME"] ?? NSHomeDirectory(), directoryHint: .isDirectory)
      .appending(path: ".cache/earshot", directoryHint: .isDirectory)
  }

  /// A folder below the root. It need not exist yet.
  public static func folder(
    _ path: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL {
    root(environment: environment).appending(path: path, directoryHint: .isDirectory)
  }
}
