import Basics
import Foundation
import Testing

@Suite("What may be at --out")
struct OutputFileTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-output-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  private func kind(_ url: URL) -> mode_t {
    var status = stat()
    return lstat(url.path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  private func text(_ url: URL) throws -> String { try String(contentsOf: url, encoding: .utf8) }

  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? [] }

  @Test("a file is replaced only once the new one is complete, and keeps its permissions")
  func file() throws {
    let url = folder.appending(path: "t.csv")
    try OutputFile.write("one", to: url)
    chmod(url.path, 0o640)
    try OutputFile.write("two", to: url)
    var status = stat()
    #expect(stat(url.path, &status) == 0 && status.st_mode & 0o777 == 0o640)
    #expect(throws: CancellationError.self) {
      try OutputFile.write(url) { sink in
        try sink(Data("half".utf8))
        throw CancellationError()
      }
    }
    #expect(try text(url) == "two")
    #expect(names == ["t.csv"])
  }

  @Test("a symbolic link stays, and its target is written even if it does not exist yet")
  func link() throws {
    let target = folder.appending(path: "target.csv"), link = folder.appending(path: "link.csv")
    let second = folder.appending(path: "second.csv")
    symlink("target.csv", link.path)
    symlink(link.path, second.path)
    for content in ["one", "two"] {
      try OutputFile.write(content, to: second)
      #expect(try text(target) == content)
    }
    #expect(kind(link) == S_IFLNK && kind(second) == S_IFLNK && kind(target) == S_IFREG)
    #expect(try OutputFile.file(second).path == target.path)
    try OutputFile.discard(second)
    #expect(names == ["link.csv", "second.csv"])
  }

  @Test("a pipe receives what is written, and stays a pipe")
  func pipe() throws {
    let url = folder.appending(path: "pipe")
    #expect(mkfifo(url.path, 0o600) == 0)
    // Opened for reading and writing, so that neither end waits for the other.
    let reader = open(url.path, O_RDWR | O_NONBLOCK)
    defer { close(reader) }
    try TableWriter.write(url, columns: ["a", "b"]) { try $0.row([1, "x"]) }
    var bytes = [UInt8](repeating: 0, count: 100)
    let count = read(reader, &bytes, bytes.count)
    #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "a,b\n1,x\n")
    #expect(kind(url) == S_IFIFO)
    #expect(throws: Problem.self) { try OutputFile.file(url) }
    try OutputFile.discard(url)
    #expect(names == ["pipe"])
  }

  @Test("a device is written to, even through a link, and stays a device")
  func device() throws {
    let link = folder.appending(path: "null")
    symlink("/dev/null", link.path)
    try OutputFile.write("gone", to: link)
    #expect(kind(link) == S_IFLNK)
    #expect(kind(URL(filePath: "/dev/null")) == S_IFCHR)
    #expect(throws: Problem.self) { try OutputFile.write("too much", to: URL(filePath: "/dev/full")) }
    #expect(kind(URL(filePath: "/dev/full")) == S_IFCHR)
  }

  @Test("folders, circular links and missing folders are reported")
  func problems() throws {
    symlink("b", folder.appending(path: "a").path)
    symlink("a", folder.appending(path: "b").path)
    for (name, words) in [("", "this is a folder"), ("a", "leads back to itself"), ("none/t.csv", "cannot write here")]
    {
      do {
        try OutputFile.write("x", to: folder.appending(path: name))
        Issue.record("\(name) was written")
      } catch { #expect("\(error)".contains(words), "\(error)") }
    }
    #expect(names == ["a", "b"])
  }
}
