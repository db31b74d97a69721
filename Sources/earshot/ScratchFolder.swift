import Dispatch
import Foundation

/// A folder for files that are needed only while something runs, in the system's temporary folder (`TMPDIR`).
enum ScratchFolder {
  private static let endings = [SIGINT, SIGTERM, SIGHUP]

  /// Runs something with a new, private folder. The folder is removed afterwards, also if Ctrl-C or another signal ends the
  /// process meanwhile.
  static func with<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let before = endings.map { signal($0, SIG_IGN) }
    let watches = endings.map { number in
      let watch = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
      watch.setEventHandler {
        try? FileManager.default.removeItem(at: folder)
        signal(number, SIG_DFL)
        kill(getpid(), number)
      }
      watch.resume()
      return watch
    }
    Signals.unblock(endings)
    defer {
      for (watch, (number, handler)) in zip(watches, zip(endings, before)) {
        watch.cancel()
        signal(number, handler)
      }
      try? FileManager.default.removeItem(at: folder)
    }
    return try body(folder)
  }
}
