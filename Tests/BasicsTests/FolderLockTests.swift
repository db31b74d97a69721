import Basics
import Foundation
import Testing

@Suite("Folder locks")
struct FolderLockTests {
  @Test("a lock has one holder at a time and ends with it; a missing folder is named")
  func once() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lock-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var held = try FolderLock(folder, name: "a.lock")
    #expect(held != nil)
    #expect(try FolderLock(folder, name: "a.lock") == nil)
    #expect(try FolderLock(folder, name: "b.lock") != nil)
    held = nil
    #expect(try FolderLock(folder, name: "a.lock") != nil)
    do {
      _ = try FolderLock(folder.appending(path: "none"), name: "a.lock")
      Issue.record("a folder that is not there was locked")
    } catch { #expect("\(error)".contains("none/a.lock")) }
  }
}
