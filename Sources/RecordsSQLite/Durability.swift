import Basics
import Foundation
import GRDB

/// What makes a commit outlast a power cut: the write-ahead log is synced at each one, and the files' names are in their
/// folder for good.
enum Durability {
  /// SQLite's word for syncing the log at every commit. `NORMAL` syncs at checkpoints only.
  private static let full = 2

  /// To be asked of the writer after its pool is open: GRDB sets `synchronous` to `NORMAL` when it turns the
  /// write-ahead log on, which is after `Configuration.prepareDatabase`.
  static func demand(_ writer: Database) throws { try writer.execute(sql: "PRAGMA synchronous = FULL") }

  /// - Throws: `Problem` where the writer does not do what `demand` asked for.
  static func check(_ writer: Database, _ file: URL) throws {
    let mode = try String.fetchOne(writer, sql: "PRAGMA journal_mode")
    let level = try Int.fetchOne(writer, sql: "PRAGMA synchronous") ?? 0
    guard mode == "wal", level >= full else {
      throw Problem(
        "the records would not be safe from a power cut: journal_mode is \(mode ?? "unknown"), synchronous \(level)",
        at: Place(file: file.path), mend: "Use a file system and an SQLite that support a fully synced write-ahead log."
      )
    }
  }

  /// Brings the database, its log and the names of both to the disk. SQLite makes the log when it opens the file, and
  /// from then on only writes into it.
  ///
  /// The database itself is synced through SQLite's own handle. To open and close the file here would take all locks of
  /// this process off it (POSIX), and the next program that reads the records and is done would take itself for the
  /// last one and delete the log while it is written.
  static func sync(_ writer: Database, _ file: URL) throws {
    try DatabaseFile(writer)?.sync(file)
    let folder = file.deletingLastPathComponent()
    for path in [file.path + "-wal", folder.path, folder.deletingLastPathComponent().path] {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        // The folder above may be another's, who has not let us read it; it was there before.
        if path == folder.deletingLastPathComponent().path { continue }
        throw failure(path)
      }
      defer { close(descriptor) }
      guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(path) }
    }
  }

  static func failure(_ path: String) -> Problem {
    Problem(
      "the file cannot be synced to disk: \(String(cString: strerror(errno)))", at: Place(file: path),
      mend: "Check the disk, and that the data folder is on a file system that syncs.")
  }
}
