import Basics
import Foundation
import GRDB
import Records

/// A copy of the records that is whole, made while answers may come in, and brought back.
public enum Backup {
  static let databaseName = "records.sqlite"
  /// What lies beside the records and cannot be made anew, or says what was heard.
  static let companions = ["secret", "stimuli.csv", "lab-users.json", "panel-key"]

  /// Copies the records, as they stand at one moment, into a folder that is made for it; only its owner can read it.
  /// The folder appears when all of it is on the disk.
  /// - Parameter data: the study's data folder, served or not.
  /// - Throws: `Problem`: there are no records, they or the copy are not whole, or something stands at `target` already.
  public static func make(of data: URL, to target: URL) throws {
    let source = data.appending(path: databaseName)
    guard FileManager.default.fileExists(atPath: source.path) else {
      throw Problem(
        "there are no records here", at: Place(file: source.path),
        mend: "Name the study, or its data folder with --data."
      )
    }
    guard !FileManager.default.fileExists(atPath: target.path) else {
      throw Problem(
        "this already exists", at: Place(file: target.path),
        mend: "Name a folder that does not exist yet, such as one with the date.")
    }
    try Checkup.quick(source)
    let above = target.deletingLastPathComponent()
    try FileManager.default.createDirectory(
      at: above, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let part = above.appending(
      path: ".\(target.lastPathComponent).\(UUID().uuidString).part", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(
      at: part, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    do {
      let copy = part.appending(path: databaseName)
      try self.copy(source, to: copy)
      let problems = Checkup.full(copy).flatMap(\.problems)
      guard problems.isEmpty else { throw Problems(problems) }
      for name in companions {
        guard let bytes = try? Data(contentsOf: data.appending(path: name)) else { continue }
        try write(bytes, to: part.appending(path: name))
      }
      try sync(part)
      guard rename(part.path, target.path) == 0 else { throw failure(target) }
      try sync(above)
    } catch {
      try? FileManager.default.removeItem(at: part)
      throw error
    }
  }

  /// Puts a backup in the place of a study's records. Numbers that the records before had given stay given.
  /// - Parameters:
  ///   - backup: a folder as `make` writes it.
  ///   - data: the study's data folder, which nobody serves meanwhile.
  ///   - replaces: records that are there already are moved aside, under a name with the time; otherwise they are a
  ///     problem.
  ///   - above: the highest number of a participant that is known to have been given, for records that cannot be read.
  /// - Returns: where the records before are now, where there were some.
  /// - Throws: `Problem`; then everything is as it was. Records that cannot be read, without `above`, are one.
  @discardableResult
  public static func restore(
    _ backup: URL, to data: URL, replaces: Bool, above: Int? = nil, now: Date = Date()
  ) throws -> URL? {
    let source = backup.appending(path: databaseName)
    guard FileManager.default.fileExists(atPath: source.path) else {
      throw Problem(
        "this is not a backup: it has no \(databaseName)", at: Place(file: backup.path),
        mend: "Name a folder that 'earshot backup' made.")
    }
    guard let lock = try FolderLock(data, name: "serving.lock") else {
      throw Problem(
        "this data folder is being served", at: Place(file: data.path), mend: "Stop the server first.")
    }
    defer { withExtendedLifetime(lock) {} }
    let problems = Checkup.full(source).flatMap(\.problems)
    guard problems.isEmpty else { throw Problems(problems) }
    let place = data.appending(path: databaseName)
    let names = ["", "-wal", "-shm"]
    let before = names.filter { FileManager.default.fileExists(atPath: place.path + $0) }
    guard before.isEmpty || replaces else {
      throw Problem(
        "there are already records here", at: Place(file: place.path),
        mend: "Use --replace to move them aside and put the backup in their place.")
    }
    let given = try before.isEmpty ? [:] : numbersGiven(by: place, above: above)
    let part = data.appending(path: ".\(databaseName).part")
    try? FileManager.default.removeItem(at: part)
    try copy(source, to: part)
    try giveNoNumberAgain(part, after: given)
    var aside: URL?
    if !before.isEmpty {
      let time = Records.time(now).replacing(":", with: "").replacing(".", with: "")
      let kept = data.appending(path: "records-before-\(time).sqlite")
      // The log first: a database whose log is missing is an old one, a log without its database is told at the start.
      for name in before.reversed() {
        guard rename(place.path + name, kept.path + name) == 0 else { throw failure(place) }
      }
      aside = kept
    }
    guard rename(part.path, place.path) == 0 else { throw failure(place) }
    for name in companions where !FileManager.default.fileExists(atPath: data.appending(path: name).path) {
      guard let bytes = try? Data(contentsOf: backup.appending(path: name)) else { continue }
      try write(bytes, to: data.appending(path: name))
    }
    try sync(data)
    return aside
  }

  /// One file without a log beside it, by SQLite's online backup: what stood in the source at one moment.
  private static func copy(_ source: URL, to copy: URL) throws {
    let descriptor = open(copy.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(copy) }
    close(descriptor)
    do {
      let target = try DatabaseQueue(path: copy.path)
      defer { try? target.close() }
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(30)
      let queue = try DatabaseQueue(path: source.path, configuration: configuration)
      defer { try? queue.close() }
      try queue.backup(to: target)
      try target.writeWithoutTransaction { db in
        // By another mark, a server tells that this copy was put over its own file.
        try db.execute(sql: "PRAGMA journal_mode = DELETE")
        try db.execute(sql: "PRAGMA application_id = \(Int32.random(in: 1...Int32.max / 2))")
        try DatabaseFile(db)?.sync(copy)
      }
    } catch let error as DatabaseError {
      throw Problem(
        "the records cannot be copied: \(error.message ?? "\(error.resultCode)")", at: Place(file: source.path),
        mend: "Check that the disk has room, and try 'earshot doctor'.")
    }
  }

  /// The last number that records have given in each numbered table.
  /// - Throws: `Problem`: they cannot be read, and nobody has said up to which number they may have given some.
  private static func numbersGiven(by records: URL, above: Int?) throws -> [String: Int] {
    let seen = ["participant", "session"]
    do {
      let given = try Checkup.reading(records) { db in
        guard try seen.allSatisfy({ try db.tableExists($0) }) else {
          throw Problem("the records are empty", at: Place(file: records.path), mend: "Restore a backup.")
        }
        // An older Earshot did not remember numbers of deleted rows, and had fewer tables.
        let remembers = try db.tableExists("last_used")
        return try Schema.numbered.filter { try db.tableExists($0.0) }.map { table, column in
          let last = remembers ? "\(Schema.next(table, column)) - 1" : "max(\(column)) FROM \(table)"
          return (table, try Int.fetchOne(db, sql: "SELECT \(last)") ?? 0)
        }
      }
      return Dictionary(
        uniqueKeysWithValues: given.map { table, last in (table, seen.contains(table) ? max(last, above ?? 0) : last) })
    } catch let unreadable as Problem {
      guard let above else {
        throw Problem(
          "it is not known which participants' numbers were given here: \(unreadable.what)",
          at: Place(file: records.path),
          mend: """
            Add --above with the highest number that may have been given, or any higher one: numbers up to it are not given \
            again. Exports and the panel's list have the numbers.
            """)
      }
      // A session and its participant get their numbers together. Nobody knows those of the rest, which nobody sees either.
      return Dictionary(
        uniqueKeysWithValues: Schema.numbered.map { table, _ in (table, seen.contains(table) ? above : above + 1 << 40)
        })
    }
  }

  /// Numbers that were given, though not in the older copy that takes the records' place, are not given again.
  private static func giveNoNumberAgain(_ copy: URL, after given: [String: Int]) throws {
    let queue = try DatabaseQueue(path: copy.path)
    defer { try? queue.close() }
    try Schema.migrator.migrate(queue)
    try queue.write { db in
      for (table, last) in given {
        try db.execute(
          sql: """
            INSERT INTO last_used VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET id = max(id, excluded.id)
            """, arguments: [table, last])
      }
    }
  }

  private static func write(_ bytes: Data, to url: URL) throws {
    let descriptor = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(url) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: bytes)
    try handle.synchronize()
  }

  private static func sync(_ folder: URL) throws {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(folder) }
  }

  private static func failure(_ url: URL) -> Problem {
    Problem(
      "cannot write here: \(String(cString: strerror(errno)))", at: Place(file: url.path),
      mend: "Check that the folder is yours and the disk has room.")
  }
}
