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
    // What is ignored, as by nohup, goes on being ignored.
    let before = endings.map { (number: $0, handler: signal($0, SIG_IGN)) }.filter { !isIgnored($0.handler) }
    let watches = before.map { number, _ in
      let watch = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
      watch.setEventHandler {
        try? FileManager.default.removeItem(at: folder)
        signal(number, SIG_DFL)
        kill(getpid(), number)
      }
      watch.resume()
      return watch
    }
    Signals.unblock(before.map(\.number))
    defer {
      for (watch, (number, handler)) in zip(watches, before) {
        watch.cancel()
        signal(number, handler)
      }
      try? FileManager.default.removeItem(at: folder)
    }
    return try body(folder)
  }

  private static func isIgnored(_ handler: sighandler_t?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
