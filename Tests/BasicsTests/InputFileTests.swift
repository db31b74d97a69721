import Basics
import Foundation
import Testing

@Suite("Files to be read, and what else may be in their place")
struct InputFileTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-input-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  private func told(_ name: String, _ read: (URL) throws -> Void) -> String {
    do {
      try read(folder.appending(path: name))
      return "nothing"
    } catch { return "\(error)" }
  }

  @Test("a plain file is read completely, even through links or if its size is unknown")
  func plain() throws {
    let bytes = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
    try bytes.write(to: folder.appending(path: "a"))
    symlink("a", folder.appending(path: "b").path)
    #expect(try InputFile.data(folder.appending(path: "b")) == bytes)
    #expect(try ContentHash.ofFile(folder.appending(path: "b")) == ContentHash.of(bytes))
    let made = try InputFile.data(URL(filePath: "/proc/self/status"))
    #expect(String(decoding: made, as: UTF8.self).contains("Name:"))
    try Data().write(to: folder.appending(path: "empty"))
    #expect(try InputFile.data(folder.appending(path: "empty")).isEmpty)
  }

  @Test("anything but a plain file is refused at once, by name, whichever way it is read")
  func odd() throws {
    #expect(mkfifo(folder.appending(path: "pipe").path, 0o600) == 0)
    try FileManager.default.createDirectory(at: folder.appending(path: "inner"), withIntermediateDirectories: true)
    symlink("/dev/zero", folder.appending(path: "zero").path)
    symlink("round", folder.appending(path: "circle").path)
    symlink("circle", folder.appending(path: "round").path)
    symlink("nowhere", folder.appending(path: "loose").path)
    let ways: [(URL) throws -> Void] = [
      { _ = try InputFile.data($0) }, { _ = try ContentHash.ofFile($0) }, { _ = try TableReader($0) },
      { try InputFile.check($0) },
    ]
    for way in ways {
      for (name, words) in [
        ("pipe", "this is a pipe, not a file"), ("inner", "this is a folder, not a file"),
        ("zero", "this is a device, not a file"),
        ("circle", "lead in a circle"), ("loose", "this is a link to 'nowhere', which does not exist"),
        ("none", "no such file"), ("none/x", "no such file"),
      ] {
        let told = told(name, way)
        #expect(told.contains(words) && told.contains("/\(name): "), "\(told)")
      }
    }
  }

  @Test("a file that is too large is refused before it is read")
  func large() throws {
    let file = folder.appending(path: "large")
    try Data("a,b\n".utf8).write(to: file)
    // A sparse file, which takes no room on the disk.
    #expect(truncate(file.path, 1 << 42) == 0)
    #expect(told("large") { _ = try InputFile.data($0) }.contains("4398046511104 bytes"))
    #expect(told("large") { _ = try TableReader($0) }.contains("Is this the right file?"))
  }
}
