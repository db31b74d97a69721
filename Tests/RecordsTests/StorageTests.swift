import Basics
import Foundation
import GRDB
import Records
import RecordsSQLite
import Study
import TestSupport
import Testing

/// The files of the records: what happens to them while they are open, and copies of them.
@Suite("The files of the records")
struct StorageTests {
  let folder: TemporaryFolder
  var data: URL { folder.url.appending(path: "data") }
  var file: URL { data.appending(path: "records.sqlite") }

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
  }

  private func open(isServed: Bool = true) throws -> Records {
    let records = try Records(file, isServed: isServed)
    try records.register(version: "v", study: "s", scaleMin: 0, scaleMax: 100)
    return records
  }

  private func mode(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  /// Why a join was not acknowledged; nil if it was.
  private func trouble(_ records: Records, _ name: String) -> String? {
    do { _ = try RecordsTests.join(records, name) } catch RecordsError.unavailable(let outage)
      where outage.kind == .moved
    { return outage.what } catch {
      return "\(error)"
    }
    return nil
  }

  @Test("saving stops as soon as the database or its log is moved away, and continues once it is back")
  func moved() throws {
    let records = try open()
    defer { records.close() }
    _ = try RecordsTests.join(records, "a")
    for end in ["", "-wal", "-shm"] {
      let path = file.path + end
      #expect(rename(path, path + ".away") == 0)
      #expect(trouble(records, "b\(end)")?.hasSuffix("deleted or moved away") == true)
      #expect(records.alarm()?.what.contains(path) == true)
      #expect(FileManager.default.createFile(atPath: path, contents: Data()))
      #expect(trouble(records, "c\(end)")?.contains("is not the file") == true)
      #expect(rename(path + ".away", path) == 0)
      #expect(trouble(records, "d\(end)") == nil && records.alarm() == nil)
    }
    #expect(try records.overview().joined == 4)
  }

  @Test("a backup copied over the open file is noticed, and nothing is written into it, even on closing")
  func writtenOver() throws {
    let records = try open()
    _ = try RecordsTests.join(records, "a")
    try Backup.make(of: data, to: folder.url.appending(path: "copy"))
    let copy = try Data(contentsOf: folder.url.appending(path: "copy/records.sqlite"))
    let handle = try FileHandle(forWritingTo: file)
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: copy)
    #expect(trouble(records, "b")?.hasSuffix("was overwritten") == true)
    records.close()
    #expect(try Data(contentsOf: file) == copy)
  }

  @Test("only their owner can read the records and the files beside them, whoever could before")
  func permissions() throws {
    var records = try open()
    _ = try RecordsTests.join(records, "a")
    for end in ["", "-wal", "-shm"] { #expect(try mode(file.path + end) == 0o600) }
    records.close()
    chmod(file.path, 0o644)
    records = try open()
    for end in ["", "-wal", "-shm"] { #expect(try mode(file.path + end) == 0o600) }
    records.close()
  }

  @Test("a backup of open records is complete, private and can be restored; later numbers stay given")
  func backup() throws {
    var records = try open()
    for name in ["a", "b"] { _ = try RecordsTests.join(records, name) }
    try Data("secret\n".utf8).write(to: data.appending(path: "secret"))
    let copy = folder.url.appending(path: "backups/friday")
    try Backup.make(of: data, to: copy)
    #expect(try mode(copy.path) == 0o700)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: copy.path).sorted() == ["records.sqlite", "secret"])
    for name in ["records.sqlite", "secret"] { #expect(try mode(copy.appending(path: name).path) == 0o600) }
    #expect(throws: Problem.self) { try Backup.make(of: data, to: copy) }
    let later = try RecordsTests.join(records, "c")
    #expect(later.participant == 3)
    records.close()
    #expect(throws: Problem.self) { try Backup.restore(copy, to: data, replaces: false) }
    let aside = try #require(try Backup.restore(copy, to: data, replaces: true))
    records = try open()
    #expect(try records.overview().joined == 2)
    #expect(try records.session(tokenHash: "token c") == nil)
    let next = try RecordsTests.join(records, "d")
    #expect(next.participant == 4 && next.id > later.id)
    records.close()
    let before = try Records(aside)
    #expect(try before.overview().joined == 3)
    before.close()
    #expect(Checkup.full(file).flatMap(\.problems).isEmpty)
  }

  @Test(
    "records that cannot be read are replaced only by somebody who says up to which number they may have given some")
  func restoreOverDamaged() throws {
    var records = try open()
    for name in ["a", "b"] { _ = try RecordsTests.join(records, name) }
    let copy = folder.url.appending(path: "backup")
    try Backup.make(of: data, to: copy)
    for name in ["c", "d", "e"] { _ = try RecordsTests.join(records, name) }
    records.close()
    var bytes = try Data(contentsOf: file)
    bytes.replaceSubrange(0..<100, with: Data(repeating: 0, count: 100))
    for damaged in [Data(), bytes] {
      try damaged.write(to: file)
      #expect { try Backup.restore(copy, to: data, replaces: true) } throws: { "\($0)".contains("--above") }
      #expect(try Data(contentsOf: file) == damaged)
    }
    let aside = try #require(try Backup.restore(copy, to: data, replaces: true, above: 5))
    #expect(try Data(contentsOf: aside) == bytes)
    records = try open()
    defer { records.close() }
    let next = try RecordsTests.join(records, "f")
    #expect(next.participant == 6 && next.id == 6)
    let answered = try RecordsTests.save(records, next.id, .volume)
    #expect(answered.isNew)
  }

  @Test("records that are being served are not overwritten by restoring")
  func restoreServed() throws {
    let records = try open()
    try Backup.make(of: data, to: folder.url.appending(path: "copy"))
    records.close()
    let lock = try #require(try FolderLock(data, name: "serving.lock"))
    #expect(throws: Problem.self) {
      try Backup.restore(folder.url.appending(path: "copy"), to: data, replaces: true)
    }
    withExtendedLifetime(lock) {}
  }

  @Test("records of a newer Earshot, other databases and other files are refused and left unchanged")
  func refused() throws {
    try open().close()
    let queue = try DatabaseQueue(path: file.path)
    try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 of the future')") }
    try queue.close()
    let other = data.appending(path: "other.sqlite")
    let foreign = try DatabaseQueue(path: other.path)
    try foreign.write { try $0.execute(sql: "CREATE TABLE song (name TEXT)") }
    try foreign.close()
    let text = data.appending(path: "text.sqlite")
    try Data("no database, but a text of some length".utf8).write(to: text)
    for (file, why) in [(file, "newer Earshot"), (other, "not a database of"), (text, "not a database of")] {
      let before = try Data(contentsOf: file)
      let problem = #expect(throws: Problem.self) { try Records(file) }
      #expect(problem?.what.contains(why) == true || problem?.what.contains("written by a") == true, "\(file.path)")
      #expect(try Data(contentsOf: file) == before)
      #expect(Checkup.full(file).flatMap(\.problems).count == 1)
    }
  }

  @Test("the log of another database is not merged into the records")
  func foreignLog() throws {
    let records = try open()
    try Backup.make(of: data, to: folder.url.appending(path: "copy"))
    for i in 1...200 { _ = try RecordsTests.join(records, "\(i)") }
    // As after a kill: a copy was put in the database's place, beside the old log.
    let place = folder.url.appending(path: "later/records.sqlite")
    try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: file.path + "-wal", toPath: place.path + "-wal")
    records.close()
    #expect(throws: Problem.self) { try Records(place) }
    try FileManager.default.copyItem(at: folder.url.appending(path: "copy/records.sqlite"), to: place)
    let before = try Data(contentsOf: place)
    let problem = #expect(throws: Problem.self) { try Records(place) }
    #expect(problem?.what.contains("belongs to another database") == true, "\(String(describing: problem))")
    #expect(try Data(contentsOf: place) == before)
  }

  @Test("the doctor finds a damaged page")
  func damaged() throws {
    let records = try open()
    for i in 1...200 { _ = try RecordsTests.join(records, "\(i)") }
    records.close()
    #expect(Checkup.full(file).flatMap(\.problems).isEmpty)
    var bytes = try Data(contentsOf: file)
    for page in 1..<bytes.count / 4096 {
      bytes.replaceSubrange(page * 4096 + 100..<page * 4096 + 4000, with: Data(repeating: 7, count: 3900))
    }
    try bytes.write(to: file)
    #expect(!Checkup.full(file).flatMap(\.problems).isEmpty)
  }

  @Test("numbers of deleted rows are not given again, and nothing of a deleted session is stored")
  func deleted() throws {
    let records = try open()
    defer { records.close() }
    _ = try RecordsTests.join(records, "a")
    let gone = try RecordsTests.join(records, "b")
    _ = try RecordsTests.save(records, gone.id, .volume)
    let queue = try DatabaseQueue(path: file.path)
    try queue.write { db in
      try db.execute(sql: "DELETE FROM response WHERE session = ?", arguments: [gone.id])
      try db.execute(sql: "DELETE FROM session WHERE id = ?", arguments: [gone.id])
      try db.execute(sql: "DELETE FROM participant WHERE number = ?", arguments: [gone.participant])
    }
    let newcomer = try RecordsTests.join(records, "c")
    #expect(newcomer.participant == 3 && newcomer.id > gone.id)
    #expect(throws: RecordsError.gone) { try RecordsTests.save(records, gone.id, .instructions) }
    #expect(throws: RecordsError.gone) { try records.standing(session: gone.id) }
    #expect(throws: RecordsError.gone) {
      try RecordsTests.wait { records.log([], session: gone.id, key: "k", then: $0) }
    }
    _ = try RecordsTests.save(records, newcomer.id, .volume)
    #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT max(id) FROM response") } == 2)
    try queue.close()
  }
}
